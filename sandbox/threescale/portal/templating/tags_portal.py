# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags that only the portal has. What they need stands in the context's registers:

`world` (drops.world.World), `csrf` () -> token, `content_for` {name: text}, `partials` (name) -> text or None,
`file_url` (path) -> storage address or None, `no_store` () -> None, `flash` {kind: text}.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .forms import FormTag
from .grammar import parse_expression
from .html import element, void
from .nodes import BlockNode, Body, PortalBlockTag, PortalNode, PortalTag, syntax_error
from .tags_text import IncludeTag
from .values import SafeText, TemplateError, escape, text_of, truthy

if TYPE_CHECKING:
    from liquid.token import Token

    from .context import PortalContext

_WORD = re.compile(r"(\w+)", re.ASCII)
_SORT = re.compile(r"column:\s?\"([\w]+)\"(?:\s?label?:\s?\"([\w]+)\")?", re.ASCII)
_WIDGET = re.compile(r"\A(?::\s*)?([^\s,]+)(?:[\s,]+|\Z)")


class _Simple(PortalNode):
    __slots__ = ("markup", "write")

    def __init__(self, token: Token, markup: str, write: Callable[[PortalContext, str], str]) -> None:
        super().__init__(token)
        self.markup, self.write = markup, write

    def text(self, context: PortalContext) -> str:
        return self.write(context, self.markup)


def simple(write: Callable[[PortalContext, str], str]) -> type[PortalTag]:
    """A tag without a body whose text a function of context and markup gives."""

    class SimpleTag(PortalTag):
        def make(self, token: Token, markup: str) -> PortalNode:
            return _Simple(token, markup.strip(), write)

    return SimpleTag


def _content(context: PortalContext, _markup: str) -> str:
    return text_of(context.find("content"))


def csrf_meta(context: PortalContext) -> str:
    """The two meta elements from which scripts take the token."""
    return (
        void("meta", {"name": "csrf-param", "content": "authenticity_token"})
        + "\n"
        + void("meta", {"name": "csrf-token", "content": context.registers["csrf"]()})
    )


def _no_store(context: PortalContext, _markup: str) -> str:
    context.registers["no_store"]()
    return ""


def _essentials(context: PortalContext, _markup: str) -> str:
    return csrf_meta(context) + element("script", "", {"src": "/javascripts/3scale.js"})


def _cdn_asset(_context: PortalContext, markup: str) -> str:
    path = "/dev-portal-assets/" + markup.strip("'\" ").lstrip("/")
    if path.endswith(".css"):
        return void("link", {"rel": "stylesheet", "href": path})
    if path.endswith(".js"):
        return element("script", "", {"src": path})
    raise TemplateError("should be a JS or CSS file")


def _flash(context: PortalContext, _markup: str) -> str:
    return "".join(
        element("div", text, {"class": f"flash {kind}"}) for kind, text in context.registers["flash"].items()
    )


def _logo(context: PortalContext, _markup: str) -> str:
    name = context.registers["world"].tenant["org_name"]
    return element("a", name, {"href": "/", "id": "logo"})


def _user_widget(context: PortalContext, _markup: str) -> str:
    user = context.registers["world"].user
    if user is None:
        return element("a", "Sign in", {"href": "/login"})
    return escape(user["username"]) + " " + element("a", "Sign out", {"href": "/logout"})


def _nothing(_context: PortalContext, _markup: str) -> str:
    return ""


def _debug(context: PortalContext, markup: str) -> str:
    if markup.lstrip(":").strip() != "help":
        return ""
    known = {
        name: type(value).__name__.removesuffix("Drop")
        for name, value in sorted(context.globals.items())
        if name != "content"
    }
    width = max((len(name) for name in known), default=0)
    lines = [
        "  Liquid Debug Help",
        "",
        "    You can use following variables:",
        "    ================================",
        *(f"    {name.ljust(width)} => {kind}" for name, kind in known.items()),
        "    ================================",
    ]
    return "\n<!--\n" + "\n".join(lines) + "\n-->\n"


def _plan_widget(context: PortalContext, markup: str) -> str:
    found = _WIDGET.match(markup)
    name = found[1] if found else ""
    drop = parse_expression(name).evaluate(context)
    if not truthy(drop):
        return f"Application '{name}' not defined for plan_widget"
    return _change_form(context, drop)


def _change_form(context: PortalContext, application: Any) -> str:
    label = application.read("plan_change_permission_name")
    plans = [
        plan
        for plan in application.read("service").read("application_plans")
        if plan.read("id") != application.read("plan").read("id")
    ]
    choices = "".join(element("option", plan.read("name"), {"value": plan.read("id")}) for plan in plans)
    if not label or not choices:
        return ""
    inputs = "".join(
        void("input", {"type": "hidden", "name": name, "value": value})
        for name, value in (("_method", "put"), ("authenticity_token", context.registers["csrf"]()))
    )
    inner = (
        inputs
        + element("select", SafeText(choices), {"name": "plan_id", "aria-label": "Plan"})
        + element("button", label, {"type": "submit"})
    )
    return element(
        "form",
        SafeText(inner),
        {"class": "plans-widget", "method": "post", "action": f"/admin/contracts/{application.read('id')}"},
    )


def _active_docs(context: PortalContext, markup: str) -> str:
    named = re.search(r"services?:\s?\"([\w \-,]+)\"", markup)
    names = [name.strip() for name in named[1].split(",")] if named else None
    specs = [
        spec
        for spec in context.find("provider").read("api_specs")
        if spec.read("published?") and (names is None or spec.read("system_name") in names)
    ]
    items = "".join(
        element("li", element("a", spec.read("system_name"), {"href": spec.read("url")}), {}) for spec in specs
    )
    return element("ul", SafeText(items), {"class": "api-docs"})


class _ContentFor(BlockNode):
    __slots__ = ("body", "name")

    def __init__(self, token: Token, name: str, body: Body) -> None:
        super().__init__(token)
        self.name, self.body = name, body

    def text(self, context: PortalContext) -> str:
        store: dict[str, str] = context.registers["content_for"]
        store[self.name] = store.get(self.name, "") + self.body.text(context)
        return ""


class ContentForTag(PortalBlockTag):
    """`{% content_for head %}`: kept for `content_of.head` of the layout; blocks of one name are put together."""

    def check(self, markup: str) -> None:
        if not _WORD.search(markup):
            raise syntax_error("Syntax Error in 'content_for' - Valid syntax: content_for [var]")

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:
        match = _WORD.search(parts[0][1])
        assert match is not None
        return _ContentFor(token, match[1], parts[0][2])


class _Silent(BlockNode):
    __slots__ = ()

    def text(self, context: PortalContext) -> str:  # noqa: ARG002
        return ""


class EmailTag(PortalBlockTag):
    """`{% email %}` of mail templates: its subtags set headers, nothing is written."""

    lenient = True

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:  # noqa: ARG002
        return _Silent(token)


class SortLinkTag(PortalTag):
    """`{% sort_link column: "level" %}`: lists that can be sorted have none of their own here."""

    def make(self, token: Token, markup: str) -> PortalNode:
        if not _SORT.search(markup):
            raise syntax_error("Syntax Error in 'sort_link' - Valid syntax: sort_link column: [column] label: [label]")
        return _Simple(token, markup, _nothing)


class MenuTag(IncludeTag):
    """`{% menu %}`: the partial `menu`."""

    def make(self, token: Token, markup: str) -> PortalNode:  # noqa: ARG002
        return super().make(token, "'menu'")


class FooterTag(IncludeTag):
    """`{% footer %}`: the partial `footer`."""

    def make(self, token: Token, markup: str) -> PortalNode:  # noqa: ARG002
        return super().make(token, "'footer'")


_WITHOUT_TEXT = (
    "submenu",
    "portlet",
    "container",
    "trial_notice",
    "theme_stylesheet",
    "latest_messages",
    "internal_error",
    "latest_forum_posts",
    "credit_card_missing",
    "authorize_net_form",
    "payment_express_form",
    "stripe_form",
    "braintree_customer_form",
    "ogone_form",
)
TAGS: dict[str, type[Any]] = {
    "form": FormTag,
    "content_for": ContentForTag,
    "email": EmailTag,
    "sort_link": SortLinkTag,
    "menu": MenuTag,
    "footer": FooterTag,
    "oldfooter": FooterTag,
    "content": simple(_content),
    "csrf": simple(lambda context, _markup: csrf_meta(context)),
    "disable_client_cache": simple(_no_store),
    "3scale_essentials": simple(_essentials),
    "essential_assets": simple(_essentials),
    "cdn_asset": simple(_cdn_asset),
    "flash": simple(_flash),
    "logo": simple(_logo),
    "user_widget": simple(_user_widget),
    "debug": simple(_debug),
    "plan_widget": simple(_plan_widget),
    "active_docs": simple(_active_docs),
    "page_section": simple(lambda context, _markup: context.registers["world"].page.controller),
    "page_sub_section": simple(lambda context, _markup: context.registers["world"].page.action),
    **{name: simple(_nothing) for name in _WITHOUT_TEXT},
}
