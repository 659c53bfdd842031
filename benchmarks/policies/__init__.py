# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shipped gateway policies cost: beside no policy, and beside the one that only strips ``Bearer``."""
