# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment and template: the package's own, taught the old language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liquid import BoundTemplate, Environment
from liquid.stream import TokenStream

from .context import PortalContext
from .nodes import Body, parse_body
from .tokens import tokenize
from .values import TemplateError

MAXIMAL_DEPTH = 100


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
