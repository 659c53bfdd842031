# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends used by a product: `…/services/{id}/backend_usages`. The list is a bare array."""

from __future__ import annotations

from typing import Any

from ..http.context import Context, compact
from ..http.errors import BLANK, TAKEN
from ..http.paging import page_of
from ..http.respond import Reply, json_reply
from ..http.router import Routes
from ..rules.fields import to_text
from ..rules.usages import PATH_FORMAT, PATH_TAKEN, delete_usage, is_path, normal_path
from ..rules.validate import Check
from ..store import Row
from .backend_apis import accessible
from .services import service_of

routes = Routes(default="json", json_only=True, needs_user=True)
KNOWN = ("id", "path", "service_id", "backend_api_id", "created_at", "updated_at", "tenant_id")
_PATH = "/admin/api/services/{service_id}/backend_usages"


def represent(ctx: Context, usage: Row) -> dict[str, Any]:
    """JSON of a usage: `backend_api_id` goes in, `backend_id` comes out."""
    return {
        "id": usage["id"],
        "path": usage["path"],
        "service_id": usage["service_id"],
        "backend_id": usage["backend_api_id"],
        "links": [
            ctx.link("service", f"/admin/api/services/{usage['service_id']}"),
            ctx.link("backend_api", f"/admin/api/backend_apis/{usage['backend_api_id']}"),
        ],
    }


@routes.get(_PATH)
def index(ctx: Context) -> Reply:
    """List, without a name around it."""
    ctx.require("plans")
    page = page_of(ctx.db.where("backend_api_configs", service_id=service_of(ctx)["id"]), ctx.params.all)
    return json_reply(200, [{"backend_usage": compact(represent(ctx, row))} for row in page.rows])


@routes.get(_PATH + "/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("backend_usage", represent(ctx, _usage(ctx)))


@routes.post(_PATH)
def create(ctx: Context) -> Reply:
    """Use a backend."""
    ctx.require("plans")
    service = service_of(ctx)
    given = ctx.params.wrapped("backend_api_config", KNOWN)
    backend = accessible(ctx, given["backend_api_id"]) if given.get("backend_api_id") is not None else None
    path = normal_path(to_text(given["path"])) if "path" in given else ""
    _check(ctx, {"path": path, "service_id": service["id"], "backend_api_id": backend["id"] if backend else None})
    assert backend is not None
    usage = ctx.db.insert(
        "backend_api_configs",
        service_id=service["id"],
        backend_api_id=backend["id"],
        path=path,
        tenant_id=ctx.tenant["id"],
    )
    return ctx.created("backend_usage", represent(ctx, usage), usage["id"])


@routes.put(_PATH + "/{id}")
def update(ctx: Context) -> Reply:
    """Change the path."""
    usage = _usage(ctx)
    given = ctx.params.wrapped("backend_api_config", KNOWN)
    if "path" in given:
        path = normal_path(to_text(given["path"]))
        _check(ctx, {**usage, "path": path})
        ctx.db.update("backend_api_configs", usage, path=path)
    return ctx.one("backend_usage", represent(ctx, usage))


@routes.delete(_PATH + "/{id}")
def destroy(ctx: Context) -> Reply:
    """Use it no more; the product's limits on its metrics go along."""
    delete_usage(ctx.sandbox, _usage(ctx))
    return ctx.empty()


def _usage(ctx: Context) -> Row:
    ctx.require("plans")
    return ctx.here("backend_api_configs", "id", service_id=service_of(ctx)["id"])


def _check(ctx: Context, row: dict[str, Any]) -> None:
    check = Check(ctx.db, row)
    if row["backend_api_id"] is None:
        check.add("backend_api_id", BLANK)
    others = [
        other
        for other in ctx.db.where("backend_api_configs", service_id=row["service_id"])
        if other["id"] != row.get("id")
    ]
    if any(other["backend_api_id"] == row["backend_api_id"] for other in others):
        check.add("backend_api_id", TAKEN)
    if any(other["path"].lower() == row["path"].lower() for other in others):
        check.add("path", PATH_TAKEN)
    check.shortest(1, "path")
    check.longest(255, "path")
    if not is_path(row["path"]):
        check.add("path", PATH_FORMAT)
    check.done()
