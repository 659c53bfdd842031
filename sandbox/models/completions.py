# SPDX-License-Identifier: GPL-3.0-or-later
"""``/v1/chat/completions`` and ``/v1/completions``: plain and streamed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from sandbox.common.control import sever
from sandbox.models import misbehave, structured
from sandbox.models import requests as wanted
from sandbox.models.generate import Answer
from sandbox.models.http import read, refuse_other_task
from sandbox.models.server import Server, chunks, envelope, plain, usage


class Severable(StreamingResponse):
    """A streamed response whose source may ask for the connection to be dropped (``misbehave.Cut``)."""

    severed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.body_iterator = self._until_cut(self.body_iterator)

        async def relay(message: Message) -> None:
            if not (self.severed and message["type"] == "http.response.body" and not message.get("more_body")):
                await send(message)

        await super().__call__(scope, receive, relay)
        if self.severed:
            await asyncio.sleep(0.05)  # what was written goes out first
            sever(scope)

    async def _until_cut(self, source: AsyncIterable[Any]) -> AsyncIterator[Any]:
        try:
            async for piece in source:
                yield piece
        except misbehave.Cut:
            self.severed = True


class Completion:
    """One request's way through the server."""

    def __init__(self, server: Server, request: Request, names: frozenset[str], chat: bool) -> None:
        self.server, self.request, self.names, self.chat = server, request, names, chat
        self.started = time.monotonic()

    async def respond(self) -> Response:
        """Check, generate, answer."""
        refuse_other_task(self.server.model, "Chat Completions" if self.chat else "Completions")
        data = await read(self.request)
        model = wanted.model_of(data, self.server.model.names)
        check = wanted.chat if self.chat else wanted.completion
        options = check(data, self.server.model.context)
        answers = structured.shaped(data, self.server.answers(options))
        base = envelope(model, self.chat, options.stream)
        if options.stream:
            return self._streamed(base, options, answers)
        await asyncio.sleep(self.server.model.token_delay * sum(len(a.tokens) for a in answers))
        given = sum(len(answer.tokens) for answer in answers)
        body = plain(base, options, answers, self.chat)
        if "no_usage" not in self.names:
            body["usage"] = misbehave.usage(usage(options.prompt_tokens, given), self.names)
        self._account(options, given, [answer.finish_reason for answer in answers])
        raw = misbehave.body(body, self.names)
        kind = "text/plain" if "wrong_type" in self.names else "application/json"
        headers = misbehave.headers(self.names)
        if "cut" in self.names:
            return Severable(_cut(raw), media_type=kind, headers=headers)
        if "chunked" in self.names:
            return StreamingResponse(_halves(raw), media_type=kind, headers=headers)
        return Response(raw, media_type=kind, headers=headers)

    def _account(self, options: wanted.Options, given: int, reasons: list[str]) -> None:
        path = self.request.url.path
        self.server.record(path, dict(self.request.headers), options.prompt_tokens, given, reasons)
        self.server.metrics.latency.observe(time.monotonic() - self.started)

    def _streamed(self, base: dict[str, Any], options: wanted.Options, answers: list[Answer]) -> Response:
        events = self._events(base, options, answers)
        kind = "text/plain" if "wrong_type" in self.names else "text/event-stream"
        return Severable(misbehave.arrange(events, self.names), media_type=kind, headers=misbehave.headers(self.names))

    async def _events(
        self, base: dict[str, Any], options: wanted.Options, answers: list[Answer]
    ) -> AsyncIterator[bytes]:
        metrics, names = self.server.metrics, self.names
        total = sum(len(answer.tokens) for answer in answers)
        metrics.running += 1
        given = 0
        reasons: list[str] = []
        try:
            for chunk, now in chunks(base, options, answers, self.chat):
                if now == 1 and given == 0:
                    metrics.first_token.observe(time.monotonic() - self.started)
                if now > given:
                    await asyncio.sleep(self.server.model.token_delay)
                    if given < total // 2 <= now:
                        for piece in self._halfway():
                            yield piece
                given = now
                reasons += [c["finish_reason"] for c in chunk["choices"] if c["finish_reason"]]
                self._add_usage(chunk, options, given)
                yield misbehave.event(chunk, names)
            for piece in self._last(base, options, given):
                yield piece
        finally:
            metrics.running -= 1
            self._account(options, given, reasons or ["abort"])

    def _halfway(self) -> list[bytes]:
        """What a misbehaving stream does in its middle."""
        if "cut" in self.names:
            raise misbehave.Cut
        if "malformed" in self.names:
            return [misbehave.event('{"id": "broken', self.names)]
        if "error_in_stream" in self.names:
            error = {"message": "EngineCore encountered an issue.", "type": "InternalServerError", "code": 500}
            return [misbehave.event({"error": error}, self.names)]
        return []

    def _add_usage(self, chunk: dict[str, Any], options: wanted.Options, given: int) -> None:
        finished = any(choice["finish_reason"] for choice in chunk["choices"])
        continuous = (options.continuous_usage and options.include_usage) or "usage_continuous" in self.names
        if (continuous or ("usage_in_last" in self.names and finished)) and "no_usage" not in self.names:
            chunk["usage"] = misbehave.usage(usage(options.prompt_tokens, given), self.names)

    def _last(self, base: dict[str, Any], options: wanted.Options, given: int) -> list[bytes]:
        """The usage chunk and the end mark."""
        out: list[bytes] = []
        forced = self.server.model.force_usage or "usage_always" in self.names
        asked = options.include_usage or forced
        if asked and not {"no_usage", "usage_in_last"} & self.names:
            shown = misbehave.usage(usage(options.prompt_tokens, given), self.names)
            out.append(misbehave.event({**base, "choices": [], "usage": shown}, self.names))
        if "no_done" not in self.names:
            out.append(misbehave.event("[DONE]", self.names))
        return out


async def _halves(raw: bytes) -> AsyncIterator[bytes]:
    middle = len(raw) // 2
    yield raw[:middle]
    yield raw[middle:]


async def _cut(raw: bytes) -> AsyncIterator[bytes]:
    yield raw[: len(raw) // 2]
    raise misbehave.Cut
