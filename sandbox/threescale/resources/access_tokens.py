# SPDX-License-Identifier: GPL-3.0-or-later
"""Access tokens: one's own (`/admin/api/personal/access_tokens`) and a user's (`…/users/{id}/access_tokens`)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from ..http.context import Context
from ..http.errors import Forbidden, NotFound
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.fields import Fields, to_text
from ..rules.names import random_hex
from ..rules.times import parse_time
from ..rules.validate import Check
from ..store import Row

routes = Routes()

FIELDS = Fields(text="name permission", data="scopes expires_at")
KNOWN = (*FIELDS.names, "id", "owner_id", "value", "tenant_id", "created_at", "updated_at")
SCOPES = ("cms", "finance", "account_management", "stats", "policy_registry")
_PERSONAL = "/admin/api/personal/access_tokens"
_OPTIONS = {"default": "json", "json_only": True, "needs_user": True}


def represent(ctx: Context, token: Row) -> dict[str, Any]:
    """JSON of a token; its value only when it has just been made."""
    return {
        "id": token["id"],
        "name": token["name"],
        "scopes": token["scopes"],
        "permission": token["permission"],
        "expires_at": ctx.time(token["expires_at"]),
    }


def create_for(ctx: Context, user: Row) -> Reply:
    """Make a token for a user from what was sent."""
    values = FIELDS.cast(ctx.params.wrapped("token", KNOWN))
    scopes = values.get("scopes")
    release = ctx.sandbox.config.release
    given = to_text(values.pop("expires_at", None)) if release.tokens_expire else None
    values.pop("expires_at", None)
    values["scopes"] = [str(scope) for scope in scopes] if isinstance(scopes, list) else []
    check = Check(ctx.db, values)
    check.longest(255, "name")
    check.presence("name", "permission")
    check.included("permission", ("ro", "rw"))
    if not values["scopes"]:
        check.add("scopes", "select at least one scope")
    allowed = (
        SCOPES if not ctx.tenant["master"] else tuple(scope for scope in SCOPES if scope not in ("finance", "cms"))
    )
    if any(scope not in allowed for scope in values["scopes"]):
        check.add("scopes", "invalid")
    expires_at = None
    if given and given.strip():
        expires_at = parse_time(given)
        if expires_at is None or expires_at <= ctx.sandbox.now():
            week = datetime.fromtimestamp(ctx.sandbox.now(), timezone.utc) + timedelta(days=7)
            check.add(
                "expires_at",
                f"Date must follow ISO8601 format and be future. Example: {week.strftime('%Y-%m-%dT%H:%M:%SZ')}",
            )
    check.done()
    token = ctx.db.insert(
        "access_tokens",
        owner_id=user["id"],
        tenant_id=ctx.tenant["id"],
        value=random_hex(release.token_letters),
        expires_at=expires_at,
        **values,
    )
    return ctx.created("access_token", {**represent(ctx, token), "value": token["value"]}, token["id"])


def _user(ctx: Context) -> Row:
    if ctx.caller.user is None:
        raise Forbidden
    return ctx.caller.user


def _token(ctx: Context) -> Row:
    """By id or by value."""
    user, wanted = _user(ctx), ctx.variables["id"]
    if re.fullmatch(r"\d{1,18}", wanted):
        token = ctx.db.get("access_tokens", int(wanted))
        if token is not None and token["owner_id"] == user["id"]:
            return token
    for token in ctx.db.where("access_tokens", value=wanted):
        if token["owner_id"] == user["id"]:
            return token
    raise NotFound


@routes.get(_PERSONAL, **_OPTIONS)
def index(ctx: Context) -> Reply:
    """The caller's tokens, by part of the name if asked."""
    rows = ctx.db.where("access_tokens", owner_id=_user(ctx)["id"])
    part = ctx.params.text("name")
    rows = [row for row in rows if not part or part in (row["name"] or "")]
    return ctx.many("access_tokens", "access_token", rows, represent)


@routes.post(_PERSONAL, **_OPTIONS)
def create(ctx: Context) -> Reply:
    """Create one for oneself."""
    return create_for(ctx, _user(ctx))


@routes.get(_PERSONAL + "/{id}", **_OPTIONS)
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("access_token", represent(ctx, _token(ctx)))


@routes.delete(_PERSONAL + "/{id}", **_OPTIONS)
def destroy(ctx: Context) -> Reply:
    """Delete."""
    ctx.db.delete("access_tokens", _token(ctx))
    return ctx.empty()


@routes.post("/admin/api/users/{user_id}/access_tokens", json_only=True)
def create_for_user(ctx: Context) -> Reply:
    """For oneself; for others only with the provider key."""
    user = ctx.row("users", ctx.number("user_id"), account_id=ctx.tenant["id"])
    if ctx.caller.user is not None and ctx.caller.user is not user:
        raise Forbidden
    return create_for(ctx, user)
