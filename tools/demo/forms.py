# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms and links of an HTML page, as far as a developer's browser needs them to go on to the next page. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """One form: where it goes, how, and what its fields hold. ``choices``: options of each ``select``."""

    action: str
    method: str
    id: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Page:
    """What a page offers: its forms, and its links as (address, id)."""

    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)

    def link(self, part: str) -> str | None:
        """The first link whose address holds ``part``."""
        return next((address for address, _id in self.links if part in address), None)

    def form(self, part: str) -> Form | None:
        """The first form whose action or id holds ``part``."""
        return next((form for form in self.forms if part in form.action or part in form.id), None)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.page.links.append((given["href"], given.get("id", "")))
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").upper(), given.get("id", ""))
            self.page.forms.append(self._form)
        elif self._form is not None:
            self._field(self._form, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "select":
            self._select = name
            form.choices[name] = []
        elif tag == "option" and self._select:
            form.choices[self._select].append(given.get("value", ""))
            if "selected" in given or self._select not in form.values:
                form.values[self._select] = given.get("value", "")
        elif tag in ("input", "textarea") and name and not self._left_out(given):
            form.values[name] = given.get("value", "")

    @staticmethod
    def _left_out(given: dict[str, str]) -> bool:
        kind = given.get("type", "text")
        return kind in ("submit", "button", "image") or (kind in ("checkbox", "radio") and "checked" not in given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


def read_page(text: str) -> Page:
    """The forms and links of an HTML text."""
    reader = _Reader()
    reader.feed(text)
    return reader.page
