# SPDX-License-Identifier: GPL-3.0-or-later
"""Billing on demand: `/master/api/providers/{id}/billing_jobs`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ..http.context import Context
from ..http.errors import Refused
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.billing import Biller
from ..sandbox import Sandbox, job
from .master_providers import tenant_of

routes = Routes(default="json")


@routes.post("/master/api/providers/{id}/billing_jobs", "/master/api/providers/{id}/accounts/{account_id}/billing_jobs")
def billing_jobs(ctx: Context) -> Reply:
    """Have a day billed, for the tenant or for one of its accounts; the work follows in the background."""
    tenant = tenant_of(ctx, deleted=False)
    try:
        day = datetime.strptime(str(ctx.params.require("date")), "%Y-%m-%d").date()
    except ValueError as error:
        raise Refused("Invalid date", 400) from error
    account = None
    if "account_id" in ctx.variables:
        account = ctx.row("accounts", ctx.number("account_id"), provider_account_id=tenant["id"], buyer=True)
    ctx.sandbox.soon("bill", tenant=tenant["id"], day=day.isoformat(), account=account["id"] if account else None)
    return ctx.empty(202)


@job("bill")
def bill(sandbox: Sandbox, arguments: dict[str, Any]) -> None:
    """Bill a day."""
    tenant, account = (sandbox.db.get("accounts", arguments[name]) for name in ("tenant", "account"))
    if tenant is not None:
        Biller(sandbox, tenant, date.fromisoformat(arguments["day"]), account).run()
