# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules without HTTP: names, times, validations, state machines, and what follows from a change."""
