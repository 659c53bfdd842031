# SPDX-License-Identifier: GPL-3.0-or-later
"""CMS sections: folders of pages and files."""

from __future__ import annotations

import re
from typing import Any

from ..http.context import Context, or_null
from ..http.errors import BLANK, TAKEN, Errors, NotFound, Refused
from ..http.paging import whole
from ..http.respond import Reply
from ..http.router import CMS, Routes
from ..portal.cms_requests import INVALID_URI, collection, permit, root_section, section_named, single, unfit_uri
from ..rules.fields import Fields
from ..rules.names import parameterize
from ..rules.validate import blank
from ..store import Row

routes = Routes(scopes=CMS, default="json", json_only=True)
TABLE = "cms_sections"
FIELDS = Fields(text="title system_name partial_path", boolean="public", integer="parent_id")
BUILTIN = "CMS::Builtin::Section"


def represent(ctx: Context, row: Row) -> dict[str, Any]:
    """A section as the Admin API shows it."""
    return {
        "id": row["id"],
        "created_at": ctx.time(row["created_at"]),
        "updated_at": ctx.time(row["updated_at"]),
        "title": or_null(row["title"]),
        "system_name": row["system_name"],
        "public": row["public"],
        "parent_id": or_null(row["parent_id"]),
        "partial_path": or_null(row["partial_path"]),
    }


def _given(ctx: Context) -> dict[str, Any]:
    permit(ctx, "section", FIELDS.names)
    return FIELDS.cast(ctx.params.wrapped("section", FIELDS.names))


def _found(ctx: Context) -> Row:
    permit(ctx, "section", FIELDS.names)
    name = ctx.variables["id"]
    row = ctx.db.get(TABLE, ctx.number("id"))
    if row is None or row["provider_id"] != ctx.tenant["id"]:
        row = ctx.db.first(TABLE, provider_id=ctx.tenant["id"], system_name=name)
    if row is None:
        raise NotFound
    return row


def _is_below(ctx: Context, row: dict[str, Any]) -> bool:
    seen, parent_id = set(), row["parent_id"]
    while parent_id is not None and parent_id not in seen:
        if parent_id == row.get("id"):
            return True
        seen.add(parent_id)
        parent = ctx.db.get(TABLE, parent_id)
        parent_id = parent["parent_id"] if parent else None
    return False


def _check(ctx: Context, row: dict[str, Any]) -> None:
    errors, is_root = Errors(), row["system_name"] == "root"
    if unfit_uri(row["partial_path"]):
        errors.add("partial_path", INVALID_URI)
    for name in ("title", "system_name"):
        if blank(row[name]):
            errors.add(name, BLANK)
    if row["parent_id"] is None and not is_root:
        errors.add("parent_id", BLANK)
    own = {"provider_id": ctx.tenant["id"]}
    scopes: dict[str, dict[str, Any]] = {"title": {**own, "parent_id": row["parent_id"]}, "system_name": own}
    for name, scope in scopes.items():
        same = ctx.db.where(TABLE, **scope, **{name: row[name]})
        if any(other["id"] != row.get("id") for other in same) and not blank(row[name]):
            errors.add(name, TAKEN)
        if len(row[name] or "") > 255:
            errors.add(name, "is too long (maximum is 255 characters)")
    if _is_below(ctx, row):
        errors.add("base", "cannot be it's own ancestor")
    if not is_root and (row["parent_id"] is None or section_named(ctx, row["parent_id"]) is None):
        errors.add("parent_id", "must belong to the same provider")
    errors.check()


@routes.get("/admin/api/cms/sections")
def index(ctx: Context) -> Reply:
    """A page of the sections, of one parent when `parent_id` is given."""
    permit(ctx, "section", FIELDS.names)
    rows = ctx.db.where(TABLE, provider_id=ctx.tenant["id"])
    parent_id = ctx.params.get("parent_id")
    if not blank(parent_id):
        rows = [row for row in rows if row["parent_id"] == whole(parent_id)]
    return collection(ctx, rows, lambda row: represent(ctx, row))


@routes.post("/admin/api/cms/sections")
def create(ctx: Context) -> Reply:
    """A section; its parent is taken from the top level of the request only, else it is root."""
    given = _given(ctx)
    parent = section_named(ctx, ctx.params.get("parent_id")) or root_section(ctx)
    row: dict[str, Any] = {
        "title": None,
        "system_name": None,
        "partial_path": None,
        "public": True,
        **given,
        "parent_id": parent["id"],
    }
    made_name = parameterize(row["title"] or "")
    if blank(row["system_name"]) and not blank(row["title"]):
        row["system_name"] = made_name
    if blank(row["partial_path"]):
        row["partial_path"] = None if row["title"] is None else made_name
    _check(ctx, row)
    row["partial_path"] = re.sub(r"\A/+", "/", row["partial_path"] or "")
    made = ctx.db.insert(TABLE, provider_id=ctx.tenant["id"], tenant_id=ctx.tenant["id"], **row)
    reply = single(ctx, represent(ctx, made), made["id"])
    reply.headers["Location"] = f"/admin/api/cms/sections.{made['id']}"
    return reply


@routes.get("/admin/api/cms/sections/{id}")
def show(ctx: Context) -> Reply:
    """A section by id or system_name."""
    return single(ctx, represent(ctx, _found(ctx)))


@routes.put("/admin/api/cms/sections/{id}")
def update(ctx: Context) -> Reply:
    """Change a section."""
    row, changes = _found(ctx), _given(ctx)
    after = {**row, **changes}
    if blank(after["system_name"]) and not blank(after["title"]):
        changes["system_name"] = after["system_name"] = parameterize(after["title"])
    _check(ctx, after)
    ctx.db.update(TABLE, row, **changes)
    return single(ctx, represent(ctx, row))


@routes.delete("/admin/api/cms/sections/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete a section; what it holds moves to its parent."""
    row = _found(ctx)
    if row["type"] == BUILTIN:
        raise Refused("Built-in resources can't be deleted")
    for table, column in (("cms_templates", "section_id"), ("cms_files", "section_id"), (TABLE, "parent_id")):
        for held in ctx.db.where(table, **{column: row["id"]}):
            ctx.db.update(table, held, **{column: row["parent_id"]})
    ctx.db.delete(TABLE, row)
    return ctx.empty()
