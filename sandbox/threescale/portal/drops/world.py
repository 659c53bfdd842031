# SPDX-License-Identifier: GPL-3.0-or-later
"""What drops know: the store, the tenant, who is signed in, and the request that is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...store import Database, Row

if TYPE_CHECKING:
    from ...sandbox import Sandbox


@dataclass
class Page:
    """The request as templates see it. ORIGIN is `scheme://host[:port]` as the browser sees it."""

    path: str = "/"
    url: str = ""
    host: str = ""
    host_with_port: str = ""
    origin: str = ""
    query: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    controller: str = ""
    action: str = ""
    menus: dict[str, str] = field(default_factory=dict)
    has_view: bool = False  # built-in pages know which link is current, pages of the CMS don't


class World:
    """One request's view on a tenant."""

    def __init__(self, sandbox: Sandbox, tenant: Row, user: Row | None = None, page: Page | None = None) -> None:
        self.sandbox, self.tenant, self.user = sandbox, tenant, user
        self.db: Database = sandbox.db
        self.account = self.db.get("accounts", user["account_id"]) if user else None
        self.page = page or Page()

    @property
    def settings(self) -> Row:
        """The tenant's settings."""
        found = self.db.first("settings", account_id=self.tenant["id"])
        assert found is not None
        return found

    def visible(self, switch: str) -> bool:
        """Whether a feature is shown in the portal: multiple_applications, multiple_services, multiple_users …"""
        return bool(self.settings[f"{switch}_switch"] == "visible")

    def services(self) -> list[Row]:
        """The tenant's products that are not being deleted."""
        rows = self.db.where("services", account_id=self.tenant["id"])
        return [row for row in rows if row["state"] != "deleted"]

    def plans(self, kind: str, issuer: Row, published: bool = True) -> list[Row]:
        """Plans of a product or tenant, in their order; customised ones are nobody else's."""
        issuer_type = "Account" if kind == "AccountPlan" else "Service"
        rows = self.db.where("plans", issuer_type=issuer_type, issuer_id=issuer["id"], type=kind)
        rows = [row for row in rows if not row["original_id"] and (row["state"] == "published" or not published)]
        return sorted(rows, key=lambda row: (row["position"] or 0, row["id"]))

    def endpoint(self, service: Row) -> str | None:
        """The production address of a product's gateway."""
        proxy = self.db.first("proxies", service_id=service["id"])
        return proxy["endpoint"] if proxy else None

    def applications(self, account: Row, **criteria: Any) -> list[Row]:
        """An account's applications by id."""
        return self.db.where("applications", user_account_id=account["id"], **criteria)

    def subscriptions(self, account: Row) -> list[Row]:
        """An account's subscriptions to products that are there."""
        rows = self.db.where("service_subscriptions", user_account_id=account["id"])
        alive = {row["id"] for row in self.services()}
        return [row for row in rows if row["service_id"] in alive]

    def plan_is_free(self, plan: Row) -> bool:
        """No fees and no prices."""
        fees = float(plan["cost_per_month"] or 0) + float(plan["setup_fee"] or 0)
        return fees == 0 and not self.db.first("pricing_rules", plan_id=plan["id"])

    def contracts(self, account: Row) -> list[Row]:
        """All of an account's contracts: account plan, subscriptions, applications."""
        tables = ("account_contracts", "service_subscriptions", "applications")
        return [row for table in tables for row in self.db.where(table, user_account_id=account["id"])]

    def fields(self, target: str) -> list[Row]:
        """The tenant's field definitions of `Account`, `User` or `Cinstance`, in their order."""
        rows = self.db.where("fields_definitions", account_id=self.tenant["id"], target=target)
        return sorted(rows, key=lambda row: (row["pos"] or 0, row["id"]))
