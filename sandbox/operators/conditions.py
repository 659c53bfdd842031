# SPDX-License-Identifier: GPL-3.0-or-later
"""Status conditions. Pure, but for the clock."""

from __future__ import annotations

import datetime
from typing import Any

Condition = dict[str, Any]


def now() -> str:
    """The time as Kubernetes writes it."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(kind: str, status: bool | str, reason: str = "", message: str = "", **more: Any) -> Condition:
    """A condition without its time; reason and message are left out when empty."""
    text = status if isinstance(status, str) else str(status)
    shown: Condition = {"type": kind, "status": text}
    if reason:
        shown["reason"] = reason
    if message:
        shown["message"] = message
    return {**shown, **more}


def merged(
    before: list[Condition] | None, wanted: list[Condition], clock: str = "lastTransitionTime"
) -> list[Condition]:
    """The new list: a condition keeps its time as long as its status stays; those not wanted any more go."""
    old = {entry["type"]: entry for entry in before or []}
    result = []
    for entry in wanted:
        known = old.get(entry["type"])
        same = known is not None and known.get("status") == entry["status"] and known.get(clock)
        result.append({**entry, clock: known[clock] if same and known else now()})
    return result


def status_of(body: Any, kind: str) -> str:
    """The status of a condition: ``True``, ``False``, ``Unknown`` (also where it is missing)."""
    for entry in (body.get("status") or {}).get("conditions") or []:
        if entry.get("type") == kind:
            return str(entry.get("status"))
    return "Unknown"


def find(body: Any, kind: str) -> Condition:
    """A condition, empty where it is missing."""
    entries = (body.get("status") or {}).get("conditions") or []
    return next((entry for entry in entries if entry.get("type") == kind), {})
