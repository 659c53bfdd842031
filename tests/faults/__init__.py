# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: each module × each way in which a request goes wrong. ``make faults`` prints it.

After the fault, the next clean run must end in exactly the wanted state, and the one after that must change nothing.
What the run with the fault says of itself is one sentence, or it is done in spite of it.
"""
