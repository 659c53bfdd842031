# SPDX-License-Identifier: GPL-3.0-or-later
"""Billing a day at a time: fees, usage, the states of invoices."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from sandbox.threescale.rules.billing import cost_of
from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api, Clock


@pytest.mark.parametrize(
    ("low", "high", "used", "cost"),
    [(1, None, 0, "0"), (1, None, 10, "2.0"), (1, 5, 3, "0.6"), (1, 5, 9, "1.0"), (6, None, 5, "0"), (6, 9, 7, "0.4")],
)
def test_what_a_price_makes_of_usage(low: int, high: int | None, used: int, cost: str) -> None:
    assert str(cost_of({"min": low, "max": high, "cost_per_unit": "0.2"}, used)) == cost


class Customer:
    """An account with an application of a plan that costs 30 a month, 5 at once and a cent for each hit above 10."""

    def __init__(self, api: Api, master: Api, server: Server, clock: Clock, service: int) -> None:
        self.api, self.master, self.clock = api, master, clock
        self.set_day("2026-11-16")
        plan = {"name": "Paid", "cost_per_month": 30, "setup_fee": 5}
        made = api.make(f"/admin/api/services/{service}/application_plans.json", plan, "application_plan")
        hits = api.get(f"/admin/api/services/{service}/metrics.json")["metrics"][0]["metric"]["id"]
        price = {"min": 11, "cost_per_unit": "0.01"}
        path = f"/admin/api/application_plans/{made['id']}/metrics/{hits}/pricing_rules.json"
        api.make(path, price, "pricing_rule")
        person = {"org_name": "Payer", "username": "payer", "email": "payer@example.com", "password": "p"}
        self.account = api.make("/admin/api/signup.json", person, "account")["id"]
        wish = {"plan_id": made["id"], "name": "app"}
        app = api.make(f"/admin/api/accounts/{self.account}/applications.json", wish, "application")
        self._call = lambda count: self._report(server, service, app["user_key"], count)

    def _report(self, server: Server, service: int, key: str, count: int) -> None:
        token = server.sandbox.db.first("service_tokens", service_id=service)
        assert token is not None
        query = f"service_id={service}&service_token={token['value']}&user_key={key}&usage[hits]={count}"
        assert Api(server, "backend", None).send("GET", f"/transactions/authrep.xml?{query}").status_code == 200

    def set_day(self, day: str) -> None:
        self.clock.now = datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=timezone.utc).timestamp()

    def use(self, day: str, count: int) -> None:
        self.set_day(day)
        self._call(count)

    def bill(self, day: str, account: int | None = None) -> None:
        self.set_day(day)
        part = f"/accounts/{account}" if account else ""
        status, answer = self.master.call("POST", f"/master/api/providers/2{part}/billing_jobs.json", {"date": day})
        assert status == 202, answer

    def invoices(self) -> list[tuple[str, str, float, list[tuple[str, float]]]]:
        """(month, state, cost, lines) of each invoice."""
        found = self.api.get(f"/api/accounts/{self.account}/invoices.json")["invoices"]
        out = []
        for item in found:
            row = item["invoice"]
            lines = self.api.get(f"/api/invoices/{row['id']}/line_items.json")["line_items"]
            named = [(line["line_item"]["name"], line["line_item"]["cost"]) for line in lines]
            out.append((row["period"], row["state"], row["cost"], named))
        return out


@pytest.fixture
def customer(api: Api, master: Api, server: Server, clock: Clock, product: dict[str, Any]) -> Customer:
    return Customer(api, master, server, clock, product["id"])


FIRST = [("Fixed fee ('Paid')", 15.0), ("Setup fee ('Paid')", 5.0)]


def test_from_the_first_day_to_the_second_invoice(customer: Customer) -> None:
    customer.bill("2026-11-16")
    assert customer.invoices() == []
    customer.bill("2026-11-17")
    assert customer.invoices() == [("2026-11", "open", 20.0, FIRST)], "half of November and the setup fee"
    customer.bill("2026-11-17")
    assert customer.invoices() == [("2026-11", "open", 20.0, FIRST)], "once only"
    customer.use("2026-11-20", 110)
    customer.bill("2026-12-01")
    whole = ("2026-12", "open", 30.0, [("Fixed fee ('Paid')", 30.0)])
    used = [*FIRST, ("Hits", 1.0)]
    assert customer.invoices() == [("2026-11", "finalized", 21.0, used), whole]
    customer.bill("2026-12-02")
    assert customer.invoices()[0][1] == "finalized"
    customer.bill("2026-12-03")
    assert customer.invoices() == [("2026-11", "pending", 21.0, used), whole]


def test_accounts_that_are_not_billed(customer: Customer) -> None:
    customer.api.call("PUT", f"/admin/api/accounts/{customer.account}.json", {"monthly_billing_enabled": False})
    customer.bill("2026-11-17")
    assert customer.invoices() == []
    customer.api.call("PUT", f"/admin/api/accounts/{customer.account}.json", {"monthly_billing_enabled": True})
    customer.bill("2026-11-17", account=3)
    assert customer.invoices() == [], "another account was meant"
    customer.bill("2026-11-17", account=customer.account)
    assert len(customer.invoices()) == 1


@pytest.mark.parametrize(("body", "status"), [({}, 400), ({"date": "soon"}, 400), ({"date": "2026-02-31"}, 400)])
def test_days_that_are_none(master: Api, body: dict[str, str], status: int) -> None:
    assert master.call("POST", "/master/api/providers/2/billing_jobs.json", body)[0] == status
    assert master.call("POST", "/master/api/providers/999/billing_jobs.json", {"date": "2026-01-01"})[0] == 404
