# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that only the portal has: links, buttons, assets, errors of forms, parameters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .html import button, element, link, sentence, void
from .values import SafeText, TemplateError, class_name, flat, is_blank, text_of

if TYPE_CHECKING:
    from .context import PortalContext

_F = TypeVar("_F", bound=Callable[..., Any])
OWN_STYLES = ("legacy/stats", "plans_widget.css", "active-docs/application.css", "stats.css")
OWN_SCRIPTS = (
    "plans_widget.js",
    "plans_widget_v2.js",
    "active-docs/application.js",
    "stats.js",
    "active_docs.js",
    "validate_signup.js",
)
OWN_IMAGES = ("spinner.gif", "tick.png", "cross.png")
_PLURALS = [
    (r"(quiz)$", r"\1zes"),
    (r"^(ox)$", r"\1en"),
    (r"(matr|vert|ind)(?:ix|ex)$", r"\1ices"),
    (r"(x|ch|ss|sh)$", r"\1es"),
    (r"([^aeiouy]|qu)y$", r"\1ies"),
    (r"(?:([^f])fe|([lr])f)$", r"\1\2ves"),
    (r"sis$", "ses"),
    (r"(buffal|tomat)o$", r"\1oes"),
    (r"(bu)s$", r"\1ses"),
    (r"(alias|status)$", r"\1es"),
    (r"(ax|test)is$", r"\1es"),
    (r"s$", "s"),
    (r"$", "s"),
]
_IRREGULAR = {
    "person": "people",
    "man": "men",
    "child": "children",
    "sex": "sexes",
    "move": "moves",
    "zombie": "zombies",
}
_SAME = {"equipment", "information", "rice", "money", "species", "series", "fish", "sheep", "jeans", "police"}


def with_context(function: _F) -> _F:
    """The filter gets the rendering's context as its first argument."""
    function.needs_context = True  # type: ignore[attr-defined]
    return function


def html_safe(value: Any) -> Any:
    """Text marked as HTML."""
    return SafeText(value) if isinstance(value, str) else value


def pluralize(value: Any) -> str:
    """An English word in the plural."""
    if not isinstance(value, str):
        raise TemplateError(f"undefined method `pluralize' for {text_of(value) or 'nil'}:{class_name(value)}")
    lower = value.lower()
    if not value or lower in _SAME:
        return value
    for one, many in _IRREGULAR.items():
        if lower.endswith(one):
            return value[: len(value) - len(one)] + many
    for pattern, ending in _PLURALS:
        if re.search(pattern, value, re.IGNORECASE):
            return re.sub(pattern, ending, value, count=1, flags=re.IGNORECASE)
    return value


def link_to(text: Any, url: Any, given: Any = None) -> SafeText:
    """A link with the text."""
    return link(text, text_of(url), given)


def mail_to(address: Any) -> SafeText:
    """A link that writes a mail."""
    return element("a", text_of(address), {"href": f"mailto:{text_of(address)}"})


def _button(method: str, default_class: str | None, remote: bool) -> Callable[..., SafeText]:
    @with_context
    def write(context: PortalContext, title: Any, url: Any, given: Any = None) -> SafeText:
        chosen = dict(given) if isinstance(given, dict) else {}
        if default_class and not chosen.get("class"):
            chosen = {**chosen, "class": default_class}
        write_button = context.registers.get("button", button)
        return SafeText(write_button(title, text_of(url), method, chosen, context.registers["csrf"](), remote))

    return write


@with_context
def regenerate_oauth_secret_button(context: PortalContext, title: Any, url: Any) -> SafeText:
    """A button that regenerates a client secret."""
    given = {"class": "btn btn-danger", "disable_with": "Generating..."}
    write_button = context.registers.get("button", button)
    return SafeText(write_button(title, text_of(url), "put", given, context.registers["csrf"](), remote=True))


@with_context
def stylesheet_link_tag(context: PortalContext, name: Any) -> SafeText:
    """A style sheet: a CMS file by its storage address, anything else as written."""
    if name in OWN_STYLES:
        return void("link", {"rel": "stylesheet", "href": f"/dev-portal-assets/{name}"})
    return void("link", {"rel": "stylesheet", "type": "text/css", "media": "screen", "href": _asset(context, name)})


@with_context
def javascript_include_tag(context: PortalContext, name: Any) -> SafeText:
    """A script, likewise."""
    source = f"/dev-portal-assets/{name}" if name in OWN_SCRIPTS else _asset(context, name)
    return element("script", "", {"src": source})


@with_context
def image_tag(context: PortalContext, name: Any) -> SafeText:
    """An image, likewise."""
    if name in OWN_IMAGES:
        return void("img", {"src": f"/dev-portal-assets/{name}"})
    return element("img", "", {"src": _asset(context, name)})


def _asset(context: PortalContext, name: Any) -> str:
    stored = context.registers["file_url"](text_of(name))
    return stored or text_of(name)


def error_class(errors: Any, name: Any = "error") -> str:
    """The class when there are errors."""
    return "" if is_blank(errors) else text_of(name)


def inline_errors(errors: Any, name: Any = "inline-errors") -> SafeText | None:
    """The messages as a paragraph, nothing when there are none."""
    if is_blank(errors):
        return None
    words = [str(error.message()) if hasattr(error, "message") else text_of(error) for error in flat(errors)]
    return element("p", sentence(words), {"class": text_of(name)})


def any_filter(collection: Any, word: Any) -> bool:
    """Whether an item prints as the word."""
    return any(text_of(item) == text_of(word) for item in flat(collection))


def group_by(collection: Any, key: Any) -> Any:
    """Items by an attribute, as a hash; nil for an empty list."""
    items = flat(collection)
    if not items:
        return None
    groups: dict[Any, list[Any]] = {}
    for item in items:
        groups.setdefault(item.read(key), []).append(item)
    return groups


def to_param(value: Any) -> str:
    """The parameter that names a plan or product in an address."""
    if isinstance(value, list):
        return "&".join(to_param(item) for item in value)
    name = getattr(value, "param_name", None)
    return f"{name}={value.read('id')}" if name else "cannot_be_converted_to_param"


def dom_id(value: Any) -> str:
    """An element's id made of kind and id: `cinstance_5`."""
    return f"{value.dom_name}_{value.read('id')}"


def message_url(message: Any) -> str:
    """The address of a sent message."""
    return f"/admin/messages/sent/{message.read('id')}"


FILTERS: dict[str, Callable[..., Any]] = {
    "html_safe": html_safe,
    "pluralize": pluralize,
    "link_to": link_to,
    "mail_to": mail_to,
    "update_button": _button("put", "update", remote=False),
    "update_button_ajax": _button("put", "update remote", remote=True),
    "create_button": _button("post", "create_key", remote=False),
    "create_button_ajax": _button("post", "create", remote=True),
    "delete_button": _button("delete", None, remote=False),
    "delete_button_ajax": _button("delete", "action delete remote", remote=True),
    "regenerate_oauth_secret_button": regenerate_oauth_secret_button,
    "stylesheet_link_tag": stylesheet_link_tag,
    "javascript_include_tag": javascript_include_tag,
    "image_tag": image_tag,
    "error_class": error_class,
    "inline_errors": inline_errors,
    "any": any_filter,
    "group_by": group_by,
    "to_param": to_param,
    "dom_id": dom_id,
    "message_url": message_url,
}
