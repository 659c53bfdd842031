# SPDX-License-Identifier: GPL-3.0-or-later
"""Small models of the servers, for properties of plans: they keep objects in memory and refuse as the real ones."""
