# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new installation and a new tenant hold."""
