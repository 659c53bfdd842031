# SPDX-License-Identifier: GPL-3.0-or-later
"""The Admin API and the master API: from a request to an answer. The rules stand in `resources/`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from .http.auth import Caller, authenticate
from .http.context import Context
from .http.errors import AccessDenied, ApiError, Conflict, Forbidden, NotOffered, ServerError, WrongPermissions
from .http.params import MalformedBody, Params, read_params
from .http.respond import Reply, error_reply, finish, outside_reply
from .http.router import Match, Route, Router
from .rules.annotations import without_annotations
from .store import ReadOnlyViolation, Row, UniqueViolation

if TYPE_CHECKING:
    from .sandbox import Sandbox


class Api:
    """An ASGI application for admin hosts (`/admin/api`, `/stats`, `/api`) and for master (`/master/api` too)."""

    def __init__(self, sandbox: Sandbox, router: Router) -> None:
        self.sandbox, self.router = sandbox, router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = Request(scope, receive)
        tenant: Row = scope["threescale.account"]
        reply = await self.answer(request, tenant, scope.get("threescale.faults") or set())
        headers = finish(reply, request.method, request.headers, time.perf_counter() - started)
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def answer(self, request: Request, tenant: Row, faults: set[str]) -> Reply:
        """The answer to a request at the host of this account; FAULTS: names of `faults.py` and `races.py`."""
        path = request.url.path
        accept = request.headers.get("accept")
        # as sent: an encoded slash, question mark or number sign is part of a key, not of the path
        sent = (request.scope.get("raw_path") or quote(request.scope["path"]).encode()).decode("latin-1")
        parts = [unquote(part) for part in sent.split("/") if part]  # slashes at the end or in a row mean nothing
        match = self.router.find(request.method, parts) if parts else None
        if match is None or (match.route.pattern.startswith("/master/") and not tenant["master"]):
            return outside_reply(404, "Not Found", accept, path)
        try:
            params = await read_params(request)
        except MalformedBody:
            return outside_reply(400, "Bad Request", accept, path)
        if not self.sandbox.config.release.annotations:
            query, body = without_annotations(params.query), without_annotations(params.body)
            params = Params(query, body, params.wrappable, params.form)
        form = match.suffix or match.route.default
        try:
            if match.route.session_only:
                raise Forbidden
            caller = authenticate(self.sandbox.db, tenant, match.route, params, request.headers.get("authorization"))
            if "token_expired" in faults:
                raise AccessDenied
            if "token_read_only" in faults and caller.token is not None:
                caller = Caller(caller.user, {**caller.token, "permission": "ro"})
            if form != "json" and (match.route.json_only or not self._offers(match.route, form)):
                raise NotOffered(form)
            return self._handle(request, tenant, match, params, caller, form, faults)
        except ApiError as error:
            return self._refusal(match, error, form)

    @staticmethod
    def _offers(route: Route, form: str) -> bool:
        return form == "xml" or (form == "csv" and route.pattern.startswith("/stats/"))

    @staticmethod
    def _refusal(match: Match, error: ApiError, form: str) -> Reply:
        if match.route.pattern.startswith("/master/") and error.data == {"error": "Access denied"}:
            return Reply(401, b"unauthorized", "text/plain")
        if match.route.pattern.startswith("/stats/") and error.data == {"error": "Access denied"}:
            return error_reply(Forbidden(), form)
        return error_reply(error, form)

    def _handle(
        self, request: Request, tenant: Row, match: Match, params: Params, caller: Caller, form: str, faults: set[str]
    ) -> Reply:
        context = Context(
            self.sandbox,
            tenant,
            caller,
            params,
            match.variables,
            form,
            request.method,
            request.url.path,
            request.url.query,
            request.headers.get("host", ""),
            request.url.scheme,
        )
        try:
            with self.sandbox.db.transaction(read_only=caller.read_only), self.sandbox.db.leniency("lenient" in faults):
                return match.route.handler(context)
        except ReadOnlyViolation as error:
            raise WrongPermissions from error
        except UniqueViolation as error:
            raise Conflict from error
        except RecursionError as error:
            raise ServerError from error
