# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-up of developers: by the API, by the portal's form, by single sign-on. All use `sign_up`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..store import Row
from .contracts import contract_account, create_application, subscribe, subscription_of
from .passwords import digest
from .products import products_of

if TYPE_CHECKING:
    from ..sandbox import Sandbox


class NoPlans(LookupError):
    """The set of plans is impossible: no account plan, or two plans of one product."""


def default_plans(sandbox: Sandbox, tenant: Row) -> list[Row]:
    """The plans that a sign-up without choice gets: account plan, default plans of products.

    A product counts by its default service plan, or by a default application plan with a published service plan while
    service plans are not shown.
    """
    db = sandbox.db
    plans: list[Row] = []
    account_plan = db.get("plans", tenant["default_account_plan_id"])
    if account_plan is not None:
        plans.append(account_plan)
    settings = db.first("settings", account_id=tenant["id"])
    ui_visible = bool(settings and settings["service_plans_ui_visible"])
    for service in products_of(sandbox, tenant):
        application_plan = db.get("plans", service["default_application_plan_id"])
        service_plan = db.get("plans", service["default_service_plan_id"])
        if service_plan is None and application_plan is not None and not ui_visible:
            service_plan = db.first("plans", issuer_type="Service", issuer_id=service["id"], type="ServicePlan",
                                    state="published")
        if service_plan is not None:
            plans.append(service_plan)
        if application_plan is not None and service_plan is not None:
            plans.append(application_plan)
    return plans


def plans_for(sandbox: Sandbox, tenant: Row, chosen: list[Row]) -> list[Row]:
    """The chosen plans completed by the defaults. Raises `NoPlans`."""
    db = sandbox.db
    plans: dict[tuple[str, int], Row] = {}
    for plan in chosen:
        key = (plan["type"], plan["issuer_id"])
        if key in plans and plans[key]["id"] != plan["id"]:
            raise NoPlans
        plans[key] = plan
    for plan in default_plans(sandbox, tenant):
        plans.setdefault((plan["type"], plan["issuer_id"]), plan)
    for kind, issuer_id in list(plans):
        if kind == "ApplicationPlan" and ("ServicePlan", issuer_id) not in plans:
            found = db.first("plans", issuer_type="Service", issuer_id=issuer_id, type="ServicePlan")
            if found is None:
                raise NoPlans
            plans[("ServicePlan", issuer_id)] = found
    if ("AccountPlan", tenant["id"]) not in plans:
        raise NoPlans
    return list(plans.values())


def sign_up(sandbox: Sandbox, tenant: Row, *, account: dict[str, Any], user: dict[str, Any], password: str | None,
            plans: list[Row], activate: bool) -> tuple[Row, Row]:
    """Make a developer account with its admin user, contracts and applications; (account, user).

    ACCOUNT and USER are columns, validated by the caller; PLANS come from `plans_for`. With ACTIVATE (a password, and
    no plan that needs approval, or single sign-on) account and user are approved and active at once.
    """
    db = sandbox.db
    needs_approval = any(plan["approval_required"] for plan in plans if plan["type"] == "AccountPlan")
    made = db.insert("accounts", provider_account_id=tenant["id"], tenant_id=tenant["id"], buyer=True, state="created",
                     **account)
    person = db.insert("users", account_id=made["id"], tenant_id=tenant["id"], role="admin", state="pending",
                       password_digest=digest(password) if password else None, **user)
    order = {"AccountPlan": 0, "ServicePlan": 1, "ApplicationPlan": 2}
    for plan in sorted(plans, key=lambda plan: (order[plan["type"]], plan["issuer_id"])):
        if plan["type"] == "AccountPlan":
            contract_account(sandbox, made, plan)
        elif plan["type"] == "ServicePlan":
            subscribe(sandbox, made, plan)
        else:
            _first_application(sandbox, made, plan)
    if activate:
        db.update("users", person, state="active", activated_at=sandbox.now())
        if not needs_approval:
            db.update("accounts", made, state="approved", state_changed_at=sandbox.now())
        else:
            db.update("accounts", made, state="pending", state_changed_at=sandbox.now())
    return made, person


def _first_application(sandbox: Sandbox, account: Row, plan: Row) -> None:
    service = sandbox.db.get("services", plan["issuer_id"])
    assert service is not None
    if subscription_of(sandbox, account, service) is not None:
        create_application(sandbox, account, plan, name=f"{account['org_name']}'s App",
                           description="Default application created on signup.", create_origin="signup")
