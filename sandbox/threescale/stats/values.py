# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a range, read from the backend's hourly counters."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from ..store import Database, Row
from .ranges import Range

USAGE, CODES = "usage_counters", "response_code_counters"


def _hours(db: Database, table: str, **key: Any) -> dict[int, int]:
    return {row["since"]: row["value"] for row in db.where(table, period="hour", **key)}


def _filled(hours: dict[int, int], span: Range) -> list[int]:
    values = [0] * len(span.buckets)
    if not values:
        return values
    starts = [int(start.timestamp()) for start, _end in span.buckets]
    end = int(span.buckets[-1][1].timestamp())
    for moment, value in hours.items():
        if starts[0] <= moment < end:
            values[bisect_right(starts, moment) - 1] += value
    return values


def usage_values(db: Database, service: Row, application: Row | None, metric: Row, span: Range) -> list[int]:
    """Usage of a metric in each bucket, by one application or (None) by all of the product."""
    row_id = application["id"] if application else None
    hours = _hours(db, USAGE, service_id=service["id"], metric_id=metric["id"], application_id=row_id)
    return _filled(hours, span)


def code_values(db: Database, service: Row, application: Row | None, code: str, span: Range) -> list[int]:
    """Answers with a status (`200`, `404` …) or of a group (`2XX` …) in each bucket."""
    row_id = application["id"] if application else None
    return _filled(_hours(db, CODES, service_id=service["id"], code=code, application_id=row_id), span)


def by_application(db: Database, service: Row, metric: Row, span: Range) -> list[tuple[Row, int]]:
    """(application, usage in the range) of those with any, most first."""
    sums: list[tuple[Row, int]] = []
    for application in db.where("applications", service_id=service["id"]):
        total = sum(usage_values(db, service, application, metric, span))
        if total:
            sums.append((application, total))
    return sorted(sums, key=lambda pair: (-pair[1], pair[0]["id"]))


def change_in_percent(total: int, previous: int) -> float:
    """By how many percent the total differs from the one before; 100 where there was nothing before."""
    if total == previous:
        return 0.0
    return (total - previous) / previous * 100.0 if previous else 100.0
