# SPDX-License-Identifier: GPL-3.0-or-later
"""Billing: invoices made by hand with their lines, `/api/invoices`. `rules/billing.py` makes others."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from ..http.context import Context, compact, or_null
from ..http.errors import AccessDenied, Invalid
from ..http.paging import page_of
from ..http.respond import Reply, json_reply
from ..http.router import FINANCE, Routes
from ..rules.billing import issued, new_invoice, sums
from ..rules.fields import Fields, to_text
from ..rules.times import zone
from ..store import Row
from .accounts import buyer_of, buyers

routes = Routes(scopes=FINANCE)

# wanted state -> the states from which an event leads there
TRANSITIONS = {
    "finalized": ("open",),
    "pending": ("open", "finalized"),
    "unpaid": ("pending",),
    "paid": ("unpaid", "pending", "failed"),
    "failed": ("unpaid",),
    "cancelled": ("open", "finalized", "pending", "unpaid", "failed"),
}
FROZEN = ("paid", "cancelled", "pending", "unpaid", "failed")
LINE = Fields(text="name description type", integer="quantity metric_id contract_id plan_id cinstance_id", data="cost")
_PERIOD = re.compile(r"\A(\d{4})-(\d{2})")


def represent(ctx: Context, invoice: Row) -> dict[str, Any]:
    """JSON of an invoice."""
    bare, tax, cost = sums(ctx.db, invoice)
    path = f"/api/invoices/{invoice['id']}"
    return {
        "id": invoice["id"],
        "friendly_id": invoice["friendly_id"],
        "created_at": ctx.time(invoice["created_at"]),
        "updated_at": ctx.time(invoice["updated_at"]),
        "state": invoice["state"],
        "paid_at": ctx.time(invoice["paid_at"]),
        "due_on": invoice["due_on"],
        "issued_on": invoice["issued_on"],
        "currency": invoice["currency"],
        "cost": float(cost),
        "vat_rate": or_null(None if invoice["vat_rate"] is None else float(invoice["vat_rate"])),
        "vat_amount": float(tax),
        "cost_without_vat": float(bare),
        "period": invoice["period"],
        "creation_type": invoice["creation_type"],
        "links": [
            ctx.link("account", f"/admin/api/accounts/{invoice['buyer_account_id']}"),
            ctx.link("self", path),
            ctx.link("payment_transactions", f"{path}/payment_transactions"),
            ctx.link("line_items", f"{path}/line_items"),
        ],
    }


def represent_line(ctx: Context, line: Row) -> dict[str, Any]:
    """JSON of a line."""
    names = ("id", "name", "description", "quantity", "metric_id", "type", "contract_id", "contract_type", "plan_id")
    return {
        **{name: line[name] for name in names},
        "cost": float(line_cost(line)),
        "created_at": ctx.time(line["created_at"]),
        "updated_at": ctx.time(line["updated_at"]),
    }


def line_cost(line: Row) -> Decimal:
    """What a line costs."""
    return Decimal(str(line["cost"] or 0))


def _lines(ctx: Context, invoice: Row) -> list[Row]:
    return ctx.db.where("line_items", invoice_id=invoice["id"])


def _finance(ctx: Context) -> None:
    if ctx.tenant["master"]:
        raise AccessDenied("Finance module not enabled for the account")
    ctx.require("finance")


def _invoice(ctx: Context, variable: str = "id") -> Row:
    _finance(ctx)
    criteria = {"provider_account_id": ctx.tenant["id"]}
    if "account_id" in ctx.variables:
        criteria["buyer_account_id"] = buyer_of(ctx)["id"]
    return ctx.row("invoices", ctx.number(variable), **criteria)


def _list(ctx: Context, rows: list[Row]) -> Reply:
    _finance(ctx)
    state, month = ctx.params.text("state"), ctx.params.text("month")
    rows = [row for row in rows if state in (None, "", row["state"]) and month in (None, "", row["period"])]
    page = page_of(rows, ctx.params.all, default=20)
    if ctx.form == "xml":
        return ctx.many("invoices", "invoice", page.rows, represent)
    out: dict[str, Any] = {"invoices": [{"invoice": compact(represent(ctx, row))} for row in page.rows]}
    if page.more:
        out["metadata"] = page.numbers
    return json_reply(200, out)


@routes.get("/api/invoices")
def index(ctx: Context) -> Reply:
    """The tenant's invoices, by state and month if asked."""
    return _list(ctx, ctx.db.where("invoices", provider_account_id=ctx.tenant["id"]))


@routes.get("/api/accounts/{account_id}/invoices")
def index_of_account(ctx: Context) -> Reply:
    """An account's invoices."""
    return _list(ctx, ctx.db.where("invoices", buyer_account_id=buyer_of(ctx)["id"]))


@routes.post("/api/invoices")
def create(ctx: Context) -> Reply:
    """An empty invoice for an account and a month."""
    _finance(ctx)
    wanted = str(ctx.params.require("account_id"))
    account = next((row for row in buyers(ctx) if str(row["id"]) == wanted), None)
    given = ctx.params.wrapped("invoice", ("period", "friendly_id"), required=False)
    if account is None:
        raise Invalid({"buyer_account": ["can't be blank"]})
    period = _period(ctx, given.get("period"))
    invoice = new_invoice(ctx.sandbox, ctx.tenant, account, period, "manual")
    return ctx.created("invoice", represent(ctx, invoice), invoice["id"])


@routes.get("/api/invoices/{id}", "/api/accounts/{account_id}/invoices/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("invoice", represent(ctx, _invoice(ctx)))


@routes.put("/api/invoices/{id}")
def update(ctx: Context) -> Reply:
    """Change month and number."""
    invoice = _invoice(ctx)
    given = ctx.params.wrapped("invoice", ("period", "friendly_id", "state", "due_on", "issued_on"))
    values: dict[str, Any] = {}
    if "period" in given:
        values["period"] = _period(ctx, given["period"])
    if "friendly_id" in given:
        values["friendly_id"] = to_text(given["friendly_id"])
        if not re.match(r"\A\d{4}(-\d{2})?-\d{8}\Z", values["friendly_id"] or ""):
            raise Invalid({"friendly_id": ["invalid"]})
    ctx.db.update("invoices", invoice, **values)
    return ctx.one("invoice", represent(ctx, invoice))


@routes.put("/api/invoices/{id}/state")
def change_state(ctx: Context) -> Reply:
    """Go to another state, if an event leads there."""
    invoice = _invoice(ctx)
    state = ctx.params.text("state") or ""
    state = "cancelled" if state == "cancel" else state
    if invoice["state"] not in TRANSITIONS.get(state, ()):
        raise Invalid({"base": [f"Cannot transition to {state}"]})
    now = ctx.sandbox.now()
    values: dict[str, Any] = {"paid_at": now} if state == "paid" else {}
    if state == "pending":
        values = issued(ctx.db, invoice, datetime.fromtimestamp(now, timezone.utc).date())
    if state == "finalized":
        values = {"finalized_at": now}
    ctx.db.update("invoices", invoice, **{**values, "state": state})
    return ctx.one("invoice", represent(ctx, invoice))


@routes.post("/api/invoices/{id}/charge")
def charge(ctx: Context) -> Reply:
    """Charge the account's card: there is no payment gateway."""
    invoice = _invoice(ctx)
    if invoice["state"] not in ("pending", "unpaid"):
        raise Invalid({"state": [f"Invoice {invoice['id']} is not in chargeable state!"]})
    raise Invalid({"base": ["Failed to charge the credit card."]})


@routes.get("/api/invoices/{invoice_id}/line_items", "/api/accounts/{account_id}/invoices/{invoice_id}/line_items")
def line_items(ctx: Context) -> Reply:
    """Lines of an invoice."""
    return ctx.many("line_items", "line_item", _lines(ctx, _invoice(ctx, "invoice_id")), represent_line)


@routes.post("/api/invoices/{invoice_id}/line_items")
def create_line(ctx: Context) -> Reply:
    """Add a line to an open invoice."""
    invoice = _invoice(ctx, "invoice_id")
    values = LINE.cast(ctx.params.wrapped("line_item", LINE.names))
    values.pop("cinstance_id", None)
    if invoice["state"] in FROZEN:
        raise Invalid({"base": ["Invalid invoice state"]})
    values["cost"] = to_text(values.get("cost")) or "0.0"
    line = ctx.db.insert("line_items", invoice_id=invoice["id"], tenant_id=ctx.tenant["id"], **values)
    return ctx.created("line_item", represent_line(ctx, line), line["id"])


@routes.delete("/api/invoices/{invoice_id}/line_items/{id}")
def destroy_line(ctx: Context) -> Reply:
    """Take a line off an open invoice."""
    invoice = _invoice(ctx, "invoice_id")
    line = ctx.row("line_items", ctx.number("id"), invoice_id=invoice["id"])
    if invoice["state"] in FROZEN:
        raise Invalid({"base": ["Invalid invoice state"]}, status=403)
    ctx.db.delete("line_items", line)
    return ctx.empty()


@routes.get("/api/invoices/{id}/payment_transactions")
def payment_transactions(ctx: Context) -> Reply:
    """Payments of an invoice: none, for there is no payment gateway."""
    _invoice(ctx)
    return ctx.many("payment_transactions", "payment_transaction", [], lambda _ctx, row: dict(row))


def _period(ctx: Context, given: Any) -> str:
    """A month as `YYYY-MM`; the present one when none is given."""
    if given in (None, ""):
        return datetime.fromtimestamp(ctx.sandbox.now(), zone(ctx.zone)).strftime("%Y-%m")
    found = _PERIOD.match(str(given))
    if not found or not 1 <= int(found[2]) <= 12:
        raise Invalid({"period": ["invalid"]})
    return f"{found[1]}-{found[2]}"
