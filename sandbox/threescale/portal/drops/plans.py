# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of the three kinds, and their features, metrics, limits and prices."""

from __future__ import annotations

from typing import Any

from ...store import Row
from ..templating.drop import Collection, attribute
from ..templating.values import SafeText, TemplateError
from .rows import RowDrop
from .world import World


def price(amount: Any, digits: int = 2) -> SafeText:
    """Money as the portal prints it: `USD&nbsp;5.50`."""
    return SafeText(f"USD&nbsp;{float(amount or 0):,.{digits}f}")


class FeatureDrop(RowDrop):
    """A feature of plans."""

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

    @attribute()
    def has_description_p(self) -> bool:
        return bool((self.row["description"] or "").strip())


class PlanFeatureDrop(FeatureDrop):
    """A feature of account plans, as one of them has it or not."""

    ruby_name = "PlanFeature"

    def __init__(self, world: World, row: Row, plan: Row) -> None:
        super().__init__(world, row)
        self.plan_row = plan

    @attribute()
    def enabled_p(self) -> bool:
        links = self.world.db.where("features_plans", plan_id=self.plan_row["id"])
        return any(link["feature_id"] == self.row["id"] for link in links)


class PlanDrop(RowDrop):
    """A plan of any kind. SELECTED and BOUGHT are known on sign-up pages only."""

    selected = False
    bought = False
    param_name = "plan_ids[]"

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
    def class_name(self) -> str:
        return str(self.row["name"]).replace(" ", "_").strip()

    @attribute()
    def selected_p(self) -> bool:
        return self.selected

    @attribute()
    def bought_p(self) -> bool:
        return self.bought

    @attribute()
    def free_p(self) -> bool:
        return self.world.plan_is_free(self.row)

    @attribute()
    def paid_p(self) -> bool:
        return not self.free_p()

    @attribute()
    def approval_required_p(self) -> bool:
        return bool(self.row["approval_required"])

    @attribute()
    def trial_period_days(self) -> Any:
        return self.row["trial_period_days"] or None

    @attribute()
    def setup_fee(self) -> Any:
        return price(self.row["setup_fee"])

    @attribute()
    def flat_cost(self) -> Any:
        return price(self.row["cost_per_month"]) if float(self.row["cost_per_month"] or 0) > 0 else "0"

    @attribute()
    def cost(self) -> Any:
        raise TemplateError("undefined method `to_liquid' for an instance of money")

    @attribute()
    def features(self) -> Collection:
        world, links = self.world, self.world.db.where("features_plans", plan_id=self.row["id"])
        rows = [world.db.get("features", link["feature_id"]) for link in links]
        return Collection(FeatureDrop(world, row) for row in rows if row is not None and row["visible"])


class _OfProduct(PlanDrop):
    @attribute()
    def service(self) -> Any:
        from .service import ServiceDrop

        return ServiceDrop(self.world, self.world.db.get("services", self.row["issuer_id"]))


class ServicePlanDrop(_OfProduct):
    """A plan of subscriptions to a product."""


class ApplicationPlanDrop(_OfProduct):
    """A plan of applications."""

    @attribute()
    def metrics(self) -> Collection:
        rows = self.world.db.where("metrics", owner_type="Service", owner_id=self.row["issuer_id"])
        return Collection(MetricDrop(self.world, row) for row in rows)

    @attribute()
    def usage_limits(self) -> Collection:
        rows = self.world.db.where("usage_limits", plan_id=self.row["id"])
        return Collection(UsageLimitDrop(self.world, row) for row in rows)


class AccountPlanDrop(PlanDrop):
    """A plan of accounts."""

    @attribute()
    def features(self) -> Collection:
        rows = self.world.db.where("features", featurable_type="Account", featurable_id=self.row["issuer_id"])
        return Collection(PlanFeatureDrop(self.world, row, self.row) for row in rows if row["visible"])

    @attribute()
    def setup_fee(self) -> Any:
        return price(self.row["setup_fee"]) if float(self.row["setup_fee"] or 0) > 0 else 0


def plan_drop(world: World, row: Row) -> PlanDrop:
    """The drop of a plan by its kind."""
    kinds = {"ApplicationPlan": ApplicationPlanDrop, "ServicePlan": ServicePlanDrop, "AccountPlan": AccountPlanDrop}
    return kinds[row["type"]](world, row)


class UsageLimitDrop(RowDrop):
    """A limit of a plan; value 0 means closed."""

    @attribute()
    def period(self) -> str:
        return str(self.row["period"])

    @attribute()
    def value(self) -> Any:
        return self.row["value"]

    @attribute()
    def plan(self) -> Any:
        return self.row["plan_id"]

    @attribute()
    def metric(self) -> MetricDrop:
        row = self.world.db.get("metrics", self.row["metric_id"])
        if row is None:
            raise TemplateError("undefined method `unit' for nil:NilClass")
        return MetricDrop(self.world, row)


class PricingRuleDrop(RowDrop):
    """A price for units of a metric."""

    @attribute()
    def min(self) -> Any:  # noqa: A003
        return self.row["min"]

    @attribute()
    def max(self) -> Any:  # noqa: A003
        return SafeText("&#8734;") if self.row["max"] is None else self.row["max"]

    @attribute()
    def cost_per_unit(self) -> SafeText:
        return price(self.row["cost_per_unit"], 4)

    @attribute()
    def plan(self) -> PlanDrop | None:
        row = self.world.db.get("plans", self.row["plan_id"])
        return plan_drop(self.world, row) if row else None


class MetricDrop(RowDrop):
    """A metric or method; its limits and prices are those of all plans."""

    @attribute()
    def id(self) -> Any:  # noqa: A003
        return self.row["id"]

    @attribute()
    def name(self) -> Any:
        return self.row["friendly_name"]

    @attribute()
    def system_name(self) -> str:
        return str(self.row["system_name"])

    @attribute()
    def unit(self) -> Any:
        """A method has the unit of its metric."""
        return (self.world.db.get("metrics", self.row["parent_id"]) or self.row)["unit"]

    @attribute()
    def description(self) -> Any:
        return self.row["description"] or None

    @attribute()
    def has_parent(self) -> bool:
        return self.world.db.first("metrics", parent_id=self.row["id"]) is not None

    @attribute()
    def usage_limits(self) -> Collection:
        rows = self.world.db.where("usage_limits", metric_id=self.row["id"])
        return Collection(UsageLimitDrop(self.world, row) for row in rows)

    @attribute()
    def pricing_rules(self) -> Collection:
        rows = self.world.db.where("pricing_rules", metric_id=self.row["id"])
        return Collection(PricingRuleDrop(self.world, row) for row in rows)
