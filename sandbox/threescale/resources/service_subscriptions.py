# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscriptions of accounts to products, and the older ways to buy a plan."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import Forbidden, Invalid, NotFound, Vetoed
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.contracts import change_plan, create_application, delete_contract, subscribe, subscription_of
from ..rules.fields import Fields
from ..rules.states import Machine
from ..rules.times import iso
from ..store import Row
from .accounts import buyer_of
from .plans import represent as represent_plan
from .plans import visible_plan

routes = Routes()
_BASE = "/admin/api/accounts/{account_id}/service_subscriptions"
_CONTRACTS = "/admin/api/accounts/{account_id}/service_contracts"
MACHINE = Machine(accept={"pending": "live"})
KNOWN = ("plan_id", "user_account_id", "state", "description", "id", "service_id", "name", "created_at", "updated_at")
JSON_DEFAULT = {"default": "json", "feature": "service_subscriptions"}


def represent(ctx: Context, row: Row) -> dict[str, Any]:
    """JSON of a subscription. One of its times is written unlike the others."""
    until = iso(row["variable_cost_paid_until"])
    return {
        "id": row["id"],
        "plan_id": row["plan_id"],
        "user_account_id": row["user_account_id"],
        "created_at": ctx.time(row["created_at"]),
        "updated_at": ctx.time(row["updated_at"]),
        "state": row["state"],
        "paid_until": ctx.time(row["paid_until"]),
        "trial_period_expires_at": ctx.time(row["trial_period_expires_at"]),
        "setup_fee": str(float(row["setup_fee"])),
        "type": "ServiceContract",
        "variable_cost_paid_until": until.replace("Z", "+00:00") if until else None,
        "tenant_id": row["tenant_id"],
        "service_id": row["service_id"],
        "accepted_at": ctx.time(row["accepted_at"]),
    }


def _account(ctx: Context) -> Row:
    if ctx.tenant["master"]:
        raise Forbidden
    ctx.require("plans")
    return buyer_of(ctx)


def _subscription(ctx: Context) -> Row:
    return ctx.row("service_subscriptions", ctx.number("id"), user_account_id=_account(ctx)["id"])


def _plan(ctx: Context) -> Row:
    given = ctx.params.wrapped("service_subscription", KNOWN, required=False)
    return visible_plan(ctx, "ServicePlan", str(given.get("plan_id")))


@routes.get(_BASE, **JSON_DEFAULT)
def index(ctx: Context) -> Reply:
    """List of an account, whole."""
    rows = ctx.db.where("service_subscriptions", user_account_id=_account(ctx)["id"])
    return ctx.many("service_subscriptions", "service_subscription", rows, represent)


@routes.post(_BASE, **JSON_DEFAULT)
def create(ctx: Context) -> Reply:
    """Subscribe; once for each product."""
    account, plan = _account(ctx), _plan(ctx)
    service = ctx.row("services", plan["issuer_id"])
    if subscription_of(ctx.sandbox, account, service) is not None and not ctx.db.lenient:
        raise Invalid({"base": ["already subscribed to this service"]})
    made = subscribe(ctx.sandbox, account, plan)
    return ctx.created("service_subscription", represent(ctx, made), made["id"])


@routes.get(_BASE + "/{id}", **JSON_DEFAULT)
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("service_subscription", represent(ctx, _subscription(ctx)))


@routes.get(_CONTRACTS)
def contracts(ctx: Context) -> Reply:
    """The older list of the same."""
    rows = ctx.db.where("service_subscriptions", user_account_id=_account(ctx)["id"])
    return ctx.many("service_contracts", "service_contract", rows, represent)


@routes.delete(_CONTRACTS + "/{id}")
@routes.delete(_BASE + "/{id}", **JSON_DEFAULT)
def destroy(ctx: Context) -> Reply:
    """Unsubscribe; suspended applications go along, others forbid it."""
    subscription = _subscription(ctx)
    applications = [
        row
        for row in ctx.db.where("applications", user_account_id=subscription["user_account_id"])
        if row["service_id"] == subscription["service_id"]
    ]
    active = sum(row["state"] != "suspended" for row in applications)
    if active == 1:
        raise Vetoed("There is 1 unsuspended application subscribed to the service")
    if active:
        raise Vetoed(f"There are {active} unsuspended applications subscribed to the service")
    for application in applications:
        delete_contract(ctx.sandbox, "applications", application)
    delete_contract(ctx.sandbox, "service_subscriptions", subscription)
    return ctx.empty()


@routes.put(_BASE + "/{id}/change_plan", **JSON_DEFAULT)
def change(ctx: Context) -> Reply:
    """Another plan of the same product; the answer is the plan."""
    subscription, plan = _subscription(ctx), _plan(ctx)
    if plan["issuer_id"] != subscription["service_id"]:
        raise Invalid({"plan": ["must belong to the same product"]})
    change_plan(ctx.sandbox, "service_subscriptions", subscription, plan)
    return ctx.one("service_plan", represent_plan(ctx, plan))


@routes.put(_BASE + "/{id}/approve", **JSON_DEFAULT)
def approve(ctx: Context) -> Reply:
    """Accept a pending one."""
    subscription = _subscription(ctx)
    state = MACHINE.fire(subscription["state"], "accept")
    ctx.db.update("service_subscriptions", subscription, state=state, accepted_at=ctx.sandbox.now())
    return ctx.one("service_subscription", represent(ctx, subscription))


@routes.get("/admin/api/accounts/{account_id}/plan")
def account_plan(ctx: Context) -> Reply:
    """The account's own plan."""
    contract = ctx.db.first("account_contracts", user_account_id=buyer_of(ctx)["id"])
    plan = ctx.row("plans", contract["plan_id"] if contract else None)
    return ctx.one("account_plan", represent_plan(ctx, plan))


@routes.get("/admin/api/accounts/{account_id}/application_plans")
def bought_application_plans(ctx: Context) -> Reply:
    """Plans of the account's applications."""
    return _bought(ctx, "applications", "application_plan")


@routes.get("/admin/api/accounts/{account_id}/service_plans")
def bought_service_plans(ctx: Context) -> Reply:
    """Plans of the account's subscriptions."""
    return _bought(ctx, "service_subscriptions", "service_plan")


def _bought(ctx: Context, table: str, key: str) -> Reply:
    contracts = ctx.db.where(table, user_account_id=buyer_of(ctx)["id"])
    plans = {row["plan_id"]: ctx.row("plans", row["plan_id"]) for row in contracts}
    return ctx.many("plans", key, [plans[plan_id] for plan_id in sorted(plans)], represent_plan)


@routes.post("/admin/api/accounts/{account_id}/application_plans/{id}/buy")
def buy_application_plan(ctx: Context) -> Reply:
    """An application the old way."""
    account, plan = buyer_of(ctx), _stock_plan(ctx, "ApplicationPlan")
    values = Fields(text="name description").cast(ctx.params.all)
    made = create_application(ctx.sandbox, account, plan, create_origin="api", **values)
    return ctx.created("application_plan", represent_plan(ctx, plan), made["id"])


@routes.post("/admin/api/accounts/{account_id}/service_plans/{id}/buy")
def buy_service_plan(ctx: Context) -> Reply:
    """A subscription the old way."""
    account, plan = buyer_of(ctx), _stock_plan(ctx, "ServicePlan")
    service = ctx.row("services", plan["issuer_id"])
    if subscription_of(ctx.sandbox, account, service) is not None:
        raise Invalid({"base": ["already subscribed to this service"]})
    made = subscribe(ctx.sandbox, account, plan)
    return ctx.created("service_plan", represent_plan(ctx, plan), made["id"])


def _stock_plan(ctx: Context, kind: str) -> Row:
    """The plan of the path; one that was made for a single application can't be bought."""
    plan = visible_plan(ctx, kind, ctx.number("id"))
    if plan["original_id"]:
        raise NotFound
    return plan
