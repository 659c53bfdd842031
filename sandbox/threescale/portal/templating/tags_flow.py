# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags that decide: if, unless, case, ifchanged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .grammar import FRAGMENT, Condition, parse_condition
from .nodes import BlockNode, Body, PortalBlockTag, PortalNode, syntax_error

if TYPE_CHECKING:
    from liquid.token import Token

    from .context import PortalContext

_A = re.ASCII
_CASE = re.compile(rf"({FRAGMENT})", _A)
_WHEN = re.compile(rf"({FRAGMENT})(?:(?:\s+or\s+|\s*,\s*)({FRAGMENT}.*))?", _A | re.S)


class _If(BlockNode):
    __slots__ = ("branches",)

    def __init__(self, token: Token, branches: list[tuple[Condition | None, bool, Body]]) -> None:
        super().__init__(token)
        self.branches = branches

    def text(self, context: PortalContext) -> str:
        for condition, wanted, body in self.branches:
            if condition is None or condition.evaluate(context) is wanted:
                return body.text(context)
        return ""


class IfTag(PortalBlockTag):
    """`{% if %}` … `{% elsif %}` … `{% else %}`."""

    clauses = ("elsif", "else")
    first_wanted = True

    def check(self, markup: str) -> None:
        if parse_condition(markup) is None:
            raise syntax_error("Syntax Error in tag 'if' - Valid syntax: if [expression]")

    def check_clause(self, name: str, markup: str) -> None:
        if name == "elsif":
            self.check(markup)

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:
        branches = [
            (None if name == "else" else parse_condition(markup), self.first_wanted if index == 0 else True, body)
            for index, (name, markup, body) in enumerate(parts)
        ]
        return _If(token, branches)


class UnlessTag(IfTag):
    """`{% unless %}`: the first condition is turned round."""

    first_wanted = False


class _Case(BlockNode):
    __slots__ = ("branches",)

    def __init__(self, token: Token, branches: list[tuple[list[Condition] | None, Body]]) -> None:
        super().__init__(token)
        self.branches = branches

    def text(self, context: PortalContext) -> str:
        written, matched = [], False
        for conditions, body in self.branches:
            if conditions is None:
                if not matched:
                    return body.text(context)
                continue
            for condition in conditions:
                if condition.evaluate(context):
                    matched = True
                    written.append(body.text(context))
        return "".join(written)


class CaseTag(PortalBlockTag):
    """`{% case %}` with `{% when a or b %}` and `{% else %}`; every fitting `when` is written."""

    clauses = ("when", "else")

    def check(self, markup: str) -> None:
        if not _CASE.search(markup):
            raise syntax_error("Syntax Error in 'case' - Valid syntax: case [condition]")

    def check_clause(self, name: str, markup: str) -> None:
        if name == "else" and markup.strip():
            raise syntax_error("Syntax Error in tag 'case' - Valid else condition: {% else %} (no parameters) ")
        if name == "when":
            self._values(markup)

    def _values(self, markup: str) -> list[str]:
        values: list[str] = []
        rest: str | None = markup
        while rest is not None:
            match = _WHEN.search(rest)
            if not match:
                raise syntax_error(
                    "Syntax Error in tag 'case' - Valid when condition: {% when [condition] [or condition2...] %}"
                )
            values.append(match[1])
            rest = match[2]
        return values

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:
        found = _CASE.search(parts[0][1])
        left = found[1] if found else None
        return _Case(
            token,
            [
                (None if name == "else" else [Condition(left, "==", value) for value in self._values(markup)], body)
                for name, markup, body in parts[1:]
            ],
        )


class _IfChanged(BlockNode):
    __slots__ = ("body",)

    def __init__(self, token: Token, body: Body) -> None:
        super().__init__(token)
        self.body = body

    def text(self, context: PortalContext) -> str:
        text = self.body.text(context)
        if context.registers.get("ifchanged") == text:
            return ""
        context.registers["ifchanged"] = text
        return text


class IfChangedTag(PortalBlockTag):
    """`{% ifchanged %}`: its body only when it differs from the last time."""

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:
        return _IfChanged(token, parts[0][2])


TAGS = {"if": IfTag, "unless": UnlessTag, "case": CaseTag, "ifchanged": IfChangedTag}
