# SPDX-License-Identifier: GPL-3.0-or-later
"""Features on plans: `…/{application,service,account}_plans/{id}/features`."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import Invalid
from ..http.respond import Reply
from ..http.router import Routes
from ..store import Row
from .features import represent
from .plans import SEGMENTS, plan_of

routes = Routes()


def _plan(ctx: Context) -> Row:
    segment = ctx.path.split("/")[3]
    kind = next(kind for kind, name in SEGMENTS.items() if name == segment)
    if kind != "ApplicationPlan":
        ctx.require("plans")
    return plan_of(ctx, kind, "plan_id")


def _wanted(ctx: Context, plan: Row, feature_id: Any) -> Row:
    """A feature of the plan's product (or tenant)."""
    owner = {"featurable_type": plan["issuer_type"], "featurable_id": plan["issuer_id"]}
    return ctx.row("features", feature_id, **owner)


def index(ctx: Context) -> Reply:
    """The features of a plan."""
    links = ctx.db.where("features_plans", plan_id=_plan(ctx)["id"])
    rows = sorted((ctx.row("features", link["feature_id"]) for link in links), key=lambda row: row["id"])
    return ctx.many("features", "feature", rows, represent)


def create(ctx: Context) -> Reply:
    """Put a feature on a plan; a second time hits the unique index (409)."""
    plan = _plan(ctx)
    feature = _wanted(ctx, plan, ctx.params.get("feature_id"))
    if feature["scope"] != plan["type"]:
        raise Invalid({"plan_type": ["mismatch"]})
    ctx.db.insert(
        "features_plans",
        plan_id=plan["id"],
        feature_id=feature["id"],
        plan_type=plan["type"],
        tenant_id=ctx.tenant["id"],
    )
    return ctx.created("feature", represent(ctx, feature), feature["id"])


def destroy(ctx: Context) -> Reply:
    """Take a feature off a plan."""
    plan = _plan(ctx)
    link = ctx.db.first("features_plans", plan_id=plan["id"], feature_id=ctx.number("id"))
    ctx.db.delete("features_plans", ctx.row("features_plans", link["id"] if link else None))
    return ctx.empty()


for _segment in SEGMENTS.values():
    _base = f"/admin/api/{_segment}/{{plan_id}}/features"
    routes.add("GET", _base, index)
    routes.add("POST", _base, create)
    routes.add("DELETE", _base + "/{id}", destroy)
