# SPDX-License-Identifier: GPL-3.0-or-later
"""E-mail addresses as the server takes them."""

from __future__ import annotations

import re

from .validate import Check, blank

EMAIL = re.compile(r"\A[\w.%+\-']+@(?:[A-Z0-9\-]+\.)+(?:[A-Z]{2,63})\Z", re.IGNORECASE | re.ASCII)
BAD_EMAIL = "should look like an email address"


def check_email(check: Check, name: str) -> None:
    """Blank or an address."""
    value = check.row.get(name)
    if not blank(value) and not EMAIL.match(str(value)):
        check.add(name, BAD_EMAIL)
