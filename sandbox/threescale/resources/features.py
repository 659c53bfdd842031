# SPDX-License-Identifier: GPL-3.0-or-later
"""Features of products and of the account: `…/services/{id}/features`, `/admin/api/features`."""

from __future__ import annotations

import re
from typing import Any

from ..http.context import Context
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.fields import Fields
from ..rules.names import system_name_from
from ..rules.validate import Check
from ..store import Row
from .services import service_of

routes = Routes()

FIELDS = Fields(text="name system_name description scope", boolean="visible")
KNOWN = (*FIELDS.names, "id", "featurable_id", "featurable_type", "created_at", "updated_at", "tenant_id")


def snake_case(name: str | None) -> str:
    """`ApplicationPlan` -> `application_plan`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name or "").lower()


def represent(ctx: Context, feature: Row) -> dict[str, Any]:
    """JSON of a feature. The scope comes back in snake case."""
    links = [ctx.link("self", f"/admin/api/features/{feature['id']}")]
    if feature["featurable_type"] == "Service":
        path = f"/admin/api/services/{feature['featurable_id']}"
        links = [
            ctx.link("self", f"{path}/features/{feature['id']}"),
            ctx.link("service", f"/admin/api/services.{feature['featurable_id']}"),
        ]
    return {
        "id": feature["id"],
        "name": feature["name"],
        "system_name": feature["system_name"],
        "scope": snake_case(feature["scope"]),
        "visible": feature["visible"],
        "description": feature["description"],
        "created_at": ctx.time(feature["created_at"]),
        "updated_at": ctx.time(feature["updated_at"]),
        "links": links,
    }


def _owner(ctx: Context) -> dict[str, Any]:
    if "service_id" in ctx.variables:
        return {"featurable_type": "Service", "featurable_id": service_of(ctx)["id"]}
    return {"featurable_type": "Account", "featurable_id": ctx.tenant["id"]}


@routes.get("/admin/api/services/{service_id}/features", "/admin/api/features")
def index(ctx: Context) -> Reply:
    """List."""
    return ctx.many("features", "feature", ctx.db.where("features", **_owner(ctx)), represent)


@routes.get("/admin/api/services/{service_id}/features/{id}", "/admin/api/features/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("feature", represent(ctx, ctx.here("features", "id", **_owner(ctx))))


@routes.post("/admin/api/services/{service_id}/features", "/admin/api/features")
def create(ctx: Context) -> Reply:
    """Create."""
    owner = _owner(ctx)
    values = {"scope": "ApplicationPlan", **_given(ctx, owner)}
    if not values.get("system_name"):
        values["system_name"] = system_name_from(values.get("name"), "feature")
    _check(ctx, values, owner)
    feature = ctx.db.insert("features", tenant_id=ctx.tenant["id"], **owner, **values)
    return ctx.created("feature", represent(ctx, feature), feature["id"])


@routes.put("/admin/api/services/{service_id}/features/{id}", "/admin/api/features/{id}")
def update(ctx: Context) -> Reply:
    """Change; on 2.16 even scope and system_name."""
    owner = _owner(ctx)
    feature = ctx.here("features", "id", **owner)
    values = _given(ctx, owner)
    _check(ctx, {**feature, **values}, owner)
    ctx.db.update("features", feature, **values)
    return ctx.one("feature", represent(ctx, feature))


@routes.delete("/admin/api/services/{service_id}/features/{id}", "/admin/api/features/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete, off all plans too."""
    ctx.db.delete("features", ctx.here("features", "id", **_owner(ctx)))
    return ctx.empty()


def _given(ctx: Context, owner: dict[str, Any]) -> dict[str, Any]:
    values = FIELDS.cast(ctx.params.wrapped("feature", KNOWN, required=False))
    if owner["featurable_type"] == "Account":
        values["scope"] = "AccountPlan"
    return values


def _check(ctx: Context, row: dict[str, Any], owner: dict[str, Any]) -> None:
    check = Check(ctx.db, row)
    check.system_name("features", **owner)
    check.longest(255, "name", "system_name", "scope")
    if owner["featurable_type"] == "Service":
        check.included("scope", ("ApplicationPlan", "ServicePlan"), "must be ApplicationPlan or ServicePlan")
    check.done()
