# SPDX-License-Identifier: GPL-3.0-or-later
"""XML of accounts: unlike JSON it holds plans and users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.paging import page_of
from ..http.respond import Reply
from ..http.xml import Markup, document, element
from ..rules.defined_fields import shown
from ..rules.people import visible_users
from ..rules.plans import is_default
from ..store import Row

if TYPE_CHECKING:
    from ..http.context import Context

Pairs = list[tuple[str, Any]]


def account_xml(ctx: Context, account: Row | None, rows: list[Row] | None = None) -> Reply:
    """The answer for one account, or for a page of accounts."""
    if account is not None:
        return Reply(200, document(_account(ctx, account)), "application/xml")
    page = page_of(rows or [], ctx.params.all)
    inner = Markup("".join(_account(ctx, row) for row in page.rows))
    return Reply(200, document(element("accounts", inner, page.numbers if page.more else None)), "application/xml")


def _account(ctx: Context, account: Row) -> str:
    pairs: Pairs = [
        ("id", account["id"]),
        ("created_at", ctx.time(account["created_at"])),
        ("updated_at", ctx.time(account["updated_at"])),
        ("state", account["state"]),
    ]
    if account["annotations"]:
        pairs.append(("annotations", account["annotations"]))
    if account["provider"]:
        from .accounts import addresses  # noqa: PLC0415 (accounts imports this module)

        pairs += list(addresses(ctx, account).items())
    owner = account["provider_account_id"] or account["id"]
    fields = shown(ctx.sandbox, owner, "Account", account)
    extra = {name: fields.pop(name) for name in list(fields) if name in account["extra_fields"]}
    pairs += [(name, value) for name, value in fields.items() if value not in (None, "")]
    pairs += [
        ("extra_fields", extra),
        ("monthly_billing_enabled", account["monthly_billing_enabled"]),
        ("monthly_charging_enabled", account["monthly_charging_enabled"]),
        ("credit_card_stored", account["credit_card_auth_code"] is not None),
        ("plans", Markup("".join(_plan(ctx, plan) for plan in _plans(ctx, account)))),
        ("users", Markup("".join(user_xml(ctx, user) for user in visible_users(ctx.sandbox, account)))),
    ]
    return element("account", pairs)


def _plans(ctx: Context, account: Row) -> list[Row]:
    found = []
    for table in ("account_contracts", "service_subscriptions", "applications"):
        for contract in ctx.db.where(table, user_account_id=account["id"]):
            plan = ctx.db.get("plans", contract["plan_id"])
            if plan is not None:
                found.append(plan)
    return found


def _plan(ctx: Context, plan: Row) -> str:
    attributes: dict[str, Any] = {}
    if plan["type"] == "ApplicationPlan":
        attributes["custom"] = "true" if plan["original_id"] else "false"
    if is_default(ctx.sandbox, plan) or plan["type"] == "ApplicationPlan":
        attributes["default"] = "true" if is_default(ctx.sandbox, plan) else "false"
    kind = {"ApplicationPlan": "application_plan", "ServicePlan": "service_plan", "AccountPlan": "account_plan"}
    pairs: Pairs = [
        ("id", plan["id"]),
        ("name", plan["name"]),
        ("type", kind[plan["type"]]),
        ("state", plan["state"]),
        ("approval_required", plan["approval_required"]),
        ("setup_fee", f"{float(plan['setup_fee']):.2f}"),
        ("cost_per_month", f"{float(plan['cost_per_month']):.2f}"),
        ("trial_period_days", plan["trial_period_days"]),
        ("cancellation_period", plan["cancellation_period"]),
    ]
    if plan["type"] != "AccountPlan":
        pairs.append(("service_id", plan["issuer_id"]))
    return element("plan", pairs, attributes)


def user_xml(ctx: Context, user: Row) -> str:
    """A user as an element."""
    account = ctx.db.get("accounts", user["account_id"]) or user
    owner = account["provider_account_id"] if account["buyer"] else account["id"]
    fields = shown(ctx.sandbox, owner, "User", user)
    extra = {name: fields.pop(name) for name in list(fields) if name in user["extra_fields"]}
    pairs: Pairs = [
        ("id", user["id"]),
        ("created_at", ctx.time(user["created_at"])),
        ("updated_at", ctx.time(user["updated_at"])),
        ("account_id", user["account_id"]),
        ("state", user["state"]),
        ("role", user["role"]),
    ]
    pairs += [(name, value) for name, value in fields.items() if value not in (None, "")]
    pairs.append(("extra_fields", extra))
    return element("user", pairs)
