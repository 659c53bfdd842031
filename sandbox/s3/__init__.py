# SPDX-License-Identifier: GPL-3.0-or-later
"""Object storage: moto's S3 server in the foreground, with its objects in memory or in a folder."""
