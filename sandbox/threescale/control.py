# SPDX-License-Identifier: GPL-3.0-or-later
"""`/_sandbox/…`: what tests and the sandbox's other parts use; the real server has none of it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .bootstrap.tenants import TenantSeed, ensure_tenant, forget_tenants
from .endpoints import endpoints_of
from .faults import BadRule

if TYPE_CHECKING:
    from .server import Server


async def answer(server: Server, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request below `/_sandbox/`."""
    request = Request(scope, receive)
    what = (request.method, request.url.path.removeprefix("/_sandbox/").strip("/"))
    response: Response
    if what == ("GET", "counters"):
        response = JSONResponse(server.counters.as_json())
    elif what == ("DELETE", "counters"):
        server.counters.reset()
        response = Response(status_code=204)
    elif what == ("GET", "dump"):
        response = JSONResponse(dump_of(server))
    elif what == ("GET", "endpoints"):
        response = JSONResponse(endpoints_of(server.sandbox))
    elif what[1] == "faults":
        response = await _faults(server, request)
    elif what in (("PUT", "tenants"), ("DELETE", "tenants")):
        response = await _tenants(server, request)
    elif what == ("GET", "ready"):
        response = JSONResponse({"ready": True})
    elif what == ("POST", "purge"):
        server.sandbox.run_due(float("inf"))
        response = Response(status_code=204)
    else:
        response = JSONResponse({"error": f"nothing at {request.method} {request.url.path}"}, 404)
    await response(scope, receive, send)


def dump_of(server: Server) -> dict[str, Any]:
    """Every object, by table and id: {"services": [{"id": 2, …}, …], …}. Bytes are base64."""

    def plain(value: Any) -> Any:
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value

    database = server.sandbox.db
    return {
        table: [{key: plain(value) for key, value in rows[row_id].items()} for row_id in sorted(rows)]
        for table, rows in sorted(database.rows.items())
    }


async def _faults(server: Server, request: Request) -> Response:
    if request.method == "GET":
        return JSONResponse([rule.given for rule in server.faults.rules])
    if request.method == "DELETE":
        server.faults.clear()
        return Response(status_code=204)
    try:
        server.faults.replace(json.loads(await request.body()))
    except (BadRule, ValueError) as error:
        return JSONResponse({"error": str(error)}, 422)
    return Response(status_code=204)


def _is_master(server: Server, request: Request) -> bool:
    scheme, _, word = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        user, _, password = base64.b64decode(word).decode().partition(":")
    except ValueError:
        return False
    return server.sandbox.config.master_token in (user, password)


async def _tenants(server: Server, request: Request) -> Response:
    """Make a tenant, complete at once, if it is not there: what the operator's seed job does. DELETE: forget all."""
    if not _is_master(server, request):
        return JSONResponse({"error": "the master token is wanted, by Basic"}, 401)
    if request.method == "DELETE":
        with server.sandbox.db.transaction():
            forget_tenants(server.sandbox)
        return Response(status_code=204)
    try:
        seed = TenantSeed.from_json(json.loads(await request.body()))
    except ValueError as error:
        return JSONResponse({"error": str(error)}, 422)
    sandbox = server.sandbox
    with sandbox.db.transaction():
        made, tenant = ensure_tenant(sandbox, seed)
    answer = {
        "id": tenant["id"],
        "admin_url": sandbox.config.url(tenant["self_domain"]),
        "portal_url": sandbox.config.url(tenant["domain"]),
    }
    return JSONResponse(answer, 201 if made else 200)
