# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates as the server reads them from free text: `2026-11-22`, `22 Nov 2026 5pm`, `22/11/2026` …"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo

Parts = dict[str, int]
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"\b({'|'.join(_MONTHS)})"
_ZONES = {"z": 0, "utc": 0, "ut": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6}
_ZONES |= {"pst": -8, "pdt": -7, "cet": 1, "cest": 2, "met": 1, "bst": 1, "jst": 9, "eet": 2, "eest": 3, "msk": 3}
_DAY = re.compile(r"\b(sun|mon|tue|wed|thu|fri|sat)[^-/\d\s]*", re.I)
_TIME = re.compile(
    r"(\d+)\s*(?:(?::\s*(\d+)(?:\s*:\s*(\d+)(?:[,.]\d*)?)?|h(?:\s*(\d+)m?(?:\s*(\d+)s?)?)?)(?:\s*([ap])(?:m\b|\.m\.))?"
    r"|([ap])(?:m\b|\.m\.))(?:\s*((?:gmt|utc?)?[-+]\d+(?::?\d+)?|[a-z]+\b))?",
    re.I,
)
_DIGITS = re.compile(r"(\d{2,14})(?:\s*t?\s*(\d{2,6}))?(z\b|[-+]\d{1,4}\b)?", re.I)


def _offset(zone: str) -> Parts:
    """{"offset": seconds}, nothing for a zone that nobody knows."""
    found = re.fullmatch(r"(?:gmt|utc?)?([-+])(\d{1,2}):?(\d{2})?", zone, re.I)
    if found:
        seconds = int(found[2]) * 3600 + int(found[3] or 0) * 60
        return {"offset": -seconds if found[1] == "-" else seconds}
    hours = _ZONES.get(zone.lower())
    return {} if hours is None else {"offset": hours * 3600}


def _time(found: re.Match[str]) -> Parts:
    hour, minute, second = int(found[1]), int(found[2] or found[4] or 0), int(found[3] or found[5] or 0)
    half = (found[6] or found[7] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return {"hour": hour, "min": minute, "sec": second, **_offset(found[8] or "")}


def _ordered(year: str | None, month: str | None, day: str | None) -> Parts:
    """Year, month and day of three numbers that stand in this order, unless one of them is too long for it."""
    if year and month and day is None:
        year, month, day = None, year, month
    if month and len(month) > 2:
        year, month, day = month, day, year
    if day and len(day) > 2:
        year, day = day, year
    given = {"year": year, "mon": month, "mday": day}
    return {name: int(value) for name, value in given.items() if value}


def _named(year: str | None, month: str, day: str | None) -> Parts:
    return _ordered(year, str(_MONTHS.index(month.lower()) + 1), day) if year else _short(month, day)


def _short(month: str, day: str | None) -> Parts:
    number = {"mon": _MONTHS.index(month.lower()) + 1}
    if day is None:
        return number
    return {**number, "year" if len(day) > 2 else "mday": int(day)}


def _digits(found: re.Match[str]) -> Parts:
    text, out = found[1], _offset(found[3] or "")
    names = {2: ("mday",), 4: ("mon", "mday"), 6: ("year", "mon", "mday")}.get(len(text))
    if names is None and len(text) >= 8 and len(text) % 2 == 0:
        out["year"], text = int(text[:4]), text[4:]
        names = ("mon", "mday", "hour", "min", "sec")
    for at, name in enumerate(names or ()):
        if text[2 * at : 2 * at + 2]:
            out[name] = int(text[2 * at : 2 * at + 2])
    for at, name in enumerate(("hour", "min", "sec")):
        if (found[2] or "")[2 * at : 2 * at + 2]:
            out[name] = int(found[2][2 * at : 2 * at + 2])
    return out or {"other": 0}


# the first that is found is the date, whatever else stands there
_DATES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Parts]], ...] = (
    (
        re.compile(rf"(\d+)[^-\d\s]*\s*{_MONTH}[^-\d\s']*(?:\s*(-?\d+))?", re.I),
        lambda found: _named(found[3], found[2], found[1]),
    ),
    (
        re.compile(rf"{_MONTH}[^-\d\s']*\s*(\d+)[^-\d\s']*(?:\s*,?\s*(-?\d+))?", re.I),
        lambda found: _named(found[3], found[1], found[2]),
    ),
    (re.compile(r"(\d+)-(\d+)-(\d+)"), lambda found: _ordered(found[1], found[2], found[3])),
    (re.compile(rf"(\d+)-{_MONTH}[^-/.]*-(\d+)", re.I), lambda found: _named(found[3], found[2], found[1])),
    (re.compile(r"(\d+)/\s*(\d+)(?:\D\s*(\d+))?"), lambda found: _ordered(found[1], found[2], found[3])),
    (re.compile(r"(\d+)\.\s*(\d+)\.\s*(\d+)"), lambda found: _ordered(found[1], found[2], found[3])),
    (re.compile(rf"{_MONTH}\S*", re.I), lambda found: _short(found[1], None)),
    (re.compile(r"(\d+)(?:st|nd|rd|th)\b", re.I), lambda found: {"mday": int(found[1])}),
    (_DIGITS, _digits),
)


def parts_of(text: str) -> Parts:
    """What a text says of a moment: `year`, `mon`, `mday`, `hour`, `min`, `sec`, `offset` (s), `other` (of no use)."""
    rest, out = re.sub(r"[^-+',./:@a-zA-Z\d\[\]]+", " ", text), {}
    if _DAY.search(rest):
        rest, out = _DAY.sub(" ", rest, count=1), {"other": 0}
    found = _TIME.search(rest)
    if found:
        rest, out = f"{rest[: found.start()]} {rest[found.end() :]}", {**out, **_time(found)}
    for pattern, read in _DATES:
        found = pattern.search(rest)
        if found:
            return {**out, **read(found)}
    return out


def read_moment(text: str, zone: tzinfo, now: datetime) -> datetime | None:
    """The moment, in the zone; None for a text that says nothing of any.

    What it leaves out is taken from NOW, the time of day as midnight; a day that the month lacks is one of the next.
    Raises ValueError for numbers that no moment has.
    """
    parts = parts_of(text)
    if not parts:
        return None
    here = now.astimezone(zone)
    given = bool({"year", "mon"} & parts.keys())
    day, hour = parts.get("mday", 1 if given else here.day), parts.get("hour", 0)
    minute, second = parts.get("min", 0), parts.get("sec", 0)
    if not (1 <= day <= 31 and 0 <= hour <= 24 and (hour < 24 or minute == second == 0) and second <= 60):
        raise ValueError(text)
    moment = datetime(parts.get("year", here.year), parts.get("mon", here.month), 1, 0, minute)
    moment += timedelta(days=day - 1, hours=hour, seconds=second)
    if "offset" in parts:
        there = timezone(timedelta(seconds=parts["offset"]))
        return moment.replace(tzinfo=there).astimezone(zone)
    return moment.replace(tzinfo=zone)
