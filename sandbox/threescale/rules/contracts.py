# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts: an account gets a plan. Applications, subscriptions to products, account contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..store import Row
from .names import random_hex

if TYPE_CHECKING:
    from ..sandbox import Sandbox

KEYS_MOST = 5


def _common(sandbox: Sandbox, plan: Row, account: Row) -> dict[str, Any]:
    now = sandbox.now()
    pending = bool(plan["approval_required"])
    trial = now + (plan["trial_period_days"] or 0) * 86400
    return {
        "plan_id": plan["id"],
        "user_account_id": account["id"],
        "tenant_id": plan["tenant_id"],
        "state": "pending" if pending else "live",
        "trial_period_expires_at": trial,
        "paid_until": trial,
        "variable_cost_paid_until": now,
        "setup_fee": plan["setup_fee"],
        "accepted_at": None,
    }


def subscription_of(sandbox: Sandbox, account: Row, service: Row) -> Row | None:
    """The account's subscription to a product."""
    return sandbox.db.first("service_subscriptions", user_account_id=account["id"], service_id=service["id"])


def subscribe(sandbox: Sandbox, account: Row, plan: Row) -> Row:
    """Subscribe an account to the product of a service plan."""
    return sandbox.db.insert("service_subscriptions", service_id=plan["issuer_id"], **_common(sandbox, plan, account))


def plan_to_subscribe(sandbox: Sandbox, service: Row) -> Row | None:
    """The service plan by which an application subscribes its account: the default one, else the first."""
    default = sandbox.db.get("plans", service["default_service_plan_id"])
    return default or sandbox.db.first("plans", issuer_type="Service", issuer_id=service["id"], type="ServicePlan")


def contract_account(sandbox: Sandbox, account: Row, plan: Row) -> Row:
    """Give an account an account plan."""
    return sandbox.db.insert("account_contracts", **_common(sandbox, plan, account))


def create_application(sandbox: Sandbox, account: Row, plan: Row, keys: list[str] | None = None, **values: Any) -> Row:
    """An application of a plan, with these keys. What is not given is made; the account must be subscribed already.

    Products with application id and key give a first key where none is given (by id and key only if it is mandatory).
    """
    db = sandbox.db
    service = db.get("services", plan["issuer_id"])
    if service is None:
        raise LookupError(f"plan {plan['id']} belongs to no product")
    given = {name: value for name, value in values.items() if value is not None}
    given.setdefault("user_key", random_hex(32))
    given.setdefault("application_id", random_hex(8))
    application = db.insert(
        "applications",
        service_id=service["id"],
        provider_public_key=random_hex(32),
        **{**_common(sandbox, plan, account), **given},
    )
    version = service["backend_version"]
    wanted = list(keys or [])
    if not wanted and (version == "oauth" or (version == "2" and service["mandatory_app_key"])):
        wanted = [random_hex(32)]
    for key in wanted:
        add_key(sandbox, application, key)
    return application


def add_key(sandbox: Sandbox, application: Row, value: str) -> Row:
    """Add a key to an application."""
    return sandbox.db.insert(
        "application_keys", application_id=application["id"], tenant_id=application["tenant_id"], value=value
    )


def change_plan(sandbox: Sandbox, table: str, contract: Row, plan: Row) -> bool:
    """Give a contract another plan; a customised old one goes. False when it has the plan already."""
    old = sandbox.db.get("plans", contract["plan_id"])
    if contract["plan_id"] == plan["id"]:
        return False
    sandbox.db.update(table, contract, plan_id=plan["id"])
    if old is not None and old["original_id"]:
        sandbox.db.delete("plans", old)
    return True


def delete_contract(sandbox: Sandbox, table: str, contract: Row) -> None:
    """Delete a contract and the plan customised for it."""
    plan = sandbox.db.get("plans", contract["plan_id"])
    sandbox.db.delete(table, contract)
    if plan is not None and plan["original_id"]:
        sandbox.db.delete("plans", plan)
