# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags that repeat: for, tablerow, break, continue, cycle."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .grammar import FRAGMENT, TAG_ATTRIBUTES, Value, parse_expression
from .nodes import BlockNode, Body, PortalBlockTag, PortalNode, PortalTag, syntax_error
from .values import integer, items_of, printed, text_of, truthy

if TYPE_CHECKING:
    from liquid.token import Token

    from .context import PortalContext

_A = re.ASCII
_FRAGMENT = re.compile(rf"({FRAGMENT})", _A)
_FOR = re.compile(rf"([\w\-]+)\s+in\s+({FRAGMENT}+)\s*(reversed)?", _A)


_TABLE_ROW = re.compile(rf"(\w+)\s+in\s+({FRAGMENT}+)", _A)


_NAMED_CYCLE = re.compile(rf"({FRAGMENT})\s*:\s*(.*)", _A | re.S)


_SIMPLE_CYCLE = re.compile(rf"{FRAGMENT}+", _A)


class _Loop(BlockNode):
    __slots__ = ("attributes", "body", "collection", "name", "variable")

    def __init__(self, token: Token, match: re.Match[str], markup: str, body: Body) -> None:
        super().__init__(token)
        self.variable, self.collection = match[1], parse_expression(match[2])
        self.name = f"{match[1]}-{match[2]}"
        self.attributes = {key: (value, parse_expression(value)) for key, value in TAG_ATTRIBUTES.findall(markup)}
        self.body = body

    def value(self, context: PortalContext, attribute: str) -> Any:
        found: tuple[str, Value] | None = self.attributes.get(attribute)
        return found[1].evaluate(context) if found else None


class _For(_Loop):
    __slots__ = ("otherwise", "reversed")

    def __init__(self, token: Token, match: re.Match[str], markup: str, body: Body, otherwise: Body | None) -> None:
        super().__init__(token, match, markup, body)
        self.reversed, self.otherwise = bool(match[3]), otherwise

    def _segment(self, context: PortalContext) -> list[Any]:
        items = items_of(self.collection.evaluate(context))
        if items is None:
            return []
        stops: dict[str, int] = context.registers.setdefault("for", {})
        resumed = self.attributes.get("offset", ("", None))[0] == "continue"
        start = stops.get(self.name, 0) if resumed else integer(self.value(context, "offset"))
        limit = self.value(context, "limit")
        segment = items[max(start, 0) :]
        segment = segment[: max(integer(limit), 0)] if truthy(limit) else segment
        if segment:
            stops[self.name] = start + len(segment)
        return segment[::-1] if self.reversed else segment

    def text(self, context: PortalContext) -> str:
        segment = self._segment(context)
        if not segment:
            return self.otherwise.text(context) if self.otherwise else ""
        written, scope = [], dict[str, Any]()
        with context.extend(scope):
            for index, item in enumerate(segment):
                scope[self.variable] = item
                scope["forloop"] = {"name": self.name, **_counters(index, len(segment))}
                written.append(self.body.text(context))
                interrupt, context.interrupt = context.interrupt, None
                if interrupt == "break":
                    break
        return "".join(written)


def _counters(index: int, length: int) -> dict[str, Any]:
    return {
        "length": length,
        "index": index + 1,
        "index0": index,
        "rindex": length - index,
        "rindex0": length - index - 1,
        "first": index == 0,
        "last": index == length - 1,
    }


class ForTag(PortalBlockTag):
    """`{% for item in list reversed limit: 2 offset: 1 %}` … `{% else %}`."""

    clauses = ("else",)

    def check(self, markup: str) -> None:
        if not _FOR.match(markup):
            raise syntax_error("Syntax Error in 'for loop' - Valid syntax: for [item] in [collection]")

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:
        markup = parts[0][1]
        match = _FOR.match(markup)
        assert match is not None
        return _For(token, match, markup, parts[0][2], parts[-1][2] if len(parts) > 1 else None)


class _TableRow(_Loop):
    __slots__ = ()

    def text(self, context: PortalContext) -> str:
        collection = self.collection.evaluate(context)
        if not truthy(collection):
            return ""
        start, limit = integer(self.value(context, "offset")), self.value(context, "limit")
        items = (items_of(collection) or [])[start:]
        items = items[: integer(limit)] if truthy(limit) else items
        columns, row, column = integer(self.value(context, "cols")), 1, 0
        written, scope = ['<tr class="row1">\n'], dict[str, Any]()
        with context.extend(scope):
            for index, item in enumerate(items):
                scope[self.variable] = item
                scope["tablerowloop"] = {
                    **_counters(index, len(items)),
                    "col": column + 1,
                    "col0": column,
                    "col_first": column == 0,
                    "col_last": column == columns - 1,
                }
                column += 1
                written.append(f'<td class="col{column}">{self.body.text(context)}</td>')
                if column == columns and index != len(items) - 1:
                    column, row = 0, row + 1
                    written.append(f'</tr>\n<tr class="row{row}">')
        return "".join([*written, "</tr>\n"])


class TableRowTag(PortalBlockTag):
    """`{% tablerow item in list cols: 2 %}`."""

    def check(self, markup: str) -> None:
        if not _TABLE_ROW.search(markup):
            raise syntax_error(
                "Syntax Error in 'table_row loop' - Valid syntax: table_row [item] in [collection] cols=3"
            )

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:
        match = _TABLE_ROW.search(parts[0][1])
        assert match is not None
        return _TableRow(token, match, parts[0][1], parts[0][2])


class _Interrupt(PortalNode):
    __slots__ = ("word",)

    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.word = token.value

    def text(self, context: PortalContext) -> str:
        context.interrupt = self.word
        return ""


class InterruptTag(PortalTag):
    """`{% break %}` and `{% continue %}`."""

    def make(self, token: Token, markup: str) -> PortalNode:  # noqa: ARG002
        return _Interrupt(token)


class _Cycle(PortalNode):
    __slots__ = ("name", "values")

    def __init__(self, token: Token, name: Value | None, texts: list[str]) -> None:
        super().__init__(token)
        self.name, self.values = name, [parse_expression(text) for text in texts]
        self.name = name or parse_expression(f"'{texts}'")

    def text(self, context: PortalContext) -> str:
        assert self.name is not None
        turns: dict[str, int] = context.registers.setdefault("cycle", {})
        key = text_of(self.name.evaluate(context))
        turn = turns.get(key, 0)
        turns[key] = (turn + 1) % max(len(self.values), 1)
        return printed(self.values[turn].evaluate(context), escaping=False) if turn < len(self.values) else ""


class CycleTag(PortalTag):
    """`{% cycle 'odd', 'even' %}`, `{% cycle name: a, b %}`."""

    def make(self, token: Token, markup: str) -> PortalNode:
        named = _NAMED_CYCLE.match(markup)
        if not named and not _SIMPLE_CYCLE.match(markup):
            raise syntax_error("Syntax Error in 'cycle' - Valid syntax: cycle [name :] var [, var2, var3 ...]")
        texts = [
            found[1]
            for found in (_FRAGMENT.search(part) for part in (named[2] if named else markup).split(","))
            if found
        ]
        return _Cycle(token, parse_expression(named[1]) if named else None, texts)


TAGS = {"for": ForTag, "tablerow": TableRowTag, "break": InterruptTag, "continue": InterruptTag, "cycle": CycleTag}
