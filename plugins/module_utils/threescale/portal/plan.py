# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The portal's content planned: only what differs is written, all drafts first, then all are published. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.order import arrange
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import all_after, differences
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Find,
    Ref,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tables import (
    CMS_PAGE,
    FILE,
    SECTION,
    TEMPLATE,
    digest,
    key_of,
    label,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.titles import claim_titles


@dataclass
class Present:
    """What the portal holds, in terms of items, by key. ``files`` carry ``bytes`` where they were compared."""

    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    templates: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)


class PortalPlan:
    """Collects the changes of one run. Items carry ``bytes`` (files) or ``content`` (templates)."""

    def __init__(self, present: Present, publish: bool) -> None:
        self.present = present
        self.publish = publish
        self.wanted: dict[tuple[str, str], Values] = {}
        self.written: list[Change] = []
        self.published: list[Change] = []
        self.removed: list[Change] = []
        self.sections = {name: Ref("section", name, item["id"]) for name, item in present.sections.items()}
        self.layouts = {
            item["system_name"]: Ref("layout", item["system_name"], item["id"])
            for item in present.templates.values()
            if item["type"] == "layout"
        }

    def plan(self, items: Sequence[Values]) -> list[Change]:
        """All changes in order: sections, layouts, the rest, publication, removal."""
        alive = [item for item in items if item.get("state") != "absent"]
        self.wanted = {key_of(item): item for item in items}
        for item in alive:
            if item["type"] == "section":
                self.sections.setdefault(item["system_name"], Ref("section", item["system_name"]))
            if item["type"] == "layout":
                self.layouts.setdefault(item["system_name"], Ref("layout", item["system_name"]))
        for item in alive:
            if item["type"] == "section":
                self._section(item)
        for item in sorted(alive, key=lambda entry: entry["type"] != "layout"):
            if item["type"] == "file":
                self._file(item)
            elif item["type"] != "section":
                self._template(item)
        for item in items:
            if item.get("state") == "absent":
                self._remove(item)
        layouts = [change for change in self.removed if change.noun == "layout"]
        all_after(layouts, [change for change in self.removed if change not in layouts])
        all_after(
            self.published, self.written
        )  # a template that the server refuses leaves the visible portal as it was
        all_after(self.removed, [*self.written, *self.published])
        changes = [*self.written, *self.published, *self.removed]
        claim_titles([change for change in changes if change.noun == "section"], self.present.sections)
        return arrange(changes)

    def _section(self, item: Values) -> None:
        name = str(item["system_name"])
        present = self.present.sections.get(name)
        parent = self._named(self.sections, item.get("parent"), "section", item)
        if present is None:
            values = {"title": item.get("title") or name, **_given(SECTION, item)}
            body = {**SECTION.to_api(values), **({"parent_id": parent} if parent else {})}
            values.update({"parent": parent.key} if parent else {})
            self._create(SECTION, item, name, body, values, self.sections[name], {"system_name": name})
            return
        before, after = differences(SECTION, item, present)
        body = SECTION.to_api(after)
        if parent is not None and parent.id != present.get("parent_id") and name != "root":
            body["parent_id"] = parent
            before["parent"], after["parent"] = self._name_of(self.sections, present.get("parent_id")), parent.key
        if body:
            self._update(SECTION, name, self.sections[name], before, after, body)

    def _template(self, item: Values) -> None:
        present = self.present.templates.get(key_of(item))
        links = self._links(item, present)
        if present is None:
            self._new_template(item, links)
            return
        kind = str(present["type"])
        ref = Ref(kind, label(item), present["id"])
        before, after = differences(TEMPLATE, _allowed(item, kind), present)
        body = TEMPLATE.to_api(after)
        for name, (old, new, link) in links.items():
            before[name], after[name], body[f"{name}_id"] = old, new, link
        draft, publish_only = self._text(item, present)
        if draft is not None:
            body["draft"] = draft["send"]
            before["content"], after["content"] = draft["before"], draft["after"]
        if body:
            self._update(TEMPLATE, label(item), ref, before, after, body, kind)
        if self.publish and (publish_only or (draft is not None and draft["send"] is not None)):
            self._publish(item, kind, ref, shown=publish_only)

    def _new_template(self, item: Values, links: Values) -> None:
        kind, name = str(item["type"]), label(item)
        if kind.startswith("builtin"):
            raise RefusalError(
                f"content: the portal has no {kind.replace('_', ' ')} '{name}', and none can be made. See its list."
            )
        if item.get("content") is None:
            raise RefusalError(f"content: the new {kind} '{name}' needs content or src.")
        values = _given(TEMPLATE, _allowed(item, kind))
        if kind == "page" and not values.get("title"):
            values["title"] = name.strip("/") or "Home"
        shown = {**values, **{link: new for link, (_old, new, _ref) in links.items()}, "content": item["content"]}
        body = {**TEMPLATE.to_api(values), **{f"{link}_id": ref for link, (_old, _new, ref) in links.items() if ref}}
        ref = self.layouts[item["system_name"]] if kind == "layout" else Ref(kind, name)
        where = {"type": kind, "path" if kind == "page" else "system_name": name}
        self._create(TEMPLATE, item, name, {**body, "draft": item["content"]}, shown, ref, where)
        if self.publish:
            self._publish(item, kind, ref, shown=False)

    def _text(self, item: Values, present: Values) -> tuple[dict[str, Any] | None, bool]:
        """The draft to write (``send`` None discards one), and whether publishing what waits is all there is to do."""
        if item.get("content") is None:
            return None, bool(self.publish and present.get("draft") is not None)
        wanted = normal.exact(item["content"])
        draft, visible = present.get("draft"), normal.exact(present.get("published"))
        now = visible if draft is None else normal.exact(draft)
        if self.publish and draft is not None and visible == wanted and present.get("published") is not None:
            return {"send": None, "before": now, "after": wanted}, False
        if now == wanted and (draft is not None or present.get("published") is not None):
            return None, bool(self.publish and draft is not None)
        return {"send": item["content"], "before": now, "after": wanted}, False

    def _links(self, item: Values, present: Values | None) -> dict[str, tuple[Any, Any, Any]]:
        """Section and layout that differ: name → (before, after, what to send)."""
        links: dict[str, tuple[Any, Any, Any]] = {}
        kind = str((present or item)["type"])
        for name, refs in (("layout", self.layouts), ("section", self.sections)):
            wanted = item.get(name)
            if wanted is None or kind not in (("page", "builtin_page") if name == "layout" else ("page",)):
                continue
            ref = self._named(refs, wanted, name, item)
            now = (present or {}).get(f"{name}_id")
            if ref is None and now is not None and name == "layout":
                links[name] = (self._name_of(refs, now), "", "")
            elif ref is not None and (ref.id is None or ref.id != now):
                links[name] = (self._name_of(refs, now), ref.key, ref)
        return links

    def _file(self, item: Values) -> None:
        path = normal.page_path(item["path"])
        present = self.present.files.get(path)
        section = self._named(self.sections, item.get("section"), "section", item)
        name = path.rpartition("/")[2]
        data = item.get("bytes")
        if present is None:
            if data is None:
                raise RefusalError(f"content: the new file '{path}' needs content or src.")
            body = {"path": path, "downloadable": item.get("downloadable"), "section_id": section}
            shown = {"path": path, "content": digest(data), **({"section": section.key} if section else {})}
            self._create(
                FILE, item, path, {key: value for key, value in body.items() if value is not None}, shown,
                Ref("file", path), {"path": path}, {"attachment": (name, data)},
            )  # fmt: skip
            return
        before, after = differences(FILE, {"downloadable": item.get("downloadable")}, present)
        body = FILE.to_api(after)
        if section is not None and section.id != present.get("section_id"):
            body["section_id"] = section
            before["section"], after["section"] = self._name_of(self.sections, present.get("section_id")), section.key
        old = present.get("bytes")
        files = None
        if data is not None and old is not None and data != old:
            files = {"attachment": (name, data)}
            before["content"], after["content"] = digest(old), digest(data)
        if body or files:
            self._update(FILE, path, Ref("file", path, present["id"]), before, after, body, files=files)

    def _remove(self, item: Values) -> None:
        kind = str(item["type"])
        name = label(item)
        where: Mapping[Any, Values] = {
            "section": self.present.sections, "file": self.present.files
        }.get(kind, self.present.templates)  # fmt: skip
        present = where.get(name if kind in ("section", "file") else key_of(item))
        if present is None:
            return
        if kind == "layout":
            self._refuse_used_layout(name, present["id"])
        table = {"section": SECTION, "file": FILE}.get(kind, TEMPLATE)
        call = Call("DELETE", table.path + "/{id}.json", {"id": Ref(kind, name, present["id"])})
        removal = Change("delete", kind, name, before={"id": present["id"]}, call=call)
        removal.unlisted = int(item.get("unlisted") or 0)
        self.removed.append(removal)

    def _refuse_used_layout(self, name: str, number: int) -> None:
        """The server answers 200 to the removal of a layout in use, and keeps it."""
        using = {key: t for key, t in self.present.templates.items() if t.get("layout_id") == number}
        users = sorted(
            str(t.get("path") or t["system_name"])
            for key, t in using.items()
            if key not in self.wanted or self._still_uses(self.wanted[key], name)
        )
        if users:
            raise RefusalError(
                f"content: layout '{name}' can't be removed: {', '.join(users[:5])} use it. Give them another one."
            )

    @staticmethod
    def _still_uses(item: Values, layout: str) -> bool:
        """Whether a template that has a layout has it afterwards too."""
        return item.get("state") != "absent" and item.get("layout") in (None, layout)

    def _create(
        self, table: Resource, item: Values, name: str, body: Values, shown: Values, ref: Ref, where: Values,
        files: Any = None,
    ) -> None:  # fmt: skip
        call = Call("POST", table.path + ".json", {}, body, "", files)
        forms = {"path": "page_path", "system_name": "text"}
        find = Find(table.path + ".json", {}, table.collection, "", where, CMS_PAGE, forms=forms)
        self.written.append(Change("create", str(item["type"]), name, after=shown, call=call, ref=ref, find=find))

    def _update(
        self, table: Resource, name: str, ref: Ref, before: Values, after: Values, body: Values, kind: str = "",
        files: Any = None,
    ) -> None:  # fmt: skip
        call = Call("PUT", table.path + "/{id}.json", {"id": ref}, body, "", files)
        self.written.append(Change("update", kind or table.noun, name, before, after, call))

    def _publish(self, item: Values, kind: str, ref: Ref, *, shown: bool) -> None:
        call = Call("PUT", TEMPLATE.path + "/{id}/publish.json", {"id": ref})
        change = Change("publish", kind, label(item), {"draft": "waits"}, {"draft": "published"}, call, quiet=not shown)
        self.published.append(change)

    def _named(self, refs: Mapping[str, Ref], name: Any, noun: str, item: Values) -> Ref | None:
        if name in (None, ""):
            return None
        if name not in refs:
            there = ", ".join(sorted(refs))
            who = f"{item['type']} '{label(item)}'"
            raise RefusalError(f"content: {who} names {noun} '{name}', which is not there. There are: {there}.")
        return refs[name]

    @staticmethod
    def _name_of(refs: Mapping[str, Ref], number: Any) -> str | None:
        return next((name for name, ref in refs.items() if ref.id is not None and ref.id == number), None)


def _given(table: Resource, item: Values) -> dict[str, Any]:
    return {name: item[name] for name in table.attributes() if item.get(name) not in (None, "")}


def _allowed(item: Values, kind: str) -> dict[str, Any]:
    """What may be written to a template of this kind: the server refuses all else."""
    names: tuple[str, ...] = ("type",)
    if kind == "page":
        names += ("system_name", "path", "title", "content_type", "liquid_enabled", "handler")
    elif kind == "layout":
        names += ("system_name", "title", "liquid_enabled")
    elif kind == "partial":
        names += ("system_name",)
    return {name: item.get(name) for name in names}
