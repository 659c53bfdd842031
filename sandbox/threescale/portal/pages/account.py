# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard, the account's own data, account plans, invoices, search."""

from __future__ import annotations

from typing import Any

from ...rules.defined_fields import BUILT_IN, check_defined, definitions, extra_given
from ...rules.fields import to_integer, to_text
from ...rules.people import check_account
from ...rules.validate import Check
from ...store import Row
from ..answers import Answer, NotAllowedError, NotThereError, plain
from ..drops.account import AccountDrop
from ..drops.application import ApplicationDrop
from ..drops.invoices import InvoiceDrop
from ..drops.lists import PaginationDrop, SearchDrop
from ..drops.plans import AccountPlanDrop
from ..rendering import show as show_page
from ..routing import Routes
from ..templating.drop import Collection
from ..visit import Visit
from .content import is_public

routes = Routes(menu="account/overview")


@routes.on("GET", "/admin", "dashboards/show", menu="dashboard")
def dashboard(visit: Visit) -> Answer:
    """The dashboard; with one application an account, that one."""
    assert visit.account is not None
    world = visit.world()
    drops: dict[str, Any] = {"account": AccountDrop(world, visit.account)}
    if not world.visible("multiple_applications"):
        row = visit.db.first("applications", user_account_id=visit.account["id"])
        if row is not None:
            drops["application"] = ApplicationDrop(world, row)
    return show_page(visit, "dashboards/show", drops)


def _manager(visit: Visit) -> Row | None:
    """The account, if its data may be changed by the user."""
    allowed = visit.user is not None and visit.user["role"] == "admin"
    return visit.account if allowed and visit.world().settings["useraccountarea_enabled"] else None


@routes.on("GET", "/admin/account", "accounts/show")
def show(visit: Visit) -> Answer:
    """The account's data."""
    return show_page(visit, "account/show")


@routes.on("GET", "/admin/account/edit", "accounts/edit")
def edit(visit: Visit) -> Answer:
    """The form to change them."""
    return show_page(visit, "account/edit") if _manager(visit) is not None else plain("Action disabled", 403)


@routes.on("PUT", "/admin/account", "accounts/update")
def update(visit: Visit) -> Answer:
    """Change the account's data."""
    account = _manager(visit)
    if account is None:
        return plain("Action disabled", 403)
    locked = {row["name"] for row in definitions(visit.sandbox, visit.tenant["id"], "Account") if row["read_only"]}
    locked.add("vat_rate")  # taxes are the tenant's to set
    given = {name: value for name, value in visit.words("account").items() if name not in locked}
    changes: dict[str, Any] = {
        name: to_text(given[name]) for name in BUILT_IN["Account"] if name in given and name in account
    }
    extra = extra_given(visit.sandbox, visit.tenant["id"], "Account", given)
    changes["extra_fields"] = {**account["extra_fields"], **extra}
    check = Check(visit.db, {**account, **changes})
    check_account(check, visit.sandbox.config.release)
    check_defined(visit.sandbox, check, visit.tenant["id"], "Account")
    if check.errors.by_attribute:
        drop = AccountDrop(visit.world(), {**account, **changes}, check.errors.by_attribute)
        return show_page(visit, "account/edit", {"account": drop, "current_account": drop})
    visit.db.update("accounts", account, **changes)
    visit.session.say("notice", "The account information was updated.")
    return visit.to("/admin/account")


@routes.on("GET", "/admin/account/account_plans", "account_plans/index", menu="account/account_plans")
def account_plans(visit: Visit) -> Answer:
    """Plans of accounts, where there are several to choose from."""
    world = visit.world()
    plans = world.plans("AccountPlan", visit.tenant)
    if len(plans) < 2 or not world.visible("account_plans"):
        return plain("Forbidden", 403)
    drops = Collection(AccountPlanDrop(world, row) for row in plans)
    return show_page(visit, "account_plans/index", {"account_plans": drops})


def _issued(visit: Visit) -> list[Row]:
    """The account's invoices that were issued, the newest first, while the tenant shows its finances."""
    assert visit.account is not None
    if not visit.world().visible("finance"):
        raise NotAllowedError
    rows = visit.db.where("invoices", buyer_account_id=visit.account["id"])
    shown = [row for row in rows if row["state"] in ("pending", "unpaid", "paid", "failed")]
    return sorted(shown, key=lambda row: (-row["created_at"], -row["id"]))


@routes.on("GET", "/admin/account/invoices", "invoices/index", menu="account/invoices")
def invoices(visit: Visit) -> Answer:
    """The account's invoices."""
    rows, world = _issued(visit), visit.world()
    pages = PaginationDrop(len(rows), 30, 1, lambda number: f"{visit.origin}/admin/account/invoices?page={number}")
    drops = Collection(InvoiceDrop(world, row) for row in rows)
    return show_page(visit, "invoices/index", {"invoices": drops, "pagination": pages})


@routes.on("GET", "/admin/account/invoices/{id}", "invoices/show", menu="account/invoices")
def invoice(visit: Visit) -> Answer:
    """One of them."""
    wanted = to_integer(visit.variables["id"])
    row = next((row for row in _issued(visit) if row["id"] == wanted), None)
    if row is None:
        raise NotThereError
    return show_page(visit, "invoices/show", {"invoice": InvoiceDrop(visit.world(), row)})


@routes.on("GET", "/search", "search/index", menu="", login=False)
def search(visit: Visit) -> Answer:
    """Published pages that hold a word; for guests only where the tenant opened it."""
    world = visit.world()
    if visit.user is None and not world.settings["public_search"]:
        visit.session.data["return_to"] = visit.full_path
        return visit.to("/login")
    word = visit.params.get("q")
    word = word if isinstance(word, str) else ""
    rows = visit.db.where("cms_templates", provider_id=visit.tenant["id"], type="page")
    found = [row for row in rows if word and _holds(row, word) and is_public(visit, row["section_id"])]
    pages = PaginationDrop(len(found), 20, 1, lambda number: f"{visit.origin}/search?q={word}&page={number}")
    return show_page(visit, "search/index", {"search": SearchDrop(world, word, found), "pagination": pages})


def _holds(row: Row, word: str) -> bool:
    text = f"{row['title'] or ''} {row['published'] or ''}".lower()
    return row["published"] is not None and row["content_type"] == "text/html" and word.lower() in text
