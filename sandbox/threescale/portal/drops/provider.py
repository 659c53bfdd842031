# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant as its portal shows it: provider, site, sign-in providers, time zone, plans to sign up for."""

from __future__ import annotations

from typing import Any

from ...store import Row
from ..sso_urls import authorize_url, callback_url
from ..templating.drop import Collection, Drop, attribute
from ..templating.values import TemplateError
from .plans import AccountPlanDrop, plan_drop
from .service import ApiSpecDrop, ServiceDrop, support_email
from .time_zone import TimeZoneDrop
from .world import World


class PaymentGatewayDrop(Drop):
    """There is none."""

    @attribute("braintree_blue?", "authorize_net?", "stripe?")
    def none(self) -> bool:
        return False

    @attribute()
    def type(self) -> None:  # noqa: A003
        return None


class ProviderDrop(Drop):
    """The tenant."""

    def __init__(self, world: World) -> None:
        self.world, self.row = world, world.tenant

    @attribute()
    def name(self) -> Any:
        return self.row["org_name"]

    @attribute()
    def domain(self) -> Any:
        return self.row["domain"]

    @attribute()
    def full_address(self) -> str:
        names = ("org_legaladdress", "org_legaladdress_cont", "city", "state_region")
        return ", ".join(str(self.row[name]) for name in names if self.row[name])

    @attribute()
    def country_name(self) -> Any:
        return None

    @attribute()
    def telephone_number(self) -> Any:
        return self.row["telephone_number"]

    @attribute()
    def support_email(self) -> Any:
        return support_email(self.world)

    @attribute()
    def finance_support_email(self) -> Any:
        return self.row["finance_support_email"] or support_email(self.world)

    @attribute()
    def timezone(self) -> TimeZoneDrop:
        return TimeZoneDrop(self.row["timezone"] or "UTC")

    @attribute()
    def payment_gateway(self) -> PaymentGatewayDrop:
        return PaymentGatewayDrop()

    @attribute()
    def logo_url(self) -> str:
        return "/images/powered-by-3scale.png"

    @attribute()
    def multiple_applications_allowed_p(self) -> bool:
        return self.world.visible("multiple_applications")

    @attribute()
    def multiple_users_allowed_p(self) -> bool:
        return self.world.visible("multiple_users")

    @attribute()
    def multiple_services_allowed_p(self) -> bool:
        services = self.world.services()
        with_plans = any(self.world.plans("ServicePlan", service) for service in services)
        shown = self.world.settings["service_plans_ui_visible"] and self.world.visible("multiple_services")
        return bool(shown) and len(services) > 1 and with_plans

    @attribute()
    def account_plans_allowed_p(self) -> bool:
        return self.world.visible("account_plans") and len(self.account_plans()) > 1

    @attribute()
    def finance_allowed_p(self) -> bool:
        return self.world.visible("finance")

    @attribute()
    def signups_enabled_p(self) -> bool:
        return bool(self.world.settings["signups_enabled"])

    @attribute()
    def account_management_enabled_p(self) -> bool:
        return bool(self.world.settings["useraccountarea_enabled"])

    @attribute("requires_credit_card?", "upgraded?")
    def no_billing(self) -> bool:
        return False

    @attribute()
    def account_plans(self) -> Collection:
        return Collection(AccountPlanDrop(self.world, row) for row in self.world.plans("AccountPlan", self.row))

    @attribute()
    def services(self) -> Collection:
        rows = self.world.db.where("services", account_id=self.row["id"])  # those that are being removed too
        return Collection(ServiceDrop(self.world, row) for row in rows)

    @attribute()
    def api_specs(self) -> Collection:
        alive = {row["id"] for row in self.world.services()}
        rows = self.world.db.where("api_docs_services", account_id=self.row["id"])
        return Collection(
            ApiSpecDrop(self.world, row) for row in rows if row["service_id"] is None or row["service_id"] in alive
        )


class SiteDrop(Drop):
    """The portal."""

    def __init__(self, world: World) -> None:
        self.world = world

    @attribute()
    def account(self) -> ProviderDrop:
        return ProviderDrop(self.world)

    @attribute()
    def company_name(self) -> Any:
        return self.world.tenant["org_name"]

    @attribute()
    def forum_p(self) -> bool:
        return False

    @attribute()
    def theme_css_link(self) -> str:
        return "/css/theme_css.css"

    @attribute()
    def service(self) -> Any:
        raise TemplateError("undefined method `to_liquid' for an instance of Service")

    @attribute()
    def plans(self) -> Any:
        raise TemplateError("undefined method `to_liquid' for an instance of ApplicationPlan")

    @attribute()
    def authentication_providers(self) -> Collection:
        rows = self.world.db.where(
            "authentication_providers", account_id=self.world.tenant["id"], account_type="developer"
        )
        return Collection(AuthenticationProviderDrop(self.world, row) for row in rows if row["published"])


class AuthenticationProviderDrop(Drop):
    """A published sign-in provider."""

    def __init__(self, world: World, row: Row) -> None:
        self.world, self.row = world, row

    @attribute()
    def id(self) -> Any:  # noqa: A003
        return self.row["id"]

    @attribute()
    def name(self) -> Any:
        return self.row["name"]

    @attribute()
    def kind(self) -> Any:
        return self.row["kind"]

    @attribute()
    def system_name(self) -> Any:
        return self.row["system_name"]

    @attribute()
    def client_id(self) -> Any:
        return self.row["client_id"]

    def _query(self) -> dict[str, Any]:
        return {name: value for name, value in self.world.page.query.items() if name != "code"}

    @attribute()
    def authorize_url(self) -> str:
        return authorize_url(self.row, self.world.page.origin, self._query())

    @attribute()
    def callback_url(self) -> str:
        return callback_url(self.row["system_name"], self.world.page.origin, self._query())


class NewSignupDrop(Drop):
    """`model`: what one may sign up for; plans named by the request's `plans` are selected."""

    ruby_name = "NewSignup"

    def __init__(self, world: World) -> None:
        self.world = world

    def _plans(self, rows: list[Row]) -> list[Any]:
        chosen = self._chosen()
        bought = {row["plan_id"] for row in self.world.contracts(self.world.account)} if self.world.account else set()
        drops = []
        for row in rows:
            drop = plan_drop(self.world, row)
            drop.selected, drop.bought = str(row["id"]) in chosen, row["id"] in bought
            drops.append(drop)
        return drops

    def _chosen(self) -> set[str]:
        given = self.world.page.params.get("plans") or []
        return {str(item) for item in (given if isinstance(given, list) else [given])}

    @attribute()
    def account_plans(self) -> list[Any]:
        return self._plans(self.world.plans("AccountPlan", self.world.tenant))

    @attribute()
    def services(self) -> list[Any]:
        mine = (
            {row["service_id"] for row in self.world.subscriptions(self.world.account)} if self.world.account else set()
        )
        return [ServiceDrop(self.world, row, row["id"] in mine) for row in self.world.services()]

    @attribute()
    def selected_plans(self) -> list[Any]:
        rows = [
            row
            for row in self.world.db.where("plans", tenant_id=self.world.tenant["id"])
            if str(row["id"]) in self._chosen() and row["state"] == "published"
        ]
        return self._plans(rows)
