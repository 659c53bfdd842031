# SPDX-License-Identifier: GPL-3.0-or-later
"""Developer accounts (on the master host: tenants), and the tenant's own account: `/admin/api/provider`."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import Forbidden, Invalid, NotFound
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.annotations import annotations_of, merge_annotations
from ..rules.contracts import change_plan
from ..rules.defined_fields import extra_given, shown
from ..rules.fields import Fields
from ..rules.people import check_account, first_admin
from ..rules.states import Machine
from ..rules.validate import Check
from ..store import Row
from .plans import represent as represent_plan
from .plans import visible_plan

routes = Routes()

FIELDS = Fields(
    text="org_name org_legaladdress org_legaladdress_cont city state_region zip country telephone_number vat_code"
    " fiscal_code po_number primary_business business_category billing_address_name billing_address_address1"
    " billing_address_address2 billing_address_city billing_address_state billing_address_country billing_address_zip"
    " billing_address_phone billing_address_first_name billing_address_last_name state timezone site_access_code"
    " support_email finance_support_email",
    float="vat_rate",
    boolean="monthly_billing_enabled monthly_charging_enabled",
    data="annotations",
)
PROVIDER = Fields(text="from_email support_email finance_support_email site_access_code")
PROVIDER_KNOWN = (
    *FIELDS.names,
    "from_email",
    "id",
    "created_at",
    "updated_at",
    "domain",
    "self_domain",
    "master",
    "provider",
    "buyer",
    "provider_account_id",
    "tenant_id",
    "extra_fields",
    "credit_card_expires_on",
)
MACHINE = Machine(
    make_pending=dict.fromkeys(("created", "approved", "rejected"), "pending"),
    approve=dict.fromkeys(("created", "pending", "rejected"), "approved"),
    reject=dict.fromkeys(("created", "pending", "approved"), "rejected"),
)
GRACE = 15 * 86400.0


def represent(ctx: Context, account: Row) -> dict[str, Any]:
    """JSON of an account: a developer's, or a tenant's with its addresses."""
    path = f"/admin/api/accounts/{account['id']}"
    links = [ctx.link("users", f"{path}/users")]
    out: dict[str, Any] = {
        "id": account["id"],
        "created_at": ctx.time(account["created_at"]),
        "updated_at": ctx.time(account["updated_at"]),
    }
    if account["state"] == "scheduled_for_deletion" and account["state_changed_at"] is not None:
        out["deletion_date"] = ctx.time(account["state_changed_at"] + GRACE)
    if account["provider"]:
        out.update(addresses(ctx, account))
    else:
        links.insert(0, ctx.link("self", path))
    stored = account["credit_card_auth_code"] is not None
    out.update(
        {
            "credit_card_stored": stored,
            "monthly_billing_enabled": account["monthly_billing_enabled"],
            "monthly_charging_enabled": account["monthly_charging_enabled"],
            "credit_card_partial_number": account["credit_card_partial_number"] if stored else None,
            "credit_card_expires_on": account["credit_card_expires_on"] if stored else None,
            "state": account["state"],
            "annotations": annotations_of(ctx.sandbox, account),
            "links": links,
        }
    )
    owner = account["provider_account_id"] or account["id"]
    return {**out, **shown(ctx.sandbox, owner, "Account", account)}


def addresses(ctx: Context, account: Row) -> dict[str, Any]:
    """Domains, addresses and the access code of a tenant."""
    config = ctx.sandbox.config
    admin = first_admin(ctx.sandbox, account)
    support = account["support_email"] or (admin["email"] if admin else None)
    return {
        "admin_domain": account["self_domain"],
        "domain": account["domain"],
        "admin_base_url": config.url(account["self_domain"]),
        "base_url": config.url(account["domain"]),
        "from_email": account["from_email"] or f"no-reply@{config.superdomain}",
        "support_email": support,
        "finance_support_email": account["finance_support_email"] or support,
        "site_access_code": account["site_access_code"],
    }


def buyers(ctx: Context) -> list[Row]:
    """The accounts that belong to the tenant, by id."""
    return [
        row for row in ctx.db.where("accounts", provider_account_id=ctx.tenant["id"]) if row["id"] != ctx.tenant["id"]
    ]


def buyer_of(ctx: Context, variable: str = "account_id") -> Row:
    """The developer account that a path variable names; raises `NotFound`."""
    account = ctx.row("accounts", ctx.number(variable), provider_account_id=ctx.tenant["id"])
    if account["id"] == ctx.tenant["id"]:
        raise NotFound
    return account


def _answer(ctx: Context, account: Row) -> Reply:
    return ctx.one("account", represent(ctx, account))


@routes.get("/admin/api/accounts")
def index(ctx: Context) -> Reply:
    """List, by state if asked."""
    rows, state = buyers(ctx), ctx.params.text("state")
    if state:
        rows = [row for row in rows if row["state"] == state]
    return ctx.many("accounts", "account", rows, represent, paged=True)


@routes.get("/admin/api/accounts/find")
def find(ctx: Context) -> Reply:
    """By username, user id or e-mail of a user."""
    given = ctx.params
    rows = []
    if given.get("username") is not None:
        rows = ctx.db.where("users", username=given.text("username"))
    elif given.get("user_id") is not None:
        rows = [ctx.row("users", given.text("user_id"))]
    elif ctx.tenant["master"] and given.get("buyer_provider_key") is not None:
        return _answer(ctx, _one(ctx.db.where("accounts", provider_key=given.text("buyer_provider_key"))))
    elif ctx.tenant["master"] and given.get("buyer_service_token") is not None:
        token = _one(ctx.db.where("service_tokens", value=given.text("buyer_service_token")))
        return _answer(ctx, ctx.row("accounts", token["tenant_id"]))
    elif given.get("email"):
        rows = ctx.db.where("users", email=given.text("email"))
    for user in rows:
        account = ctx.db.get("accounts", user["account_id"])
        if account is not None and account["provider_account_id"] == ctx.tenant["id"] != account["id"]:
            return _answer(ctx, account)
    raise NotFound


def _one(rows: list[Row]) -> Row:
    if not rows:
        raise NotFound
    return rows[0]


@routes.get("/admin/api/accounts/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return _answer(ctx, buyer_of(ctx, "id"))


@routes.put("/admin/api/accounts/{id}")
def update(ctx: Context) -> Reply:
    """Change almost anything, `state` included."""
    account = buyer_of(ctx, "id")
    given = ctx.params.all
    values = FIELDS.cast(given)
    extra = extra_given(ctx.sandbox, ctx.tenant["id"], "Account", given)
    check = Check(ctx.db, {**account, **values})
    check_account(check, ctx.sandbox.config.release)
    if "annotations" in values:
        values["annotations"] = merge_annotations(check, account["annotations"], values["annotations"])
    check.done()
    ctx.db.update("accounts", account, **values, extra_fields={**account["extra_fields"], **extra})
    return _answer(ctx, account)


@routes.delete("/admin/api/accounts/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete with all its users, applications and subscriptions."""
    account = buyer_of(ctx, "id")
    if account["provider"] or not ctx.caller.is_admin:
        raise Forbidden
    for invoice in ctx.db.where("invoices", buyer_account_id=account["id"]):
        if invoice["state"] not in ("paid", "cancelled"):
            raise Invalid({"invoices": ["need to be settled before the account deletion."]}, status=403)
    for application in ctx.db.where("applications", user_account_id=account["id"]):
        plan = ctx.db.get("plans", application["plan_id"])
        if plan is not None and plan["original_id"]:
            ctx.db.delete("plans", plan)
    ctx.db.delete("accounts", account)
    return ctx.empty()


def _event(event: str) -> None:
    @routes.put(f"/admin/api/accounts/{{id}}/{event}")
    def fire(ctx: Context) -> Reply:
        account = buyer_of(ctx, "id")
        if event != "make_pending" and not ctx.caller.is_admin:
            raise Forbidden
        state = MACHINE.fire(account["state"], event)
        accepted = event == "approve" and account["state"] in ("created", "pending")
        ctx.db.update("accounts", account, state=state, state_changed_at=ctx.sandbox.now())
        contract = ctx.db.first("account_contracts", user_account_id=account["id"])
        if accepted and contract is not None and contract["state"] == "pending":
            ctx.db.update("account_contracts", contract, state="live", accepted_at=ctx.sandbox.now())
        return _answer(ctx, account)


for _name in MACHINE.events:
    _event(_name)


@routes.put("/admin/api/accounts/{id}/change_plan")
def change(ctx: Context) -> Reply:
    """Another account plan; the answer is the plan."""
    account = buyer_of(ctx, "id")
    plan = visible_plan(ctx, "AccountPlan", ctx.params.text("plan_id"))
    contract = ctx.row("account_contracts", _id(ctx.db.first("account_contracts", user_account_id=account["id"])))
    change_plan(ctx.sandbox, "account_contracts", contract, plan)
    return ctx.one("account_plan", represent_plan(ctx, plan))


def _id(row: Row | None) -> int | None:
    return row["id"] if row else None


@routes.get("/admin/api/provider")
def show_provider(ctx: Context) -> Reply:
    """The tenant itself."""
    return _answer(ctx, ctx.tenant)


@routes.put("/admin/api/provider")
def update_provider(ctx: Context) -> Reply:
    """Four keys; name, time zone and address are ignored."""
    ctx.require("settings", "partners")
    values = PROVIDER.cast(ctx.params.wrapped("account", PROVIDER_KNOWN))
    row = {**ctx.tenant, **values}
    support = row["support_email"] or addresses(ctx, ctx.tenant)["support_email"]
    check = Check(
        ctx.db, {**row, "support_email": support, "finance_support_email": row["finance_support_email"] or support}
    )
    check_account(check, ctx.sandbox.config.release)
    check.done()
    ctx.db.update("accounts", ctx.tenant, **values)
    return _answer(ctx, ctx.tenant)
