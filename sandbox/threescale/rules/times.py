# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as the API writes them: ISO 8601 with seconds, in the tenant's time zone."""

from __future__ import annotations

import re
from datetime import datetime, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from .zones import ZONES


@lru_cache(maxsize=256)
def zone(name: str | None) -> tzinfo:
    """The time zone of a tenant, by its Rails name ("Madrid") or tz identifier; UTC when unset."""
    if not name or name == "UTC":
        return timezone.utc
    return ZoneInfo(ZONES.get(name, name))


@lru_cache(maxsize=65536)
def _iso(second: int, zone_name: str | None) -> str:
    text = datetime.fromtimestamp(second, zone(zone_name)).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z") if text.endswith("+00:00") else text


def iso(moment: float | None, zone_name: str | None = None) -> str | None:
    """`2026-11-23T12:38:22Z` or `…+01:00`; None for None."""
    return None if moment is None else _iso(int(moment), zone_name)


def parse_time(text: object) -> float | None:
    """Seconds since the epoch from an ISO time or date; None when it is none."""
    try:
        moment = datetime.fromisoformat(str(text).strip().replace(" UTC", "+00:00"))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def ruby_time(text: Any) -> Any:
    """`2026-09-21T14:13:20Z` -> `2026-09-21 14:13:20 UTC`; another zone is written `+0100`."""
    if not isinstance(text, str):
        return text
    return re.sub(r"\A(.{10})T(.{8})(.*)\Z", lambda found: f"{found[1]} {found[2]} {_zone(found[3])}", text)


def _zone(suffix: str) -> str:
    return "UTC" if suffix == "Z" else suffix.replace(":", "")
