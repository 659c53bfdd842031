# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges of time and their buckets. Bounds are datetimes with a zone; a bucket holds its start, not its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

HOUR, SIX_HOURS = timedelta(hours=1), timedelta(hours=6)
GRANULARITY_OF = {"year": "month", "month": "day", "week": "6h", "day": "hour"}
SHOWN = {"6h": 21600}  # six hours are written as seconds
LONGEST = {
    "month": (timedelta(seconds=315569520), "10 years"),
    "day": (timedelta(seconds=31556952), "1 year"),
    "6h": (timedelta(seconds=15778476), "6 months"),
    "hour": (timedelta(days=90), "90 days"),
}


class BadRange(ValueError):  # noqa: N818 the server's own words call it a parameter error; the text is what is shown
    """Parameters that make no range."""


@dataclass(frozen=True)
class Range:
    """A range: `period` as asked for (None: by bounds), `granularity` month, day, 6h or hour, buckets (start, end)."""

    period: str | None
    granularity: str
    buckets: list[tuple[datetime, datetime]]

    @property
    def since(self) -> datetime:
        """The first moment."""
        return self.buckets[0][0]

    @property
    def until(self) -> datetime:
        """The last second."""
        return self.buckets[-1][1] - timedelta(seconds=1)

    def previous(self) -> Range:
        """As many buckets right before this range."""
        before = [self.since]
        for _ in self.buckets:
            before.append(step(before[-1], self.granularity, -1))
        starts = before[::-1]
        return Range(self.period, self.granularity, list(zip(starts[:-1], starts[1:], strict=True)))


def _months(moment: datetime, count: int) -> datetime:
    number = moment.year * 12 + moment.month - 1 + count
    year, month = divmod(number, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)


def step(moment: datetime, granularity: str, count: int = 1) -> datetime:
    """So many buckets later (days and months by the calendar, hours by the clock)."""
    if granularity == "month":
        return _months(moment, count)
    if granularity == "day":
        return moment + timedelta(days=count)
    length = HOUR if granularity == "hour" else SIX_HOURS
    return (moment.astimezone(timezone.utc) + count * length).astimezone(moment.tzinfo)


def moments(since: datetime, granularity: str, count: int) -> list[datetime]:
    """So many beginnings of buckets from a moment on."""
    out = [since]
    while len(out) < count:
        out.append(step(out[-1], granularity))
    return out[:count]


def floor(moment: datetime, granularity: str) -> datetime:
    """The beginning of the bucket that holds the moment."""
    begun = moment.replace(minute=0, second=0, microsecond=0)
    if granularity == "month":
        return begun.replace(day=1, hour=0)
    if granularity == "day":
        return begun.replace(hour=0)
    return begun if granularity == "hour" else begun.replace(hour=begun.hour - begun.hour % 6)


def parse(text: str, zone: tzinfo) -> datetime:
    """A date or time in the zone; raises BadRange."""
    try:
        moment = datetime.fromisoformat(text.strip().replace(" UTC", "+00:00").replace("Z", "+00:00"))
    except ValueError as error:
        raise BadRange("Date parameters should have valid date/time format.") from error
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def rounded(period: str | None, granularity: str, since: datetime, until: datetime) -> Range:
    """Whole buckets from the one of `since` to the one of `until`; raises BadRange where that is too long."""
    most, words = LONGEST[granularity]
    start, buckets = floor(since, granularity), []
    if until - start > most:
        raise BadRange(f"Time range for the granularity must be less than {words}")
    while start <= until:
        end = step(start, granularity)
        buckets.append((start, end))
        start = end
    if not buckets:
        raise BadRange("Date parameters should have valid date/time format.")
    return Range(period, granularity, buckets)


def _length_after(since: datetime, period: str) -> datetime:
    if period == "year":
        return _months(since, 12)
    if period == "month":
        return _months(since, 1)
    return since + timedelta(days=7 if period == "week" else 1)


def _before(now: datetime, period: str) -> datetime:
    if period in ("year", "month"):
        return _months(now, -12 if period == "year" else -1)
    return now - timedelta(days=7 if period == "week" else 1)


def of_period(period: str, since: str | None, granularity: str | None, zone: tzinfo, now: float) -> Range:
    """The range of a period from `since` on, or up to now; raises BadRange for a period that there is not."""
    if period not in GRANULARITY_OF:
        raise BadRange(f'Period must be one of ["year", "month", "week", "day"] not "{period}"')
    start = parse(since, zone) if since else _before(datetime.fromtimestamp(now, zone), period)
    last = _length_after(start, period) - timedelta(seconds=1)
    grain = granularity if granularity in LONGEST else GRANULARITY_OF[period]
    return rounded(period, grain, start, last.replace(second=59))


def of_bounds(since: str, until: str | None, granularity: str, zone: tzinfo) -> Range:
    """The range between two moments; raises BadRange."""
    if granularity not in ("month", "day", "hour"):
        raise BadRange(f"Granularity must be one of [:month, :day, 6 hours, :hour], not {granularity}")
    if not until:
        raise BadRange("You need to specify either 'range' or 'since' and 'until'")
    return rounded(None, granularity, parse(since, zone), parse(until, zone))
