# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection costs, counted in calls at the server; times are of this machine, not judged."""
