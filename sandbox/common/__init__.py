# SPDX-License-Identifier: GPL-3.0-or-later
"""What the small servers of the sandbox (model servers, model hub) have in common."""
