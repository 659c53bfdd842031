# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether and how a developer may change the plan of a contract."""

from __future__ import annotations

from ..store import Row
from .drops.world import World

_NAMES = {
    "direct": "Change Plan",
    "request_credit_card": "Change Plan",
    "request": "Request Plan Change",
    "credit_card": "Request Plan Change",
}
_SURE = {"direct": "Are you sure you want to change your plan?"}


def permission(world: World, plan: Row, new_contract: bool = False) -> str:
    """ "direct", "request", "none", "credit_card" or "request_credit_card"."""
    if plan["type"] == "AccountPlan":
        return "direct" if new_contract else str(world.settings["change_account_plan_permission"])
    if plan["type"] == "ServicePlan":
        return "direct" if new_contract else str(world.settings["change_service_plan_permission"])
    service = world.db.get("services", plan["issuer_id"]) or {}
    if new_contract:
        return "direct" if service.get("buyer_can_select_plan") else "none"
    return str(service.get("buyer_plan_change_permission") or "none")


def can_change_plan(world: World, contract: Row, plan: Row | None) -> bool:
    """A new contract: whether its plan may be chosen; one that is there: allowed, published plans, live."""
    if plan is None:
        return False
    if "id" not in contract:
        return permission(world, plan, new_contract=True) != "none"
    if permission(world, plan) == "none" or contract["state"] not in ("live", "deprecated"):
        return False
    issuer = world.tenant if plan["type"] == "AccountPlan" else world.db.get("services", plan["issuer_id"])
    return bool(issuer and world.plans(plan["type"], issuer))


def permission_name(world: World, plan: Row | None) -> str | None:
    """What the button for a change of plan says."""
    return _NAMES.get(permission(world, plan)) if plan else None


def permission_warning(world: World, plan: Row | None) -> str | None:
    """What is asked before a change of plan."""
    if plan is None or permission(world, plan) == "none":
        return None
    return _SURE.get(permission(world, plan), "Are you sure you want to request a plan change?")
