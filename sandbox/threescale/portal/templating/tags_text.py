# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags that keep text or leave it out: assign, capture, increment, decrement, comment, include."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .grammar import FRAGMENT, TAG_ATTRIBUTES, Filtered, parse_expression
from .nodes import BlockNode, Body, PortalBlockTag, PortalNode, PortalTag, syntax_error
from .values import TemplateError, text_of

if TYPE_CHECKING:
    from liquid.token import Token

    from .context import PortalContext

_A = re.ASCII
_SIGNATURE = r"(?:\(?[\w\-.\[\]]\)?)+"
_ASSIGN = re.compile(rf"({_SIGNATURE})\s*=\s*(.*)\s*", _A | re.S)
_CAPTURE = re.compile(rf"({_SIGNATURE})", _A)
_INCLUDE = re.compile(rf"({FRAGMENT}+)(\s+(?:with|for)\s+({FRAGMENT}+))?", _A)


class _Assign(PortalNode):
    __slots__ = ("name", "value")

    def __init__(self, token: Token, name: str, markup: str) -> None:
        super().__init__(token, blank=True)
        self.name, self.value = name, Filtered(markup)

    def text(self, context: PortalContext) -> str:
        context.assign(self.name, self.value.kept(context))
        return ""


class AssignTag(PortalTag):
    """`{% assign name = value %}`."""

    def make(self, token: Token, markup: str) -> PortalNode:
        match = _ASSIGN.search(markup)
        if not match:
            raise syntax_error("Syntax Error in 'assign' - Valid syntax: assign [var] = [source]")
        return _Assign(token, match[1], match[2])


class _Capture(BlockNode):
    __slots__ = ("body", "name")

    def __init__(self, token: Token, name: str, body: Body) -> None:
        super().__init__(token)
        self.name, self.body = name, body

    def text(self, context: PortalContext) -> str:
        context.assign(self.name, self.body.text(context))
        return ""


class CaptureTag(PortalBlockTag):
    """`{% capture name %}`: the text is kept as plain text and escaped again when it is printed."""

    def check(self, markup: str) -> None:
        if not _CAPTURE.search(markup):
            raise syntax_error("Syntax Error in 'capture' - Valid syntax: capture [var]")

    def parse(self, stream: Any) -> PortalNode:
        node = super().parse(stream)
        node.blank = True
        return node

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:
        match = _CAPTURE.search(parts[0][1])
        assert match is not None
        return _Capture(token, match[1], parts[0][2])


class _Counter(PortalNode):
    __slots__ = ("name", "step")

    def __init__(self, token: Token, name: str, step: int) -> None:
        super().__init__(token)
        self.name, self.step = name, step

    def text(self, context: PortalContext) -> str:
        change = context.increment if self.step > 0 else context.decrement
        return str(change(self.name))


class IncrementTag(PortalTag):
    """`{% increment name %}`: prints the counter, then adds one."""

    step = 1

    def make(self, token: Token, markup: str) -> PortalNode:
        return _Counter(token, markup.strip(), self.step)


class DecrementTag(IncrementTag):
    """`{% decrement name %}`: takes one away, then prints the counter."""

    step = -1


class _Nothing(BlockNode):
    __slots__ = ()

    def text(self, context: PortalContext) -> str:  # noqa: ARG002
        return ""


class CommentTag(PortalBlockTag):
    """`{% comment %}`: unknown tags inside are passed over, known ones must be well formed."""

    lenient = True

    def parse(self, stream: Any) -> PortalNode:
        node = super().parse(stream)
        node.blank = True
        return node

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:  # noqa: ARG002
        return _Nothing(token)


class Include(PortalNode):
    """A partial, looked up by `registers["partials"](name)`: its text, or None when it is not there."""

    __slots__ = ("attributes", "name", "name_markup", "variable")

    def __init__(self, token: Token, markup: str, match: re.Match[str]) -> None:
        super().__init__(token)
        self.name_markup = match[1]
        self.name = parse_expression(match[1])
        self.variable = parse_expression(match[3] if match[3] else match[1][1:-1])
        self.attributes = [(key, parse_expression(value)) for key, value in TAG_ATTRIBUTES.findall(markup)]

    def text(self, context: PortalContext) -> str:
        name = self.name.evaluate(context)
        if name is None:
            raise TemplateError("Cannot find partial without name.")
        source = context.registers["partials"](text_of(name)) or ""
        template = context.env.template(source)
        value = self.variable.evaluate(context)
        binding = self.name_markup[1:-1].rsplit("/", 1)[-1]
        scope = dict[str, Any]()
        with context.extend(scope):
            for key, expression in self.attributes:
                scope[key] = expression.evaluate(context)
            values = value if isinstance(value, list) else [value]
            written = []
            for one in values:
                scope[binding] = one
                written.append(template.within(context))
            return "".join(written)


class IncludeTag(PortalTag):
    """`{% include 'dir/name' with value, key: value %}`: the last part of the name is bound to the value."""

    def make(self, token: Token, markup: str) -> PortalNode:
        match = _INCLUDE.search(markup)
        if not match:
            raise syntax_error(
                "Error in tag 'include' - Valid syntax: include '[template]' (with|for) [object|collection]"
            )
        return Include(token, markup, match)


TAGS = {
    "assign": AssignTag,
    "capture": CaptureTag,
    "increment": IncrementTag,
    "decrement": DecrementTag,
    "comment": CommentTag,
    "include": IncludeTag,
}
