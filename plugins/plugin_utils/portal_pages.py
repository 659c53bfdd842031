# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The portal's files, made of templates, the cards of the models and a table of texts. Pure, no I/O.

The templates are Jinja with brackets in place of braces, for what they make is Liquid, which has braces of its own. A
value that is put in is a text to the portal: neither HTML nor Liquid, whatever it holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError
from markupsafe import Markup, escape

END = ".j2"
#: in a template's name: one file for each model, or for each legal page
MODEL, LEGAL = "MODEL", "LEGAL"
#: their templates hold no HTML, so nothing is escaped; what goes into them is JSON, or a value of the theme
_PLAIN = (".css" + END, ".js" + END, ".txt" + END)
#: titles of the pages that are the tenant's own, by the keys of their texts
_TITLES = {
    "/": "menu.home",
    "/models": "menu.models",
    "/examples": "menu.examples",
    "/usage": "menu.usage",
    "/docs": "menu.docs",
    "/docs/errors": "docs_errors.title",
    "/docs/limits": "docs_limits.title",
    "/docs/streaming": "docs_streaming.title",
    "/docs/access": "access.title",
    "/docs/changes": "changes.title",
}
_PLACEHOLDER = re.compile(r"\[(\w+)\]")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
#: bytes; a file with more is a system's whole bundle, which no client needs from here
_MOST_CERTIFICATES = 32 * 1024
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-z]+|(?:rgb|hsl|oklch)\([0-9a-z.,%/ -]+\)")


class PagesError(ValueError):
    """What can't be made into pages: a sentence that names the variable or the file."""


def text(value: object) -> Markup:
    """A value as a page may show it: escaped, also for Liquid; what is marked safe is left as it is."""
    return value if isinstance(value, Markup) else Markup(str(escape(value)).replace("{", "&#123;"))  # noqa: S704


class Texts:
    """The table of a language: ``texts("login.title", name=…)``. Its entries are HTML, and no Liquid."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = _flat(table)

    def __call__(self, key: str, **given: Any) -> Markup:
        found = self.table.get(key)
        if found is None:
            raise PagesError(f"portal_content_texts: there is no text {key!r} in this language, nor in English")
        marked = Markup(found.replace("{", "&#123;"))  # noqa: S704
        return Markup(_PLACEHOLDER.sub(lambda name: str(text(given.get(name[1], name[0]))), marked))  # noqa: S704

    def plain(self, key: str) -> str:
        """A text that is no HTML: titles."""
        return str(Markup(self(key)).unescape())  # noqa: S704

    def below(self, name: str) -> dict[str, str]:
        """All texts of a part, by their keys within it."""
        return {key[len(name) + 1 :]: value for key, value in self.table.items() if key.startswith(name + ".")}


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found.update(_flat(value, f"{above}{key}."))
        else:
            found[f"{above}{key}"] = str(value)
    return found


def merged(*tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables of texts laid over each other, the later over the earlier."""
    made: dict[str, Any] = {}
    for table in tables:
        for key, value in table.items():
            both = isinstance(value, Mapping) and isinstance(made.get(key), Mapping)
            made[key] = merged(made[key], value) if both else value
    return made


def pages(
    templates: Mapping[str, str], cards: Iterable[Mapping[str, Any]], texts: Texts, settings: Mapping[str, Any]
) -> dict[str, str]:
    """Every file of the portal that is made: its name to its text.

    :param templates: name (``models/MODEL.html.liquid.j2``) to text; a template that makes nothing makes no file
    :param cards: what ``portal_models`` makes
    :param settings: ``language, theme, key_prefix, legal (name to HTML), password_sign_up, trust (a certificate)…``
    :raises PagesError: when a template or a value can't be used
    """
    models = list(cards)
    legal = {name: Markup(held.replace("{", "&#123;")) for name, held in settings["legal"].items()}  # noqa: S704
    known = {
        "t": texts,
        "models": models,
        "changes": changes(models),
        **settings,
        "theme": theme(settings["theme"]),
        "legal": legal,
    }
    each = {
        MODEL: {model["product"]: {"model": model} for model in models},
        LEGAL: {name: {"legal_name": name} for name in legal},
    }
    marked, plain = (_environment(templates, texts, escaped=escaped) for escaped in (True, False))
    made: dict[str, str] = {}
    for name in sorted(templates):
        template = (plain if name.endswith(_PLAIN) else marked).get_template
        for file, more in _files(name, each):
            try:
                made[file] = template(name).render({**known, **more})
            except TemplateError as error:
                raise PagesError(f"the portal's template {name}: {error}") from error
    return {file: held for file, held in made.items() if held.strip()}


def changes(models: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What changed of all models, each change with the ``product`` that sells its model, the latest first."""
    found = [{**change, "product": model["product"]} for model in models for change in model["changes"]]
    return sorted(found, key=lambda one: str(one["date"]), reverse=True)


def titles(models: Iterable[Mapping[str, Any]], texts: Texts, legal: Iterable[str]) -> dict[str, str]:
    """The titles of pages by their paths, as plain text."""
    made = {path: texts.plain(key) for path, key in _TITLES.items()}
    made |= {f"/legal/{name}": texts.plain(f"legal.{name}") for name in legal}
    return made | {f"/models/{model['product']}": model["title"] for model in models}


def _files(name: str, each: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, dict[str, Any]]]:
    bare = name[: -len(END)]
    word = next((word for word in each if word in bare), None)
    if word is None:
        return [(bare, {})]
    return [(bare.replace(word, key), more) for key, more in each[word].items()]


def quoted(value: object) -> Markup:
    """A text between quotes, as Liquid takes it, which knows no way to write a quote within them."""
    plain = Markup(value).unescape().replace('"', "\u201d")  # noqa: S704
    return Markup('"' + re.sub(r"[{}%]", " ", plain) + '"')  # noqa: S704


def _environment(templates: Mapping[str, str], texts: Texts, *, escaped: bool) -> Environment:
    made = Environment(
        loader=DictLoader(dict(templates)),
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=escaped,  # noqa: S701 - what isn't is no HTML
        finalize=text if escaped else None,
    )
    made.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True)
    made.filters["liquid"] = Markup  # the template's own Liquid, as a value of a text
    made.filters["quoted"] = quoted
    made.filters["number"] = lambda value: f"{value:,}".replace(",", texts.plain("format.thousands"))
    made.tests["in_v1"] = lambda path: str(path).startswith("/v1/")
    return made


def certificates(held: str) -> str:
    """The certificates of a PEM file without whatever else it holds, such as a key; nothing of a large bundle."""
    found = "\n".join(_CERTIFICATE.findall(held))
    return found + "\n" if found and len(found) <= _MOST_CERTIFICATES else ""


def security_policy(models: Iterable[Mapping[str, Any]]) -> str:
    """What a page may load and ask, as strict as the server's own forms let, which carry a style in the element.

    Pictures may come from where the server keeps files, which can be an S3 that nobody here knows.
    """
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "style-src-attr": "'unsafe-inline'",
        "img-src": "'self' data: https:",
        "connect-src": " ".join(["'self'", *origins(models)]),
        "form-action": "'self'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def origins(models: Iterable[Mapping[str, Any]]) -> list[str]:
    """What a page may ask: the gateway's hosts, by the domain that they share."""
    found = set()
    for model in models:
        parts = urlsplit(model["url"])
        first, _dot, rest = (parts.hostname or "").partition(".")
        host = f"*.{rest}" if "." in rest else f"{first}.{rest}" if rest else first
        found.add(f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else ""))
    return sorted(found)


def theme(given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The colours of both modes, checked. Raises :class:`PagesError` for what is no colour."""
    made: dict[str, dict[str, str]] = {"light": {}, "dark": {}}
    for mode, colours in given.items():
        if mode not in made or not isinstance(colours, Mapping):
            raise PagesError(f"portal_content_theme: {mode} is not known; give light and dark, each a mapping")
        for name, colour in colours.items():
            if not re.fullmatch(r"[a-z-]+", str(name)) or not _COLOUR.fullmatch(str(colour)):
                raise PagesError(f"portal_content_theme.{mode}.{name}: {colour!r} is no colour such as '#0b5cad'")
            made[mode][str(name)] = str(colour)
    return made
