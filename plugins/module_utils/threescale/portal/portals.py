# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The portal module: the folder and the items put together, the portal read, files compared, the plan made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Plan, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.checks import check_liquid
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.downloads import download
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.names import named_pages
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.plan import PortalPlan, Present
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tables import (
    CMS_PAGE,
    FILE,
    SECTION,
    TEMPLATE,
    check_items,
    key_of,
    label,
    present_template,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tree import read_folder, tree_items
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

SOURCES = ("content", "folders", "files")


def plan_portal(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_portal``."""
    if not any(params.get(name) for name in SOURCES):
        raise RefusalError("content, folders or files: give the portal's items, or folders or texts that hold them.")
    listed = [_loaded(item, f"content[{place}]") for place, item in enumerate(params.get("content") or [])]
    check_items(listed)
    present = session.until(lambda: _filled(read_portal(session)))
    if present is None:
        raise RefusalError(
            "The developer portal is empty: a new tenant gets its content from background jobs within half a minute, "
            "and a minute has passed. Check that the server's job queue runs, and that this is a tenant's address."
        )
    items = listed
    if params.get("folders") or params.get("files"):
        items = _with_tree(params, present, listed)
        check_items(items, "folders, files and content")
    items = named_pages([_builtin(item, present) for item in items], present.templates.values())
    check_liquid(items, present.templates)
    items += _pruned(items, present, params.get("prune") or [])
    if params["compare_files"] == "content":
        _compare_files(session, params, items, present)
    made = PortalPlan(present, bool(params["publish"]))
    changes = made.plan(items)
    counts: dict[str, int] = {}
    for item in items:
        counts[item["type"]] = counts.get(item["type"], 0) + (item.get("state") != "absent")
    return Plan(changes, result={"portal": {"items": counts}})


def _filled(present: Present) -> Present | None:
    """The portal, once its content is there: before that, built-in pages would be taken for new ones."""
    return present if any(kind == "layout" for kind, _name in present.templates) else None


def _loaded(item: Values, option: str) -> dict[str, Any]:
    """An item with what its ``src`` holds: text for templates, bytes for files."""
    loaded = {**item, "origin": f"{option}.content"}
    if item.get("src"):
        loaded.update(_contents(Path(str(item["src"])), str(item["type"]), f"{option}.src"))
        loaded["origin"] = str(item["src"])
        del loaded["src"]
    elif item["type"] == "file" and item.get("content") is not None:
        loaded["bytes"] = str(item["content"]).encode("utf-8")
    return loaded


def _contents(source: Path | str, kind: str, option: str) -> dict[str, Any]:
    """What a file holds, or what a text is: bytes for a file of the portal, text for a template."""
    try:
        held = source.encode("utf-8") if isinstance(source, str) else source.read_bytes()
        return {"bytes": held} if kind == "file" else {"content": held.decode("utf-8")}
    except (OSError, ValueError) as error:
        raise RefusalError(f"{option}: can't read '{source}': {error}") from None


def _with_tree(params: Values, present: Present, listed: Sequence[Values]) -> list[dict[str, Any]]:
    """The items of folders and texts, with those of ``content`` in place of the same ones."""
    files: dict[str, Path | str] = {str(name): str(text) for name, text in (params.get("files") or {}).items()}
    for folder in params.get("folders") or []:
        files.update(read_folder(str(folder)))
    kinds = present.templates.values()
    pages = [str(item["system_name"]) for item in kinds if item["type"] == "builtin_page"]
    partials = [str(item["system_name"]) for item in kinds if item["type"] == "builtin_partial"]
    found = tree_items(files, pages, partials, params["default_layout"])
    _give_titles(found, params.get("titles") or {})
    chosen = {key_of(item) for item in listed}
    items = []
    for item in found:
        if key_of(item) in chosen:
            continue
        name = item.pop("file", None)
        if name is not None:
            item.update(_contents(files[name], item["type"], "folders"))
            item["origin"] = f"files: {name}" if isinstance(files[name], str) else str(files[name])
        items.append(item)
    return items + [dict(item) for item in listed]


def _give_titles(found: Sequence[dict[str, Any]], titles: Mapping[str, Any]) -> None:
    """Titles for pages that files make, whose names are no titles. Raises :class:`RefusalError` for other paths."""
    pages = {label(item): item for item in found if item["type"] == "page"}
    for path, title in titles.items():
        page = pages.get(normal.page_path(path))
        if page is None:
            raise RefusalError(f"titles: no file of folders and files makes a page '{path}'.")
        page["title"] = str(title)


def _builtin(item: dict[str, Any], present: Present) -> dict[str, Any]:
    """Partials that are built-in are changed as such."""
    there = present.templates.get(key_of(item))
    if there is not None and item["type"] == "partial" and there["type"] == "builtin_partial":
        return {**item, "type": "builtin_partial"}
    return item


def read_portal(session: Session) -> Present:
    """The whole portal in three lists."""
    lists: list[tuple[str, dict[str, str]]] = [
        (SECTION.path, {}),
        (TEMPLATE.path, {"content": "true"}),
        (FILE.path, {}),
    ]
    sections, templates, files = session.side_by_side(
        lambda job: session.rows(job[0] + ".json", "collection", "", CMS_PAGE, job[1]), lists
    )
    present = Present()
    for row in sections:
        section = {**SECTION.from_api(row), "parent_id": row.get("parent_id")}
        present.sections.setdefault(str(row["system_name"]), section)
    for row in templates:
        item = present_template(row)
        present.templates.setdefault(key_of(item), item)
    for row in files:
        file = {**FILE.from_api(row), "section_id": row.get("section_id")}
        present.files.setdefault(normal.page_path(row["path"]), file)
    held = len(present.sections) + len(present.templates) + len(present.files)
    if held < len(sections) + len(templates) + len(files):
        session.warnings.append(_twins(sections, templates, files))
    return present


def _twins(sections: Sequence[Values], templates: Sequence[Values], files: Sequence[Values]) -> str:
    """What to say of several items of one name: made by two writers at once, only the first is looked at."""
    named = [f"section '{row['system_name']}'" for row in sections]
    named += ["{} '{}'".format(*key_of(row)) for row in templates]
    named += [f"file '{row['path']}'" for row in files]
    twice = sorted({name for name in named if named.count(name) > 1})
    return f"the portal has several of {', '.join(twice)}; the first of each is compared and changed, the others stay."


def _pruned(items: Sequence[Values], present: Present, prefixes: Sequence[str]) -> list[dict[str, Any]]:
    """Removal of what stands below the given prefixes of paths and system names and isn't wanted.

    ``unlisted`` is among how many of its kind each is.
    """
    if not prefixes:
        return []
    wanted = {key_of(item) for item in items}
    gone: list[dict[str, Any]] = []
    own = {key: item for key, item in present.templates.items() if not item["type"].startswith("builtin")}
    counts = Counter(str(item["type"]) for item in own.values())
    for key, item in own.items():
        if key not in wanted and key[1].startswith(tuple(prefixes)):
            gone.append({**item, "state": "absent", "unlisted": counts[item["type"]]})
    for path in present.files:
        if ("file", path) not in wanted and path.startswith(tuple(prefixes)):
            gone.append({"type": "file", "path": path, "state": "absent", "unlisted": len(present.files)})
    return gone


def _compare_files(session: Session, params: Values, items: Sequence[Values], present: Present) -> None:
    """Download the files that are wanted and there: the server keeps no checksum."""
    paths = [
        normal.page_path(item["path"]) for item in items if item["type"] == "file" and item.get("bytes") is not None
    ]
    known = [path for path in paths if path in present.files]
    if not known:
        return
    otherwise = "compare_files: presence to upload only what is missing"
    for path, content in zip(known, download(session, params.get("portal_url"), known, otherwise)):
        present.files[path]["bytes"] = content
