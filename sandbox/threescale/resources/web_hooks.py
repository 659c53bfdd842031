# SPDX-License-Identifier: GPL-3.0-or-later
"""Web hooks: `PUT /admin/api/webhooks`, and the failures (none here: nothing is delivered)."""

from __future__ import annotations

import re

from ..http.context import Context
from ..http.errors import Forbidden, Refused
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.fields import Fields
from ..rules.times import parse_time
from ..rules.validate import Check

routes = Routes()
SWITCHES = (
    "account_created_on account_updated_on account_deleted_on user_created_on user_updated_on user_deleted_on"
    " application_created_on application_updated_on application_deleted_on account_plan_changed_on"
    " application_plan_changed_on application_user_key_updated_on application_key_created_on application_key_deleted_on"
    " application_suspended_on application_key_updated_on"
)
FIELDS = Fields(text="url", boolean=f"active provider_actions {SWITCHES}")
KNOWN = (*FIELDS.names, "id", "account_id", "created_at", "updated_at", "tenant_id", "push_application_content_type")
_URL = re.compile(r"https?://[^\s/?#]+")


@routes.put("/admin/api/webhooks", json_only=True)
def update(ctx: Context) -> Reply:
    """Change; an empty object only reads, for there is no GET."""
    values = FIELDS.cast(ctx.params.wrapped("web_hook", KNOWN, required=False))
    hook = ctx.db.first("web_hooks", account_id=ctx.tenant["id"])
    row = {**{name: ctx.db.tables["web_hooks"].columns[name] for name in FIELDS.names}, **(hook or {}), **values}
    check = Check(ctx.db, row)
    if row["active"] and not _URL.search(str(row["url"] or "")):
        check.add("url", "Must be a valid URL such as http://example.com")
    check.longest(255, "url")
    check.done()
    if hook is not None:
        ctx.db.update("web_hooks", hook, **values)
    elif not ctx.caller.read_only or values:
        ctx.db.insert("web_hooks", account_id=ctx.tenant["id"], tenant_id=ctx.tenant["id"], **values)
    return ctx.one("webhook", {name: row[name] for name in FIELDS.names})


@routes.get("/admin/api/webhooks/failures")
def failures(ctx: Context) -> Reply:
    """What could not be delivered."""
    _only_admins(ctx)
    return ctx.many("webhooks-failures", "webhooks-failure", [], lambda _ctx, row: row)


@routes.delete("/admin/api/webhooks/failures")
def delete_failures(ctx: Context) -> Reply:
    """Forget failures up to a time."""
    _only_admins(ctx)
    time = ctx.params.text("time")
    if time and parse_time(time) is None:
        raise Refused("invalid time", 400)
    return ctx.empty()


def _only_admins(ctx: Context) -> None:
    if not ctx.caller.is_admin:
        raise Forbidden
