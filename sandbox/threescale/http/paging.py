# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..store import Row


@dataclass
class Page:
    """Rows of one page; `numbers` are what `metadata` shows; `more` is true when not all fit into one page."""

    rows: list[Row]
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def more(self) -> bool:
        """Whether there is more than one page."""
        return self.numbers.get("total_entries", 0) > self.numbers.get("per_page", 0)


def whole(value: Any) -> int:
    """The integer at the start of a value, as Ruby's `to_i` reads it; 0 when there is none."""
    found = re.match(r"\s*[+-]?\d+", str(value)) if isinstance(value, (str, int, float)) else None
    return int(found[0]) if found else 0


def page_of(rows: list[Row], params: dict[str, Any], default: int = 500, most: int = 500) -> Page:
    """The page that `page` and `per_page` name; `per_page` outside of 1..most: the default, `page` below 1: 1."""
    per_page = whole(params.get("per_page", default))
    if not 1 <= per_page <= most:
        per_page = default
    number = max(whole(params.get("page", 1)), 1)
    start = (number - 1) * per_page
    numbers = {
        "per_page": per_page,
        "total_entries": len(rows),
        "total_pages": -(-len(rows) // per_page),
        "current_page": number,
    }
    return Page(rows[start : start + per_page], numbers)
