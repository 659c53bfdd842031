# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges of time and their buckets. Bounds are datetimes with a zone; a bucket holds its start, not its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from ..rules.dates import read_moment

HOUR, SIX_HOURS = timedelta(hours=1), timedelta(hours=6)
GRANULARITY_OF = {"year": "month", "month": "day", "week": "6h", "day": "hour"}
# granularities as a request names them
NAMED = {"month": "month", "day": "day", "hour": "hour", "21600": "6h"}
SHOWN = {"6h": 21600}  # six hours are written as seconds
LONGEST = {
    "month": (timedelta(seconds=315569520), "10 years"),
    "day": (timedelta(seconds=31556952), "1 year"),
    "6h": (timedelta(seconds=15778476), "6 months"),
    "hour": (timedelta(days=90), "90 days"),
}


class BadRange(ValueError):  # noqa: N818 the server's own words call it a parameter error; the text is what is shown
    """Parameters that make no range."""


class Unanswerable(ValueError):  # noqa: N818 the real server fails as well
    """Parameters on which the real server answers 500: a date that is none, a granularity that nobody counts by."""


@dataclass(frozen=True)
class Range:
    """A range: `period` as asked for (None: by bounds), `granularity` month, day, 6h or hour, buckets (start, end).

    `since` is its first moment, `until` its last second. A range that ends before it begins has no buckets.
    """

    period: str | None
    granularity: str
    since: datetime
    until: datetime
    buckets: list[tuple[datetime, datetime]]

    def previous(self) -> Range:
        """As many buckets right before this range."""
        before = [self.since]
        for _ in self.buckets:
            before.append(step(before[-1], self.granularity, -1))
        starts = before[::-1]
        pairs = list(zip(starts[:-1], starts[1:], strict=True))
        return Range(self.period, self.granularity, starts[0], self.since - timedelta(seconds=1), pairs)


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


def parse(text: str, zone: tzinfo, now: float) -> datetime:
    """A date or time in the zone. Raises BadRange for one that can't be, Unanswerable for a text that is no date."""
    try:
        moment = read_moment(text, zone, datetime.fromtimestamp(now, zone))
    except (ValueError, OverflowError) as error:
        raise BadRange("Date parameters should have valid date/time format.") from error
    if moment is None:
        raise Unanswerable(text)
    return moment


def rounded(period: str | None, granularity: str, since: datetime, until: datetime) -> Range:
    """Whole buckets from the one of `since` to the one of `until`; raises BadRange where that is too long."""
    most, words = LONGEST[granularity]
    start, end = floor(since, granularity), step(floor(until, granularity), granularity)
    if end - timedelta(microseconds=1) - start > most:
        raise BadRange(f"Time range for the granularity must be less than {words}")
    buckets, begun = [], start
    while begun < end:
        following = step(begun, granularity)
        buckets.append((begun, following))
        begun = following
    return Range(period, granularity, start, end - timedelta(seconds=1), buckets)


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


def of_period(period: str, since: str | None, granularity: str | None, zone: tzinfo | None, now: float) -> Range:
    """The range of a period from `since` on, or up to now.

    ZONE: None for a name that no zone has, which matters only where now is asked for. Raises BadRange for a period that
    there is not, Unanswerable for a granularity that there is not.
    """
    if period not in GRANULARITY_OF:
        raise BadRange(f'Period must be one of ["year", "month", "week", "day"] not "{period}"')
    if since and since.strip():
        start = parse(since, zone or timezone.utc, now)
    elif zone is None:
        raise Unanswerable("no such time zone")
    else:
        start = _before(datetime.fromtimestamp(now, zone), period)
    last = _length_after(start, period) - timedelta(seconds=1)
    grain = GRANULARITY_OF[period] if granularity is None else NAMED.get(granularity)
    if grain is None:
        raise Unanswerable(f"granularity {granularity}")
    return rounded(period, grain, start, last.replace(second=59))


def of_bounds(since: str, until: str | None, granularity: str, zone: tzinfo | None, now: float) -> Range:
    """The range between two moments; raises BadRange and Unanswerable."""
    if granularity not in ("month", "day", "hour"):
        raise BadRange(f"Granularity must be one of [:month, :day, 6 hours, :hour], not {granularity}")
    if not until or not until.strip():
        raise BadRange("You need to specify either 'range' or 'since' and 'until'")
    here = zone or timezone.utc
    return rounded(None, granularity, parse(since, here, now), parse(until, here, now))


def of_calendar(period: str, since: str, zone: tzinfo | None, now: float) -> Range:
    """The year, month, week (from Monday on) or day that holds `since`, as the busiest applications are counted.

    Raises BadRange for a period that there is not, Unanswerable for whatever else is wrong.
    """
    if period not in GRANULARITY_OF:
        raise BadRange(f'Period must be one of ["year", "month", "week", "day"] not "{period}"')
    if zone is None:
        raise Unanswerable("no such time zone")
    try:
        day = floor(parse(since, zone, now), "day")
    except BadRange as error:
        raise Unanswerable(since) from error
    back = {"year": day.timetuple().tm_yday - 1, "month": day.day - 1, "week": day.weekday(), "day": 0}[period]
    start = day - timedelta(days=back)
    return rounded(period, GRANULARITY_OF[period], start, _length_after(start, period) - timedelta(seconds=1))
