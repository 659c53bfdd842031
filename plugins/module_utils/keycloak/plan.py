# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Wanted × present → changes of Keycloak's objects. Pure: no I/O, nothing of Ansible.

Keycloak's PUT replaces: what a body leaves out becomes empty for some kinds and stays for others. So an update sends
the object as it was read with the differences laid over it, and shows only the differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import Children, differences
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Call, Change, Find, Ref, Resource, Values

Refs = Mapping[str, Ref]


def asked_for(resource: Resource, wanted: Values) -> dict[str, Any]:
    """The attributes that are asked for: None means "leave as it is"."""
    return {name: wanted[name] for name in resource.attributes() if wanted.get(name) is not None}


def overlaid(resource: Resource, wanted: Values, present: Values) -> dict[str, Any]:
    """What is wanted, where keys of a map that nobody asked for stay as they are."""
    result = dict(wanted)
    for name, entry in resource.attributes().items():
        if entry.type == "dict" and wanted.get(name) is not None:
            asked = entry.normal(wanted[name])
            there = entry.normal(present.get(name))
            # an empty text removes a key: where there is none, there is nothing to remove
            gone = {key for key, value in asked.items() if value in ("", [], [""]) and key not in there}
            result[name] = {**there, **{key: value for key, value in asked.items() if key not in gone}}
    return result


def compare(
    resource: Resource, wanted: Values, present: Values
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Before and after of what differs, and those attributes as the API names them, whole."""
    asked = overlaid(resource, wanted, present)
    before, after = differences(resource, asked, present)
    body = resource.to_api(after)
    for name in after:
        entry = resource.fields[name]
        if entry.type == "dict":
            old, new = entry.normal(before[name]), entry.normal(after[name])
            keys = [key for key in new if new[key] != old.get(key)]
            before[name] = {key: old[key] for key in keys if key in old}
            after[name] = {key: new[key] for key in keys}
        elif entry.elements:
            before[name], after[name] = entry.normal(before[name]), entry.normal(after[name])
    return before, after, body


def create(
    resource: Resource,
    wanted: Values,
    ref: Ref,
    parents: Refs,
    label: str,
    *,
    hidden: Values | None = None,
    extra: Values | None = None,
    pick: str = "id",
    query: Values | None = None,
) -> Change:
    """The change that makes an object.

    ``hidden`` are secrets by option, shown as such; ``extra`` goes into the body as it is. ``pick`` is the attribute
    that identifies the object in a path; ``query`` narrows the look-up of what an interrupted creation may have left.
    """
    values = overlaid(resource, asked_for(resource, wanted), {})
    where, forms = resource.where(wanted)
    return Change(
        action="create",
        noun=resource.noun,
        key=label,
        after={**values, **(hidden or {})},
        call=Call("POST", resource.path, parents, {**resource.to_api(values), **(extra or {})}),
        ref=ref,
        find=Find(
            path=resource.path,
            refs=parents,
            collection="",
            envelope="",
            where=where,
            pick=pick,
            query=query,
            forms=forms,
        ),
        secrets=resource.secrets() | frozenset(hidden or ()),
    )


def update(
    resource: Resource,
    wanted: Values,
    raw: Values,
    ref: Ref,
    parents: Refs,
    label: str,
    hidden: Values | None = None,
    extra: Mapping[str, Mapping[str, Any]] | None = None,
    without: Iterable[str] = (),
) -> Change | None:
    """The change that makes an object as wanted, or None when it is. ``raw`` is the object as the API returned it.

    ``extra`` are keys added to maps of the body; ``without`` are attributes that have requests of their own.
    """
    before, after, body = compare(resource, wanted, resource.from_api(raw))
    if not after and not hidden:
        return None
    whole = {name: value for name, value in {**raw, **body}.items() if name not in set(without)}
    for name, entries in (extra or {}).items():
        whole[name] = {**(whole.get(name) or {}), **entries}
    return Change(
        action="update",
        noun=resource.noun,
        key=label,
        before=before,
        after={**after, **(hidden or {})},
        call=Call("PUT", resource.path + "/{id}", {**parents, "id": ref}, whole),
        secrets=resource.secrets() | frozenset(hidden or ()),
    )


def delete(resource: Resource, raw: Values, ref: Ref, parents: Refs, label: str) -> Change:
    """The change that removes an object."""
    present = resource.from_api(raw)
    shown = {name: present[name] for name in resource.attributes() if present.get(name) not in (None, "", [], {})}
    return Change(
        action="delete",
        noun=resource.noun,
        key=label,
        before=shown,
        call=Call("DELETE", resource.path + "/{id}", {**parents, "id": ref}),
        secrets=resource.secrets(),
    )


def plan_children(
    resource: Resource,
    wanted: Sequence[Values] | None,
    raw: Sequence[Values],
    parents: Refs,
    label: str,
    prune: bool,
    extra: Values | None = None,
) -> Children:
    """Plan a list of mappers by name; extras go only with ``prune``. ``wanted`` None leaves the list alone.

    ``extra`` goes into the body of each that is made.
    """
    plan = Children()
    there = {resource.key_of(resource.from_api(item)): item for item in raw}
    asked = {resource.key_of(item) for item in wanted or []}
    for item in wanted or []:
        name = f"{label} / {resource.label(item)}"
        found = there.get(resource.key_of(item))
        ref = Ref(resource.noun, resource.label(item), found["id"] if found else None)
        if found:
            change = update(resource, item, found, ref, parents, name)
            plan.changes += [change] if change else []
        else:
            plan.changes.append(create(resource, item, ref, parents, name, extra=extra))
        present = resource.from_api(found) if found else {}
        plan.final.append({**present, **overlaid(resource, asked_for(resource, item), present)})
    for key, item in there.items():
        if key in asked:
            continue
        present = resource.from_api(item)
        if wanted is not None and prune:
            ref = Ref(resource.noun, resource.label(present), item["id"])
            plan.deletions.append(delete(resource, item, ref, parents, f"{label} / {resource.label(present)}"))
            plan.deletions[-1].unlisted = len(there)
        else:
            plan.final.append(present)
    return plan
