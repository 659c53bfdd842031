# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the collection talks to, on one machine. It shares no code with the collection."""
