# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What the developer portal is made of: tables of sections, templates and files, and what can be refused beforehand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError, Resource, Values

CMS_PAGE = 100  # the most that the server gives of a list of the CMS
TYPES = ("section", "layout", "page", "partial", "builtin_page", "builtin_partial", "file")
BY_PATH = ("page", "file")
ITEM_FIELDS: dict[str, Field] = {
    "type": Field(required=True, choices=TYPES),
    "path": Field(),
    "system_name": Field(),
    "title": Field(),
    "state": Field(choices=("present", "absent"), default="present"),
    "content": Field(),
    "src": Field(type="path"),
    "section": Field(),
    "layout": Field(),
    "content_type": Field(),
    "liquid_enabled": Field(type="bool"),
    "handler": Field(choices=("", "markdown", "textile")),
    "public": Field(type="bool"),
    "parent": Field(),
    "partial_path": Field(),
    "downloadable": Field(type="bool"),
}
SECTION = Resource(
    "section", "/admin/api/cms/sections", "", "", "collection", ("system_name",),
    {
        "system_name": Field(),
        "title": Field(form="text", initial_from="system_name"),
        "public": Field(type="bool", form="flag"),
        "partial_path": Field(form="text"),
    }, CMS_PAGE,
)  # fmt: skip
TEMPLATE = Resource(
    "template", "/admin/api/cms/templates", "", "", "collection", ("type", "system_name"),
    {
        "type": Field(create_only=True),
        "system_name": Field(form="text"),
        "path": Field(form="page_path"),
        "title": Field(form="text"),
        "content_type": Field(form="text"),
        "liquid_enabled": Field(type="bool", form="flag"),
        "handler": Field(form="text"),
    }, CMS_PAGE,
)  # fmt: skip
FILE = Resource(
    "file", "/admin/api/cms/files", "", "", "collection", ("path",),
    {"path": Field(form="page_path"), "downloadable": Field(type="bool", form="flag")}, CMS_PAGE,
)  # fmt: skip
OPTIONS: dict[str, Field] = {
    "content": Field(type="list", elements="dict", options=ITEM_FIELDS),
    "folders": Field(type="list", elements="path"),
    "files": Field(type="dict"),
    "titles": Field(type="dict"),
    "default_layout": Field(default="main_layout"),
    "publish": Field(type="bool", default=True),
    "prune": Field(type="list", elements="str"),
    "portal_url": Field(),
    "compare_files": Field(choices=("content", "presence"), default="content"),
}
_NAME = re.compile(r"\w[\w\-/]+", re.ASCII)


def key_of(item: Values) -> tuple[str, str]:
    """Identity of an item: its kind (built-ins count as their plain kind) and path or system_name."""
    kind = plain_kind(str(item["type"]))
    return (kind, normal.page_path(item.get("path")) if kind in BY_PATH else str(item.get("system_name") or ""))


def plain_kind(kind: str) -> str:
    """``builtin_partial`` is addressed as a partial; a built-in page isn't a page, as it has no path."""
    return "partial" if kind == "builtin_partial" else kind


def label(item: Values) -> str:
    """An item for people."""
    return key_of(item)[1]


def digest(content: bytes) -> str:
    """A file's content for people: ``sha256:… (123 bytes)``."""
    return f"sha256:{hashlib.sha256(content).hexdigest()} ({len(content)} bytes)"


def check_items(items: Sequence[Values], option: str = "content") -> None:
    """Refuse what the server would refuse, or silently do otherwise. Raises :class:`RefusalError`."""
    seen: dict[tuple[str, str], int] = {}
    for place, item in enumerate(items):
        where = f"{option}[{place}]"
        _check_identity(item, where)
        key = key_of(item)
        if key in seen:
            raise RefusalError(f"{where}: {key[0]} '{key[1]}' is listed twice (first as entry {seen[key]}). Keep one.")
        seen[key] = place
        if item.get("state") == "absent":
            if str(item["type"]).startswith("builtin"):
                raise RefusalError(f"{where}: built-in templates can't be removed; give the content you want instead.")
            continue
        _check_content(item, where)


def _check_identity(item: Values, where: str) -> None:
    kind = item["type"]
    if kind in BY_PATH:
        path = str(item.get("path") or "")
        if not path.startswith("/") or len(path) > 255 or re.search(r"[\s?#]", path):
            raise RefusalError(f"{where}.path: '{path}' must be a path like /models, with at most 255 characters.")
    elif not _NAME.fullmatch(str(item.get("system_name") or "")):
        raise RefusalError(
            f"{where}.system_name: '{item.get('system_name') or ''}' must be 2 or more letters, digits, '-', '_', '/'."
        )


def _check_content(item: Values, where: str) -> None:
    if item.get("content") is not None and item.get("src"):
        raise RefusalError(f"{where}: content and src exclude each other.")


def present_template(item: Values) -> dict[str, Any]:
    """A template of the server in terms of items; ``text`` is what a visitor sees, ``draft`` what waits."""
    values = TEMPLATE.from_api(item)
    values.update(layout_id=item.get("layout_id"), section_id=item.get("section_id"))
    values.update(draft=item.get("draft"), published=item.get("published"))
    return values
