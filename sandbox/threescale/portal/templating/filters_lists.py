# SPDX-License-Identifier: GPL-3.0-or-later
"""The language's own filters of lists and numbers, as version 3.0.6 has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .grammar import look_into
from .values import TemplateError, class_name, flat, integer, is_empty, joined, to_s, truthy

# The real server runs a Ruby that knows BigDecimal.new no more; its error shows the line that failed.
_NO_BIG_DECIMAL = "undefined method `new' for BigDecimal:Class\n\n"


_FLOAT_FAILS = _NO_BIG_DECIMAL + "        BigDecimal.new(obj.to_s)\n                  ^^^^"


_TEXT_FAILS = (
    _NO_BIG_DECIMAL
    + r"        (obj.strip =~ /\A\d+\.\d+\z/) ? BigDecimal.new(obj) : obj.to_i"
    + "\n"
    + " " * 50
    + "^^^^"
)


def size(value: Any) -> int:
    """How many items or characters."""
    if isinstance(value, (str, list, tuple, Mapping, range)):
        return len(value)
    return 8 if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def slice_filter(value: Any, offset: Any, length: Any = None) -> Any:
    """LENGTH (1) characters or items from OFFSET; a negative offset counts from the end."""
    start, count = _whole(offset), 1 if not truthy(length) else _whole(length)
    items = value if isinstance(value, list) else to_s(value)
    start += len(items) if start < 0 else 0
    if start < 0 or start > len(items) or count < 0:
        return type(items)()
    return items[start : start + count]


def _whole(value: Any) -> int:
    if isinstance(value, str) and not re.fullmatch(r"\s*[+-]?\d+\s*", value):
        raise TemplateError(f'invalid value for Integer(): "{value}"')
    if value is None:
        raise TemplateError("can't convert nil into Integer")
    return int(value)


def join(value: Any, glue: Any = " ") -> str:
    """The items as one text."""
    return joined(flat(value), to_s(glue))


def sort(value: Any, key: Any = None) -> Any:
    """The items in order, or in the order of one of their attributes; nil when the first has no such attribute."""
    items = flat(value)
    if key is None:
        return _ordered(items, lambda item: item)
    if not items or _attribute(items[0], key) is None:
        return None
    return _ordered(items, lambda item: _attribute(item, key))


def _attribute(item: Any, key: Any) -> Any:
    if isinstance(item, str):
        return to_s(key) if to_s(key) in item else None
    return look_into(item, key, command=False)


def _ordered(items: list[Any], key: Callable[[Any], Any]) -> list[Any]:
    keys = [key(item) for item in items]
    for one, other in zip(keys, keys[1:], strict=False):
        comparable = isinstance(one, (int, float, str)) and isinstance(other, (int, float, str))
        if not comparable or isinstance(one, str) != isinstance(other, str):
            raise TemplateError(f"comparison of {class_name(items[0])} with {class_name(items[1])} failed")
    return [
        item
        for _key, _index, item in sorted(
            ((key(item), index, item) for index, item in enumerate(items)), key=lambda entry: entry[:2]
        )
    ]


def uniq(value: Any, key: Any = None) -> Any:
    """The items without repetitions (of an attribute)."""
    items, seen, kept = flat(value), [], []
    for item in items:
        mark = item if key is None else _attribute(item, key)
        if mark not in seen:
            seen.append(mark)
            kept.append(item)
    return kept


def reverse(value: Any) -> list[Any]:
    """The items from last to first."""
    return flat(value)[::-1]


def map_filter(value: Any, key: Any) -> list[Any]:
    """One attribute of each item."""
    return [item if key == "to_liquid" else _attribute(item, key) for item in flat(value)]


def first(value: Any) -> Any:
    """The first item."""
    return look_into(value, "first", command=True) if isinstance(value, (list, tuple, str, Mapping, range)) else None


def last(value: Any) -> Any:
    """The last item."""
    return look_into(value, "last", command=True) if isinstance(value, (list, tuple, str, range)) else None


def _number(value: Any) -> int:
    if isinstance(value, float):
        raise TemplateError(_FLOAT_FAILS)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d+\.\d+", value.strip()):
        raise TemplateError(_TEXT_FAILS)
    return integer(value) if isinstance(value, str) else 0


def plus(value: Any, operand: Any) -> int:
    """Sum."""
    return _number(value) + _number(operand)


def minus(value: Any, operand: Any) -> int:
    """Difference."""
    return _number(value) - _number(operand)


def times(value: Any, operand: Any) -> int:
    """Product."""
    return _number(value) * _number(operand)


def divided_by(value: Any, operand: Any) -> int:
    """Quotient, rounded down."""
    divisor = _divisor(operand)
    return _number(value) // divisor


def modulo(value: Any, operand: Any) -> int:
    """Rest of the division."""
    divisor = _divisor(operand)
    return _number(value) % divisor


def _divisor(value: Any) -> int:
    divisor = _number(value)
    if divisor == 0:
        raise TemplateError("divided by 0")
    return divisor


def round_filter(value: Any, digits: Any = 0) -> int:
    """A whole number as it is; DIGITS below 0 round to tens and hundreds."""
    number, places = _number(value), _number(digits)
    if places >= 0:
        return number
    unit = int(10**-places)
    rounded = (abs(number) + unit // 2) // unit * unit
    return rounded if number >= 0 else -rounded


def whole(value: Any) -> int:
    """`ceil` and `floor`: only whole numbers work."""
    return _number(value)


def default(value: Any, otherwise: Any = "") -> Any:
    """The other value for nil, false and what is empty."""
    empty = is_empty(value)
    return otherwise if (not truthy(value) if empty is None else empty) else value


FILTERS: dict[str, Callable[..., Any]] = {
    "size": size,
    "slice": slice_filter,
    "join": join,
    "sort": sort,
    "uniq": uniq,
    "reverse": reverse,
    "map": map_filter,
    "first": first,
    "last": last,
    "plus": plus,
    "minus": minus,
    "times": times,
    "divided_by": divided_by,
    "modulo": modulo,
    "round": round_filter,
    "ceil": whole,
    "floor": whole,
    "default": default,
}
