# SPDX-License-Identifier: GPL-3.0-or-later
"""Invoices and their lines. Sums are printed with two places and commas between thousands."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

from ...rules.billing import sums
from ...rules.fields import to_integer
from ...store import Row
from ..templating.drop import Collection, attribute
from .rows import RowDrop


def money(row: Row) -> Decimal:
    """What a line costs."""
    return Decimal(str(row["cost"] or 0))


class LineItemDrop(RowDrop):
    """A line of an invoice."""

    @attribute()
    def name(self) -> Any:
        return self.row["name"]

    @attribute()
    def description(self) -> Any:
        return self.row["description"]

    @attribute()
    def quantity(self) -> Any:
        return self.row["quantity"]

    @attribute()
    def cost(self) -> str:
        return f"{money(self.row):,.2f}"


class InvoiceDrop(RowDrop):
    """An invoice. There is no gateway for payments and there are no files here, so none can be paid or downloaded."""

    @attribute("friendly_id", "id")
    def friendly_id(self) -> Any:
        return self.row["friendly_id"]

    @attribute()
    def state(self) -> Any:
        return self.row["state"]

    @attribute()
    def url(self) -> str:
        return f"/admin/account/invoices/{self.row['id']}"

    def _lines(self) -> list[Row]:
        return self.world.db.where("line_items", invoice_id=self.row["id"])

    @attribute()
    def line_items(self) -> Any:
        return Collection(LineItemDrop(self.world, row) for row in self._lines())

    @attribute()
    def name(self) -> str:
        return self.period_begin().strftime("%B, %Y")

    @attribute()
    def cost(self) -> str:
        return f"{sums(self.world.db, self.row)[2]:,.2f}"

    @attribute()
    def cost_without_vat(self) -> str:
        return f"{sums(self.world.db, self.row)[0]:,.2f}"

    @attribute()
    def vat_amount(self) -> str:
        return f"{sums(self.world.db, self.row)[1]:,.2f}"

    def _buyer(self) -> Row:
        return self.world.db.get("accounts", self.row["buyer_account_id"]) or {}

    @attribute()
    def vat_code(self) -> str:
        return self._buyer().get("vat_code") or ""

    @attribute()
    def fiscal_code(self) -> str:
        return self._buyer().get("fiscal_code") or ""

    @attribute("account", "buyer_account")
    def account(self) -> Any:
        from .account import AccountDrop

        return AccountDrop(self.world, self._buyer())

    @attribute()
    def payment_transactions(self) -> Collection:
        return Collection()

    @attribute()
    def currency(self) -> Any:
        return self.row["currency"]

    @attribute()
    def vat_rate(self) -> Any:
        return self.row["vat_rate"]

    def _month(self) -> tuple[int, int]:
        year, _, month = str(self.row["period"]).partition("-")
        return int(year), to_integer(month[:2]) or 1

    @attribute()
    def period_begin(self) -> date:
        return date(*self._month(), 1)

    @attribute()
    def period_end(self) -> date:
        return date(*self._month(), monthrange(*self._month())[1])

    @attribute()
    def issued_on(self) -> Any:
        return self.row["issued_on"]

    @attribute()
    def due_on(self) -> Any:
        return self.row["due_on"]

    @attribute()
    def paid_on(self) -> Any:
        paid = self.row["paid_at"]
        return datetime.fromtimestamp(paid, timezone.utc) if isinstance(paid, (int, float)) and paid else paid or None

    @attribute()
    def exists_pdf_p(self) -> bool:
        return False

    @attribute()
    def pay_now_p(self) -> bool:
        return False
