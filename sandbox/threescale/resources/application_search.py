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
    scope = {"service_id": whole(wanted)} if wanted else {"tenant_id": ctx.tenant["id"]}
    rows = [row for row in ctx.db.where("applications", **scope) if row["service_id"] in services]
    for name, test in FILTERS.items():
        word = ctx.params.text(name)
        if word:
            rows = [row for row in rows if test(ctx, row, word)]
    return ctx.many("applications", "application", rows, represent, paged=True)


def _by_type(ctx: Context, row: Row, word: str) -> bool:
    return word not in ("free", "paid") or _is_paid(ctx, row) == (word == "paid")


def _active(row: Row, word: str, *, since: bool) -> bool:
    seen, moment = row["first_daily_traffic_at"], parse_time(word)
    if seen is None or moment is None:
        return False
    return bool(seen >= moment if since else seen <= moment)


FILTERS: dict[str, Callable[[Context, Row, str], bool]] = {
    "plan_id": lambda _ctx, row, word: row["plan_id"] == whole(word),
    "state": lambda _ctx, row, word: row["state"] == word,
    "account": lambda _ctx, row, word: row["user_account_id"] == whole(word),
    "user_key": lambda _ctx, row, word: row["user_key"] == word,
    "name": lambda _ctx, row, word: word.lower() in str(row["name"] or "").lower(),
    "plan_type": _by_type,
    "active_since": lambda _ctx, row, word: _active(row, word, since=True),
    "inactive_since": lambda _ctx, row, word: _active(row, word, since=False),
}


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
