# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers: JSON as the real server writes it, XML, and the headers that every answer carries."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from .errors import ApiError
from .xml import error_xml

JSON = "application/json"
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


@dataclass
class Reply:
    """An answer before it is sent."""

    status: int
    body: bytes = b""
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def dump(data: Any) -> bytes:
    """JSON text with `<`, `>` and `&` escaped."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES).encode()


def json_reply(status: int, data: Any, **headers: str) -> Reply:
    """A JSON answer; `data` None gives an empty body."""
    return Reply(status, b"" if data is None else dump(data), JSON, dict(headers))


def error_reply(error: ApiError, form: str) -> Reply:
    """The answer for a refusal, in the format of the request ("json", "xml" or "csv")."""
    if error.text is not None:
        return Reply(error.status, error.text.encode(), error.media_type or JSON)
    if form == "xml":
        return Reply(error.status, error_xml(error.data), "application/xml")
    if form == "csv" and isinstance(error.data, dict):
        word = error.data.get("error") or error.data.get("status") or ""
        return Reply(error.status, str(word).encode(), "text/plain")
    reply = json_reply(error.status, error.data)
    if error.media_type:
        reply.media_type = error.media_type
    return reply


NOT_FOUND_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>The page you were looking for doesn't exist (404)</title></head>"
    "<body><h1>The page you were looking for doesn't exist.</h1></body></html>\n"
)


def outside_reply(status: int, word: str, accept: str | None, path: str) -> Reply:
    """An answer from outside of any controller (no route, bad body): its format follows `Accept`, not the suffix.

    With no `Accept` the suffix decides; `*/*` means the HTML page (empty where there is none for the status).
    """
    first = (accept or "").split(",")[0].partition(";")[0].strip()
    if not accept and path.endswith(".json"):
        first = JSON
    if first == JSON:
        return json_reply(status, {"status": status, "error": word})
    if first in ("application/xml", "text/xml"):
        return Reply(status, error_xml({"error": word}), "application/xml")
    return Reply(status, NOT_FOUND_PAGE.encode() if status == 404 else b"", "text/html")


def _unchanged(conditions: Mapping[str, str], etag: str, changed: str | None) -> bool:
    """Whether all conditions that the request has say that nothing is new."""
    match, since = conditions.get("if-none-match"), conditions.get("if-modified-since")
    if match is None and since is None:
        return False
    return (match is None or match == etag) and (since is None or not _later(changed, since))


def _later(changed: str | None, since: str) -> bool:
    try:
        return changed is None or parsedate_to_datetime(changed) > parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return True


def finish(reply: Reply, method: str, conditions: Mapping[str, str], seconds: float) -> list[tuple[bytes, bytes]]:
    """The raw headers of an answer. Turns it into a 304 or an empty 204 where the request asks for that.

    CONDITIONS: the request's headers, of which If-None-Match and If-Modified-Since count.
    """
    headers = {
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "X-XSS-Protection": "1; mode=block",
        "Vary": "Accept-Encoding",
        "Cache-Control": "max-age=0, private, must-revalidate",
        "X-Request-Id": str(uuid.uuid4()),
        "X-Runtime": f"{seconds:.6f}",
        **reply.headers,
    }
    if reply.status in (200, 201) and reply.body:
        etag = f'W/"{hashlib.md5(reply.body, usedforsecurity=False).hexdigest()}"'
        headers.setdefault("ETag", etag)
        if method in ("GET", "HEAD") and _unchanged(conditions, etag, headers.get("Last-Modified")):
            reply.status, reply.body = 304, b""
    if reply.status >= 400:
        headers["Cache-Control"] = "no-cache"
    if method == "HEAD":
        reply.status, reply.body = 204 if reply.status == 200 else reply.status, b""
    if reply.status not in (204, 304):
        headers["Content-Type"] = f"{reply.media_type}; charset=utf-8"
        headers["Content-Length"] = str(len(reply.body))
    return [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
