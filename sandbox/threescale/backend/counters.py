# SPDX-License-Identifier: GPL-3.0-or-later
"""The counters: one for each metric, period, and application or product. Writes need a transaction of the store."""

from __future__ import annotations

from ..store import Database, Row
from . import periods, usage

MOST = 2**63 - 1
TRACKED_CODES = (200, 404, 403, 500, 503)
TRACKED_GROUPS = ("2XX", "4XX", "5XX")


def stored_usage(db: Database, application: Row, limits: list[Row], now: float) -> dict[tuple[int, str], int]:
    """What the application used in the current period of each limit: (metric id, period) -> value."""
    out: dict[tuple[int, str], int] = {}
    for limit in limits:
        row = db.first(
            "usage_counters",
            service_id=application["service_id"],
            application_id=application["id"],
            metric_id=limit["metric_id"],
            period=limit["period"],
            since=periods.start(limit["period"], now),
        )
        out[limit["metric_id"], limit["period"]] = row["value"] if row else 0
    return out


def _sources(application: Row) -> list[tuple[int | None, tuple[str, ...]]]:
    return [(application["id"], periods.OF_APPLICATIONS), (None, periods.OF_SERVICES)]


def _count(db: Database, table: str, key: dict[str, object], tenant_id: int, value: str) -> None:
    row = db.first(table, **key)
    current = row["value"] if row else 0
    total = usage.applied(value, current)
    if total > MOST:
        return  # the real store refuses an addition beyond 64 bits
    if row:
        db.update(table, row, value=total)
    else:
        _drop_old_minutes(db, table, key)
        db.insert(table, tenant_id=tenant_id, value=total, **key)


def _drop_old_minutes(db: Database, table: str, key: dict[str, object]) -> None:
    """Minutes are kept only as long as a limit can need them."""
    if key["period"] != "minute":
        return
    others = {name: key[name] for name in key if name != "since"}
    newest = key["since"]
    assert isinstance(newest, int)
    for row in db.where(table, **others):
        if row["since"] < newest - 180:
            db.delete(table, row)


def count_usage(db: Database, application: Row, used: usage.Usage, moment: float) -> None:
    """Adds (or, for `#N`, sets) usage for the application and for the whole product, in the periods of the moment."""
    for metric_id, value in used.items():
        for application_id, kinds in _sources(application):
            for period in kinds:
                key = {
                    "service_id": application["service_id"],
                    "application_id": application_id,
                    "metric_id": metric_id,
                    "period": period,
                    "since": periods.start(period, moment),
                }
                _count(db, "usage_counters", key, application["tenant_id"], value)


def count_response_code(db: Database, application: Row, code: int, moment: float) -> None:
    """Counts an answer's status and its group, where they are of those that analytics show."""
    group = f"{code // 100}XX"
    names = [name for name in (group,) if name in TRACKED_GROUPS] + ([str(code)] if code in TRACKED_CODES else [])
    for name in names:
        for application_id, kinds in _sources(application):
            for period in kinds:
                key = {
                    "service_id": application["service_id"],
                    "application_id": application_id,
                    "code": name,
                    "period": period,
                    "since": periods.start(period, moment),
                }
                _count(db, "response_code_counters", key, application["tenant_id"], "1")
