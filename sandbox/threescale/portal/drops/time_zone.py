# SPDX-License-Identifier: GPL-3.0-or-later
"""The time zone of a tenant."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...rules.times import zone
from ...rules.zones import ZONES
from ..templating.drop import TextDrop, attribute


class TimeZoneDrop(TextDrop):
    """A time zone; prints its Rails name."""

    def __init__(self, name: str) -> None:
        self.name = name

    @attribute()
    def identifier(self) -> str:
        return ZONES.get(self.name, self.name)

    @attribute()
    def full_name(self) -> str:
        offset = datetime.now(zone(self.name)).utcoffset() or timedelta()
        dst = datetime.now(zone(self.name)).dst() or timedelta()
        minutes = int((offset - dst).total_seconds()) // 60
        return f"(GMT{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}) {self.name}"

    def to_text(self) -> str:
        return self.name
