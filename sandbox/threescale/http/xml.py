# SPDX-License-Identifier: GPL-3.0-or-later
"""XML as the real server's builders write it: no white space, nil as an empty element."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


_PART = re.compile(r"<[^>]*>(?:[^<]+</[^>]*>)?")  # a tag, or an element that holds but a text


def element(name: str, value: Any, attributes: dict[str, Any] | None = None) -> str:
    """An element. A dict becomes children, a list of (name, value) pairs children in order,
    another list children named by the singular; None or "" is an empty one.

    Without children, a block's element has an end tag all the same: `<annotations></annotations>`, `<description/>`.
    """
    opening = name + "".join(f" {key}={quoteattr(str(word))}" for key, word in (attributes or {}).items())
    if isinstance(value, dict):
        inner = "".join(element(key, word) for key, word in value.items())
    elif isinstance(value, list):
        inner = "".join(element(*item) if isinstance(item, tuple) else element(_singular(name), item) for item in value)
    elif isinstance(value, Markup):
        inner = value
    elif value is None or value == "":
        inner = ""
    else:
        inner = escape(("true" if value else "false") if isinstance(value, bool) else str(value))
    block = isinstance(value, (dict, list, Markup))
    return f"<{opening}>{inner}</{name}>" if inner or block else f"<{opening}/>"


def _singular(name: str) -> str:
    return name.removesuffix("s")


class Markup(str):
    """Text that is XML already."""

    __slots__ = ()


def document(root: str) -> bytes:
    """A whole document from its root element."""
    return (HEAD + root).encode()


def indented(root: str) -> bytes:
    """A whole document as the real server's views write it: two blanks for each level, texts beside their tags."""
    lines, depth = [HEAD], 0
    for part in _PART.findall(root):
        depth -= part.startswith("</")
        lines.append("  " * depth + part)
        depth += not part.startswith("</") and not part.endswith("/>") and part.count("<") == 1
    return ("\n".join(lines) + "\n").encode()


def error_xml(data: Any) -> bytes:
    """The body of a refusal: `<error>`, `<errors>` with full messages, or nothing (not there, not for this user)."""
    if isinstance(data, dict) and isinstance(data.get("errors"), dict):
        messages = [
            (message if name == "base" else f"{humanize(name)} {message}")
            for name, words in data["errors"].items()
            for message in words
            if message is not None
        ]
        return document(element("errors", [("error", message) for message in messages]))
    if isinstance(data, dict) and "error" in data and isinstance(data["error"], str):
        return document(element("error", data["error"]))
    if isinstance(data, dict) and isinstance(data.get("error"), dict):  # an event of a state machine
        parts = dict(data["error"])
        shown = parts.pop("object", {})
        return document(element("error", {**parts, **shown}))
    return b""


def humanize(name: str) -> str:
    """`private_endpoint` -> `Private endpoint`."""
    return name.replace("_", " ").strip().capitalize()
