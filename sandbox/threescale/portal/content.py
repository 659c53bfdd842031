# SPDX-License-Identifier: GPL-3.0-or-later
"""The CMS content of a new tenant, in the order in which the real server makes it. Texts are files of `defaults/`."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..bootstrap.hooks import afterwards, at_once
from ..rules.names import parameterize, random_hex
from ..store import Row

if TYPE_CHECKING:
    from ..sandbox import Sandbox

DEFAULTS = Path(__file__).parent / "defaults"
_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////"
    "wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z"
)
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_ICON = (
    bytes.fromhex("00000100010001010000010018003000000016000000")
    + bytes.fromhex("28000000010000000200000001001800")
    + bytes(24)
    + bytes.fromhex("ffffff00")
    + bytes(4)
)
IMAGES: list[tuple[str, bytes, str]] = [
    *((f"/images/{name}.jpg", _JPEG, "image/jpeg") for name in ("desk", "mouse", "notes", "plant")),
    *((f"/images/powered-by-3scale{end}.png", _PNG, "image/png") for end in ("-dark", "-light", "")),
    ("/favicon.ico", _ICON, "image/vnd.microsoft.icon"),
]
SCRIPTS = ("3scale.js", "3scale_v2.js", "bootstrap.js", "bootstrap.min.js", "excanvas.compiled.js")
STYLES = ("bootstrap.css", "default.css", "plans_widget_overrides.css")
BUILTIN_PARTIALS = (
    "stats/chart",
    "applications/form",
    "messages/menu",
    "shared/pagination",
    "shared/swagger_ui",
    "signup/cas",
    "login/sso",
    "field",
    "submenu",
    "menu_item",
    "users_menu",
)
# (title, path, parent of a section, what stands in it): a name alone is a built-in page, "_name" a partial.
_SECTIONS: list[tuple[str, str, str, list[str]]] = [
    (
        "",
        "",
        "",
        [
            "_field",
            "_shared/pagination",
            "_shared/swagger_ui",
            "_submenu",
            "_menu_item",
            "_users_menu",
            "dashboards/show",
        ],
    ),
    ("Password", "/password", "", ["password/new", "password/show"]),
    ("Login", "/login", "", ["login/new", "_login/sso"]),
    ("Signup", "/signup", "", ["signup/show", "signup/success", "_signup/cas"]),
    ("Messages", "/messages", "", ["_messages/menu"]),
    ("Outbox", "/messages/outbox", "Messages", []),
    ("Inbox", "/messages/inbox", "Messages", []),
    ("Trash", "/messages/trash", "Messages", []),
    ("Outbox", "", "", ["messages/outbox/index", "messages/outbox/show", "messages/outbox/new"]),
    ("Inbox", "", "", ["messages/inbox/index", "messages/inbox/show"]),
    ("Trash", "", "", ["messages/trash/index", "messages/trash/show"]),
    ("Stats", "/stats", "", ["_stats/chart", "stats/index"]),
    (
        "Applications",
        "/applications",
        "",
        [
            "_applications/form",
            "applications/edit",
            "applications/show",
            "applications/index",
            "applications/new",
            "applications/choose_service",
        ],
    ),
    ("Application Alerts", "/application/alerts", "", ["applications/alerts/index"]),
    ("Invoices", "/invoices", "", ["invoices/index", "invoices/show"]),
    ("Account Plans", "/account_plans", "", ["account_plans/index"]),
    ("Account", "/account", "", ["account/show", "account/edit"]),
    ("Users", "/users", "", ["accounts/users/index", "accounts/users/edit"]),
    ("User", "/user", "", ["user/show"]),
    ("Search", "/search", "", ["search/index"]),
    ("Services", "/services", "", ["services/new", "services/index"]),
    ("Invitations", "/invitations", "", ["invitations/index", "invitations/new"]),
    ("Payment Gateway", "/payment_gateway", "", ["accounts/payment_gateways/edit", "accounts/payment_gateways/show"]),
    ("Errors", "/errors", "", ["errors/not_found", "errors/internal_server_error", "errors/forbidden"]),
    ("Invitee signups", "/invitee_signups", "", ["accounts/invitee_signups/show"]),
]


@cache
def default_text(name: str) -> str:
    """The text of a file of `defaults/`."""
    return (DEFAULTS / name).read_text(encoding="utf-8")


@cache
def default_partial(name: str) -> str | None:
    """The text of a default partial, or None: a tenant's own of this name comes first."""
    path = DEFAULTS / "partials" / f"{name}.liquid"
    inside = path.resolve().is_relative_to(DEFAULTS.resolve())
    return path.read_text(encoding="utf-8") if inside and path.is_file() else None


class _Writer:
    """Makes rows of one tenant, each only where none of its name is there."""

    def __init__(self, sandbox: Sandbox, tenant: Row) -> None:
        self.sandbox, self.db, self.tenant = sandbox, sandbox.db, tenant
        self.own = {"provider_id": tenant["id"], "tenant_id": tenant["id"]}

    def section(self, title: str, path: str, parent: Row | None = None) -> Row:
        """A built-in section by its title."""
        name = parameterize(title)
        found = self.db.first("cms_sections", provider_id=self.tenant["id"], system_name=name)
        if found is not None:
            return found
        root = None if name == "root" else self.section("Root", "/")
        above = parent or root
        return self.db.insert(
            "cms_sections",
            **self.own,
            title=title,
            system_name=name,
            partial_path=path,
            type="CMS::Builtin::Section",
            parent_id=above["id"] if above else None,
        )

    def template(self, kind: str, name: str, text: str, **values: Any) -> Row:
        """A published template of this type and system name."""
        found = self.db.first("cms_templates", provider_id=self.tenant["id"], type=kind, system_name=name)
        return found or self.db.insert(
            "cms_templates", **self.own, type=kind, system_name=name, published=text, **values
        )

    def builtin_page(self, name: str, section: Row, layout: Row | None) -> None:
        """A built-in page with its default text."""
        self.template(
            "builtin_page",
            name,
            default_text(f"pages/builtin/{name}.liquid"),
            section_id=section["id"],
            layout_id=layout["id"] if layout else None,
        )

    def layout(self, name: str) -> Row | None:
        """The layout of this name."""
        return self.db.first("cms_templates", provider_id=self.tenant["id"], type="layout", system_name=name)


@at_once
def create_switch_pages(sandbox: Sandbox, tenant: Row) -> None:
    """What the switches for several applications, products and service plans make: there is no layout yet."""
    write = _Writer(sandbox, tenant)
    write.section("Root", "/")
    applications = write.section("Applications", "/applications")
    for name in ("applications/new", "applications/choose_service"):
        write.builtin_page(name, applications, None)
    services = write.section("Services", "/services")
    for name in ("services/new", "services/index"):
        write.builtin_page(name, services, None)


@afterwards
def import_content(sandbox: Sandbox, tenant: Row) -> None:
    """Layouts, pages, scripts, styles, images, built-in pages and partials."""
    write = _Writer(sandbox, tenant)
    root = write.section("Root", "/")
    layout = write.template(
        "layout",
        "main_layout",
        default_text("layouts/main_layout.liquid"),
        title="Main layout",
        liquid_enabled=True,
        rails_view_path="layouts/main_layout",
    )
    write.template(
        "layout",
        "error",
        default_text("layouts/error.liquid"),
        title="Error layout",
        liquid_enabled=True,
        rails_view_path="layouts/error",
    )
    _pages(write, root, layout)
    write.template("partial", "analytics", default_text("partials/analytics.liquid"))
    _assets(write)
    _built_in(write, root)
    sandbox.db.touch("cms_sections", root)


def _pages(write: _Writer, root: Row, layout: Row) -> None:
    for title, path, file in (("Homepage", "/", "index"), ("Documentation", "/docs", "docs")):
        if not write.db.first("cms_templates", provider_id=write.tenant["id"], path=path):
            write.template(
                "page",
                title.lower(),
                default_text(f"pages/{file}.liquid"),
                title=title,
                path=path,
                liquid_enabled=True,
                section_id=root["id"],
                layout_id=layout["id"],
                content_type="text/html",
            )


def _built_in(write: _Writer, root: Row) -> None:
    for title, path, parent, names in _SECTIONS:
        above = write.section(parent, "") if parent else None
        section = write.section(title, path, above) if title else root
        for name in names:
            if name.startswith("_"):
                write.template(
                    "builtin_partial", name[1:], default_text(f"partials/{name[1:]}.liquid"), liquid_enabled=True
                )
            else:
                write.builtin_page(
                    name, section, write.layout("error" if name.startswith("errors/") else "main_layout")
                )


def _assets(write: _Writer) -> None:
    scripts = sorted((*SCRIPTS, *write.sandbox.config.release.scripts))
    for folder, files, kind in (("javascripts", scripts, "text/javascript"), ("css", STYLES, "text/css")):
        section = write.section(folder, f"/{folder}")
        for file in files:
            write.template(
                "page",
                parameterize(file),
                default_text(f"{folder}/{file}"),
                title=file,
                path=f"/{folder}/{file}",
                content_type=kind,
                section_id=section["id"],
            )
    section = write.section("images", "/images")
    for path, data, kind in IMAGES:
        if not write.db.first("cms_files", provider_id=write.tenant["id"], path=path):
            write.db.insert(
                "cms_files",
                **write.own,
                path=path,
                section_id=section["id"],
                random_secret=random_hex(16),
                attachment=data,
                attachment_file_name=path.rpartition("/")[2],
                attachment_content_type=kind,
                attachment_file_size=len(data),
                attachment_updated_at=write.db.clock(),
            )
