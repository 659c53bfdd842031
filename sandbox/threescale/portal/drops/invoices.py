# SPDX-License-Identifier: GPL-3.0-or-later
"""Invoices and their lines. Sums are printed with two places and commas between thousands."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

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

    @attribute()
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
    def cost(self) -> str:
        return f"{sum((money(row) for row in self._lines()), Decimal(0)):,.2f}"

    @attribute()
    def currency(self) -> Any:
        return self.row["currency"]

    @attribute()
    def vat_rate(self) -> Any:
        return self.row["vat_rate"] or None

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
