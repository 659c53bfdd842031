# SPDX-License-Identifier: GPL-3.0-or-later
"""The real operators, built from their published modules: what our play of them is held against."""
