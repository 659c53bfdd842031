# SPDX-License-Identifier: GPL-3.0-or-later
"""What all CMS endpoints share: parameters that are refused when unknown, pages of lists, unwrapped objects, paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from ..http.context import Context, compact, last_modified
from ..http.errors import BLANK, Errors, Refused, ServerError
from ..http.paging import whole
from ..http.respond import Reply, json_reply
from ..rules.validate import blank
from ..store import Row
from .templating.values import inspect

_EXEMPT = {"format", "provider_key", "api_key", "access_token", "id", "page", "per_page"}
INVALID_URI = "was invalid. Please verify it and save again"
_URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*\Z")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def permit(ctx: Context, wrapper: str, known: Iterable[str], extra: Iterable[str] = ()) -> None:
    """Refuse (422) any parameter beside the known ones."""
    allowed = {*_EXEMPT, wrapper, *known, *extra}
    unknown = [name for name in ctx.params.all if name not in allowed]
    if unknown:
        raise Refused(f"Unpermitted parameters: {inspect(unknown)}")


def collection(ctx: Context, rows: list[Row], represent: Callable[[Row], dict[str, Any]]) -> Reply:
    """A page of 20 (`per_page` up to 100); the real server fails on `per_page` below 1."""
    given = ctx.params.get("per_page")
    per_page = 20 if blank(given) else min(whole(given), 100)
    if per_page < 1:
        raise ServerError
    number = max(whole(ctx.params.get("page", 1)), 1)
    start = (number - 1) * per_page
    page = rows[start : start + per_page]
    out: dict[str, Any] = {"collection": [compact(represent(row)) for row in page]}
    if len(rows) > per_page:
        out["metadata"] = {
            "per_page": per_page,
            "total_entries": len(rows),
            "total_pages": -(-len(rows) // per_page),
            "current_page": number,
        }
    return json_reply(200, out, **last_modified(page))


def single(ctx: Context, data: dict[str, Any], created_id: Any = None) -> Reply:
    """One object, not wrapped; 201 with a Location when it was made."""
    if created_id is None:
        return json_reply(200, compact(data))
    return json_reply(201, compact(data), Location=ctx.location(created_id))


def unfit_uri(path: str | None) -> bool:
    """Whether a path is no part of a URI."""
    return not blank(path) and (not _URI.match(path or "") or bool(_BAD_ESCAPE.search(path or "")))


def check_section(ctx: Context, errors: Errors, section_id: Any) -> None:
    """The section must be there and the tenant's own."""
    section = ctx.db.get("cms_sections", section_id)
    if section is None:
        errors.add("section", BLANK)
    if section is None or section["provider_id"] != ctx.tenant["id"]:
        errors.add("section_id", "must belong to the same provider")


def root_section(ctx: Context) -> Row:
    """The tenant's root section."""
    root = ctx.db.first("cms_sections", provider_id=ctx.tenant["id"], system_name="root")
    if root is None:
        raise ServerError
    return root


def section_named(ctx: Context, section_id: Any) -> Row | None:
    """The tenant's section of this id, or None."""
    found = ctx.db.get("cms_sections", whole(section_id))
    return found if found is not None and found["provider_id"] == ctx.tenant["id"] else None
