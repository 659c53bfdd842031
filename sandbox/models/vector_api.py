# SPDX-License-Identifier: GPL-3.0-or-later
"""Embeddings: OpenAI's ``/v1/embeddings`` and text-embeddings-inference's ``/embed``, ``/rerank``, ``/info``."""

from __future__ import annotations

import base64
import struct
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.models import tokens, vectors
from sandbox.models.http import read, refuse_other_task
from sandbox.models.requests import Refused, model_of
from sandbox.models.server import Server, embedding_tokens

MAX_BATCH = 32


class TeiError(Exception):
    """An answer in the form of text-embeddings-inference: ``{"error", "error_type"}``."""

    def __init__(self, code: int, message: str, kind: str) -> None:
        super().__init__(message)
        self.code, self.body = code, {"error": message, "error_type": kind}


def _texts(value: Any, name: str) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return list(value)
    raise TeiError(422, f"`{name}` must be a string or a list of strings and cannot be empty", "Validation")


def _check(server: Server, texts: list[str], truncate: bool) -> list[str]:
    if len(texts) > MAX_BATCH:
        raise TeiError(413, f"batch size {len(texts)} > maximum allowed batch size {MAX_BATCH}", "Validation")
    limit = server.model.context
    longest = max(embedding_tokens([text]) for text in texts)
    if longest > limit and not truncate:
        raise TeiError(413, f"`inputs` must have less than {limit} tokens. Given: {longest}", "Validation")
    return ["".join(tokens.pieces(text)[: limit - 2]) for text in texts]


def _account(server: Server, request: Request, texts: list[str], started: float) -> int:
    spent = embedding_tokens(texts)
    server.record(request.url.path, dict(request.headers), spent, 0, ["stop"])
    server.metrics.latency.observe(time.monotonic() - started)
    return spent


async def openai(server: Server, request: Request, names: frozenset[str]) -> Response:
    """``POST /v1/embeddings``."""
    started = time.monotonic()
    refuse_other_task(server.model, "Embeddings")
    data = await read(request)
    model = model_of(data, server.model.names)
    try:
        texts = _check(server, _texts(data.get("input"), "input"), truncate=False)
    except TeiError as error:
        raise Refused(400 if error.code == 413 else 422, str(error), "Bad Request", "input") from None
    size = int(data.get("dimensions") or server.model.vector_size)
    encode = _packed if data.get("encoding_format") == "base64" else list
    entries = [
        {"object": "embedding", "index": index, "embedding": encode(vectors.embed(text, size))}
        for index, text in enumerate(texts)
    ]
    spent = _account(server, request, texts, started)
    body: dict[str, Any] = {"object": "list", "data": entries, "model": model}
    if "no_usage" not in names:
        body["usage"] = {"prompt_tokens": spent, "total_tokens": spent}
    return JSONResponse(body)


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


async def embed(server: Server, request: Request) -> Response:
    """``POST /embed``: ``{"inputs", "normalize"?, "truncate"?}`` → a list of vectors."""
    started = time.monotonic()
    if server.model.task != "embedding":
        raise TeiError(424, "Model is not an embedding model", "Backend")
    data = await read(request)
    texts = _check(server, _texts(data.get("inputs"), "inputs"), bool(data.get("truncate")))
    normalize = data.get("normalize", True) is not False
    _account(server, request, texts, started)
    return JSONResponse([vectors.embed(text, server.model.vector_size, normalize) for text in texts])


async def rerank(server: Server, request: Request) -> Response:
    """``POST /rerank``: ``{"query", "texts", "raw_scores"?, "return_text"?}`` → ``[{"index", "score", "text"?}]``."""
    started = time.monotonic()
    if server.model.task != "rerank":
        raise TeiError(424, "Backend error: model is not a re-ranker model", "Backend")
    data = await read(request)
    query = _texts(data.get("query"), "query")[0]
    texts = _check(server, _texts(data.get("texts"), "texts"), bool(data.get("truncate")))
    _account(server, request, [query + text for text in texts], started)
    found = [
        {"index": index, "score": vectors.relevance(query, text, bool(data.get("raw_scores")))}
        | ({"text": text} if data.get("return_text") else {})
        for index, text in enumerate(texts)
    ]
    return JSONResponse(sorted(found, key=lambda entry: (-float(entry["score"]), entry["index"])))


async def tokenize(_server: Server, request: Request) -> Response:
    """``POST /tokenize``: ``{"inputs"}`` → for each text its tokens."""
    texts = _texts((await read(request)).get("inputs"), "inputs")
    return JSONResponse([_placed(text) for text in texts])


def _placed(text: str) -> list[dict[str, Any]]:
    found, start = [], 0
    for piece, number in zip(tokens.pieces(text), tokens.ids(text), strict=True):
        found.append({"id": number, "text": piece, "special": False, "start": start, "stop": start + len(piece)})
        start += len(piece)
    return found


async def similarity(server: Server, request: Request) -> Response:
    """``POST /similarity``: ``{"inputs": {"source_sentence", "sentences"}}`` → a number for each sentence."""
    if server.model.task != "embedding":
        raise TeiError(424, "Model is not an embedding model", "Backend")
    inputs = (await read(request)).get("inputs")
    if not isinstance(inputs, dict):
        raise TeiError(422, "`inputs` must be an object", "Validation")
    source, sentences = _texts(inputs.get("source_sentence"), "source_sentence")[0], inputs.get("sentences")
    texts = _check(server, _texts(sentences, "sentences"), truncate=False)
    _account(server, request, [source, *texts], time.monotonic())
    return JSONResponse([vectors.relevance(source, text) for text in texts])


async def info(server: Server, _request: Request) -> Response:
    """``GET /info`` of text-embeddings-inference."""
    kind: dict[str, Any] = {"embedding": {"pooling": "mean"}}
    if server.model.task == "rerank":
        kind = {"reranker": {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}}
    return JSONResponse(
        {
            "model_id": server.model.root or server.model.names[0],
            "model_sha": None,
            "model_dtype": "float32",
            "model_type": kind,
            "max_concurrent_requests": 512,
            "max_input_length": server.model.context,
            "max_client_batch_size": MAX_BATCH,
            "version": "1.5.0",
        }
    )
