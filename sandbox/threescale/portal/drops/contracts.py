# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts of an account: what all have, and subscriptions to products."""

from __future__ import annotations

from typing import Any

from ...store import Row
from ..plan_changes import can_change_plan, permission_name, permission_warning
from ..templating.drop import Collection, Drop, attribute
from .plans import plan_drop
from .rows import Errors, RowDrop
from .service import ServiceDrop
from .world import World


class ContractDrop(RowDrop):
    """What all contracts have."""

    ruby_name = "Contract"
    has_lifecycle = True

    def plan_row(self) -> Row | None:
        """The plan of the contract."""
        return self.world.db.get("plans", self.row["plan_id"])

    @attribute()
    def id(self) -> Any:  # noqa: A003
        return self.row.get("id")

    @attribute()
    def contract(self) -> Any:
        return self

    @attribute()
    def new_record_p(self) -> bool:
        return "id" not in self.row

    @attribute()
    def state(self) -> Any:
        return self.row.get("state")

    @attribute()
    def live_p(self) -> bool:
        return self.row.get("state") in ("live", "deprecated")

    @attribute()
    def plan(self) -> Any:
        row = self.plan_row()
        return plan_drop(self.world, row) if row else None

    @attribute()
    def trial_p(self) -> Any:
        expires = self.row.get("trial_period_expires_at")
        return None if expires is None else self.world.sandbox.now() < expires

    @attribute()
    def remaining_trial_period_days(self) -> int:
        expires = self.row.get("trial_period_expires_at") or 0
        return round(max(expires - self.world.sandbox.now(), 0) / 86400)

    @attribute()
    def can_change_plan_p(self) -> bool:
        return can_change_plan(self.world, self.row, self.plan_row())

    @attribute()
    def plan_change_permission_name(self) -> Any:
        return permission_name(self.world, self.plan_row())

    @attribute()
    def plan_change_permission_warning(self) -> Any:
        return permission_warning(self.world, self.plan_row())


class SubscriptionDrop(ContractDrop):
    """A subscription to a product; on the form for a new one it has only the product."""

    ruby_name = "ServiceContract"
    dom_name = "service_contract"

    def __init__(self, world: World, row: Row, service: Row | None = None, errors: Errors | None = None) -> None:
        super().__init__(world, row, errors)
        self.given_service = service

    def service_row(self) -> Row | None:
        """The product."""
        return self.given_service or self.world.db.get("services", self.row.get("service_id"))

    @attribute()
    def name(self) -> Any:
        service = self.service_row()
        return service["name"] if service else None

    @attribute()
    def system_name(self) -> Any:
        service = self.service_row()
        return service["system_name"] if service else None

    @attribute()
    def service(self) -> ServiceDrop | None:
        service = self.service_row()
        return ServiceDrop(self.world, service) if service else None

    @attribute()
    def change_plan_url(self) -> str:
        return f"/admin/contracts/{self.row.get('id')}/service_plans"

    @attribute()
    def applications(self) -> Collection:
        account_id, service = self.row.get("user_account_id"), self.service_row()
        if service is None or account_id is None:
            return Collection()
        from .application import ApplicationDrop

        rows = self.world.db.where("applications", user_account_id=account_id, service_id=service["id"])[:50]
        return Collection(ApplicationDrop(self.world, row) for row in rows)

    @attribute()
    def can(self) -> SubscriptionCan:
        return SubscriptionCan(self.world)


class SubscriptionCan(Drop):
    """What the signed-in user may do with a subscription."""

    ruby_name = "ServiceContract::Can"

    def __init__(self, world: World) -> None:
        self.world = world

    @attribute()
    def change_plan_p(self) -> bool:
        return self.world.visible("service_plans")
