# SPDX-License-Identifier: GPL-3.0-or-later
"""What a developer may do: create applications of a product, subscribe, choose among products."""

from __future__ import annotations

from ..store import Row
from .drops.world import World


def services_to_choose(world: World, managed_only: bool = False) -> list[Row]:
    """Products with a live subscription and a default or published application plan, by id."""
    if world.account is None:
        return []
    live = {row["service_id"] for row in world.subscriptions(world.account) if row["state"] == "live"}
    return [
        service
        for service in world.services()
        if service["id"] in live
        and (service["buyers_manage_apps"] or not managed_only)
        and (service["default_application_plan_id"] is not None or world.plans("ApplicationPlan", service))
    ]


def may_have_another(world: World) -> bool:
    """Several applications are shown, or there is none yet."""
    return world.visible("multiple_applications") or (
        world.account is not None and not world.applications(world.account)
    )


def may_create(world: World, service: Row) -> bool:
    """Whether the product lets developers make applications at all."""
    return bool(service["buyers_manage_apps"]) and may_have_another(world)


def can_create_application_of(world: World, service: Row) -> bool:
    """Whether the signed-in account could make an application of the product now."""
    chosen = services_to_choose(world, managed_only=True)
    return may_create(world, service) and any(row["id"] == service["id"] for row in chosen)
