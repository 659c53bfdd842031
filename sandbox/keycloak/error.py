# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception that this part shows to people."""

from __future__ import annotations


class KeycloakError(Exception):
    """Its text is a whole sentence for the user: what was tried, what came back, what to do."""
