# SPDX-License-Identifier: GPL-3.0-or-later
"""Referrer filters of applications: by the API and by the portal's form."""

from __future__ import annotations

import re

from ..store import Database, Row
from .contracts import KEYS_MOST
from .validate import Check

LIMIT_REACHED = "Limit reached"
_FILTER = re.compile(r"\A[a-zA-Z0-9*.-]+\Z")


def check_filter(db: Database, application: Row, value: str | None) -> Check:
    """What is wrong with another filter of an application, under `value` and `base`."""
    present = db.where("referrer_filters", application_id=application["id"])
    check = Check(db, {"value": value})
    check.presence("value")
    check.unique("referrer_filters", "value", application_id=application["id"])
    check.matches("value", _FILTER, allow_blank=False)
    check.longest(255, "value")
    if len(present) >= KEYS_MOST:
        check.add("base", LIMIT_REACHED)
    return check


def sentence(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b, and c`."""
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"
