# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage values: whole numbers that add, or `#N` that sets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .errors import usage_value_invalid

_SANE = re.compile(r"\s*#?\d+\s*\Z")
_LEADING = re.compile(r"\s*([+-]?\d+)")

Usage = dict[int, str]


def is_set(value: str) -> bool:
    """Whether the value replaces what is stored."""
    return value.startswith("#")


def number(value: object) -> int:
    """The digits at the front of a text, 0 where there are none."""
    found = _LEADING.match(value) if isinstance(value, str) else None
    return int(found[1]) if found else 0


def applied(value: str | None, current: int = 0) -> int:
    """What is stored after the value came to what was there."""
    if value and is_set(value):
        return number(value[1:])
    return current + number(value)


def without_zeros(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The usage without metrics that don't count: a 0 checks only."""
    return {name: value for name, value in raw.items() if value != "0"}


def by_metric(raw: Mapping[str, Any], id_of: Callable[[str], int]) -> Usage:
    """Usage by id of the metric. Raises BackendError for a value that is no number and for an unknown metric."""
    out: Usage = {}
    for given, value in raw.items():
        name = given.strip()
        if not isinstance(value, str) or not _SANE.match(value):
            raise usage_value_invalid(name, value)
        out[id_of(name)] = value
    return out


def with_parents(usage: Usage, parent_of: Callable[[int], int | None]) -> Usage:
    """What a method uses its parent uses too, on top of what is named for the parent itself; `#N` sets the parent."""
    out = dict(usage)
    for metric, value in usage.items():
        above = parent_of(metric)
        while above is not None:
            out[above] = value if is_set(value) else str(number(out.get(above)) + number(value))
            above = parent_of(above)
    return out
