# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers as careless servers give them, for the header ``X-Sandbox-Misbehave`` or ``PUT /_sandbox/misbehave``.

Names, several joined by commas:

===================  ===================================================================================
``status:N``         answers with HTTP status N and vLLM's error object
``no_usage``         leaves ``usage`` out, of the body and of the stream
``null_usage``       ``"usage": null``
``string_usage``     the numbers of ``usage`` as strings
``usage_always``     a usage chunk although the request did not ask for it
``usage_in_last``    usage in the chunk that carries ``finish_reason`` instead of one of its own
``usage_continuous`` usage so far in every chunk
``no_done``          the stream ends without ``data: [DONE]``
``cut``              the connection is dropped in the middle of the answer
``error_in_stream``  an error event in the middle, then the end
``crlf``             lines of the stream end with CR LF
``no_space``         ``data:{…}`` without the space
``comments``         a comment line before every event
``split``            the bytes go out in pieces of 7, across lines, events and UTF-8 sequences
``joined``           the whole stream goes out in one piece
``malformed``        a body that is no JSON; in a stream, one event that is none
``wrong_type``       ``Content-Type: text/plain``
``gzip``             compressed, whatever the client accepts
``chunked``          a plain answer without ``Content-Length``
``padded``           200 kB of blanks before the JSON of a plain answer
===================  ===================================================================================
"""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

_KNOWN = (
    "no_usage null_usage string_usage usage_always usage_in_last usage_continuous no_done cut error_in_stream crlf "
    "no_space comments split joined malformed wrong_type gzip chunked padded"
)
NAMES = frozenset(_KNOWN.split())


class Cut(Exception):  # noqa: N818 - not an error of ours but a wish
    """Drop the connection now."""


def parse(text: str) -> frozenset[str]:
    """The names in a header's value; ``ValueError`` for one that is not known."""
    names = frozenset(part.strip() for part in text.split(",") if part.strip())
    unknown = [name for name in sorted(names) if name not in NAMES and not name.startswith("status:")]
    if unknown:
        raise ValueError(f"unknown misbehaviour {', '.join(unknown)}; known: status:N, {', '.join(sorted(NAMES))}")
    return names


def status(names: frozenset[str]) -> int | None:
    """The N of ``status:N``."""
    return next((int(name.split(":", 1)[1]) for name in names if name.startswith("status:")), None)


def usage(usage: dict[str, Any], names: frozenset[str]) -> dict[str, Any] | None:
    """The usage object as this server would show it."""
    if "null_usage" in names:
        return None
    if "string_usage" in names:
        return {key: str(value) if isinstance(value, int) else value for key, value in usage.items()}
    return usage


def event(data: dict[str, Any] | str, names: frozenset[str]) -> bytes:
    """One server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(", ", ": "))
    end = "\r\n" if "crlf" in names else "\n"
    comment = f": ping{end}{end}" if "comments" in names else ""
    space = "" if "no_space" in names else " "
    return f"{comment}data:{space}{text}{end}{end}".encode()


async def arrange(events: AsyncIterator[bytes], names: frozenset[str]) -> AsyncIterator[bytes]:
    """Cut a stream's bytes into the pieces in which they go out."""
    if "joined" in names or "gzip" in names:
        whole = b"".join([piece async for piece in events])
        yield gzip.compress(whole, mtime=0) if "gzip" in names else whole
        return
    async for piece in events:
        if "split" not in names:
            yield piece
            continue
        for start in range(0, len(piece), 7):
            yield piece[start : start + 7]


def body(data: dict[str, Any], names: frozenset[str]) -> bytes:
    """A plain answer's bytes."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if "malformed" in names:
        text = text[: len(text) // 2]
    if "padded" in names:
        text = " " * 200_000 + text
    raw = text.encode()
    return gzip.compress(raw, mtime=0) if "gzip" in names else raw


def headers(names: Iterable[str]) -> dict[str, str]:
    """Headers that go with a misbehaving body."""
    return {"Content-Encoding": "gzip"} if "gzip" in set(names) else {}
