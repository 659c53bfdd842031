# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: N818 (named after what happened)
"""Faults on demand: `PUT /_sandbox/faults` with a list of rules, DELETE clears.

A rule: {"match": {"method": "POST", "path": "regular expression", "host": "…"}, "do": KIND, "times": n} (no times:
always) and
| do | further keys | what happens |
| --- | --- | --- |
| latency | seconds or ms (a number, or [least, most]), or from and to | wait before the request is handled |
| 409, 429, 503 | retry_after, body | refused, nothing done |
| 500_before, 500_after | – | 500 without, or after, the work |
| drop_before, drop_after | – | the connection is closed without an answer, before or after the work |
| truncate | bytes | the answer's body ends early |
| slow | seconds | the answer's body comes in pieces over that time |
| token_expired, token_read_only | – | the request's access token has expired, or may only read |
| lag | seconds | background work takes so long: usages of deleted products, tokens of new ones |
| races | from, to (seconds), together | what the real server gets wrong under concurrent writers: `races.py` |
"""

from __future__ import annotations

import asyncio
import random
import re
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .http.respond import dump
from .races import Races, outcome
from .sandbox import Sandbox

KINDS = (
    "latency",
    "409",
    "429",
    "503",
    "500_before",
    "500_after",
    "drop_before",
    "drop_after",
    "truncate",
    "slow",
    "token_expired",
    "token_read_only",
    "lag",
    "races",
)


KEYS = {"match", "do", "times", "seconds", "ms", "from", "to", "together", "retry_after", "body", "bytes"}


class BadRule(ValueError):
    """A rule that can't be used; the message says which and why."""


class Rule:
    """One fault."""

    def __init__(self, given: Any) -> None:
        if not isinstance(given, dict) or str(given.get("do")) not in KINDS:
            raise BadRule(f'a fault needs "do", one of {", ".join(KINDS)}: {given!r}')
        if set(given) - KEYS:
            raise BadRule(f"a fault knows no {', '.join(sorted(set(given) - KEYS))}, only {', '.join(sorted(KEYS))}")
        match = given.get("match") or {}
        self.given, self.do, self.left = given, str(given["do"]), given.get("times")
        self.method = str(match.get("method", "")).upper()
        try:
            self.path = re.compile(str(match.get("path", "")))
            self.host = re.compile(str(match.get("host", "")))
        except re.error as error:
            raise BadRule(f"a fault's path and host are regular expressions: {error}") from error

    def takes(self, scope: Scope) -> bool:
        """Whether the rule is for this request; counts it down."""
        if self.left == 0 or (self.method and self.method != scope["method"]):
            return False
        if not self.path.search(scope["path"]) or not self.host.search(_host(scope)):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """The rules in force."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.rules: list[Rule] = []
        self.races = Races()

    def replace(self, given: Any) -> None:
        """Put these rules in force instead of the present ones. Raises `BadRule`."""
        if not isinstance(given, list):
            raise BadRule("faults are a JSON list")
        self.rules = [Rule(one) for one in given]
        self.races = Races()
        self.sandbox.lag = max((_seconds(rule.given) for rule in self.rules if rule.do == "lag"), default=0.0)

    def clear(self) -> None:
        """No faults from now on."""
        self.replace([])

    async def around(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request with the faults that are meant for it."""
        taken = [rule for rule in self.rules if rule.takes(scope)] if self.rules else []
        if not taken:
            await app(scope, receive, send)
            return
        for rule in taken:
            if rule.do == "latency":
                await asyncio.sleep(_seconds(rule.given))
            elif rule.do in ("token_expired", "token_read_only"):
                scope.setdefault("threescale.faults", set()).add(rule.do)
        for rule in taken:
            if rule.do in ("409", "429", "503", "500_before", "500_after"):
                await self._refuse(rule, app, scope, receive, send)
                return
            if rule.do in ("drop_before", "drop_after", "truncate", "slow"):
                await self._spoil(rule, app, scope, receive, send)
                return
        racing = next((rule for rule in taken if rule.do == "races"), None)
        if racing is not None and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            await self._race(racing, app, scope, receive, send)
            return
        await app(scope, receive, send)

    async def _race(self, rule: Rule, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        host, path = _host(scope), scope["path"]
        arrived = self.races.arrive()
        await self.races.together(host, path, int(rule.given.get("together", 1)))
        await asyncio.sleep(random.uniform(float(rule.given.get("from", 0.01)), float(rule.given.get("to", 0.05))))
        async with self.races.turn(host, path):
            what = outcome(scope["method"], path) if self.races.overtaken(host, path, arrived) else "none"
            if what in ("none", "lenient"):
                scope.setdefault("threescale.faults", set()).update({what} - {"none"})
                await app(scope, receive, send)
                self.races.written(host, path)
                return
        if what == "deadlock":
            await asyncio.sleep(1)
        status = 409 if what == "conflict" else 500
        await _send(send, status, {"status": status, "error": _WORDS[status]})

    async def _refuse(self, rule: Rule, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.do == "500_after":
            await app(scope, receive, _discard)
        status = int(rule.do.partition("_")[0])
        headers = []
        if "retry_after" in rule.given:
            headers.append((b"retry-after", str(rule.given["retry_after"]).encode()))
        await _send(send, status, rule.given.get("body", {"status": status, "error": _WORDS[status]}), headers)

    async def _spoil(self, rule: Rule, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        if rule.do != "drop_before":
            await app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in kept)
        if rule.do == "slow":
            await send(kept[0])
            pieces = 10
            for at in range(pieces):
                part = body[at * len(body) // pieces : (at + 1) * len(body) // pieces]
                await send({"type": "http.response.body", "body": part, "more_body": at < pieces - 1})
                await asyncio.sleep(_seconds(rule.given) / pieces)
            return
        if rule.do == "truncate":
            await send(kept[0])
            length = int(rule.given.get("bytes", len(body) // 2))
            await send({"type": "http.response.body", "body": body[:length], "more_body": True})
            await asyncio.sleep(0.02)  # what was sent so far should leave before the connection is cut
        _cut(scope)


def _host(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")


async def _send(send: Send, status: int, data: Any, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    body = b"" if data is None else dump(data)
    raw = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*raw, *(headers or [])]})
    await send({"type": "http.response.body", "body": body})


_WORDS = {409: "Conflict", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}


def _seconds(given: dict[str, Any]) -> float:
    """The time that a rule names; a random one where it names two ends."""
    if "from" in given or "to" in given:
        return random.uniform(float(given.get("from", 0)), float(given.get("to", 1)))
    named, unit = (given["ms"], 1000.0) if "ms" in given else (given.get("seconds", 1), 1.0)
    if isinstance(named, list):
        return random.uniform(float(named[0]), float(named[1])) / unit
    return float(named) / unit


async def _discard(_message: Message) -> None:
    return


def _cut(scope: Scope) -> None:
    """Close the connection of a request without a word."""
    for connection in list(scope.get("threescale.connections", ())):
        transport = getattr(connection, "transport", None)
        if transport is not None and transport.get_extra_info("peername")[:2] == tuple(scope["client"] or ())[:2]:
            transport.abort()
            return
