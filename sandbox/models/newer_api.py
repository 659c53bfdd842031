# SPDX-License-Identifier: GPL-3.0-or-later
"""``/v1/responses`` of OpenAI and ``/v1/messages`` of Anthropic, as vLLM serves them: tokens under own names."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from sandbox.models import requests as wanted
from sandbox.models.generate import Answer
from sandbox.models.http import read, refuse_other_task
from sandbox.models.server import Server

Event = tuple[str, dict[str, Any]]


async def _answer(server: Server, request: Request, data: dict[str, Any], limit: str) -> tuple[Answer, dict[str, int]]:
    asked = {"messages": data["messages"], "model": data.get("model")}
    if data.get(limit) is not None:
        asked["max_tokens"] = data[limit]
    options = wanted.chat(asked, server.model.context)
    answer = server.answers(options)[0]
    given = len(answer.tokens)
    headers = dict(request.headers)
    server.record(request.url.path, headers, options.prompt_tokens, given, [answer.finish_reason])
    return answer, {"input_tokens": options.prompt_tokens, "output_tokens": given}


async def responses(server: Server, request: Request, _names: frozenset[str]) -> Response:
    """``POST /v1/responses`` with ``{"model", "input", "max_output_tokens"?, "stream"?}``."""
    refuse_other_task(server.model, "Responses")
    data = await read(request)
    model = wanted.model_of(data, server.model.names)
    question = data.get("input")
    data["messages"] = question if isinstance(question, list) else [{"role": "user", "content": question or ""}]
    answer, counted = await _answer(server, request, data, "max_output_tokens")
    text = {"type": "output_text", "text": answer.text, "annotations": []}
    body = {
        "id": f"resp_{uuid.uuid4().hex}",
        "object": "response",
        "status": "completed",
        "model": model,
        "output": [{"type": "message", "role": "assistant", "status": "completed", "content": [text]}],
        "usage": {**counted, "total_tokens": sum(counted.values()), "input_tokens_details": {"cached_tokens": 0}},
    }
    if not data.get("stream"):
        return JSONResponse(body)
    begun = {**body, "status": "in_progress", "output": [], "usage": None}
    events: list[Event] = [("response.created", {"response": begun})]
    events += [("response.output_text.delta", {"delta": piece}) for piece in answer.tokens]
    return _streamed([*events, ("response.completed", {"response": body})])


async def messages(server: Server, request: Request, _names: frozenset[str]) -> Response:
    """``POST /v1/messages`` with ``{"model", "messages", "max_tokens", "stream"?}``."""
    refuse_other_task(server.model, "Messages")
    data = await read(request)
    model = wanted.model_of(data, server.model.names)
    if data.get("max_tokens") is None:
        raise wanted.Refused(400, "1 validation error:\n  Field required: max_tokens", "Bad Request", "max_tokens")
    data.setdefault("messages", [])
    answer, counted = await _answer(server, request, data, "max_tokens")
    reason = "max_tokens" if answer.finish_reason == "length" else "end_turn"
    body = {
        "id": f"msg_{uuid.uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": answer.text}],
        "stop_reason": reason,
        "usage": counted,
    }
    if not data.get("stream"):
        return JSONResponse(body)
    begun = {**body, "content": [], "stop_reason": None, "usage": counted | {"output_tokens": 0}}
    opened = {"index": 0, "content_block": {"type": "text", "text": ""}}
    events: list[Event] = [("message_start", {"message": begun}), ("content_block_start", opened)]
    events += [
        ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": piece}}) for piece in answer.tokens
    ]
    events.append(("content_block_stop", {"index": 0}))
    events.append(("message_delta", {"delta": {"stop_reason": reason}, "usage": counted}))
    return _streamed([*events, ("message_stop", {})])


def _streamed(events: list[Event]) -> Response:
    def lines() -> Iterator[str]:
        for kind, data in events:
            yield f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")
