# SPDX-License-Identifier: GPL-3.0-or-later
"""The model server's routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sandbox.common.control import Control
from sandbox.models import misbehave, newer_api, score_api, tokens, vector_api
from sandbox.models.completions import Completion
from sandbox.models.http import authorize, read, refuse_other_task
from sandbox.models.requests import Refused
from sandbox.models.server import Model, Server

Endpoint = Callable[[Request], Awaitable[Response]]
Work = Callable[[Server, Request, frozenset[str]], Awaitable[Response]]


async def _chat(server: Server, request: Request, names: frozenset[str]) -> Response:
    return await Completion(server, request, names, chat=True).respond()


async def _completion(server: Server, request: Request, names: frozenset[str]) -> Response:
    return await Completion(server, request, names, chat=False).respond()


async def _models(server: Server, _request: Request, _names: frozenset[str]) -> Response:
    return JSONResponse(server.card())


async def _health(_server: Server, _request: Request, _names: frozenset[str]) -> Response:
    return Response()


async def _version(_server: Server, _request: Request, _names: frozenset[str]) -> Response:
    return JSONResponse({"version": "0.11.0"})


async def _metrics(server: Server, _request: Request, _names: frozenset[str]) -> Response:
    return PlainTextResponse(server.metrics.render())


async def _tokenize(server: Server, request: Request, _names: frozenset[str]) -> Response:
    refuse_other_task(server.model, "Tokenizer")
    data = await read(request)
    if "messages" in data:
        number, found = tokens.count_messages(data["messages"]), []
    else:
        found = tokens.ids(str(data.get("prompt") or ""))
        number = len(found)
    return JSONResponse({"count": number, "max_model_len": server.model.context, "tokens": found, "token_strs": None})


async def _transcription(server: Server, request: Request, _names: frozenset[str]) -> Response:
    refuse_other_task(server.model, "Transcriptions")
    async with request.form() as form:
        upload = form.get("file")
        if upload is None or isinstance(upload, str):
            raise Refused(400, "1 validation error:\n  Field required: file", "Bad Request", "file")
        size = len(await upload.read())
    text = f"A recording of {size} bytes."
    server.record(request.url.path, dict(request.headers), 0, tokens.count(text), ["stop"])
    return JSONResponse({"text": text, "usage": {"type": "duration", "seconds": max(1, size // 32000)}})


def _tei(work: Callable[[Server, Request], Awaitable[Response]]) -> Work:
    async def answer(server: Server, request: Request, _names: frozenset[str]) -> Response:
        return await work(server, request)

    return answer


_ALL: tuple[tuple[str, str, Work], ...] = (
    ("POST", "/v1/embeddings", vector_api.openai),
    ("GET", "/health", _health),
    ("GET", "/ping", _health),
    ("GET", "/metrics", _metrics),
)
#: each program has routes of its own; what it does not have is 404
ROUTES: dict[str, tuple[tuple[str, str, Work], ...]] = {
    "vllm": (
        *_ALL,
        ("GET", "/v1/models", _models),
        ("POST", "/v1/chat/completions", _chat),
        ("POST", "/v1/completions", _completion),
        ("POST", "/v1/responses", newer_api.responses),
        ("POST", "/v1/messages", newer_api.messages),
        ("POST", "/v1/audio/transcriptions", _transcription),
        ("POST", "/tokenize", _tokenize),
        ("POST", "/rerank", score_api.rerank),
        ("POST", "/v1/rerank", score_api.rerank),
        ("POST", "/score", score_api.score),
        ("POST", "/v1/score", score_api.score),
        ("GET", "/version", _version),
    ),
    "tei": (
        *_ALL,
        ("POST", "/embeddings", vector_api.openai),
        ("POST", "/embed", _tei(vector_api.embed)),
        ("POST", "/rerank", _tei(vector_api.rerank)),
        ("POST", "/similarity", _tei(vector_api.similarity)),
        ("POST", "/tokenize", _tei(vector_api.tokenize)),
        ("GET", "/info", _tei(vector_api.info)),
    ),
}


def _endpoint(server: Server, work: Work) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            header = request.headers.get("x-sandbox-misbehave")
            names = server.always if header is None else misbehave.parse(header)
            authorize(request, server.model)
            code = misbehave.status(names)
            if code is not None:
                raise Refused(code, f"The sandbox was asked for status {code}.", "InternalServerError")
            return await work(server, request, names)
        except Refused as refusal:
            return JSONResponse(refusal.body(), refusal.code)
        except vector_api.TeiError as error:
            return JSONResponse(error.body, error.code)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)

    return answer


def _controls(server: Server) -> list[Route]:
    async def misbehaviour(request: Request) -> Response:
        if request.method == "DELETE":
            server.always = frozenset()
        elif request.method == "PUT":
            try:
                server.always = misbehave.parse(",".join((await request.json())["do"]))
            except (ValueError, KeyError, TypeError) as error:
                return JSONResponse({"error": f'wanted {{"do": [name, …]}}: {error}'}, 400)
        return JSONResponse({"do": sorted(server.always)})

    async def dump(_request: Request) -> Response:
        totals = {"prompt_tokens": server.metrics.prompt_tokens, "completion_tokens": server.metrics.generation_tokens}
        return JSONResponse({"model": server.model.names[0], **totals, "requests": list(server.ledger)})

    return [
        Route("/_sandbox/misbehave", misbehaviour, methods=["GET", "PUT", "DELETE"]),
        Route("/_sandbox/dump", dump, methods=["GET"]),
    ]


async def _http_error(_request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 500
    text = str(error.detail) if isinstance(error, HTTPException) else "Internal Server Error"
    kind = {404: "NotFoundError", 405: "Method Not Allowed"}.get(code, "InternalServerError")
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return JSONResponse(Refused(code, text, kind).body(), code, headers)


async def _bare_error(_request: Request, error: Exception) -> Response:
    """text-embeddings-inference says nothing about a path that it does not have."""
    return Response(status_code=error.status_code if isinstance(error, HTTPException) else 500)


def application(model: Model) -> ASGIApp:
    """The ASGI application of one model."""
    server = Server(model)
    table = ROUTES[model.program]
    routes: list[Any] = [Route(path, _endpoint(server, work), methods=[method]) for method, path, work in table]
    handlers: Any = {HTTPException: _http_error if model.program == "vllm" else _bare_error}
    app = Starlette(routes=routes + _controls(server), exception_handlers=handlers)
    return Control(app, is_write=lambda _method, _path: False)
