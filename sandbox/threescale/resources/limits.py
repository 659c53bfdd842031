# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage limits of application plans. The list of a metric shows the limits of every plan."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.fields import Fields
from ..rules.metrics import all_metrics
from ..rules.validate import Check
from ..store import Row
from .plans import plan_of

routes = Routes()

FIELDS = Fields(text="period", integer="value")
KNOWN = (*FIELDS.names, "id", "metric_id", "plan_id", "plan_type", "created_at", "updated_at", "tenant_id")
PERIODS = ("eternity", "year", "month", "week", "day", "hour", "minute")
_METRIC = "/admin/api/application_plans/{plan_id}/metrics/{metric_id}/limits"


def metric_link(ctx: Context, metric: Row | None) -> list[dict[str, str]]:
    """The link to a metric or method."""
    if metric is None:
        return []
    owner = "services" if metric["owner_type"] == "Service" else "backend_apis"
    base = f"/admin/api/{owner}/{metric['owner_id']}/metrics"
    if metric["parent_id"] is not None:
        return [ctx.link("metric", f"{base}/{metric['parent_id']}/methods?id={metric['id']}")]
    return [ctx.link("metric", f"{base}/{metric['id']}")]


def plan_link(ctx: Context, plan: Row | None) -> list[dict[str, str]]:
    """The link to an application plan."""
    if plan is None:
        return []
    return [ctx.link("plan", f"/admin/api/services/{plan['issuer_id']}/application_plans/{plan['id']}")]


def metric_of_plan(ctx: Context, plan: Row) -> Row:
    """The metric of the path, of the plan's product or of a backend it uses; raises `NotFound`."""
    wanted = ctx.number("metric_id")
    service = ctx.row("services", plan["issuer_id"])
    for metric in all_metrics(ctx.sandbox, service):
        if metric["id"] == wanted:
            return metric
    return ctx.row("metrics", None)


def represent(ctx: Context, limit: Row) -> dict[str, Any]:
    """JSON of a limit."""
    metric, plan = ctx.db.get("metrics", limit["metric_id"]), ctx.db.get("plans", limit["plan_id"])
    own = f"/admin/api/application_plans/{limit['plan_id']}/metrics/{limit['metric_id']}/limits?id={limit['id']}"
    return {
        **{name: limit[name] for name in ("id", "period", "value", "metric_id", "plan_id")},
        "created_at": ctx.time(limit["created_at"]),
        "updated_at": ctx.time(limit["updated_at"]),
        "links": [*metric_link(ctx, metric), ctx.link("self", own), *plan_link(ctx, plan)],
    }


@routes.get("/admin/api/application_plans/{plan_id}/limits")
def index(ctx: Context) -> Reply:
    """The limits of a plan, paged."""
    plan = plan_of(ctx, "ApplicationPlan", "plan_id")
    return ctx.many("limits", "limit", ctx.db.where("usage_limits", plan_id=plan["id"]), represent, paged=True)


@routes.get(_METRIC)
def index_of_metric(ctx: Context) -> Reply:
    """The limits of a metric in all plans."""
    _plan, metric = _place(ctx)
    return ctx.many("limits", "limit", ctx.db.where("usage_limits", metric_id=metric["id"]), represent)


@routes.post(_METRIC)
def create(ctx: Context) -> Reply:
    """Create."""
    plan, metric = _place(ctx)
    values = _given(ctx)
    row = {"metric_id": metric["id"], "plan_id": plan["id"], "value": 0, **values}
    _check(ctx, row)
    limit = ctx.db.insert("usage_limits", tenant_id=ctx.tenant["id"], **row)
    return ctx.created("limit", represent(ctx, limit), limit["id"])


@routes.get(_METRIC + "/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("limit", represent(ctx, _limit(ctx)))


@routes.put(_METRIC + "/{id}")
def update(ctx: Context) -> Reply:
    """Change."""
    limit = _limit(ctx)
    values = _given(ctx)
    _check(ctx, {**limit, **values})
    ctx.db.update("usage_limits", limit, **values)
    return ctx.one("limit", represent(ctx, limit))


@routes.delete(_METRIC + "/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete."""
    ctx.db.delete("usage_limits", _limit(ctx))
    return ctx.empty()


def _place(ctx: Context) -> tuple[Row, Row]:
    plan = plan_of(ctx, "ApplicationPlan", "plan_id")
    return plan, metric_of_plan(ctx, plan)


def _limit(ctx: Context) -> Row:
    _plan, metric = _place(ctx)
    return ctx.here("usage_limits", "id", metric_id=metric["id"])


def _given(ctx: Context) -> dict[str, Any]:
    values = FIELDS.cast(ctx.params.wrapped("usage_limit", KNOWN, required=False))
    if "value" in values:
        values["value"] = max(values["value"] or 0, 0)
    return values


def _check(ctx: Context, row: dict[str, Any]) -> None:
    check = Check(ctx.db, row)
    check.included("period", PERIODS, "is invalid")
    check.unique("usage_limits", "period", metric_id=row["metric_id"], plan_id=row["plan_id"])
    check.done()
    check.fits("value", bits=64)
