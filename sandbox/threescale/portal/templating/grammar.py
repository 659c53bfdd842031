# SPDX-License-Identifier: GPL-3.0-or-later
"""The lax grammar of Liquid 3: expressions, filters, conditions, found by patterns; the rest is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from liquid.expression import Expression
from liquid.token import Token

from .drop import Collection, Drop
from .values import BLANK, EMPTY, PRESENT, TemplateError, assigned, compare, contains, equal, integer, truthy

if TYPE_CHECKING:
    from .context import PortalContext

QUOTED = r"(?:\"[^\"]*\"|'[^']*')"
FRAGMENT = rf"(?:{QUOTED}|(?:[^\s,|'\"]|{QUOTED})+)"
_A = re.ASCII
TAG_ATTRIBUTES = re.compile(rf"(\w+)\s*:\s*({FRAGMENT})", _A)
_VARIABLE_PART = re.compile(r"\[[^\]]+\]|[\w\-]+\??", _A)
_VARIABLE = re.compile(rf"({FRAGMENT})(.*)", _A | re.S)
_FILTERS = re.compile(r"\|\s*(.*)", _A | re.S)
_FILTER = re.compile(rf"(?:\s+|{FRAGMENT}|,)+", _A)
_ARGUMENT = re.compile(rf"(?::|,)\s*((?:\w+\s*:\s*)?{FRAGMENT})", _A)
_NAMED_ARGUMENT = re.compile(rf"(\w+)\s*:\s*({FRAGMENT})\Z", _A)
_CONDITION = re.compile(rf"({FRAGMENT})\s*([=!<>a-z_]+)?\s*({FRAGMENT})?", _A)
_CLAUSES = re.compile(
    rf"(?:\b(?:\s?and\s?|\s?or\s?)\b|(?:\s*(?!\b(?:\s?and\s?|\s?or\s?)\b)(?:{FRAGMENT}|\S+)\s*)+)", _A
)
_LITERALS: dict[str, Any] = {
    "": None,
    "nil": None,
    "null": None,
    "true": True,
    "false": False,
    "blank": BLANK,
    "empty": EMPTY,
    "present": PRESENT,
}
_RANGE = re.compile(r"\((\S+)\.\.(\S+)\)\Z")
_INTEGER = re.compile(r"-?\d+\Z")
_FLOAT = re.compile(r"-?\d[\d.]+\Z")
COMMANDS = ("size", "first", "last")
NO_TOKEN = Token("expression", "", -1, "")


class Value(Expression):
    """An expression; `evaluate` gives its value in a context."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(NO_TOKEN)

    def evaluate(self, context: Any) -> Any:
        """The value of the expression in this context."""
        raise NotImplementedError

    def children(self) -> Iterable[Expression]:
        """No parts that the package's own analysis should know of."""
        return []


class Literal(Value):
    """A text, number, range of numbers or keyword."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def evaluate(self, context: Any) -> Any:  # noqa: ARG002
        return self.value


class Range(Value):
    """`(a..b)`."""

    __slots__ = ("start", "stop")

    def __init__(self, start: Value, stop: Value) -> None:
        super().__init__()
        self.start, self.stop = start, stop

    def evaluate(self, context: Any) -> range:
        return range(integer(self.start.evaluate(context)), integer(self.stop.evaluate(context)) + 1)


class Lookup(Value):
    """`name.part[expression]`."""

    __slots__ = ("name", "parts")

    def __init__(self, markup: str) -> None:
        super().__init__()
        found = _VARIABLE_PART.findall(markup)
        self.name: Value | str | None = _part(found[0]) if found else None
        self.parts = [_part(part) for part in found[1:]]

    def evaluate(self, context: Any) -> Any:
        name = self.name.evaluate(context) if isinstance(self.name, Value) else self.name
        value = context.find(name)
        for part in self.parts:
            key = part.evaluate(context) if isinstance(part, Value) else part
            value = look_into(value, key, command=isinstance(part, str) and part in COMMANDS)
            if value is None:
                return None
        return value


def _part(markup: str) -> Value | str:
    return parse_expression(markup[1:-1]) if markup.startswith("[") else markup


def look_into(value: Any, key: Any, command: bool) -> Any:
    """One step of a path: a drop's attribute, a hash's value, a list's item, or `size`, `first`, `last`."""
    if isinstance(value, Drop):
        return value.read(key)
    if isinstance(value, Mapping):
        if key in value:
            return value[key]
    elif isinstance(value, (list, tuple)):
        if isinstance(key, int) and not isinstance(key, bool):
            return value[key] if -len(value) <= key < len(value) else None
        named = value.by_system_name(key) if isinstance(value, Collection) else None
        if named is not None:
            return named
    return _command(value, key) if command else None


def _command(value: Any, name: str) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return 8 if name == "size" else None
    if not isinstance(value, (str, list, tuple, Mapping, range)):
        return None
    if name == "size":
        return len(value)
    if isinstance(value, Mapping):
        return list(next(iter(value.items()))) if name == "first" and value else None
    if not value:
        return "" if isinstance(value, str) else None
    return value[0 if name == "first" else -1]


def parse_expression(markup: str | None) -> Value:
    """An expression from its text; text that is nothing else is the path of a variable."""
    if markup is None or markup in _LITERALS:
        return Literal(_LITERALS.get(markup or ""))
    if len(markup) > 1 and markup[0] == markup[-1] and markup[0] in "'\"":
        return Literal(markup[1:-1])
    if _INTEGER.match(markup):
        return Literal(int(markup))
    ends = _RANGE.match(markup)
    if ends:
        return Range(parse_expression(ends[1]), parse_expression(ends[2]))
    if _FLOAT.match(markup):
        number = re.match(r"-?\d+(\.\d+)?", markup)
        return Literal(float(number.group() if number else 0))
    return Lookup(markup)


class Filtered(Value):
    """`expression | filter: argument, name: argument`."""

    __slots__ = ("filters", "value")

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.value: Value = Literal(None)
        self.filters: list[tuple[str, list[Value], dict[str, Value]]] = []
        match = _VARIABLE.search(markup)
        if not match:
            return
        self.value = parse_expression(match[1])
        rest = _FILTERS.search(match[2])
        for part in _FILTER.findall(rest[1]) if rest else []:
            name = re.search(r"\w+", part, _A)
            if name:
                self.filters.append((name.group(), *_arguments(_ARGUMENT.findall(part))))

    def evaluate(self, context: Any) -> Any:
        """The value after all filters, neither escaped nor turned into text."""
        value = self.value.evaluate(context)
        for name, plain, named in self.filters:
            arguments = [argument.evaluate(context) for argument in plain]
            if named:
                arguments.append({key: argument.evaluate(context) for key, argument in named.items()})
            value = context.apply_filter(name, value, arguments)
        return value

    def kept(self, context: PortalContext) -> Any:
        """The value as tags keep it (`assign`, attributes of `form`): text is escaped and marked safe."""
        return assigned(self.evaluate(context), context.escaping)


def _arguments(texts: list[str]) -> tuple[list[Value], dict[str, Value]]:
    plain, named = [], {}
    for text in texts:
        pair = _NAMED_ARGUMENT.match(text)
        if pair:
            named[pair[1]] = parse_expression(pair[2])
        else:
            plain.append(parse_expression(text))
    return plain, named


class Condition(Value):
    """`left operator right`, joined with the conditions at its right by `and` or `or`."""

    __slots__ = ("left", "link", "operator", "right")

    def __init__(self, left: str | None, operator: str | None, right: str | None) -> None:
        super().__init__()
        self.left, self.operator, self.right = parse_expression(left), operator, parse_expression(right)
        self.link: tuple[str, Condition] | None = None

    def evaluate(self, context: Any) -> bool:
        own = truthy(self._own(context))
        if self.link is None:
            return own
        word, other = self.link
        return (own or other.evaluate(context)) if word == "or" else (own and other.evaluate(context))

    def _own(self, context: PortalContext) -> Any:
        left = self.left.evaluate(context)
        if self.operator is None:
            return left
        right = self.right.evaluate(context)
        if self.operator == "==":
            return equal(left, right)
        if self.operator in ("!=", "<>"):
            return not equal(left, right)
        if self.operator in ("<", ">", "<=", ">="):
            return compare(left, self.operator, right)
        if self.operator == "contains":
            return contains(left, right)
        raise TemplateError(f"Unknown operator {self.operator}")


def parse_condition(markup: str) -> Condition | None:
    """The condition of an `if`; None when it isn't one. `a and b or c` binds from the right."""
    clauses = _CLAUSES.findall(markup)
    match = _CONDITION.search(clauses.pop()) if clauses else None
    if not match:
        return None
    condition = Condition(match[1], match[2], match[3])
    while clauses:
        word = clauses.pop().strip()
        match = _CONDITION.search(clauses.pop()) if clauses else None
        if not match or word not in ("and", "or"):
            return None
        outer = Condition(match[1], match[2], match[3])
        outer.link = (word, condition)
        condition = outer
    return condition
