# SPDX-License-Identifier: GPL-3.0-or-later
"""Billing after use, a day at a time: what contracts cost becomes lines of invoices.

The day after an account got a contract, or its trial ended, the rest of the month is billed with the setup fee. On the
first of a month usage of the last one goes to that month's invoice, which is finalized, and fixed fees to a new one.
Two days later what was finalized is issued; an invoice of nothing is paid. Nobody is charged for want of a gateway.
Days are UTC's. See docs/threescale-behaviour.md#billing.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from ..stats.ranges import Range
from ..stats.values import usage_values
from ..store import Database, Row

if TYPE_CHECKING:
    from ..sandbox import Sandbox

KINDS = {
    "applications": "Cinstance",
    "service_subscriptions": "ServiceContract",
    "account_contracts": "AccountContract",
}
CENT = Decimal("0.01")
DUE_AFTER = timedelta(days=2)  # after it was issued
ISSUED_AFTER = timedelta(days=1, hours=22)


@dataclass(frozen=True)
class Month:
    """A month of UTC, as `2026-11`."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that a day lies in."""
        return cls(day.year, day.month)

    @property
    def begin(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return calendar.monthrange(self.year, self.month)[1]

    @property
    def end(self) -> date:
        """Its last day."""
        return self.begin + timedelta(days=self.days - 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


def _moment(day: date, last: bool = False) -> float:
    return datetime.combine(day, time(23, 59, 59) if last else time(), timezone.utc).timestamp()


def _day(moment: float) -> date:
    return datetime.fromtimestamp(moment, timezone.utc).date()


def _words(begin: date, end: date) -> str:
    return f"{begin:%B} {begin.day:2d}, {begin.year} ( 0:00) - {end:%B} {end.day:2d}, {end.year} (23:59)"


def cost_of(rule: Row, used: int) -> Decimal:
    """What a price makes of so much usage."""
    low: int = rule["min"]
    high: int | None = rule["max"]
    price = Decimal(str(rule["cost_per_unit"]))
    if used < low:
        return Decimal(0)
    last: int = used if high is None or used <= high else high
    return price * (last - low + 1)


class Biller:
    """Bills one tenant's accounts, or one of them, for a day."""

    def __init__(self, sandbox: Sandbox, tenant: Row, today: date, account: Row | None = None) -> None:
        self.sandbox, self.db, self.tenant, self.today = sandbox, sandbox.db, tenant, today
        mine = self.db.where("accounts", provider_account_id=tenant["id"])
        self.accounts = [account] if account is not None else [row for row in mine if row["buyer"]]

    def run(self) -> None:
        """Bill, finalize, issue."""
        for account in self.accounts:
            if account["monthly_billing_enabled"]:
                self._bill(account)
            self._settle(account)

    def _contracts(self, account: Row) -> list[tuple[str, Row]]:
        found = [(table, row) for table in KINDS for row in self.db.where(table, user_account_id=account["id"])]
        return [(table, row) for table, row in found if row["state"] != "pending" and not self._on_trial(row)]

    def _on_trial(self, contract: Row) -> bool:
        until = contract["trial_period_expires_at"]
        return until is not None and until > max(self.sandbox.now(), _moment(self.today))

    def _bill(self, account: Row) -> None:
        yesterday, this = self.today - timedelta(days=1), Month.of(self.today)
        for table, contract in self._contracts(account):
            began = contract["trial_period_expires_at"]
            if began is not None and _day(began) == yesterday:
                self._bill_fixed(account, table, contract, this)
        if self.today.day != 1:
            return
        last = Month.of(yesterday)
        for application in self.db.where("applications", user_account_id=account["id"]):
            if ("applications", application) in self._contracts(account):
                self._bill_usage(account, application, last)
        for invoice in self.db.where("invoices", buyer_account_id=account["id"]):
            if invoice["state"] == "open" and invoice["period"] < str(this):
                self.db.update("invoices", invoice, state="finalized", finalized_at=_moment(self.today))
        for table, contract in self._contracts(account):
            self._bill_fixed(account, table, contract, this)

    def _bill_fixed(self, account: Row, table: str, contract: Row, month: Month) -> None:
        plan = self.db.get("plans", contract["plan_id"])
        paid = contract["paid_until"] or contract["created_at"]
        if plan is None:
            return
        values: dict[str, Any] = {}
        if _day(paid) < month.end:
            begin = max(month.begin, _day(paid))
            share = Decimal((month.end - begin).days + 1) / month.days
            cost = (Decimal(str(plan["cost_per_month"] or 0)) * share).quantize(CENT, ROUND_HALF_UP)
            values["paid_until"] = _moment(month.end, last=True)
            if cost:
                line = {"name": f"Fixed fee ('{plan['name']}')", "description": _words(begin, month.end), "quantity": 1}
                self._line(account, table, contract, month, plan, cost, "LineItem::PlanCost", **line)
        fee = Decimal(str(contract["setup_fee"] or 0))
        if fee:
            name = f"Setup fee ('{plan['name']}')"
            self._line(account, table, contract, month, plan, fee, "LineItem::PlanCost", name=name)
            values["setup_fee"] = 0.0
        self.db.update(table, contract, touch=False, **values)

    def _bill_usage(self, account: Row, application: Row, month: Month) -> None:
        plan, service = (
            self.db.get("plans", application["plan_id"]),
            self.db.get("services", application["service_id"]),
        )
        paid = application["variable_cost_paid_until"] or application["created_at"]
        if plan is None or service is None or _day(paid) >= month.end:
            return
        begin = max(month.begin, _day(paid))
        start = datetime.combine(begin, time(), timezone.utc)
        end = datetime.combine(month.end + timedelta(days=1), time(), timezone.utc)
        span = Range(None, "month", start, end - timedelta(seconds=1), [(start, end)])
        costs: dict[int, Decimal] = {}
        used: dict[int, int] = {}
        for rule in self.db.where("pricing_rules", plan_id=plan["id"]):
            metric = self.db.get("metrics", rule["metric_id"])
            if metric is not None:
                used[metric["id"]] = sum(usage_values(self.db, service, application, metric, span))
                costs[metric["id"]] = costs.get(metric["id"], Decimal(0)) + cost_of(rule, used[metric["id"]])
        for number, cost in sorted(costs.items(), key=lambda pair: -pair[1]):
            metric = self.db.get("metrics", number)
            if cost and metric is not None:
                line = {"name": metric["friendly_name"], "description": _words(begin, month.end), "metric_id": number}
                kind = "LineItem::VariableCost"
                self._line(account, "applications", application, month, plan, cost, kind, quantity=used[number], **line)
        until = _moment(month.end, last=True)
        self.db.update("applications", application, touch=False, variable_cost_paid_until=until)

    def _line(
        self,
        account: Row,
        table: str,
        contract: Row,
        month: Month,
        plan: Row,
        cost: Decimal,
        kind: str,
        **line: Any,
    ) -> None:
        self.db.insert(
            "line_items",
            invoice_id=self._invoice(account, month)["id"],
            tenant_id=self.tenant["id"],
            type=kind,
            cost=str(cost.normalize() if cost % 1 else cost.quantize(Decimal("0.1"))),
            contract_id=contract["id"],
            contract_type=KINDS[table],
            plan_id=plan["id"],
            **line,
        )

    def _invoice(self, account: Row, month: Month) -> Row:
        """The account's open invoice of the month that billing made; made where there is none."""
        for invoice in self.db.where("invoices", buyer_account_id=account["id"]):
            if (invoice["period"], invoice["state"], invoice["creation_type"]) == (str(month), "open", "background"):
                return invoice
        return new_invoice(self.sandbox, self.tenant, account, str(month), "background")

    def _settle(self, account: Row) -> None:
        """Issue what was finalized two days ago."""
        before = _moment(self.today) - ISSUED_AFTER.total_seconds()
        for invoice in self.db.where("invoices", buyer_account_id=account["id"]):
            if invoice["state"] == "finalized" and (invoice["finalized_at"] or 0) < before:
                lines = self.db.where("line_items", invoice_id=invoice["id"])
                free = not sum(Decimal(str(line["cost"] or 0)) for line in lines)
                paid = {"state": "paid", "paid_at": _moment(self.today)} if free else {"state": "pending"}
                self.db.update("invoices", invoice, **{**issued(self.db, invoice, self.today), **paid})


def new_invoice(sandbox: Sandbox, tenant: Row, account: Row, period: str, creation_type: str) -> Row:
    """An empty invoice, numbered within its month."""
    count = sum(row["period"] == period for row in sandbox.db.where("invoices", provider_account_id=tenant["id"]))
    return sandbox.db.insert(
        "invoices",
        provider_account_id=tenant["id"],
        buyer_account_id=account["id"],
        tenant_id=tenant["id"],
        friendly_id=f"{period}-{count + 1:08d}",
        state="open",
        period=period,
        currency="USD",
        creation_type=creation_type,
        vat_rate=account["vat_rate"],
    )


def issued(db: Database, invoice: Row, day: date) -> dict[str, Any]:
    """What an invoice gets when it is issued: its days, and the tax rate that the account has now."""
    account = db.get("accounts", invoice["buyer_account_id"]) or {}
    return {
        "state": "pending",
        "issued_on": day.isoformat(),
        "due_on": (day + DUE_AFTER).isoformat(),
        "vat_rate": account.get("vat_rate"),
    }


def sums(db: Database, invoice: Row) -> tuple[Decimal, Decimal, Decimal]:
    """What an invoice comes to without tax (exact), its tax (exact), and both together by cents."""
    lines = db.where("line_items", invoice_id=invoice["id"])
    bare = sum((Decimal(str(line["cost"] or 0)) for line in lines), Decimal(0))
    tax = bare * Decimal(str(invoice["vat_rate"] or 0)) / 100
    return bare, tax, bare.quantize(CENT, ROUND_HALF_UP) + tax.quantize(CENT, ROUND_HALF_UP)
