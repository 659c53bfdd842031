# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a CMS template valid."""

from __future__ import annotations

import re
from typing import Any

from liquid.exceptions import LiquidError

from ..http.context import Context
from ..http.errors import BLANK, INVALID, TAKEN, Errors
from ..rules.names import SYSTEM_NAME
from ..rules.validate import blank
from .cms_requests import INVALID_URI, check_section, unfit_uri
from .content import BUILTIN_PARTIALS
from .language import LIQUID

HIDDEN_TYPES = ("email_template", "legal_term")
LEGAL_TERMS = ("signup_licence", "service_subscription_licence", "new_application_licence")
_CONTENT_TAG = re.compile(r"\{%\s*content\s*%\}")
_RESERVED = [f"{name}{suffix}" for name in ("terms", "privacy", "refunds") for suffix in ("", ".html", ".htm")]
TEXT_MOST = 16777215


def title_of(row: dict[str, Any]) -> str | None:
    """The title of a page; a built-in one's follows from its system name."""
    if row["type"] == "page":
        return row["title"]  # type: ignore[no-any-return]
    return str(row["system_name"]).rpartition("/")[2].replace("_", " ").capitalize()


def normal_path(path: str) -> str:
    """Without slashes at the end, and with one at the start where there are several."""
    path = re.sub(r"^(.*[^/])/*$", r"\1", path, flags=re.M)
    return re.sub(r"^/+", "/", path, flags=re.M)


def has_liquid(row: dict[str, Any]) -> bool:
    """Whether the server checks the text's Liquid: built-ins always, others when it is switched on."""
    return row["type"] in ("builtin_page", "builtin_partial") or bool(row["liquid_enabled"])


def check_template(ctx: Context, row: dict[str, Any]) -> None:
    """Raise `Invalid` with all that is wrong with a template."""
    errors = Errors()
    _check_name(ctx, row, errors)
    if row["handler"] not in (None, "markdown", "textile"):
        errors.add("handler", "is not included in the list")
    for name in ("draft", "published"):
        if len(row[name] or "") > TEXT_MOST:
            errors.add(name, f"is too long (maximum is {TEXT_MOST} characters)")
    for name in ("path", "title", "content_type"):
        if len(row[name] or "") > 255:
            errors.add(name, "is too long (maximum is 255 characters)")
    _check_liquid(row, errors)
    if row["type"] == "page":
        check_section(ctx, errors, row["section_id"])
        _check_page(ctx, row, errors)
    elif row["type"] in ("layout", "partial") and blank(row["system_name"]):
        errors.add("system_name", BLANK)
    if row["type"] == "partial" and row["system_name"] in (*BUILTIN_PARTIALS, *LEGAL_TERMS):
        errors.add("system_name", "reserved for internal use")
    if row["type"] == "layout" and row["system_name"] == "main_layout":
        for name in ("draft", "published"):
            if row[name] is not None and not _CONTENT_TAG.search(row[name]):
                errors.add(name, "must contain '{&#37; content &#37;}' tag")
    errors.check()


def _check_name(ctx: Context, row: dict[str, Any], errors: Errors) -> None:
    name = row["system_name"]
    if blank(name):
        return
    same = ctx.db.where("cms_templates", provider_id=ctx.tenant["id"], type=row["type"], system_name=name)
    if any(other["id"] != row.get("id") for other in same):
        errors.add("system_name", TAKEN)
    if not SYSTEM_NAME.match(name):
        errors.add("system_name", INVALID)
    if len(name) > 255:
        errors.add("system_name", "is too long (maximum is 255 characters)")


def _check_liquid(row: dict[str, Any], errors: Errors) -> None:
    if not has_liquid(row) or row["draft"] is None:
        return
    try:
        LIQUID.template(row["draft"])
    except LiquidError as error:
        errors.add("draft", str(error))


def _check_page(ctx: Context, row: dict[str, Any], errors: Errors) -> None:
    path = row["path"]
    if unfit_uri(path):
        errors.add("path", INVALID_URI)
    if blank(row["title"]):
        errors.add("title", BLANK)
    if blank(path):
        errors.add("path", BLANK)
    if not (path or "").startswith("/"):
        errors.add("path", "needs to start with a slash ( / )")
    same = ctx.db.where("cms_templates", provider_id=ctx.tenant["id"], path=path) if path else []
    if any(other["id"] != row.get("id") and other["type"] == "page" for other in same):
        errors.add("path", TAKEN)
    if path in _RESERVED:
        errors.add("path", "is reserved")
