# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings that an application comes near a limit, or passes it: for each level that the product names, once a day."""

from __future__ import annotations

from ..store import Database, Row
from . import counters
from .metrics import MetricTree

LEVELS = (300, 200, 150, 120, 100, 90, 80, 50)  # percent
AGAIN = 24 * 3600  # seconds after which the same level is told once more


def _told(service: Row) -> set[int]:
    settings = service["notification_settings"] or {}
    return {level for levels in settings.values() for level in levels}


def _fullest(db: Database, application: Row, tree: MetricTree, now: float) -> tuple[float, str]:
    """How much of its fullest limit an application has used, in percent, and a text about that limit."""
    limits = [
        row
        for row in db.where("usage_limits", plan_id=application["plan_id"])
        if row["metric_id"] in tree.names and row["value"] > 0
    ]
    stored = counters.stored_usage(db, application, limits, now)
    found = [(stored[limit["metric_id"], limit["period"]] * 100 / limit["value"], limit) for limit in limits]
    if not found:
        return 0.0, ""
    percent, limit = max(found, key=lambda item: item[0])
    used = stored[limit["metric_id"], limit["period"]]
    return percent, f"{tree.names[limit['metric_id']]} per {limit['period']}: {used}/{limit['value']}"


def warn(db: Database, service: Row, application: Row, tree: MetricTree, now: float) -> None:
    """Keeps a warning where one is due. Needs a transaction of the store."""
    told = _told(service)
    if not told:
        return
    percent, text = _fullest(db, application, tree, now)
    level = next((level for level in LEVELS if percent >= level), 0)
    if level not in told:
        return
    before = db.where("alerts", application_id=application["id"], level=level)
    if any(now - row["timestamp"] < AGAIN for row in before):
        return
    db.insert(
        "alerts",
        tenant_id=application["tenant_id"],
        application_id=application["id"],
        level=level,
        utilization=percent,
        message=text,
        timestamp=now,
        state="unread",
    )
