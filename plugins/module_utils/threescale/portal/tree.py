# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A folder of files as portal content, by the names that 3scale's CMS tools use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal import ignore

_TEXT_TYPES = {".css": "text/css", ".js": "text/javascript", ".txt": "text/plain", ".json": "application/json"}
_PAGE_ENDS = (".html.liquid", ".html")


def read_folder(folder: str) -> dict[str, Path]:
    """Files below a folder by relative name (``/`` between parts) but for ignored ones. Raises RefusalError."""
    root = Path(folder)
    if not root.is_dir():
        raise RefusalError(f"folders: '{folder}' is not a folder on the host that runs the module.")
    found = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file()}
    try:
        rules = (root / ignore.FILE).read_text("utf-8") if ignore.FILE in found else ""
    except (OSError, UnicodeError) as error:
        raise RefusalError(f"folders: can't read '{root / ignore.FILE}': {error}") from None
    return {name: found[name] for name in ignore.kept(found, rules)}


def tree_items(
    names: Iterable[str], builtin_pages: Sequence[str], builtin_partials: Sequence[str], default_layout: str
) -> list[dict[str, Any]]:
    """Items for the files of a folder: sections for directories with pages or files, then layouts, then the rest.

    Each item has ``file``, the relative name of its content. ``a/_b.html.liquid`` is a partial ``a/b``; a template
    whose name is a built-in page's is that page; ``l_x.html.liquid`` or ``layouts/x`` is a layout;
    ``index.html.liquid`` is ``/``; styles, scripts and texts are pages without layout; all else is a file.
    """
    items = [_item(name, builtin_pages, builtin_partials, default_layout) for name in sorted(names)]
    rank = {"layout": 0, "partial": 1, "builtin_partial": 1, "builtin_page": 2, "page": 2, "file": 3}
    items.sort(key=lambda item: (rank[item["type"]], item["file"]))
    return _sections(items) + items


def _item(name: str, pages: Sequence[str], partials: Sequence[str], default_layout: str) -> dict[str, Any]:
    folder, _slash, base = name.rpartition("/")
    page_end = next((end for end in _PAGE_ENDS if base.endswith(end)), "")
    if page_end:
        stem = base[: -len(page_end)]
        if stem.startswith("l_") or folder == "layouts":
            return _layout(name, stem[2:] if stem.startswith("l_") else stem)
        full = f"{folder}/{stem}" if folder else stem
        if stem.startswith("_"):
            system_name = f"{folder}/{stem[1:]}" if folder else stem[1:]
            kind = "builtin_partial" if system_name in partials else "partial"
            return {"type": kind, "system_name": system_name, "file": name}
        if full in pages:
            return {"type": "builtin_page", "system_name": full, "file": name}
        path = f"/{folder}" if stem == "index" else f"/{full}"
        title = "Home" if full == "index" else (stem if stem != "index" else folder.rpartition("/")[2])
        return _page(
            name, folder, path.rstrip("/") or "/", title, "text/html", page_end.endswith(".liquid"), default_layout
        )
    plain = base[: -len(".liquid")] if base.endswith(".liquid") else base
    media = _TEXT_TYPES.get(Path(plain).suffix)
    if media is None:
        return {"type": "file", "path": "/" + name, "section": section_name(folder), "file": name}
    path = f"/{folder}/{plain}" if folder else f"/{plain}"
    return _page(name, folder, path, plain, media, plain != base, "")


def _layout(name: str, system_name: str) -> dict[str, Any]:
    title = f"{system_name.replace('_', ' ')} layout"
    return {"type": "layout", "system_name": system_name, "title": title, "liquid_enabled": True, "file": name}


def _page(
    name: str, folder: str, path: str, title: str, content_type: str, liquid: bool, layout: str
) -> dict[str, Any]:
    return {
        "type": "page",
        "path": path,
        "title": title,
        "section": section_name(folder),
        "content_type": content_type,
        "liquid_enabled": liquid,
        "layout": layout,
        "file": name,
    }


def section_name(folder: str) -> str:
    """The section of a directory: its last part, ``root`` at the top."""
    return folder.rpartition("/")[2] or "root"


def _sections(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    folders: list[str] = []
    for item in items:
        if item["type"] not in ("page", "file"):
            continue
        parts = item["file"].split("/")[:-1]
        folders += ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
    made: dict[str, dict[str, Any]] = {}
    for folder in sorted(set(folders)):
        name = section_name(folder)
        parent = section_name(folder.rpartition("/")[0])
        made.setdefault(name, {"type": "section", "system_name": name, "parent": parent})
    return list(made.values())
