# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as a template of the old language sees them: what is true, how a value prints, what equals what.

Pure functions. The language grew on Ruby, so its values behave like Ruby's: an empty string and 0 are true, a list
prints as its items without anything between, text of unlike kinds cannot be compared by `<`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_UNSAFE = re.compile(r"[&<>\"']")


class TemplateError(Exception):
    """An error of a template while it is rendered; its text follows `Liquid error: ` on the page."""


class SafeText(str):
    """Text that is HTML already and is printed as it stands. Every ordinary string method gives plain text again."""

    __slots__ = ()


class Keyword:
    """The words `blank`, `empty` and `present`, which ask the other side of `==` a question."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return f"{self.name}?"


BLANK, EMPTY, PRESENT = Keyword("blank"), Keyword("empty"), Keyword("present")


def escape(text: str) -> str:
    """Text with the five characters that HTML gives a meaning replaced by entities."""
    return _UNSAFE.sub(lambda match: _ENTITIES[match.group()], text)


def truthy(value: object) -> bool:
    """Everything is true but nil and false."""
    return value is not None and value is not False


def text_of(value: object) -> str:
    """A value as it prints, unescaped."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S ") + (value.strftime("%Z") or "UTC")
    if isinstance(value, Mapping):
        return inspect(value)
    if isinstance(value, (list, tuple)):
        return "".join(text_of(item) for item in value)
    return str(value)


def to_s(value: object) -> str:
    """A value as text filters take it: lists and hashes as a programmer sees them."""
    return inspect(value) if isinstance(value, (list, tuple)) else text_of(value)


def _float_text(value: float) -> str:
    text = repr(value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        if -5 < int(exponent) < 16:
            return f"{value:.1f}" if value == int(value) else f"{value:f}".rstrip("0")
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent[0]}{exponent[1:]}"
    return text


def inspect(value: object) -> str:
    """A value as Ruby shows it to a programmer (lists and hashes inside of text)."""
    if value is None:
        return "nil"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inspect(key)}=>{inspect(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(inspect(item) for item in value) + "]"
    return text_of(value)


def printed(value: object, escaping: bool) -> str:
    """What `{{ value }}` writes: text and what prints as text is escaped, unless it is marked safe."""
    if not escaping or isinstance(value, SafeText):
        return text_of(value)
    if isinstance(value, str):
        return escape(value)
    prints_as = getattr(value, "to_text", None)
    return escape(str(prints_as())) if prints_as is not None else text_of(value)


def assigned(value: object, escaping: bool) -> object:
    """What `{% assign %}` keeps: text is escaped at once and marked safe, so that it is not escaped again."""
    if escaping and isinstance(value, str) and not isinstance(value, SafeText):
        return SafeText(escape(value))
    return value


def integer(value: object) -> int:
    """The whole number at the start of a value; 0 where there is none."""
    if isinstance(value, bool) or value is None:
        return 0
    if isinstance(value, (int, float)):
        return int(value)
    match = re.match(r"\s*([+-]?\d+)", text_of(value))
    return int(match.group(1)) if match else 0


def is_empty(value: object) -> bool | None:
    """Whether a value has nothing in it; None for what can't be asked (nil, numbers)."""
    if isinstance(value, (str, list, tuple, Mapping)):
        return len(value) == 0
    asked = getattr(value, "is_empty", None)
    return bool(asked()) if asked is not None else None


def is_blank(value: object) -> bool:
    """Nil, false, empty, or text of white space only."""
    if isinstance(value, str):
        return not value.strip()
    empty = is_empty(value)
    return not truthy(value) if empty is None else empty


def _asked(keyword: Keyword, value: object) -> bool | None:
    if keyword is EMPTY:
        return is_empty(value)
    return is_blank(value) if keyword is BLANK else not is_blank(value)


def equal(left: object, right: object) -> bool | None:
    """`left == right`, where `empty`, `blank` and `present` are questions; None counts as false."""
    if isinstance(left, Keyword):
        return _asked(left, right)
    if isinstance(right, Keyword):
        return _asked(right, left)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) and not isinstance(right, str) and hasattr(right, "to_text"):
        return bool(right == left)
    return bool(left == right)


def compare(left: object, operator: str, right: object) -> bool | None:
    """`left < right` and the like; values without an order give None, values of unlike kinds an error."""
    orderly = (int, float, str)
    if (
        isinstance(left, bool)
        or isinstance(right, bool)
        or not (isinstance(left, orderly) and isinstance(right, orderly))
    ):
        return None
    if isinstance(left, str) != isinstance(right, str):
        raise TemplateError(f"comparison of {class_name(left)} with {_shown(right)} failed")
    one, other = (str(left), str(right)) if isinstance(left, str) else (left, right)
    order = (one > other) - (one < other)  # type: ignore[operator]
    return {"<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[operator]


def _shown(value: object) -> str:
    return text_of(value) if isinstance(value, (int, float)) else class_name(value)


def class_name(value: object) -> str:
    """The name of a value's class in error messages."""
    names: list[tuple[type, str]] = [
        (bool, "TrueClass"),
        (int, "Integer"),
        (float, "Float"),
        (str, "String"),
        (Mapping, "Hash"),
        (list, "Array"),
        (tuple, "Array"),
        (range, "Range"),
    ]
    if value is None:
        return "nil"
    return next((name for kind, name in names if isinstance(value, kind)), text_of(value))


def contains(left: object, right: object) -> bool:
    """`left contains right`: text in text, item in list, key in hash."""
    if not truthy(left) or not truthy(right):
        return False
    if isinstance(left, str):
        if not isinstance(right, str):
            raise TemplateError(f"no implicit conversion of {class_name(right)} into String")
        return right in left
    if isinstance(left, (list, tuple)):
        return any(equal(item, right) for item in left)
    if isinstance(left, range):
        return isinstance(right, int) and right in left
    return isinstance(left, Mapping) and right in left


def items_of(collection: object) -> list[Any] | None:
    """What a loop goes over, or None for what can't be looped over."""
    if isinstance(collection, str):
        return [collection] if collection else None
    if isinstance(collection, Mapping):
        return [[key, value] for key, value in collection.items()]
    if isinstance(collection, (list, tuple, range)):
        return list(collection)
    each = getattr(collection, "each", None)
    return list(each()) if each is not None else None


def flat(value: object) -> list[Any]:
    """The items that a list filter works on: lists in lists are opened, a single value is a list of one."""
    if isinstance(value, (list, tuple)):
        return [item for one in value for item in (flat(one) if isinstance(one, (list, tuple)) else [one])]
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, range):
        return list(value)
    if value is None:
        return []
    each = getattr(value, "each", None)
    return list(each()) if each is not None else [value]


def joined(parts: Iterable[object], glue: str = "") -> str:
    """Texts of the parts with GLUE between."""
    return glue.join(text_of(part) for part in parts)
