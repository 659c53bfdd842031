# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal as an ASGI application: access code, route, CSRF, sign-in, page, cookies."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ..http.params import MalformedBody, read_params
from ..store import Row
from . import sso
from .answers import Answer, NotAllowedError, NotThereError, RefusalError, etag, failed
from .pages import ALL_ROUTES, access_code, content
from .rendering import refused
from .routing import find
from .session import COOKIE
from .visit import Visit

if TYPE_CHECKING:
    from ..sandbox import Sandbox

log = logging.getLogger("sandbox.threescale.portal")
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "1; mode=block",
    "Content-Security-Policy": (
        "default-src * data: mediastream: blob: filesystem: ws: wss: 'unsafe-eval' 'unsafe-inline'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Vary": "Accept",
}


class Portal:
    """An ASGI application for the portal hosts of all tenants."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        tenant: Row = scope["threescale.account"]
        try:
            params = await read_params(request)
        except MalformedBody:
            await _send(send, request, Answer(400, b""), None)
            return
        visit = Visit(self.sandbox, tenant, request, params)
        exchange = await sso.exchange_for(visit)
        with self.sandbox.db.transaction():
            answer = self._answer(visit, exchange)
        await _send(send, request, answer, visit)

    def _answer(self, visit: Visit, exchange: sso.Exchange | None) -> Answer:
        try:
            with self.sandbox.db.transaction():
                return self._routed(visit, exchange)
        except RefusalError as refusal:
            if isinstance(refusal, NotAllowedError) and refusal.reset:
                visit.sign_out()
            return refused(visit, refusal)
        except Exception:  # what the real server does not catch either
            log.exception("%s %s failed", visit.method, visit.path)
            return failed(visit.format)

    def _routed(self, visit: Visit, exchange: sso.Exchange | None) -> Answer:
        if visit.tenant["state"] in ("suspended", "scheduled_for_deletion"):
            raise NotThereError
        if access_code.stands_in_the_way(visit):
            return access_code.page(visit)
        if exchange is not None:
            return sso.callback(visit, exchange)
        route = find(ALL_ROUTES, visit)
        if route is None:
            return content.show(visit)
        if visit.method != "GET" and route.csrf and not _has_token(visit):
            raise NotAllowedError(reset=True)
        if route.login and visit.user is None:
            return _ask_to_sign_in(visit)
        return route.handler(visit)


def _has_token(visit: Visit) -> bool:
    return visit.session.accepts(visit.params.get("authenticity_token") or visit.headers.get("x-csrf-token"))


def _ask_to_sign_in(visit: Visit) -> Answer:
    if visit.format != "html":
        raise NotAllowedError
    visit.session.data["return_to"] = visit.full_path
    visit.session.keep_messages()
    return visit.to("/login")


async def _send(send: Send, request: Request, answer: Answer, visit: Visit | None) -> None:
    headers = {
        **HEADERS,
        "Cache-Control": "max-age=0, private, must-revalidate" if answer.status == 200 else "no-cache",
        **(visit.answer_headers if visit else {}),
        **answer.headers,
    }
    body = answer.body
    if answer.status == 200 and body and "no-store" not in headers["Cache-Control"]:
        headers["ETag"] = etag(body)
        if request.method in ("GET", "HEAD") and request.headers.get("if-none-match") == headers["ETag"]:
            answer = Answer(304, b"", answer.media_type)
    headers["Content-Type"] = answer.media_type + ("; charset=utf-8" if answer.charset else "")
    headers["Content-Length"] = str(len(answer.body))
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
    if visit is not None:
        kept = visit.session.cookie()
        if kept is not None:
            visit.set_cookie(COOKIE, kept)
        raw.extend((b"set-cookie", line.encode("latin-1")) for line in visit.set_cookies)
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})
