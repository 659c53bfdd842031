# SPDX-License-Identifier: GPL-3.0-or-later
"""The language's own filters, as version 3.0.6 has them (later ones are unknown, hence change nothing)."""

from __future__ import annotations

import datetime
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from dateutil import parser as date_parser

from .grammar import look_into
from .values import SafeText, TemplateError, class_name, escape, flat, integer, is_empty, joined, to_s, truthy

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
_ESCAPE_ONCE = re.compile(r"[\"><']|&(?!([a-zA-Z]+|(#\d+));)")


def size(value: Any) -> int:
    """How many items or characters."""
    if isinstance(value, (str, list, tuple, Mapping, range)):
        return len(value)
    return 8 if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def downcase(value: Any) -> str:
    """Small letters."""
    return to_s(value).lower()


def upcase(value: Any) -> str:
    """Capital letters."""
    return to_s(value).upper()


def capitalize(value: Any) -> str:
    """The first letter large, the rest small."""
    return to_s(value).capitalize()


def escape_filter(value: Any) -> Any:
    """Text with entities; it is plain text again, so printing it escapes once more."""
    return escape(value) if isinstance(value, str) else value


def escape_once(value: Any) -> str:
    """Entities for what is not an entity already."""
    return _ESCAPE_ONCE.sub(lambda match: escape(match.group()), to_s(value))


def url_encode(value: Any) -> Any:
    """Text for a query: blanks become +."""
    return urllib.parse.quote_plus(value, safe="-._") if isinstance(value, str) else value


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


def truncate(value: Any, length: Any = 50, ellipsis: Any = "...") -> Any:
    """At most LENGTH characters, the ellipsis counted."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TemplateError(f"undefined method `length' for {to_s(value)}:{class_name(value)}")
    keep = max(integer(length) - len(to_s(ellipsis)), 0)
    return value[:keep] + to_s(ellipsis) if len(value) > integer(length) else value


def truncatewords(value: Any, words: Any = 15, ellipsis: Any = "...") -> Any:
    """At most WORDS words."""
    if value is None:
        return None
    found, keep = to_s(value).split(), max(integer(words) - 1, 0)
    return " ".join(found[: keep + 1]) + to_s(ellipsis) if len(found) > keep else value


def split(value: Any, pattern: Any) -> list[str]:
    """Pieces between the pattern; empty ones at the end are left out."""
    text, glue = to_s(value), to_s(pattern)
    if glue == " ":
        return text.split()
    pieces = list(text) if glue == "" else text.split(glue)
    while pieces and not pieces[-1]:
        pieces.pop()
    return pieces


def strip(value: Any) -> str:
    """Without white space at both ends."""
    return to_s(value).strip()


def lstrip(value: Any) -> str:
    """Without white space at the start."""
    return to_s(value).lstrip()


def rstrip(value: Any) -> str:
    """Without white space at the end."""
    return to_s(value).rstrip()


def strip_html(value: Any) -> str:
    """Without tags, scripts, styles and comments."""
    text = to_s(value)
    for pattern in (r"<script.*?</script>", r"<!--.*?-->", r"<style.*?</style>", r"<.*?>"):
        text = re.sub(pattern, "", text, flags=re.S)
    return text


def strip_newlines(value: Any) -> str:
    """Without line ends."""
    return re.sub(r"\r?\n", "", to_s(value))


def newline_to_br(value: Any) -> str:
    """`<br />` before each line end."""
    return to_s(value).replace("\n", "<br />\n")


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


def _pattern(value: Any) -> str:
    if not isinstance(value, str):
        raise TemplateError(f"wrong argument type {class_name(value)} (expected Regexp)")
    return value


def replace(value: Any, string: Any, replacement: Any = "") -> str:
    """Every occurrence replaced."""
    return to_s(value).replace(_pattern(string), to_s(replacement))


def replace_first(value: Any, string: Any, replacement: Any = "") -> str:
    """The first occurrence replaced."""
    return to_s(value).replace(_pattern(string), to_s(replacement), 1)


def remove(value: Any, string: Any) -> str:
    """Every occurrence taken out."""
    return to_s(value).replace(_pattern(string), "")


def remove_first(value: Any, string: Any) -> str:
    """The first occurrence taken out."""
    return to_s(value).replace(_pattern(string), "", 1)


def append(value: Any, string: Any) -> str:
    """Text put behind; what is put behind safe text is escaped, and the whole stays safe."""
    if isinstance(value, SafeText):
        return SafeText(str(value) + (string if isinstance(string, SafeText) else escape(to_s(string))))
    return to_s(value) + to_s(string)


def prepend(value: Any, string: Any) -> str:
    """Text put before; safe text put before keeps the whole safe."""
    return append(string if isinstance(string, str) else to_s(string), value)


def date(value: Any, pattern: Any) -> Any:
    """A time by a strftime pattern; what is no time stays as it is."""
    moment = _moment(value) if to_s(pattern) else None
    return value if moment is None else moment.strftime(to_s(pattern))


def _moment(value: Any) -> datetime.date | None:
    if isinstance(value, datetime.date):
        return value
    if value in ("now", "today"):
        return datetime.datetime.now(datetime.UTC)
    if (isinstance(value, str) and re.fullmatch(r"\d+", value)) or (
        isinstance(value, int) and not isinstance(value, bool)
    ):
        return datetime.datetime.fromtimestamp(int(value), datetime.UTC)
    if not isinstance(value, str):
        strftime = getattr(value, "moment", None)
        found: datetime.date | None = strftime() if strftime else None
        return found
    midnight = datetime.datetime.now(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return date_parser.parse(value, default=midnight)
    except (ValueError, OverflowError):
        return None


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
    "downcase": downcase,
    "upcase": upcase,
    "capitalize": capitalize,
    "escape": escape_filter,
    "h": escape_filter,
    "escape_once": escape_once,
    "url_encode": url_encode,
    "slice": slice_filter,
    "truncate": truncate,
    "truncatewords": truncatewords,
    "split": split,
    "strip": strip,
    "lstrip": lstrip,
    "rstrip": rstrip,
    "strip_html": strip_html,
    "strip_newlines": strip_newlines,
    "newline_to_br": newline_to_br,
    "join": join,
    "sort": sort,
    "uniq": uniq,
    "reverse": reverse,
    "map": map_filter,
    "replace": replace,
    "replace_first": replace_first,
    "remove": remove,
    "remove_first": remove_first,
    "append": append,
    "prepend": prepend,
    "date": date,
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
