# SPDX-License-Identifier: GPL-3.0-or-later
"""What templates see: each kind of object by a drop that reads rows of the store."""
