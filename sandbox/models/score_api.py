# SPDX-License-Identifier: GPL-3.0-or-later
"""vLLM's ``/rerank``, ``/v1/rerank`` and ``/score``: the bodies of Jina and Cohere, not those of TEI."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.models import vectors
from sandbox.models.http import read, refuse_other_task
from sandbox.models.requests import Refused, model_of
from sandbox.models.server import Server, embedding_tokens


def _wanted(data: dict[str, Any], name: str) -> list[str]:
    value = data.get(name)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Refused(400, f"1 validation error:\n  Field required: {name}", "Bad Request", name)
    return texts


def _record(server: Server, request: Request, texts: list[str]) -> dict[str, int]:
    spent = embedding_tokens(texts)
    server.record(request.url.path, dict(request.headers), spent, 0, ["stop"])
    return {"prompt_tokens": spent, "total_tokens": spent}


async def rerank(server: Server, request: Request, _names: frozenset[str]) -> Response:
    """``{"model", "query", "documents", "top_n"?}`` → ``{"results": [{"index", "document", "relevance_score"}]}``."""
    refuse_other_task(server.model, "Rerank")
    data = await read(request)
    model = model_of(data, server.model.names)
    query, documents = _wanted(data, "query")[0], _wanted(data, "documents")
    scored = [(vectors.relevance(query, text), number) for number, text in enumerate(documents)]
    scored.sort(key=lambda item: (-item[0], item[1]))
    chosen = scored[: int(data.get("top_n") or len(scored))]
    results = [{"index": n, "document": {"text": documents[n]}, "relevance_score": score} for score, n in chosen]
    usage = _record(server, request, [query, *documents])
    body = {"id": f"rerank-{uuid.uuid4().hex}", "model": model, "usage": usage, "results": results}
    return JSONResponse(body)


async def score(server: Server, request: Request, _names: frozenset[str]) -> Response:
    """``{"model", "text_1", "text_2"}`` → ``{"data": [{"index", "object": "score", "score"}]}``."""
    refuse_other_task(server.model, "Score")
    data = await read(request)
    model = model_of(data, server.model.names)
    first, second = _wanted(data, "text_1"), _wanted(data, "text_2")
    pairs = [(first[0] if len(first) == 1 else first[number % len(first)], text) for number, text in enumerate(second)]
    entries = [
        {"index": number, "object": "score", "score": vectors.relevance(one, two)}
        for number, (one, two) in enumerate(pairs)
    ]
    usage = _record(server, request, [text for pair in pairs for text in pair])
    return JSONResponse(
        {"id": f"score-{uuid.uuid4().hex}", "object": "list", "model": model, "data": entries, "usage": usage}
    )
