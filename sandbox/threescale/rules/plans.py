# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of the three kinds: defaults, customised copies, which may be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..http.errors import Vetoed
from ..store import Row

if TYPE_CHECKING:
    from ..sandbox import Sandbox

# kind -> (contracts' table, column of the default plan, table of that column, who depends on it)
KINDS = {
    "ApplicationPlan": ("applications", "default_application_plan_id", "services", "application", "application"),
    "ServicePlan": ("service_subscriptions", "default_service_plan_id", "services", "service", "contract"),
    "AccountPlan": ("account_contracts", "default_account_plan_id", "accounts", "account", "account"),
}


def is_default(sandbox: Sandbox, plan: Row) -> bool:
    """Whether it is the default plan of its product or tenant."""
    _contracts, column, table, _name, _user = KINDS[plan["type"]]
    issuer = sandbox.db.get(table, plan["issuer_id"])
    return issuer is not None and issuer[column] == plan["id"]


def make_default(sandbox: Sandbox, plan: Row) -> None:
    """Make it the default plan of its product or tenant."""
    _contracts, column, table, _name, _user = KINDS[plan["type"]]
    issuer = sandbox.db.get(table, plan["issuer_id"])
    if issuer is not None:
        sandbox.db.update(table, issuer, **{column: plan["id"]})


def delete_plan(sandbox: Sandbox, plan: Row) -> None:
    """Delete a plan without contracts; a default one leaves none. Raises `Vetoed`."""
    db = sandbox.db
    contracts, column, table, name, user = KINDS[plan["type"]]
    if db.first(contracts, plan_id=plan["id"]):
        raise Vetoed(f"This {name} plan cannot be deleted! At least one {user} depends on it.")
    copies = db.where("plans", original_id=plan["id"])
    if any(db.first(contracts, plan_id=copy["id"]) for copy in copies):
        raise Vetoed(
            f"This {name} plan cannot be deleted!  At least one customized version of this {name} plan exists."
        )
    for copy in copies:
        db.delete("plans", copy)
    issuer = db.get(table, plan["issuer_id"])
    if issuer is not None and issuer[column] == plan["id"]:
        db.update(table, issuer, touch=False, **{column: None})
    db.delete("plans", plan)


def customise(sandbox: Sandbox, plan: Row) -> Row:
    """A copy of a plan, with its features, prices and limits, for one application."""
    db = sandbox.db
    digits = f"{sandbox.now():.7f}".replace(".", "")
    kept = {name: value for name, value in plan.items() if name not in ("id", "created_at", "updated_at")}
    copy = db.insert(
        "plans",
        **{
            **kept,
            "name": f"{plan['name']} (custom)",
            "state": "hidden",
            "original_id": plan["id"],
            "system_name": f"{plan['system_name']}_custom_{digits}",
        },
    )
    for table in ("features_plans", "pricing_rules", "usage_limits"):
        for row in db.where(table, plan_id=plan["id"]):
            values = {name: value for name, value in row.items() if name not in ("id", "created_at", "updated_at")}
            db.insert(table, **{**values, "plan_id": copy["id"]})
    return copy
