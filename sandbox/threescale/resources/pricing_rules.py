# SPDX-License-Identifier: GPL-3.0-or-later
"""Pricing rules of application plans. As with limits, the list of a metric shows those of every plan."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..http.context import Context
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.fields import Fields, to_decimal
from ..rules.validate import Check
from ..store import Row
from .limits import metric_link, metric_of_plan, plan_link
from .plans import plan_of

routes = Routes()

FIELDS = Fields(integer="min max", data="cost_per_unit")
KNOWN = (*FIELDS.names, "id", "metric_id", "plan_id", "plan_type", "created_at", "updated_at", "tenant_id")
_METRIC = "/admin/api/application_plans/{plan_id}/metrics/{metric_id}/pricing_rules"


def money(value: Any) -> str | None:
    """A decimal with four places as the server writes it: "20.0", "0.1235"; None for no number."""
    number = to_decimal(value)
    if number is None:
        return None
    rounded = number.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    text = f"{rounded:f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text


def represent(ctx: Context, rule: Row) -> dict[str, Any]:
    """JSON of a pricing rule; its cost is a text."""
    metric, plan = ctx.db.get("metrics", rule["metric_id"]), ctx.db.get("plans", rule["plan_id"])
    return {
        **{name: rule[name] for name in ("id", "metric_id", "cost_per_unit", "min", "max")},
        "created_at": ctx.time(rule["created_at"]),
        "updated_at": ctx.time(rule["updated_at"]),
        "links": [*metric_link(ctx, metric), *plan_link(ctx, plan)],
    }


@routes.get("/admin/api/application_plans/{plan_id}/pricing_rules")
def index(ctx: Context) -> Reply:
    """The prices of a plan."""
    plan = plan_of(ctx, "ApplicationPlan", "plan_id")
    return ctx.many("pricing_rules", "pricing_rule", ctx.db.where("pricing_rules", plan_id=plan["id"]), represent)


@routes.get(_METRIC)
def index_of_metric(ctx: Context) -> Reply:
    """The prices of a metric in all plans."""
    _plan, metric = _place(ctx)
    return ctx.many("pricing_rules", "pricing_rule", ctx.db.where("pricing_rules", metric_id=metric["id"]), represent)


@routes.post(_METRIC)
def create(ctx: Context) -> Reply:
    """Create."""
    plan, metric = _place(ctx)
    given = ctx.params.wrapped("pricing_rule", KNOWN)
    values = {"min": 1, "max": None, "cost_per_unit": "0.0", **FIELDS.cast(given)}
    values["cost_per_unit"] = money(values["cost_per_unit"])
    row = {"plan_id": plan["id"], "metric_id": metric["id"], **values}
    _check(ctx, row, given)
    rule = ctx.db.insert("pricing_rules", tenant_id=ctx.tenant["id"], **row)
    return ctx.created("pricing_rule", represent(ctx, rule), rule["id"])


@routes.delete(_METRIC + "/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete; there is no other way to change one."""
    _plan, metric = _place(ctx)
    ctx.db.delete("pricing_rules", ctx.here("pricing_rules", "id", metric_id=metric["id"]))
    return ctx.empty()


def _place(ctx: Context) -> tuple[Row, Row]:
    plan = plan_of(ctx, "ApplicationPlan", "plan_id")
    return plan, metric_of_plan(ctx, plan)


def _check(ctx: Context, row: dict[str, Any], given: dict[str, Any]) -> None:
    check = Check(ctx.db, row)
    low, high = row["min"], row["max"]
    if low is not None:
        end = float("inf") if high is None else high
        for other in ctx.db.where("pricing_rules", plan_id=row["plan_id"], metric_id=row["metric_id"]):
            other_end = float("inf") if other["max"] is None else other["max"]
            if other["min"] <= low <= other_end or low <= other["min"] <= end:
                check.add("min", "The 'From' value must be greater than the 'To' values of other existing rules")
                break
        if high is not None and high < low:
            check.add("max", "'To' value cannot be less than your 'From' value")
    check.number("min", least=1, raw=given.get("min", ...), whole=True)
    check.number("cost_per_unit", raw=given.get("cost_per_unit", ...))
    if not re.match(r"\A\d+\.?\d{0,4}\Z", str(row["cost_per_unit"] or "")):
        check.add("cost_per_unit", "maximum decimals is 4.")
    check.done()
    check.fits("min", "max", bits=64)
