# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML elements as the portal's helpers write them. Pure functions; attributes keep their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .values import SafeText, escape, text_of


def safe(value: object) -> str:
    """Text of a value, escaped unless it is marked safe."""
    return str(value) if isinstance(value, SafeText) else escape(text_of(value))


def attributes(given: Mapping[str, Any]) -> str:
    """` name="value"` for each that is not None."""
    return "".join(f' {name}="{safe(value)}"' for name, value in given.items() if value is not None)


def void(name: str, given: Mapping[str, Any]) -> SafeText:
    """An element without content: `<input … />`."""
    return SafeText(f"<{name}{attributes(given)} />")


def element(name: str, content: object, given: Mapping[str, Any]) -> SafeText:
    """An element with content, which is escaped unless it is marked safe."""
    return SafeText(f"<{name}{attributes(given)}>{safe(content)}</{name}>")


def options(given: Any) -> dict[str, Any]:
    """The named arguments of a link or button: `confirm` and `disable_with` become data attributes, at the end."""
    given = given if isinstance(given, Mapping) else {}
    data = ("confirm", "disable_with")
    plain = {name: text_of(value) for name, value in given.items() if name not in data}
    return {**plain, **{f"data-{name.replace('_', '-')}": text_of(given[name]) for name in data if name in given}}


def link(content: object, url: str, given: Any) -> SafeText:
    """`<a>`; a `method` other than GET is left to the portal's script."""
    html = options(given)
    method = html.pop("method", "")
    if method and method.lower() != "get":
        if "nofollow" not in html.get("rel", ""):
            html["rel"] = f"{html['rel']} nofollow" if html.get("rel") else "nofollow"
        html["data-method"] = method
    return element("a", content, {**html, "href": url})


def button(title: object, url: str, method: str, given: Any, token: str, remote: bool = False) -> SafeText:
    """A form with a single button that sends METHOD to URL."""
    inner = ""
    if method != "post":
        inner += void("input", {"type": "hidden", "name": "_method", "value": method, "autocomplete": "off"})
    inner += element("button", title, {**options(given), "type": "submit"})
    inner += void("input", {"type": "hidden", "name": "authenticity_token", "value": token, "autocomplete": "off"})
    return _around(url, inner, remote)


def input_button(title: object, url: str, method: str, given: Any, token: str, remote: bool = False) -> SafeText:
    """The same as older releases write it: an `<input>` submits."""
    inner = "" if method == "post" else void("input", {"type": "hidden", "name": "_method", "value": method})
    inner += void("input", {**options(given), "type": "submit", "value": title})
    inner += void("input", {"type": "hidden", "name": "authenticity_token", "value": token})
    return _around(url, inner, remote)


def _around(url: str, inner: str, remote: bool) -> SafeText:
    head = {"class": "button_to", "method": "post", "action": url, "data-remote": "true" if remote else None}
    return element("form", SafeText(inner), head)


def sentence(words: list[str]) -> str:
    """`a`, `a and b`, `a, b, and c`."""
    if len(words) < 3:
        return " and ".join(words)
    return ", ".join(words[:-1]) + f", and {words[-1]}"
