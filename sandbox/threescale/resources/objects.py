# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an object is still there: `/admin/api/objects/status`."""

from __future__ import annotations

from ..http.context import Context
from ..http.errors import Forbidden, NotFound, ParameterMissing
from ..http.paging import whole
from ..http.respond import Reply
from ..http.router import Routes

routes = Routes(default="json", json_only=True, needs_user=True)
TABLES = {"service": "services", "account": "accounts", "proxy": "proxies", "backend_api": "backend_apis"}


@routes.get("/admin/api/objects/status")
def status(ctx: Context) -> Reply:
    """200 while the row exists (deleted ones do until their purge), 404 after, 403 for what is not one's own."""
    kind = ctx.params.text("object_type")
    if kind is None:
        raise ParameterMissing("object_type")
    if kind not in TABLES or not ctx.caller.is_admin:
        raise Forbidden
    if ctx.params.get("object_id") is None:
        raise ParameterMissing("object_id")
    row = ctx.db.get(TABLES[kind], whole(ctx.params.text("object_id")))
    if row is None:
        raise NotFound
    if not ctx.tenant["master"] and row["tenant_id"] != ctx.tenant["id"]:
        raise Forbidden
    return ctx.empty()
