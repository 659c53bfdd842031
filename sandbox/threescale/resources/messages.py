# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages to developer accounts, sign-in links, credit cards."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

from ..http.context import Context
from ..http.errors import ApiError, Invalid, ParameterMissing, ServerError
from ..http.respond import Reply
from ..http.router import FINANCE, Routes
from ..rules.fields import Fields, to_text
from ..rules.names import random_hex
from ..store import Row
from .accounts import buyer_of
from .accounts import represent as represent_account

routes = Routes()


def represent(ctx: Context, message: Row) -> dict[str, Any]:
    """JSON of a message."""
    return {
        **{name: message[name] for name in ("id", "body", "subject", "state")},
        "created_at": ctx.time(message["created_at"]),
        "updated_at": ctx.time(message["updated_at"]),
    }


@routes.post("/admin/api/accounts/{account_id}/messages")
def create(ctx: Context) -> Reply:
    """Send; without a subject the server's state machine refuses."""
    account = buyer_of(ctx)
    if "message" not in ctx.params.all and not ctx.params.wrappable:
        raise ServerError  # the real server takes it for granted
    known = ("subject", "body", "sender_id", "state")
    values = Fields(text="subject body").cast(ctx.params.wrapped("message", known, required=False))
    if not (values.get("subject") or "").strip():
        raise ApiError(
            422,
            {
                "error": {
                    "from": "unsent",
                    "event": "deliver",
                    "error": "Subject can't be blank",
                    "object": {
                        "message": {
                            key: value for key, value in {**values, "state": "unsent"}.items() if value is not None
                        }
                    },
                }
            },
        )
    message = ctx.db.insert(
        "messages",
        sender_id=ctx.tenant["id"],
        recipient_id=account["id"],
        tenant_id=ctx.tenant["id"],
        state="sent",
        **values,
    )
    return ctx.created("message", represent(ctx, message), message["id"])


@routes.post("/admin/api/sso_tokens")
def create_sso_token(ctx: Context) -> Reply:
    """A link that signs a developer in to the portal."""
    if not ctx.params.form and "sso_token" not in ctx.params.all:
        raise ParameterMissing("sso_token")  # only a plain form may be flat
    given = ctx.params.wrapped("sso_token", ("user_id", "username", "expires_in", "redirect_url", "protocol"))
    user_id, username = to_text(given.get("user_id")), to_text(given.get("username"))
    if user_id is None and username is None:
        raise Invalid({"base": ["One of user_id or username is required"]})
    users = [
        user
        for user in ctx.db.where("users", tenant_id=ctx.tenant["id"])
        if str(user["id"]) == user_id or (not user_id and user["username"] == username)
    ]
    if not users:
        raise Invalid({"user_id" if user_id else "username": ["invalid"]})
    if given.get("protocol") not in (None, "http", "https"):
        raise Invalid({"protocol": ["is not included in the list"]})
    return _sso_token(
        ctx,
        ctx.tenant,
        users[0],
        _seconds(given.get("expires_in", 600)),
        to_text(given.get("redirect_url")),
        str(given.get("protocol") or "https"),
    )


@routes.post("/admin/api/sso_tokens/provider_create")
def create_provider_token(ctx: Context) -> Reply:
    """On master: a link that signs the impersonation user in to a tenant."""
    tenant = ctx.row("accounts", ctx.params.text("provider_id"), provider_account_id=ctx.tenant["id"])
    user = ctx.db.first("users", account_id=tenant["id"], username="3scaleadmin")
    if user is None:
        raise Invalid({"username": ["invalid"]})
    seconds = _seconds(ctx.params.get("expires_in", 600))
    reply = _sso_token(ctx, tenant, user, seconds, None, "https")
    reply.headers["Expires"] = formatdate(ctx.sandbox.now() + seconds, usegmt=True)
    return reply


def _seconds(given: Any) -> int:
    text = str(given)
    if not text.isdigit():
        raise Invalid({"expires_in": ["is not a number"]})
    if int(text) <= 30:
        raise Invalid({"expires_in": ["must be greater than 30"]})
    if int(text) > 86400:
        raise Invalid({"expires_in": ["must be less than or equal to 86400"]})
    return int(text)


def _sso_token(ctx: Context, tenant: Row, user: Row, seconds: int, redirect_url: str | None, protocol: str) -> Reply:
    expires_at = ctx.sandbox.now() + seconds
    token = ctx.db.insert(
        "sso_tokens",
        account_id=tenant["id"],
        tenant_id=tenant["id"],
        user_id=user["id"],
        username=user["username"],
        redirect_url=redirect_url,
        token=random_hex(96),
        expires_at=expires_at,
    )
    query = {"expires_at": int(expires_at), "redirect_url": redirect_url, "token": token["token"]}
    words = urlencode({key: value for key, value in query.items() if value is not None})
    address = f"{protocol}://{tenant['domain']}{ctx.sandbox.config.port_suffix}/session/create?{words}"
    return ctx.one("sso_token", {"sso_url": address, "token": token["token"]}, 201)


_CARD = (
    ("credit_card_token", "credit_card_auth_code"),
    ("billing_address_name", "billing_address_name"),
    ("billing_address_address", "billing_address_address1"),
    ("billing_address_city", "billing_address_city"),
    ("billing_address_country", "billing_address_country"),
    ("credit_card_expiration_year", "credit_card_expiration_year"),
    ("credit_card_expiration_month", "credit_card_expiration_month"),
)


@routes.put("/admin/api/accounts/{account_id}/credit_card", scopes=FINANCE)
def put_card(ctx: Context) -> Reply:
    """Store a card's token and address."""
    account = buyer_of(ctx)
    for name, column in _CARD:
        if not ctx.params.text(name):
            raise Invalid({column: ["invalid"]})
    text = {name: ctx.params.text(name) or "" for name, _column in _CARD}
    year, month = text.pop("credit_card_expiration_year"), text.pop("credit_card_expiration_month")
    if not (month.isdigit() and 1 <= int(month) <= 12 and year.isdigit()):
        raise Invalid({"credit_card_expires_on": ["invalid"]})
    others = {
        name: ctx.params.text(name)
        for name in (
            "credit_card_partial_number",
            "billing_address_state",
            "billing_address_phone",
            "billing_address_zip",
        )
    }
    ctx.db.update(
        "accounts",
        account,
        credit_card_expires_on=f"{int(year):04d}-{int(month):02d}-01",
        **others,
        **{column: text[name] for name, column in _CARD if name in text},
    )
    return ctx.one("account", represent_account(ctx, account))


@routes.delete("/admin/api/accounts/{account_id}/credit_card", scopes=FINANCE)
def delete_card(ctx: Context) -> Reply:
    """Forget a card."""
    account = buyer_of(ctx)
    columns = [name for name in account if name.startswith(("credit_card_", "billing_address_"))]
    ctx.db.update("accounts", account, **dict.fromkeys(columns))
    return ctx.empty()
