# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and referrer filters of applications."""

from __future__ import annotations

import re
from typing import Any

from ..http.context import Context
from ..http.errors import NotFound
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.contracts import KEYS_MOST, add_key
from ..rules.names import random_hex
from ..rules.referrers import LIMIT_REACHED, check_filter
from ..rules.validate import Check
from ..store import Row
from .applications import application_of
from .applications import represent as represent_application

routes = Routes()
_KEYS = "/admin/api/accounts/{account_id}/applications/{application_id}/keys"
_FILTERS = "/admin/api/accounts/{account_id}/applications/{application_id}/referrer_filters"
_PRINTABLE = re.compile(r"\A[\x21-\x7E]+\Z")


def _represent(ctx: Context, row: Row, *, with_id: bool) -> dict[str, Any]:
    application = ctx.row("applications", row["application_id"])
    path = f"/admin/api/accounts/{application['user_account_id']}/applications/{application['id']}"
    return {
        **({"id": row["id"]} if with_id else {}),
        "value": row["value"],
        "created_at": ctx.time(row["created_at"]),
        "updated_at": ctx.time(row["updated_at"]),
        "links": [ctx.link("application", path)],
    }


def represent_key(ctx: Context, row: Row) -> dict[str, Any]:
    """JSON of a key."""
    return _represent(ctx, row, with_id=False)


def represent_filter(ctx: Context, row: Row) -> dict[str, Any]:
    """JSON of a referrer filter."""
    return _represent(ctx, row, with_id=True)


def keys_most(ctx: Context, application: Row) -> int:
    """How many keys the application may have."""
    service = ctx.db.get("services", application["service_id"])
    return 1 if service is not None and service["backend_version"] == "oauth" else KEYS_MOST


@routes.get(_KEYS)
def keys(ctx: Context) -> Reply:
    """List."""
    rows = ctx.db.where("application_keys", application_id=application_of(ctx, "application_id")["id"])
    return ctx.many("keys", "key", rows, represent_key)


@routes.post(_KEYS)
def create_key(ctx: Context) -> Reply:
    """Add a key, random when none is given; the answer is the application."""
    application = application_of(ctx, "application_id")
    value = ctx.params.text("key")
    value = random_hex(32) if value is None else value
    present = ctx.db.where("application_keys", application_id=application["id"])
    check = Check(ctx.db, {"value": value})
    check.matches("value", _PRINTABLE, allow_blank=False)
    check.shortest(5, "value")
    check.longest(255, "value")
    if any(row["value"].lower() == value.lower() for row in present):
        check.add("value", "has already been taken")
    if len(present) >= keys_most(ctx, application):
        check.add("base", LIMIT_REACHED)
    check.done()
    made = add_key(ctx.sandbox, application, value)
    return ctx.created("application", represent_application(ctx, application), made["id"])


@routes.delete(_KEYS + "/{key}")
def destroy_key(ctx: Context) -> Reply:
    """Delete by value; a parameter `key` goes before the path's."""
    application = application_of(ctx, "application_id")
    value = ctx.params.text("key") or ctx.variables["key"]
    found = ctx.db.first("application_keys", application_id=application["id"], value=value)
    if found is None:
        raise NotFound
    ctx.db.delete("application_keys", found)
    return ctx.empty()


@routes.get(_FILTERS)
def filters(ctx: Context) -> Reply:
    """List."""
    rows = ctx.db.where("referrer_filters", application_id=application_of(ctx, "application_id")["id"])
    return ctx.many("referrer_filters", "referrer_filter", rows, represent_filter)


@routes.post(_FILTERS)
def create_filter(ctx: Context) -> Reply:
    """Add a filter; the answer is the application."""
    application = application_of(ctx, "application_id")
    check = check_filter(ctx.db, application, ctx.params.text("referrer_filter"))
    check.done()
    made = ctx.db.insert(
        "referrer_filters", application_id=application["id"], tenant_id=ctx.tenant["id"], value=check.row["value"]
    )
    return ctx.created("application", represent_application(ctx, application), made["id"])


@routes.delete(_FILTERS + "/{id}")
def destroy_filter(ctx: Context) -> Reply:
    """Delete by id."""
    application = application_of(ctx, "application_id")
    ctx.db.delete("referrer_filters", ctx.here("referrer_filters", "id", application_id=application["id"]))
    return ctx.empty()
