# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor behind bin/sandbox: up, down, status, logs."""
