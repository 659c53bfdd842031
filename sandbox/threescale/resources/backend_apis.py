# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends: `/admin/api/backend_apis`."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import Forbidden, NotFound, Vetoed
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.addresses import BACKEND_FORMAT, check_address, is_local, parses, with_port
from ..rules.annotations import annotations_of, merge_annotations
from ..rules.fields import Fields
from ..rules.names import system_name_from
from ..rules.products import DELETED, create_backend, delete_backend
from ..rules.validate import Check
from ..store import Row

routes = Routes(default="json", json_only=True)

FIELDS = Fields(text="name system_name description private_endpoint", data="annotations")
KNOWN = (*FIELDS.names, "id", "account_id", "created_at", "updated_at", "tenant_id", "state")
SCHEMES = ("http", "https", "ws", "wss")


def backend_of(ctx: Context, variable: str = "backend_api_id") -> Row:
    """The backend that a path variable names; raises `NotFound`, also for deleted ones.

    Below a backend, whose id is `backend_api_id` then, a member needs the section plans even to read.
    """
    if variable == "backend_api_id":
        ctx.require("plans")
    return accessible(ctx, ctx.number(variable))


def accessible(ctx: Context, backend_id: Any) -> Row:
    """The backend of this id; raises `NotFound`."""
    backend = ctx.row("backend_apis", backend_id, account_id=ctx.tenant["id"])
    if backend["state"] == DELETED:
        raise NotFound
    return backend


def represent(ctx: Context, backend: Row) -> dict[str, Any]:
    """JSON of a backend."""
    path = f"/admin/api/backend_apis/{backend['id']}"
    return {
        **{
            name: backend[name]
            for name in ("id", "name", "system_name", "description", "private_endpoint", "account_id")
        },
        "annotations": annotations_of(ctx.sandbox, backend),
        "created_at": ctx.time(backend["created_at"]),
        "updated_at": ctx.time(backend["updated_at"]),
        "links": [
            {"rel": "metrics", "href": f"{path}/metrics"},
            {"rel": "mapping_rules", "href": f"{path}/mapping_rules"},
        ],
    }


@routes.get("/admin/api/backend_apis")
def index(ctx: Context) -> Reply:
    """List."""
    ctx.require("plans", "monitoring")
    rows = [row for row in ctx.db.where("backend_apis", account_id=ctx.tenant["id"]) if row["state"] != DELETED]
    return ctx.many("backend_apis", "backend_api", rows, represent, paged=True, metadata=False)


@routes.get("/admin/api/backend_apis/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    ctx.require("plans", "monitoring")
    return ctx.one("backend_api", represent(ctx, backend_of(ctx, "id")))


@routes.post("/admin/api/backend_apis")
def create(ctx: Context) -> Reply:
    """Create, with metric `hits`."""
    if not ctx.caller.is_admin:
        raise Forbidden
    values = FIELDS.cast(ctx.params.wrapped("backend_api", KNOWN))
    if not values.get("system_name"):
        values["system_name"] = system_name_from(values.get("name"), "backend_api")
    check = _check(ctx, values, None)
    annotations = merge_annotations(check, {}, values.pop("annotations", None))
    check.done()
    backend = create_backend(ctx.sandbox, ctx.tenant, **values, annotations=annotations)
    return ctx.created("backend_api", represent(ctx, backend), backend["id"])


@routes.put("/admin/api/backend_apis/{id}")
def update(ctx: Context) -> Reply:
    """Change; system_name is dropped silently."""
    ctx.require("plans")
    backend = backend_of(ctx, "id")
    values = FIELDS.cast(ctx.params.wrapped("backend_api", KNOWN))
    values.pop("system_name", None)
    row = {**backend, **values}
    check = _check(ctx, row, backend)
    if "private_endpoint" in values:
        values["private_endpoint"] = row["private_endpoint"]
    if "annotations" in values:
        values["annotations"] = merge_annotations(check, backend["annotations"], values["annotations"])
    check.done()
    ctx.db.update("backend_apis", backend, **values)
    return ctx.one("backend_api", represent(ctx, backend))


@routes.delete("/admin/api/backend_apis/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete in the background, if no product uses it."""
    if not ctx.caller.is_admin:
        raise Forbidden
    backend = backend_of(ctx, "id")
    if ctx.db.first("backend_api_configs", backend_api_id=backend["id"]):
        raise Vetoed("cannot be deleted because it is used by at least one Product")
    delete_backend(ctx.sandbox, backend)
    return ctx.empty()


def _check(ctx: Context, row: dict[str, Any], present: Row | None) -> Check:
    check = Check(ctx.db, row)
    check_private_endpoint(check, row)
    check.longest(511, "name")
    check.presence("name")
    check.longest(255, "system_name", "private_endpoint")
    if present is None:
        check.system_name("backend_apis", account_id=ctx.tenant["id"])
    return check


def check_private_endpoint(check: Check, row: dict[str, Any]) -> None:
    """Write out the port in `row["private_endpoint"]` and validate it."""
    given = row.get("private_endpoint")
    if given and not parses(given):
        check.add("private_endpoint", "Invalid domain")
    row["private_endpoint"] = with_port(given)
    check.presence("private_endpoint")
    if not given:
        check.add("private_endpoint", None)
        return
    check_address(check, "private_endpoint", BACKEND_FORMAT, SCHEMES, path=True)
    if is_local(given):
        check.add("private_endpoint", "Sorry, this domain is protected")
