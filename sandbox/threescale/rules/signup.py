# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: N818 (named after what happened)
"""Sign-up of developers: by the API, by the portal's form, by single sign-on. All use `sign_up`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..store import Row
from .contracts import contract_account, create_application, subscribe, subscription_of
from .passwords import digest

if TYPE_CHECKING:
    from ..sandbox import Sandbox


class NoPlans(LookupError):
    """The set of plans is impossible: no account plan, or two plans of one product."""


def default_plans(sandbox: Sandbox, tenant: Row, have: set[tuple[str, int]]) -> list[Row]:
    """The plans that a sign-up gets besides those it HAS (kind, issuer): account plan, default plans of products.

    They come as the database has the products, those last that were changed last.
    A product that was removed counts until its purge, see docs/threescale-behaviour.md#deletions-sign-ups.
    A product counts by its default service plan, or by a default application plan with a published service plan while
    service plans are not shown.
    """
    db = sandbox.db
    account_plan = db.get("plans", tenant["default_account_plan_id"])
    plans = [account_plan] if account_plan is not None else []
    settings = db.first("settings", account_id=tenant["id"])
    first_published = not (settings and settings["service_plans_ui_visible"])
    products = db.where("services", account_id=tenant["id"])  # those that are being removed too
    for service in sorted(products, key=lambda row: row["updated_at"]):
        service_plan = db.get("plans", service["default_service_plan_id"])
        application_plan = db.get("plans", service["default_application_plan_id"])
        subscribed = service_plan is not None or ("ServicePlan", service["id"]) in have
        if service_plan is not None:
            plans.append(service_plan)
        if not subscribed and not first_published:
            continue
        if application_plan is not None:
            plans.append(application_plan)
        if not subscribed and (application_plan is not None or ("ApplicationPlan", service["id"]) in have):
            published = db.first(
                "plans", issuer_type="Service", issuer_id=service["id"], type="ServicePlan", state="published"
            )
            plans += [published] if published is not None else []
    return plans


def plans_for(sandbox: Sandbox, tenant: Row, chosen: list[Row]) -> list[Row]:
    """The chosen plans completed by the defaults. Raises `NoPlans`."""
    plans = list(chosen)
    have = {(plan["type"], plan["issuer_id"]) for plan in chosen}
    for plan in default_plans(sandbox, tenant, have):
        if (plan["type"], plan["issuer_id"]) not in have:
            plans.append(plan)
    subscribed = [plan["issuer_id"] for plan in plans if plan["type"] == "ServicePlan"]
    if len(subscribed) != len(set(subscribed)):
        raise NoPlans
    if any(plan["type"] == "ApplicationPlan" and plan["issuer_id"] not in subscribed for plan in plans):
        raise NoPlans
    if not any(plan["type"] == "AccountPlan" and plan["issuer_id"] == tenant["id"] for plan in plans):
        raise NoPlans
    return plans


def sign_up(
    sandbox: Sandbox,
    tenant: Row,
    *,
    account: dict[str, Any],
    user: dict[str, Any],
    password: str | None,
    plans: list[Row],
    activate: bool,
    application: dict[str, Any] | None = None,
) -> tuple[Row, Row]:
    """Make a developer account with its admin user, contracts and applications; (account, user).

    ACCOUNT and USER are columns, validated by the caller; PLANS come from `plans_for`. With ACTIVATE (a password, and
    no plan that needs approval, or single sign-on) account and user are approved and active at once. APPLICATION: name
    and description of applications made, "X's App" where left out.
    """
    made, person = _account_and_user(
        sandbox, tenant, account, {**user, "password_digest": digest(password) if password else None}
    )
    order = {"AccountPlan": 0, "ServicePlan": 1, "ApplicationPlan": 2}
    for plan in sorted(plans, key=lambda plan: order[plan["type"]]):  # of one kind the chosen ones first
        if plan["type"] == "AccountPlan":
            contract_account(sandbox, made, plan)
        elif plan["type"] == "ServicePlan":
            subscribe(sandbox, made, plan)
        else:
            _first_application(sandbox, made, plan, application)
    if activate:
        activate_user(sandbox, person)
    return made, person


def _account_and_user(sandbox: Sandbox, tenant: Row, account: dict[str, Any], user: dict[str, Any]) -> tuple[Row, Row]:
    db = sandbox.db
    made = db.insert(
        "accounts", provider_account_id=tenant["id"], tenant_id=tenant["id"], buyer=True, state="created", **account
    )
    person = db.insert(
        "users",
        account_id=made["id"],
        tenant_id=tenant["id"],
        role="admin",
        state="pending",
        **user,
    )
    return made, person


def activate_user(sandbox: Sandbox, user: Row) -> None:
    """Make a user active; a new account is thereby approved, or pending where its plan needs approval."""
    db = sandbox.db
    db.update("users", user, state="active", activated_at=sandbox.now(), activation_code=None)
    account = db.get("accounts", user["account_id"])
    if account is not None and account["state"] == "created":
        pending = account["buyer"] and needs_approval(sandbox, account)
        db.update("accounts", account, state="pending" if pending else "approved", state_changed_at=sandbox.now())


def needs_approval(sandbox: Sandbox, account: Row) -> bool:
    """Whether the account's plan asks for approval."""
    contract = sandbox.db.first("account_contracts", user_account_id=account["id"])
    plan = sandbox.db.get("plans", contract["plan_id"]) if contract else None
    return bool(plan and plan["approval_required"])


def _first_application(sandbox: Sandbox, account: Row, plan: Row, texts: dict[str, Any] | None) -> None:
    service = sandbox.db.get("services", plan["issuer_id"])
    if service is not None and subscription_of(sandbox, account, service) is not None:
        values = texts or {
            "name": f"{account['org_name']}'s App",
            "description": "Default application created on signup.",
        }
        create_application(sandbox, account, plan, **{"create_origin": "signup", **values})
