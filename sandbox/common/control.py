# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls that every server of the sandbox answers: ``/_sandbox/counters`` and ``/_sandbox/faults``.

Faults are the ones of the design: ``[{"match": {"method", "path"}, "do": KIND, "times": n, …}]`` where ``path`` is a
regular expression searched in the request's path. Kinds: ``latency`` (``seconds``: number or ``[least, most]``),
``429`` (``retry_after`` seconds), ``500_before`` and ``500_after`` (the request's work), ``drop_before`` and
``drop_after`` (connection closed without an answer), ``truncate`` (``bytes`` of the body, then closed), ``slow``
(``seconds`` between pieces of 64 bytes).
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KINDS = ("latency", "429", "500_before", "500_after", "drop_before", "drop_after", "truncate", "slow")
READS = ("GET", "HEAD", "OPTIONS")


@dataclass
class Fault:
    """One fault and how often it is still to happen (None: always)."""

    kind: str
    method: str | None = None
    path: str = ""
    times: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: Any) -> Fault:
        """Read one entry of the list; ``ValueError`` says what is wrong with it."""
        if not isinstance(data, dict) or str(data.get("do")) not in KINDS:
            raise ValueError(f"a fault is an object whose 'do' is one of {', '.join(KINDS)}; got {data!r}")
        match = data.get("match") or {}
        options = {k: v for k, v in data.items() if k not in ("do", "match", "times")}
        return cls(str(data["do"]), match.get("method"), match.get("path") or "", data.get("times"), options)

    def matches(self, method: str, path: str) -> bool:
        """Is it this request's turn?"""
        if self.times is not None and self.times <= 0:
            return False
        return (self.method is None or self.method.upper() == method) and re.search(self.path, path) is not None

    def shown(self) -> dict[str, Any]:
        """The entry as GET shows it."""
        return {
            "do": self.kind,
            "match": {"method": self.method, "path": self.path},
            "times": self.times,
            **self.options,
        }


def sever(scope: Scope) -> None:
    """Close the connection without an answer. ASGI has no word for it, so ``Control`` keeps uvicorn's transport."""
    transport = getattr(getattr(scope.get("sandbox.send"), "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("the server does not let a connection be dropped")
    transport.abort()


class Control:
    """ASGI wrapper that counts requests, plays faults and answers ``/_sandbox/…`` (neither counted nor faulted)."""

    def __init__(self, app: ASGIApp, is_write: Callable[[str, str], bool] | None = None) -> None:
        self.app = app
        self.is_write = is_write or (lambda method, _path: method not in READS)
        self.faults: list[Fault] = []
        self.total = 0
        self.writes = 0
        self.by_path: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["sandbox.send"] = send
        method, path = scope["method"], scope["path"]
        if path in ("/_sandbox/counters", "/_sandbox/faults"):
            response = await self._answer(Request(scope, receive), path)
            await response(scope, receive, send)
            return
        if path.startswith("/_sandbox/"):
            await self.app(scope, receive, send)
            return
        self.total += 1
        self.writes += self.is_write(method, path)
        self.by_path[f"{method} {path}"] += 1
        await self._play(self._due(method, path), scope, receive, send)

    def _due(self, method: str, path: str) -> Fault | None:
        fault = next((f for f in self.faults if f.matches(method, path)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        return fault

    async def _answer(self, request: Request, path: str) -> Response:
        if path == "/_sandbox/counters":
            if request.method == "DELETE":
                self.total, self.writes, self.by_path = 0, 0, Counter()
            return JSONResponse(
                {
                    "total": self.total,
                    "writes": self.writes,
                    "dry_runs": 0,
                    "by_path": dict(sorted(self.by_path.items())),
                }
            )
        if request.method == "DELETE":
            self.faults = []
        elif request.method == "PUT":
            try:
                self.faults = [Fault.parse(entry) for entry in json.loads(await request.body())]
            except (ValueError, TypeError) as error:
                return JSONResponse({"error": str(error)}, 400)
        return JSONResponse([fault.shown() for fault in self.faults])

    async def _play(self, fault: Fault | None, scope: Scope, receive: Receive, send: Send) -> None:
        kind = fault.kind if fault else ""
        options = fault.options if fault else {}
        if kind == "latency":
            await asyncio.sleep(_seconds(options.get("seconds", 1)))
        elif kind == "429":
            after = options.get("retry_after")
            headers = {} if after is None else {"Retry-After": str(after)}
            await JSONResponse({"error": "Too Many Requests"}, 429, headers)(scope, receive, send)
            return
        elif kind == "500_before":
            await JSONResponse({"error": "Internal Server Error"}, 500)(scope, receive, send)
            return
        elif kind == "drop_before":
            sever(scope)
            return
        elif kind in ("500_after", "drop_after"):
            await self.app(scope, receive, _swallow)
            if kind == "drop_after":
                sever(scope)
            else:
                await JSONResponse({"error": "Internal Server Error"}, 500)(scope, receive, send)
            return
        elif kind in ("truncate", "slow"):
            send = _cut(scope, send, int(options.get("bytes", 16))) if kind == "truncate" else _slow(send, options)
        await self.app(scope, receive, send)


def _seconds(value: Any) -> float:
    return random.uniform(*value) if isinstance(value, list) else float(value)


async def _swallow(_message: Message) -> None:
    return None


def _cut(scope: Scope, send: Send, left: int) -> Send:
    """Let ``left`` bytes of the body through, then drop the connection."""
    closed = False

    async def wrapped(message: Message) -> None:
        nonlocal left, closed
        if closed:
            return
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            if len(body) > left or not message.get("more_body"):
                await send({"type": "http.response.body", "body": body[:left], "more_body": True})
                await asyncio.sleep(0.05)  # what was written goes out before the connection is dropped
                closed = True
                sever(scope)
                return
            left -= len(body)
        await send(message)

    return wrapped


def _slow(send: Send, options: dict[str, Any]) -> Send:
    pause = float(options.get("seconds", 0.1))

    async def wrapped(message: Message) -> None:
        body = message.get("body", b"") if message["type"] == "http.response.body" else b""
        if len(body) <= 64:
            await send(message)
            return
        for start in range(0, len(body), 64):
            last = start + 64 >= len(body)
            more = bool(message.get("more_body")) or not last
            await send({"type": "http.response.body", "body": body[start : start + 64], "more_body": more})
            await asyncio.sleep(pause)

    return wrapped
