# SPDX-License-Identifier: GPL-3.0-or-later
"""CMS files: images and whatever else is downloaded as it is."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import BLANK, TAKEN, Errors, ServerError
from ..http.paging import whole
from ..http.params import UploadFile
from ..http.respond import Reply
from ..http.router import CMS, Routes
from ..portal.cms_requests import (
    INVALID_URI,
    check_section,
    collection,
    permit,
    root_section,
    section_named,
    single,
    unfit_uri,
)
from ..portal.files import content_type_of
from ..portal.object_storage import file_url
from ..rules.fields import Fields
from ..rules.names import random_hex
from ..rules.validate import blank
from ..store import Row

routes = Routes(scopes=CMS, default="json", json_only=True)
TABLE = "cms_files"
FIELDS = Fields(text="path", boolean="downloadable", integer="section_id", data="attachment")


def represent(ctx: Context, row: Row) -> dict[str, Any]:
    """A file as the Admin API shows it."""
    return {
        "id": row["id"],
        "created_at": ctx.time(row["created_at"]),
        "updated_at": ctx.time(row["updated_at"]),
        "section_id": row["section_id"],
        "path": row["path"],
        "downloadable": bool(row["downloadable"]),
        "url": file_url(ctx.sandbox, ctx.tenant, row),
        "title": row["attachment_file_name"],
        "content_type": row["attachment_content_type"],
    }


def _given(ctx: Context) -> dict[str, Any]:
    permit(ctx, "file", FIELDS.names)
    values = FIELDS.cast(ctx.params.wrapped("file", FIELDS.names))
    if values.get("path") and not values["path"].startswith("/"):
        values["path"] = f"/{values['path']}"
    if "attachment" in values:
        values.update(_attachment(ctx, values.pop("attachment")))
    return values


def _attachment(ctx: Context, sent: Any) -> dict[str, Any]:
    if sent is None or sent == "":
        return {}
    if not isinstance(sent, UploadFile):
        raise ServerError  # the real server finds no handler for a text
    data = sent.file.read()
    name = (sent.filename or "").replace("\\", "/").rpartition("/")[2]
    return {
        "attachment": data,
        "attachment_file_name": name,
        "attachment_file_size": len(data),
        "attachment_content_type": content_type_of(name, data),
        "attachment_updated_at": ctx.db.clock(),
    }


def _check(ctx: Context, row: dict[str, Any]) -> None:
    errors = Errors()
    if unfit_uri(row["path"]):
        errors.add("path", INVALID_URI)
    if blank(row["path"]):
        errors.add("path", BLANK)
    if row["attachment_file_name"] is None:
        errors.add("attachment", BLANK)
    same = ctx.db.where(TABLE, provider_id=ctx.tenant["id"], path=row["path"])
    if any(other["id"] != row.get("id") for other in same):
        errors.add("path", TAKEN)
    if len(row["path"] or "") > 255:
        errors.add("path", "is too long (maximum is 255 characters)")
    check_section(ctx, errors, row["section_id"])
    errors.check()


def _touch_section(ctx: Context, section_id: Any) -> None:
    section = ctx.db.get("cms_sections", section_id)
    if section is not None:
        ctx.db.touch("cms_sections", section)


@routes.get("/admin/api/cms/files")
def index(ctx: Context) -> Reply:
    """A page of the files, of one section when `section_id` is given."""
    permit(ctx, "file", FIELDS.names)
    rows = ctx.db.where(TABLE, provider_id=ctx.tenant["id"])
    section_id = ctx.params.get("section_id")
    if not blank(section_id):
        rows = [row for row in rows if row["section_id"] == whole(section_id)]
    return collection(ctx, rows, lambda row: represent(ctx, row))


@routes.post("/admin/api/cms/files")
def create(ctx: Context) -> Reply:
    """Upload a file; its section is taken from the top level of the request, else it is root."""
    given = _given(ctx)
    section = section_named(ctx, ctx.params.get("section_id")) or root_section(ctx)
    row = {"path": None, "attachment_file_name": None, "downloadable": False, **given, "section_id": section["id"]}
    _check(ctx, row)
    made = ctx.db.insert(
        TABLE, provider_id=ctx.tenant["id"], tenant_id=ctx.tenant["id"], random_secret=random_hex(16), **row
    )
    _touch_section(ctx, made["section_id"])
    return single(ctx, represent(ctx, made), made["id"])


def _found(ctx: Context) -> Row:
    permit(ctx, "file", FIELDS.names)
    return ctx.here(TABLE, "id")


@routes.get("/admin/api/cms/files/{id}")
def show(ctx: Context) -> Reply:
    """One file's description; its content is served by the portal."""
    return single(ctx, represent(ctx, _found(ctx)))


@routes.put("/admin/api/cms/files/{id}")
def update(ctx: Context) -> Reply:
    """Change path, section, kind of download, or the content: the id stays."""
    row, changes = _found(ctx), _given(ctx)
    _check(ctx, {**row, **changes})
    if ctx.db.update(TABLE, row, **changes):
        _touch_section(ctx, row["section_id"])
    return single(ctx, represent(ctx, row))


@routes.delete("/admin/api/cms/files/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete a file."""
    row = _found(ctx)
    ctx.db.delete(TABLE, row)
    _touch_section(ctx, row["section_id"])
    return ctx.empty()
