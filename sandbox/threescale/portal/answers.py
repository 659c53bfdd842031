# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of the portal before they are sent, and the refusals that end a request."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from ..http.xml import element, error_xml, indented
from .templating.values import escape


@dataclass
class Answer:
    """An answer. MEDIA_TYPE without charset; HEADERS add to and replace the portal's own."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)
    charset: bool = True


class RefusalError(Exception):
    """Ends a request with an error page: "not_found", "forbidden" or "internal_server_error"."""

    STATUS = {"not_found": 404, "forbidden": 403, "internal_server_error": 500}  # noqa: RUF012

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind, self.status = kind, self.STATUS[kind]

    @property
    def title(self) -> str:
        """`Not found` and so on."""
        return self.kind.replace("_", " ").capitalize()


class NotThereError(RefusalError):
    """404."""

    def __init__(self) -> None:
        super().__init__("not_found")


class NotAllowedError(RefusalError):
    """403. RESET: the session ends too, as after a wrong CSRF token."""

    def __init__(self, reset: bool = False) -> None:
        super().__init__("forbidden")
        self.reset = reset


def html(text: str, status: int = 200) -> Answer:
    """A page."""
    return Answer(status, text.encode())


def plain(text: str, status: int = 200) -> Answer:
    """Plain text."""
    return Answer(status, text.encode(), "text/plain")


def data(value: Any, status: int = 200) -> Answer:
    """JSON."""
    return Answer(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), "application/json")


def redirect(url: str, status: int = 302) -> Answer:
    """Elsewhere, with the little page that the server sends along."""
    body = f'<html><body>You are being <a href="{escape(url)}">redirected</a>.</body></html>'
    return Answer(status, body.encode(), headers={"Location": url})


BROKEN = html(
    "<!DOCTYPE html>\n<html>\n<head><title>We're sorry, but something went wrong (500)</title></head>\n"
    "<body><h1>We're sorry, but something went wrong.</h1></body>\n</html>\n",
    500,
)


def problem(text: str, status: int, form: str) -> Answer:
    """One sentence about what is wrong, in the format that was asked for; plain text for all others."""
    if form == "json":
        return data({"error": text}, status)
    if form == "xml":
        return Answer(status, error_xml({"error": text}), "application/xml")
    return plain(text, status)


def failed(form: str) -> Answer:
    """Status 500 as it looks outside of any page: JSON, XML, else the static page."""
    words = {"status": 500, "error": "Internal Server Error"}
    if form == "json":
        return data(words, 500)
    if form == "xml":
        shown = element("hash", [("status", 500), ("to_xml", None), ("error", words["error"])])
        return Answer(500, indented(shown), "application/xml")
    return BROKEN


def etag(body: bytes) -> str:
    """A weak tag of the content."""
    return f'W/"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
