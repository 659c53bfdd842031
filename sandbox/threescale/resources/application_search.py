# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of the whole tenant: `/admin/api/applications`, filtered or found by a key."""

from __future__ import annotations

from collections.abc import Callable

from ..http.context import Context
from ..http.errors import NotFound
from ..http.paging import whole
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.times import parse_time
from ..store import Row
from .applications import represent
from .services import accessible

routes = Routes()


@routes.get("/admin/api/applications")
def index(ctx: Context) -> Reply:
    """List of the tenant, filtered, paged."""
    services = {row["id"] for row in accessible(ctx)}
    wanted = ctx.params.text("service_id")
    rows = (
        ctx.db.where("applications", service_id=whole(wanted))
        if wanted
        else ctx.db.where("applications", tenant_id=ctx.tenant["id"])
    )
    rows = [row for row in rows if row["service_id"] in services and _fits(ctx, row)]
    return ctx.many("applications", "application", rows, represent, paged=True)


def _fits(ctx: Context, row: Row) -> bool:
    text = ctx.params.text
    tests: dict[str, Callable[[str], bool]] = {
        "plan_id": lambda word: row["plan_id"] == whole(word),
        "state": lambda word: row["state"] == word,
        "account": lambda word: row["user_account_id"] == whole(word),
        "user_key": lambda word: row["user_key"] == word,
        "name": lambda word: word.lower() in str(row["name"] or "").lower(),
        "plan_type": lambda word: _is_paid(ctx, row) == (word == "paid") if word in ("free", "paid") else True,
        "active_since": lambda word: (row["first_daily_traffic_at"] or 0) >= (parse_time(word) or 0),
        "inactive_since": lambda word: (
            row["first_daily_traffic_at"] is not None and row["first_daily_traffic_at"] <= (parse_time(word) or 0)
        ),
    }
    return all(test(str(text(name))) for name, test in tests.items() if text(name))


def _is_paid(ctx: Context, row: Row) -> bool:
    plan = ctx.db.get("plans", row["plan_id"])
    return plan is not None and bool(
        plan["cost_per_month"] or plan["setup_fee"] or ctx.db.first("pricing_rules", plan_id=plan["id"])
    )


@routes.get("/admin/api/applications/find")
def find(ctx: Context) -> Reply:
    """By user_key, app_id or application_id (the numeric id), of a product if asked."""
    services = {row["id"]: row for row in accessible(ctx)}
    given = ctx.params.text
    user_key, app_id, row_id = given("user_key"), given("app_id"), given("application_id") or given("id")
    rows: list[Row] = []
    if user_key is not None:
        rows = ctx.db.where("applications", tenant_id=ctx.tenant["id"], user_key=user_key)
    elif app_id is not None:
        rows = ctx.db.where("applications", tenant_id=ctx.tenant["id"], application_id=app_id)
    elif row_id is not None:
        rows = [ctx.row("applications", row_id, tenant_id=ctx.tenant["id"])]
    for row in rows:
        service = services.get(row["service_id"])
        if service is None or (given("service_id") and service["id"] != whole(given("service_id"))):
            continue
        by_key = service["backend_version"] == "1"
        if (
            (user_key is not None and by_key)
            or (user_key is None and app_id is not None and not by_key)
            or (user_key is None and app_id is None)
        ):
            return ctx.one("application", represent(ctx, row))
    raise NotFound
