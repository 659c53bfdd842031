# SPDX-License-Identifier: GPL-3.0-or-later
"""CMS templates: pages, layouts and partials, those of the tenant and those built in; drafts and their publication."""

from __future__ import annotations

from typing import Any

from ..http.context import Context, or_null
from ..http.errors import NotFound, Refused, ServerError
from ..http.paging import whole
from ..http.respond import Reply
from ..http.router import CMS, Routes
from ..portal.cms_requests import collection, permit, root_section, section_named, single
from ..portal.cms_rules import HIDDEN_TYPES, check_template, normal_path, title_of
from ..rules.fields import Fields
from ..rules.names import parameterize
from ..rules.validate import blank
from ..store import Row

routes = Routes(scopes=CMS, default="json", json_only=True)
TABLE = "cms_templates"
FIELDS = Fields(
    text="system_name title path draft handler content_type", boolean="liquid_enabled", integer="section_id layout_id"
)
BESIDE = ("type", "layout_name", "section_name", "content")
ALLOWED = {
    "page": (
        "title",
        "path",
        "content_type",
        "system_name",
        "section_id",
        "layout_id",
        "liquid_enabled",
        "draft",
        "handler",
    ),
    "builtin-page": ("layout_id", "draft"),
    "layout": ("system_name", "draft", "title", "liquid_enabled"),
    "partial": ("system_name", "draft"),
    "builtin-partial": ("draft",),
}
TYPES = ("page", "builtin_page", "builtin_static_page", "partial", "builtin_partial", "layout")
PAGES = ("page", "builtin_page", "builtin_static_page")


def represent(ctx: Context, row: Row, short: bool = False) -> dict[str, Any]:
    """A template as the Admin API shows it; SHORT (lists) leaves out its texts."""
    kind = row["type"]
    data: dict[str, Any] = {
        "id": row["id"],
        "type": kind,
        "created_at": ctx.time(row["created_at"]),
        "updated_at": ctx.time(row["updated_at"]),
    }
    if kind in PAGES:
        data |= {
            "title": title_of(row),
            "system_name": or_null(row["system_name"]),
            "layout_id": or_null(row["layout_id"]),
        }
    elif kind == "layout":
        data |= {"title": row["title"], "system_name": row["system_name"], "liquid_enabled": row["liquid_enabled"]}
    else:
        data["system_name"] = row["system_name"]
    if kind == "page":
        data |= {
            "section_id": row["section_id"],
            "path": row["path"],
            "content_type": row["content_type"],
            "liquid_enabled": bool(row["liquid_enabled"]),
            "handler": row["handler"],
            "hidden": row["published"] is None,
        }
    if not short:
        data |= {"draft": or_null(row["draft"]), "published": or_null(row["published"])}
    return data


def _visible(ctx: Context) -> list[Row]:
    rows = ctx.db.where(TABLE, provider_id=ctx.tenant["id"])
    return [row for row in rows if row["type"] not in HIDDEN_TYPES]


def _found(ctx: Context) -> Row:
    permit(ctx, "template", FIELDS.names, BESIDE)
    row = ctx.here(TABLE, "id")
    if row["type"] in HIDDEN_TYPES:
        raise NotFound
    return row


def _given(ctx: Context, kind: str) -> dict[str, Any]:
    """The attributes that templates of this kind take; 400 when nothing of the request is an attribute at all."""
    sent = ctx.params.wrapped("template", FIELDS.names)
    values = FIELDS.cast({name: value for name, value in sent.items() if name in ALLOWED.get(kind, ())})
    if values.get("handler") == "":
        values["handler"] = None
    return values


def _section(ctx: Context) -> Row | None:
    section_id, name = ctx.params.get("section_id"), ctx.params.get("section_name")
    if not blank(section_id):
        return section_named(ctx, section_id)
    return None if blank(name) else ctx.db.first("cms_sections", provider_id=ctx.tenant["id"], system_name=name)


def _layout(ctx: Context) -> Row | None:
    own = {"provider_id": ctx.tenant["id"], "type": "layout"}
    layout_id, name = ctx.params.get("layout_id"), ctx.params.get("layout_name")
    if not blank(layout_id):
        found = ctx.db.get(TABLE, whole(layout_id))
        return found if found is not None and all(found[key] == value for key, value in own.items()) else None
    return None if blank(name) else ctx.db.first(TABLE, **own, system_name=name)


def _places(ctx: Context, making: bool) -> dict[str, Any]:
    """Section and layout of a page, by the names and ids at the top level of the request."""
    values: dict[str, Any] = {}
    asked = {kind: [ctx.params.get(f"{kind}_id"), ctx.params.get(f"{kind}_name")] for kind in ("section", "layout")}
    for kind, found in (("section", _section(ctx)), ("layout", _layout(ctx))):
        wanted = [value for value in asked[kind] if value is not None]
        if found is not None:
            values[f"{kind}_id"] = found["id"]
        elif kind == "layout" and not making and "" in wanted:
            values["layout_id"] = None
        elif wanted:
            raise Refused(f"Unknown {kind}: '{wanted[0]}'")
        elif kind == "section" and making:
            values["section_id"] = root_section(ctx)["id"]
    return values


def _touch_section(ctx: Context, row: Row) -> None:
    section = ctx.db.get("cms_sections", row["section_id"])
    if row["type"] == "page" and section is not None:
        ctx.db.touch("cms_sections", section)


@routes.get("/admin/api/cms/templates")
def index(ctx: Context) -> Reply:
    """A page of the templates, of one type or section; with their texts only for `content=true`."""
    permit(ctx, "template", FIELDS.names, BESIDE)
    rows, kind, section_id = _visible(ctx), ctx.params.get("type"), ctx.params.get("section_id")
    if not blank(kind):
        if kind not in TYPES:
            raise ServerError  # the real server looks for a class of that name
        rows = [row for row in rows if row["type"] == kind]
    if not blank(section_id):
        rows = [row for row in rows if row["section_id"] == whole(section_id)]
    short = ctx.params.get("content") not in ("true", True)
    return collection(ctx, rows, lambda row: represent(ctx, row, short))


@routes.post("/admin/api/cms/templates")
def create(ctx: Context) -> Reply:
    """A page, layout or partial, as a draft."""
    permit(ctx, "template", FIELDS.names, BESIDE)
    kind = ctx.params.text("type") or ""
    given = _given(ctx, parameterize(kind))
    if kind not in ("page", "layout", "partial"):
        raise Refused(f"Unknown template type '{kind}'")
    row: dict[str, Any] = {**dict.fromkeys(ctx.db.tables[TABLE].columns), "searchable": False, **given, "type": kind}
    if kind == "page":
        row.update(_places(ctx, making=True))
        row["content_type"] = row["content_type"] or "text/html"
        _complete_page(row)
    check_template(ctx, row)
    values = {name: value for name, value in row.items() if name not in ("created_at", "updated_at")}
    made = ctx.db.insert(TABLE, **{**values, "provider_id": ctx.tenant["id"], "tenant_id": ctx.tenant["id"]})
    _touch_section(ctx, made)
    return single(ctx, represent(ctx, made), made["id"])


def _complete_page(row: dict[str, Any]) -> None:
    if blank(row["system_name"]) and not blank(row["title"]):
        row["system_name"] = parameterize(row["title"])
    if row["path"] is not None:
        row["path"] = normal_path(row["path"])


@routes.get("/admin/api/cms/templates/{id}")
def show(ctx: Context) -> Reply:
    """One template with draft and published text."""
    return single(ctx, represent(ctx, _found(ctx)))


@routes.put("/admin/api/cms/templates/{id}")
def update(ctx: Context) -> Reply:
    """Change a template. A `type` in the request picks what may be: by the API's spelling of built-ins, nothing."""
    row = _found(ctx)
    kind = ctx.params.text("type")
    changes = _given(ctx, row["type"].replace("_", "-") if blank(kind) else parameterize(kind or ""))
    if row["type"] == "page":
        changes.update(_places(ctx, making=False))
    after = {**row, **changes}
    if row["type"] == "page":
        _complete_page(after)
        changes |= {name: after[name] for name in ("system_name", "path")}
    check_template(ctx, after)
    if ctx.db.update(TABLE, row, **changes):
        _touch_section(ctx, row)
    return single(ctx, represent(ctx, row))


@routes.put("/admin/api/cms/templates/{id}/publish")
def publish(ctx: Context) -> Reply:
    """Make the draft the published text; nothing happens without a draft."""
    row = _found(ctx)
    if row["draft"] is not None:
        check_template(ctx, {**row, "published": row["draft"], "draft": None})
        ctx.db.update(TABLE, row, published=row["draft"], draft=None, updated_at=ctx.db.clock())
        _touch_section(ctx, row)
    return single(ctx, represent(ctx, row))


@routes.delete("/admin/api/cms/templates/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete a template; a layout that pages use stays, and the answer is 200 all the same."""
    row = _found(ctx)
    if row["type"].startswith("builtin"):
        raise Refused("Built-in resources can't be deleted")
    used = row["type"] == "layout" and any(page["type"] == "page" for page in ctx.db.where(TABLE, layout_id=row["id"]))
    if not used:
        ctx.db.delete(TABLE, row)
        _touch_section(ctx, row)
    return ctx.empty()
