# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The portal as items that ``threescale_portal`` takes, and the file names of their contents. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.plan import Present
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tables import key_of

FOLDER = "portal"
_KEPT: dict[str, tuple[str, ...]] = {
    "layout": ("system_name", "title", "liquid_enabled"),
    "page": ("path", "system_name", "title", "content_type", "liquid_enabled", "handler"),
    "partial": ("system_name",),
    "builtin_partial": ("system_name",),
    "builtin_page": ("system_name",),
}


def portal_items(present: Present) -> list[dict[str, Any]]:
    """Sections, templates and files, each with ``src``, the name of the file with its content.

    Sections and layouts stand by name in place of their ids. A page without layout says so (an empty text): left out,
    the option would leave the layout alone.
    """
    sections = {item["id"]: name for name, item in present.sections.items()}
    layouts = {item["id"]: item["system_name"] for item in present.templates.values() if item["type"] == "layout"}
    items = [_section(item, sections) for item in present.sections.values()]
    for template in present.templates.values():
        kind = str(template["type"])
        item: dict[str, Any] = {"type": kind, **_filled(template, _KEPT[kind])}
        if kind == "page":
            item["section"] = sections.get(template.get("section_id"), "root")
        if kind in ("page", "builtin_page"):
            item["layout"] = layouts.get(template.get("layout_id"), "")
        items.append(item)
    for path, held in present.files.items():
        section = sections.get(held.get("section_id"), "root")
        items.append({"type": "file", "path": path, "section": section, **_filled(held, ("downloadable",))})
    rank = ("section", "layout", "partial", "builtin_partial", "builtin_page", "page", "file")
    items.sort(key=lambda item: (rank.index(item["type"]), item.get("path") or item["system_name"]))
    _name_files([item for item in items if item["type"] != "section"])
    return items


def text_of(present: Present, item: Values) -> str:
    """What visitors see of a template; of one that was never published, what waits."""
    template = present.templates[key_of(item)]
    text = template.get("draft") if template.get("published") is None else template["published"]
    return str(text or "")


def file_name(item: Values) -> str:
    """A file's name by the rules of 3scale's CMS tools, so that a folder of them can be laid over the role's own."""
    kind = str(item["type"])
    parts = _parts(item["path"] if kind in ("page", "file") else item["system_name"])
    if kind == "file":
        return "/".join(parts)
    if kind == "page":
        markup = item.get("content_type") in (None, "", "text/html")
        end = (".html" if markup else "") + (".liquid" if item.get("liquid_enabled") else "")
        return "/".join(parts or ["index"]) + end
    prefix = {"layout": "l_", "partial": "_", "builtin_partial": "_"}.get(kind, "")
    return "/".join([*parts[:-1], prefix + parts[-1]]) + ".html.liquid"


def _name_files(items: Sequence[dict[str, Any]]) -> None:
    """Give each item its ``src``; a second item of the same name gets a number."""
    taken: set[str] = set()
    for item in items:
        wanted = name = f"{FOLDER}/{file_name(item)}"
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}.{number}"
        taken.add(name)
        item["src"] = name


def _section(item: Values, names: Mapping[Any, str]) -> dict[str, Any]:
    section = {"type": "section", **_filled(item, ("system_name", "title", "public", "partial_path"))}
    parent = names.get(item["parent_id"])
    return {**section, "parent": parent} if parent else section


def _filled(values: Values, names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name) not in (None, "")}


def _parts(path: Any) -> list[str]:
    """The parts of a path, without those that would lead out of the folder."""
    return [part for part in str(path).split("/") if part not in ("", ".", "..")]
