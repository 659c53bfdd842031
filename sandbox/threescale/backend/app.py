# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP layer of the backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from . import authorize, params, report
from .errors import BackendError, HaltError, bad_request, not_valid_data
from .lookup import service_of, service_token_invalid
from .status import Status

if TYPE_CHECKING:
    from ..sandbox import Sandbox

MEDIA_TYPE = "application/vnd.3scale-v2.0+xml"
VERSION = "3.4.3"
EVERYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, 3scale-rejection-reason",
}
PREFLIGHT = {
    "Access-Control-Max-Age": "86400",
    "Access-Control-Allow-Methods": "GET, POST, PATCH, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Accept-Encoding, Content-Type, Cache-Control, Accept, If-Match, "
    "If-Modified-Since, If-None-Match, If-Unmodified-Since, X-Requested-With, X-HTTP-Method-Override, 3scale-options",
}
CREDENTIALS = ("service_id", "app_id", "user_key", "provider_key")
FORMS = (None, "", "application/x-www-form-urlencoded", "multipart/form-data")


def _answer(status: int, body: str = "", headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, {"Content-Type": MEDIA_TYPE, **EVERYWHERE, **(headers or {})})


class Backend:
    """ASGI application: `/transactions/{authorize,authrep,oauth_authorize,oauth_authrep}.xml`, `/transactions.xml`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = self.answer(request, await request.body())
        except BackendError as error:
            response = _answer(error.status, "" if _no_body(_options(request), {}) else error.xml())
        except HaltError as halt:
            response = _answer(halt.status)
        await response(scope, receive, send)

    def answer(self, request: Request, body: bytes) -> Response:
        """The answer to a request; raises BackendError and HaltError."""
        method, path = request.method, request.url.path
        query = params.parse(request.url.query.encode())
        if method == "OPTIONS":
            return Response(None, 204, {**EVERYWHERE, **PREFLIGHT})
        if method == "POST" and path == "/transactions.xml":
            return self._report(request, query, body)
        if method == "HEAD" and path == "/available":
            return _answer(200)
        if method not in ("GET", "HEAD"):
            raise HaltError(404)
        if path == "/check.txt":
            return Response("ok", 200, EVERYWHERE, "text/plain")
        if path == "/status":
            text = f'{{"status":"ok","version":{{"backend":"{VERSION}"}}}}'
            return Response(text, 200, EVERYWHERE, "application/json")
        call = path.removeprefix("/transactions/").removesuffix(".xml")
        if path != f"/transactions/{call}.xml" or call.removeprefix("oauth_") not in ("authorize", "authrep"):
            raise HaltError(404)
        return self._judge(call, _options(request), query)

    def _judge(self, call: str, options: dict[str, Any], query: params.Params) -> Response:
        _credentials(query)
        db, now = self.sandbox.db, self.sandbox.now()
        if not query.get("provider_key"):
            service_of(db, query)  # a token is looked at before what is called, a provider key after it
        if query.get("user_id"):
            text = "End-users are no longer supported, do not specify the user_id parameter"
            raise bad_request("end_users_no_longer_supported", text)
        if query.get("usage") is not None and not isinstance(query["usage"], dict):
            raise HaltError(403)
        query["flat_usage"] = options.get("flat_usage") == "1"
        oauth = call.startswith("oauth_")
        if call.endswith("authrep"):
            status = authorize.authrep(db, query, now, oauth)
        else:
            _service, status = authorize.judge(db, query, now, counts=False, oauth=oauth)
        return self._shown(status, options, query)

    def _shown(self, status: Status, options: dict[str, Any], query: params.Params) -> Response:
        headers: dict[str, str] = {}
        if not status.authorized and options.get("rejection_reason_header") == "1":
            headers["3scale-rejection-reason"] = status.reason_code
        if options.get("limit_headers") == "1" and (status.authorized or status.reason_code == "limits_exceeded"):
            headers.update(status.limit_headers())
        body = ""
        if not _no_body(options, query):
            keys = None
            if options.get("list_app_keys") == "1":
                rows = self.sandbox.db.where("application_keys", application_id=status.application["id"])
                keys = [row["value"] for row in rows]
            body = status.xml(options.get("hierarchy") == "1", keys)
        return _answer(200 if status.authorized else 409, body, headers)

    def _report(self, request: Request, query: params.Params, body: bytes) -> Response:
        kind = (request.headers.get("content-type") or "").partition(";")[0].strip()
        if kind not in FORMS:
            raise bad_request("content_type_invalid", f"invalid Content-Type: {kind}")
        given = {**query, **params.parse(body)}
        db = self.sandbox.db
        if not given.get("provider_key"):
            service_of(db, given)
            if given.get("provider_key") == "":  # a key, though an empty one: the token is not looked at
                raise service_token_invalid(given.get("service_token"), given.get("service_id"))
        checked = report.check_transactions(given.get("transactions"))
        service = service_of(db, given)
        transactions = report.worth_processing(checked)
        flat = _options(request).get("flat_usage") == "1"
        report.process(db, service, transactions, self.sandbox.now(), flat)
        return _answer(202)


def _options(request: Request) -> dict[str, Any]:
    """The extensions that the caller asked for."""
    raw = request.headers.get("3scale-options") or ""
    try:
        return params.parse(raw.encode("latin-1"))
    except UnicodeEncodeError as error:
        raise not_valid_data() from error


def _no_body(options: dict[str, Any], query: params.Params) -> bool:
    given = options.get("no_body") or query.get("no_body")
    return bool(given) and given not in ("false", "0")


def _credentials(query: params.Params) -> None:
    """What is no text or only white space is not there. White space around credentials counts, but for the `app_key`.

    See docs/threescale-behaviour.md#backend-server-blanks.
    """
    for name in CREDENTIALS:
        value = query.get(name)
        query[name] = value if isinstance(value, str) and value.strip() else None
    if isinstance(query.get("app_key"), str):
        query["app_key"] = query["app_key"].strip()
    elif "app_key" in query:
        query["app_key"] = None
