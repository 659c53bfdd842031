# SPDX-License-Identifier: GPL-3.0-or-later
"""Products and their API specifications."""

from __future__ import annotations

from typing import Any

from ...store import Row
from ..templating.drop import Collection, Drop, attribute
from ..templating.values import TemplateError
from .plans import ApplicationPlanDrop, FeatureDrop, MetricDrop, ServicePlanDrop
from .rows import RowDrop
from .world import World


class ApiSpecDrop(RowDrop):
    """An ActiveDoc."""

    @attribute()
    def system_name(self) -> Any:
        return self.row["system_name"]

    @attribute()
    def url(self) -> str:
        return f"/swagger/spec/{self.row['system_name']}.json"

    @attribute()
    def published_p(self) -> bool:
        return bool(self.row["published"])

    @attribute()
    def service(self) -> ServiceDrop | None:
        row = self.world.db.get("services", self.row["service_id"])
        return ServiceDrop(self.world, row) if row else None

    @attribute()
    def api_product_production_public_base_url(self) -> str | None:
        row = self.world.db.get("services", self.row["service_id"])
        return self.world.endpoint(row) if row else None


class ServiceDrop(Drop):
    """A product; without a row every attribute fails, as on a form for a new application."""

    param_name = "service_id"
    dom_name = "service"

    def __init__(self, world: World, row: Row | None, subscribed: bool = False) -> None:
        self.world, self.row_or_none, self.subscribed = world, row, subscribed

    @property
    def row(self) -> Row:
        """The product's row."""
        assert self.row_or_none is not None
        return self.row_or_none

    def read(self, name: object) -> Any:
        if self.row_or_none is None:
            raise TemplateError(f"undefined method `{name}' for nil:NilClass")
        return super().read(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServiceDrop) and self.row_or_none is other.row_or_none

    def __hash__(self) -> int:
        return hash(("service", self.row_or_none["id"] if self.row_or_none else None))

    @attribute()
    def id(self) -> Any:  # noqa: A003
        return self.row["id"]

    @attribute()
    def name(self) -> Any:
        return self.row["name"]

    @attribute()
    def system_name(self) -> Any:
        return self.row["system_name"]

    @attribute()
    def description(self) -> Any:
        return self.row["description"]

    @attribute("support_email", "admin_support_email")
    def support_email(self) -> Any:
        return self.row["support_email"] or support_email(self.world)

    @attribute()
    def backend_version(self) -> str:
        return str(self.row["backend_version"])

    @attribute()
    def apps_identifier(self) -> str:
        return {"2": "ID", "oauth": "Client ID"}.get(self.row["backend_version"], "API Key")

    @attribute()
    def referrer_filters_required_p(self) -> bool:
        return bool(self.row["referrer_filters_required"])

    @attribute()
    def subscribed_p(self) -> bool:
        return self.subscribed

    @attribute()
    def subscription(self) -> Any:
        from .contracts import SubscriptionDrop

        account = self.world.account
        found = account and self.world.db.first(
            "service_subscriptions", user_account_id=account["id"], service_id=self.row["id"]
        )
        return SubscriptionDrop(self.world, found) if found else None

    @attribute()
    def subscribable_p(self) -> bool:
        default = self.world.db.get("plans", self.row["default_service_plan_id"])
        return default is not None or bool(self.world.plans("ServicePlan", self.row))

    @attribute()
    def subscribe_url(self) -> str:
        return f"/admin/service_contracts/new?service_id={self.row['id']}"

    @attribute()
    def application_plans(self) -> Collection:
        return Collection(ApplicationPlanDrop(self.world, row) for row in self.world.plans("ApplicationPlan", self.row))

    @attribute()
    def service_plans(self) -> Collection:
        return Collection(ServicePlanDrop(self.world, row) for row in self.world.plans("ServicePlan", self.row))

    @attribute()
    def plans(self) -> Collection:
        return self.application_plans()

    @attribute()
    def features(self) -> Collection:
        rows = self.world.db.where("features", featurable_type="Service", featurable_id=self.row["id"])
        return Collection(FeatureDrop(self.world, row) for row in rows if row["visible"])

    @attribute()
    def metrics(self) -> Collection:
        rows = self.world.db.where("metrics", owner_type="Service", owner_id=self.row["id"])
        return Collection(MetricDrop(self.world, row) for row in rows if row["parent_id"] is None)

    @attribute()
    def api_specs(self) -> Collection:
        rows = self.world.db.where("api_docs_services", account_id=self.world.tenant["id"], service_id=self.row["id"])
        return Collection(ApiSpecDrop(self.world, row) for row in rows)


def support_email(world: World) -> str | None:
    """The tenant's support address, else its first admin's."""
    if world.tenant["support_email"]:
        return str(world.tenant["support_email"])
    users = [row for row in world.db.where("users", account_id=world.tenant["id"]) if row["username"] != "3scaleadmin"]
    return users[0]["email"] if users else None
