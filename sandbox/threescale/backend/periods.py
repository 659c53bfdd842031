# SPDX-License-Identifier: GPL-3.0-or-later
"""Periods of limits: calendar periods in UTC. Times are epoch seconds."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

DESCENDING = ("eternity", "year", "month", "week", "day", "hour", "minute")  # the order of usage reports
OF_APPLICATIONS = DESCENDING
OF_SERVICES = ("eternity", "month", "week", "day", "hour")


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(math.floor(now), timezone.utc)


def start(period: str, now: float) -> int:
    """The beginning of the period that holds the moment; 0 for eternity."""
    moment = _moment(now)
    if period == "eternity":
        return 0
    if period == "minute":
        begun = moment.replace(second=0)
    elif period == "hour":
        begun = moment.replace(second=0, minute=0)
    else:
        begun = moment.replace(second=0, minute=0, hour=0)
        if period == "week":
            begun -= timedelta(days=begun.weekday())
        elif period == "month":
            begun = begun.replace(day=1)
        elif period == "year":
            begun = begun.replace(day=1, month=1)
    return int(begun.timestamp())


LENGTHS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}


def finish(period: str, now: float) -> int | None:
    """The end of the period that holds the moment; None for eternity."""
    begun = start(period, now)
    if period == "eternity":
        return None
    if period in LENGTHS:
        return begun + LENGTHS[period]
    moment = _moment(begun)
    if period == "year" or moment.month == 12:
        return int(moment.replace(year=moment.year + 1, month=1).timestamp())
    return int(moment.replace(month=moment.month + 1).timestamp())


def remaining_seconds(period: str, now: float) -> int:
    """Seconds until the period ends, rounded up; -1 for eternity."""
    end = finish(period, now)
    return -1 if end is None else math.ceil(end - now)


def stamp(moment: int) -> str:
    """`2026-11-23 00:00:00 +0000`."""
    return _moment(moment).strftime("%Y-%m-%d %H:%M:%S +0000")
