# SPDX-License-Identifier: GPL-3.0-or-later
"""Billing: `/api/invoices`. Nothing bills here, so the lists are empty; each path answers as the real one does then."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import AccessDenied
from ..http.paging import page_of
from ..http.respond import Reply, json_reply
from ..http.router import FINANCE, Routes
from ..store import Row
from .accounts import buyer_of

routes = Routes(scopes=FINANCE)


def represent(ctx: Context, invoice: Row) -> dict[str, Any]:
    """JSON of an invoice."""
    return {
        **{name: invoice[name] for name in ("id", "friendly_id", "state", "currency", "period", "creation_type")},
        "created_at": ctx.time(invoice["created_at"]),
        "updated_at": ctx.time(invoice["updated_at"]),
    }


def _list(ctx: Context, rows: list[Row]) -> Reply:
    if ctx.tenant["master"]:
        raise AccessDenied("Finance module not enabled for the account")
    page = page_of(rows, ctx.params.all, default=20)
    out: dict[str, Any] = {"invoices": [{"invoice": represent(ctx, row)} for row in page.rows]}
    if page.more:
        out["metadata"] = page.numbers
    return json_reply(200, out)


@routes.get("/api/invoices")
def index(ctx: Context) -> Reply:
    """The tenant's invoices."""
    return _list(ctx, ctx.db.where("invoices", provider_account_id=ctx.tenant["id"]))


@routes.get("/api/accounts/{account_id}/invoices")
def index_of_account(ctx: Context) -> Reply:
    """An account's invoices."""
    return _list(ctx, ctx.db.where("invoices", buyer_account_id=buyer_of(ctx)["id"]))


def _invoice(ctx: Context) -> Row:
    return ctx.row("invoices", ctx.number("id"), provider_account_id=ctx.tenant["id"])


@routes.get("/api/invoices/{id}", "/api/accounts/{account_id}/invoices/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("invoice", represent(ctx, _invoice(ctx)))


@routes.get("/api/invoices/{id}/line_items", "/api/accounts/{account_id}/invoices/{id}/line_items")
def line_items(ctx: Context) -> Reply:
    """Lines of an invoice."""
    rows = ctx.db.where("line_items", invoice_id=_invoice(ctx)["id"])
    return ctx.many("line_items", "line_item", rows, lambda _ctx, row: dict(row))


@routes.get("/api/invoices/{id}/payment_transactions")
def payment_transactions(ctx: Context) -> Reply:
    """Payments of an invoice."""
    _invoice(ctx)
    return ctx.many("payment_transactions", "payment_transaction", [], lambda _ctx, row: dict(row))
