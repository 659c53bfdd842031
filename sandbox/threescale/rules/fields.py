# SPDX-License-Identifier: GPL-3.0-or-later
"""Writable attributes of a resource and how the server reads what is sent for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from .times import parse_time

MONEY_END = 10**16  # what columns of money can't hold any more
_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_FALSE = {"false", "f", "0", "off", "FALSE", "F", "OFF", "False"}


def to_text(value: Any) -> str | None:
    """As a text column takes it; objects and lists are no text (None)."""
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def to_boolean(value: Any) -> bool | None:
    """`true/false/1/0/"true"/"false"`; blank and null are null."""
    if value is None or value == "":
        return None
    return value if isinstance(value, bool) else str(value) not in _FALSE


def to_integer(value: Any) -> int | None:
    """A whole number; decimals are cut; what is blank, or no scalar, is null; a word is 0."""
    if isinstance(value, bool):
        return int(value)
    number = to_decimal(value)
    return None if number is None else int(number)


def to_decimal(value: Any) -> Decimal | None:
    """A decimal number; of a text the digits at its start count, as in Ruby; what is blank, or no scalar, is null."""
    if value is None or isinstance(value, (dict, list, bool)) or (isinstance(value, str) and not value.strip()):
        return None
    found = _NUMBER.match(str(value))
    try:
        return Decimal(found[0].strip()) if found else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def to_float(value: Any) -> float | None:
    """A floating point number."""
    number = to_decimal(value)
    return None if number is None else float(number)


def to_money(value: Any) -> float | None:
    """As `to_float`, with four decimals, as columns of money have them."""
    number = to_decimal(value)
    if number is None or abs(number) >= MONEY_END:
        return None if number is None else float(number)
    return float(number.quantize(Decimal("0.0001"), ROUND_HALF_UP))


_CASTS: dict[str, Callable[[Any], Any]] = {
    "text": to_text,
    "boolean": to_boolean,
    "integer": to_integer,
    "float": to_float,
    "money": to_money,
    "time": parse_time,
    "data": lambda value: value,
}


def words(text: str) -> tuple[str, ...]:
    """The words of a text: for lists of column names."""
    return tuple(text.split())


class Fields:
    """Writable attributes by kind: `Fields(text="name description", boolean="published", integer="position")`.

    Kinds: text, boolean, integer, float, money, time, data (taken as it is).
    """

    def __init__(self, **kinds: str) -> None:
        self.kinds = {name: kind for kind, names in kinds.items() for name in names.split()}
        self.names = tuple(self.kinds)

    def cast(self, given: dict[str, Any]) -> dict[str, Any]:
        """The known ones of what is given, as their columns take them."""
        return {name: _CASTS[kind](given[name]) for name, kind in self.kinds.items() if name in given}
