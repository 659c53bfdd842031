# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading requests and refusing them, shared by the model server's endpoints."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from sandbox.models.requests import Refused
from sandbox.models.server import Model


async def read(request: Request) -> dict[str, Any]:
    """The request's JSON object, or vLLM's refusal."""
    try:
        data = json.loads(await request.body())
    except ValueError as error:
        raise Refused(400, f"1 validation error:\n  JSON decode error: {error}", "Bad Request") from None
    if not isinstance(data, dict):
        raise Refused(400, "1 validation error:\n  Input should be a valid dictionary", "Bad Request")
    return data


def refuse_other_task(model: Model, api: str) -> None:
    """A model of another task does not have this interface."""
    served = {
        "chat": ("Chat Completions", "Completions", "Tokenizer", "Responses", "Messages"),
        "completion": ("Completions", "Tokenizer"),
        "embedding": ("Embeddings", "Rerank", "Score", "Tokenizer"),
        "rerank": ("Rerank", "Score", "Tokenizer"),
        "transcription": ("Transcriptions",),
    }[model.task]
    if api not in served:
        raise Refused(400, f"The model does not support {api} API")


def authorize(request: Request, model: Model) -> None:
    """With ``--api-key``, everything below ``/v1`` wants it as a bearer token."""
    if model.api_key and request.url.path.startswith("/v1"):
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token != model.api_key:
            raise Refused(401, "Unauthorized", "AuthenticationError")
