# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment, template and render context: the package's own, taught the old language."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from liquid import BoundTemplate, Environment
from liquid.context import RenderContext
from liquid.exceptions import LiquidError
from liquid.stream import TokenStream
from liquid.utils import ReadOnlyChainMap

from .nodes import Body, parse_body
from .tokens import tokenize
from .values import TemplateError

MAXIMAL_DEPTH = 100


class PortalContext(RenderContext):
    """Variables of one rendering, `registers` for tags and filters, and what becomes of errors."""

    __slots__ = ("depth", "errors", "escaping", "interrupt", "raising", "registers")
    env: PortalEnvironment
    registers: dict[str, Any]

    def __init__(
        self,
        template: Any,
        variables: Mapping[str, object],
        registers: dict[str, Any],  # noqa: A002
        escaping: bool,
        raising: bool,
    ) -> None:
        super().__init__(template, globals=variables)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self.registers = registers
        self.escaping, self.raising = escaping, raising
        self.interrupt: str | None = None
        self.errors: list[Exception] = []
        self.depth = 0

    def find(self, name: object) -> Any:
        """The value of a variable, nil where there is none."""
        return self.scope.get(name) if isinstance(name, str) else None

    def apply_filter(self, name: str, value: Any, arguments: list[Any]) -> Any:
        """The value after a filter; an unknown filter changes nothing."""
        function = self.env.filters.get(name)
        if function is None:
            return value
        lowest, highest = self.env.arity(name)
        if not lowest <= len(arguments) + 1 <= highest:
            expected = str(lowest) if lowest == highest else f"{lowest}..{highest}"
            raise TemplateError(f"wrong number of arguments (given {len(arguments) + 1}, expected {expected})")
        if getattr(function, "needs_context", False):
            return function(self, value, *arguments)
        return function(value, *arguments)

    def report(self, error: Exception) -> str:
        """The text that stands for a failed node; raises where errors are to end the rendering."""
        self.errors.append(error)
        if self.raising:
            raise error
        if isinstance(error, LiquidError):
            return str(error)
        return f"Liquid error: {error}"


class PortalTemplate(BoundTemplate):
    """A parsed template."""

    def text(
        self, variables: Mapping[str, object], registers: dict[str, Any], escaping: bool = True, raising: bool = False
    ) -> str:
        """The rendered text. RAISING: the first error ends it, as on built-in pages; else errors stand in the text."""
        return self.within(PortalContext(self, variables, registers, escaping, raising))

    def within(self, context: PortalContext) -> str:
        """The rendered text in a context that is there already: how a partial is included."""
        body = self.nodes[0]
        assert isinstance(body, Body)
        if context.depth >= MAXIMAL_DEPTH:
            raise TemplateError("Nesting too deep")
        context.depth += 1
        try:
            return body.text(context)
        finally:
            context.depth -= 1


class PortalEnvironment(Environment):
    """Tags and filters of the portal; parsed templates are kept by their text."""

    template_class = PortalTemplate
    context_depth_limit = 1000
    kept_templates = 2000

    def __init__(self) -> None:
        self._arity: dict[str, tuple[int, int]] = {}
        self._parsed: dict[str, PortalTemplate] = {}
        super().__init__(strict_filters=False)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:  # noqa: ARG002
        """Only what the old language and the portal have."""
        from .filters_lists import FILTERS as LIST_FILTERS
        from .filters_portal import FILTERS as PORTAL_FILTERS
        from .filters_text import FILTERS as TEXT_FILTERS
        from .tags_flow import TAGS as FLOW_TAGS
        from .tags_loop import TAGS as LOOP_TAGS
        from .tags_portal import TAGS as PORTAL_TAGS
        from .tags_text import TAGS as TEXT_TAGS

        tags: dict[str, type[Any]] = {**FLOW_TAGS, **LOOP_TAGS, **TEXT_TAGS, **PORTAL_TAGS}
        for name, tag in tags.items():
            self.tags[name] = tag(self)
        for name, function in {**TEXT_FILTERS, **LIST_FILTERS, **PORTAL_FILTERS}.items():
            self.add_filter(name, function)

    def add_filter(self, name: str, func: Callable[..., Any]) -> None:
        """Register a filter, and how many arguments it takes."""
        super().add_filter(name, func)
        parameters = list(inspect.signature(func).parameters.values())
        if getattr(func, "needs_context", False):
            parameters = parameters[1:]
        lowest = sum(parameter.default is parameter.empty for parameter in parameters)
        self._arity[name] = (lowest, len(parameters))

    def arity(self, name: str) -> tuple[int, int]:
        """The least and the greatest number of arguments of a filter, its input counted."""
        return self._arity[name]

    def _parse(self, source: str) -> list[Any]:
        return [parse_body(self, TokenStream(tokenize(source)), None)]

    def template(self, source: str) -> PortalTemplate:
        """The parsed template of this text; a syntax error raises `TemplateSyntaxError`."""
        found = self._parsed.get(source)
        if found is None:
            if len(self._parsed) >= self.kept_templates:
                self._parsed.clear()
            parsed = self.from_string(source)
            assert isinstance(parsed, PortalTemplate)
            found = self._parsed[source] = parsed
        return found
