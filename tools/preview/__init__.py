# SPDX-License-Identifier: GPL-3.0-or-later
"""The developer portal as files to look at, without a server."""
