# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree of a parsed template: texts, outputs and blocks, and how tags parse what stands between them and their end.

An error of one node is written at its place and the rest goes on, unless the context is told to raise. A block in
which there is nothing but white space and tags that print nothing prints nothing at all.
"""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Any, TextIO

from liquid.ast import Node
from liquid.exceptions import LiquidSyntaxError
from liquid.tag import Tag
from liquid.token import TOKEN_CONTENT, TOKEN_EOF, TOKEN_EXPRESSION, TOKEN_ILLEGAL, TOKEN_OUTPUT, TOKEN_TAG

from .grammar import Filtered
from .values import TemplateError, printed

if TYPE_CHECKING:
    from liquid.stream import TokenStream
    from liquid.token import Token

    from .context import PortalContext


class TemplateSyntaxError(LiquidSyntaxError):
    """A template that can't be parsed; its text is the message that the Admin API shows."""

    def __str__(self) -> str:
        return f"Liquid syntax error: {self.args[0]}"


def syntax_error(message: str) -> TemplateSyntaxError:
    """A syntax error with this message."""
    return TemplateSyntaxError(message, token=None)


class PortalNode(Node):
    """A node that gives its text as a whole, so that a failing one leaves nothing half written."""

    __slots__ = ()
    is_block = False

    def __init__(self, token: Token, blank: bool = False) -> None:
        super().__init__(token)
        self.blank = blank

    def text(self, context: PortalContext) -> str:
        """The text that the node writes."""
        raise NotImplementedError

    def render_to_output(self, context: Any, buffer: TextIO) -> int:
        """Write the node's text."""
        return buffer.write(self.text(context))


class Text(PortalNode):
    """Text between tags."""

    __slots__ = ("value",)

    def __init__(self, token: Token) -> None:
        super().__init__(token, blank=not token.value.strip())
        self.value = token.value

    def text(self, context: PortalContext) -> str:  # noqa: ARG002
        return self.value


class Output(PortalNode):
    """`{{ expression }}`."""

    __slots__ = ("expression",)

    def __init__(self, token: Token, markup: str) -> None:
        super().__init__(token)
        self.expression = Filtered(markup)

    def text(self, context: PortalContext) -> str:
        return printed(self.expression.evaluate(context), context.escaping)


class Body(PortalNode):
    """Nodes one after the other."""

    __slots__ = ("nodes",)

    def __init__(self, token: Token, nodes: list[PortalNode]) -> None:
        super().__init__(token, blank=all(node.blank for node in nodes))
        self.nodes = nodes

    def text(self, context: PortalContext) -> str:
        written = []
        for node in self.nodes:
            try:
                text = node.text(context)
                if not (node.is_block and node.blank):
                    written.append(text)
            except Exception as error:  # noqa: BLE001 - any error of a template is shown on its page
                written.append(context.report(error))
            if context.interrupt is not None:
                break
        return "".join(written)


class BlockNode(PortalNode):
    """A tag with a body; `blank` when everything between it and its end is."""

    __slots__ = ()
    is_block = True


class PortalTag(Tag):
    """A tag without a body: `make` gives its node."""

    block = False

    def parse(self, stream: TokenStream) -> PortalNode:
        """The node of the tag at the head of the stream."""
        token = stream.eat(TOKEN_TAG)
        return self.make(token, stream.current.value)

    def make(self, token: Token, markup: str) -> PortalNode:
        """The tag's node from its markup."""
        raise NotImplementedError


class PortalBlockTag(Tag):
    """A tag with a body up to `end<name>`; `make` gets the body and its parts after `clauses` such as `else`."""

    clauses: Container[str] = ()
    lenient = False

    def parse(self, stream: TokenStream) -> PortalNode:
        """The node of the tag at the head of the stream, with what stands between it and its end."""
        token = stream.eat(TOKEN_TAG)
        self.check(stream.current.value)
        parts: list[tuple[str, str, Body]] = []
        name, markup = token.value, stream.current.value
        while True:
            next(stream)
            body = parse_body(self.env, stream, token.value, self.clauses, self.lenient)
            parts.append((name, markup, body))
            name = stream.current.value
            next(stream)
            markup = stream.current.value
            if name == f"end{token.value}":
                break
            self.check_clause(name, markup)
        node = self.make(token, parts)
        node.blank = all(body.blank for _name, _markup, body in parts)
        return node

    def check(self, markup: str) -> None:
        """Raise a syntax error for markup that makes no sense, before the body is looked at."""

    def check_clause(self, name: str, markup: str) -> None:
        """The same for a clause."""

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:
        """The tag's node from its parts: (name of tag or clause, markup, body)."""
        raise NotImplementedError


def parse_body(
    env: Any, stream: TokenStream, name: str | None, clauses: Container[str] = (), lenient: bool = False
) -> Body:
    """The nodes up to `end<name>` or a clause, where the stream then stands (NAME None: up to the end of the text)."""
    nodes: list[PortalNode] = []
    start = stream.current
    while stream.current.kind != TOKEN_EOF:
        token = stream.current
        if token.kind == TOKEN_TAG and name is not None and (token.value == f"end{name}" or token.value in clauses):
            return Body(start, nodes)
        if token.kind == TOKEN_TAG:
            if token.value in env.tags:
                nodes.append(env.tags[token.value].get_node(stream))
            elif lenient:
                next(stream)
            else:
                raise _unknown(token.value, name)
        elif token.kind == TOKEN_OUTPUT:
            next(stream)
            nodes.append(Output(token, stream.expect(TOKEN_EXPRESSION).value))
        elif token.kind == TOKEN_CONTENT:
            nodes.append(Text(token))
        elif token.kind == TOKEN_ILLEGAL:
            raise syntax_error(token.value)
        next(stream)
    if name is not None:
        raise syntax_error(f"'{name}' tag was never closed")
    return Body(start, nodes)


def _unknown(tag: str, block: str | None) -> TemplateSyntaxError:
    if tag == "else":
        return syntax_error(f"{block or ''} tag does not expect else tag")
    if tag == "end":
        return syntax_error(
            f"'end' is not a valid delimiter for {block or ''} tags. use {f'end{block}' if block else '[]'}"
        )
    return syntax_error(f"Unknown tag '{tag}'")


def fault(message: str) -> TemplateError:
    """An error to show at the place of the node that fails."""
    return TemplateError(message)
