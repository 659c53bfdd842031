# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Wanted × present → changes. Pure: no I/O, nothing of Ansible; the same plan serves check mode and the real run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.exclusive import (
    Holders,
    one_stays,
    refuse_taken,
    settle,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Find,
    Ref,
    RefusalError,
    Resource,
    Values,
)

Refs = Mapping[str, Ref]


@dataclass
class Children:
    """The plan of a list: changes (deletions apart, they come last), references by key, the list afterwards.

    ``holders`` are those of exclusive values before it.
    """

    changes: list[Change] = field(default_factory=list)
    deletions: list[Change] = field(default_factory=list)
    refs: dict[tuple[Any, ...], Ref] = field(default_factory=dict)
    final: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    holders: Holders = field(default_factory=dict)

    def all(self) -> list[Change]:
        """Everything in order: creations and updates, then deletions."""
        return self.changes + self.deletions


def desired(resource: Resource, wanted: Values) -> dict[str, Any]:
    """What a new object gets, in terms of options: what is asked for, else what the table says for new ones."""
    values: dict[str, Any] = {}
    for name, entry in resource.attributes().items():
        value = wanted.get(name)
        if value is None:
            value = entry.first(wanted)
        if value is not None and not (entry.new is not None and entry.new == value):
            values[name] = value
    return values


def differences(resource: Resource, wanted: Values, present: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after of the options that differ in their normal form."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, entry in resource.attributes().items():
        value = wanted.get(name)
        if value is None or entry.create_only or not entry.readable:
            continue
        if entry.differs(value, present.get(name)):
            before[name], after[name] = present.get(name), value
    return before, after


def find(resource: Resource, values: Values, parents: Refs) -> Find:
    """The look-up of an object by its natural key among its siblings."""
    where, forms = resource.where(values)
    path = resource.path + ".json"
    return Find(path, parents, resource.collection, resource.envelope, where, resource.page, forms=forms)


def create(
    resource: Resource, wanted: Values, ref: Ref, parents: Refs, label: str, extra: Values | None = None
) -> Change:
    """The change that makes an object. ``extra`` is added to the request as it is (references to other objects)."""
    values = desired(resource, wanted)
    body = {**resource.to_api(values), **(extra or {})}
    return Change(
        action="create",
        noun=resource.noun,
        key=label,
        after=values,
        call=Call("POST", resource.path + ".json", parents, resource.wrap(body), resource.envelope),
        ref=ref,
        find=find(resource, wanted, parents),
        secrets=resource.secrets(),
    )


def update(
    resource: Resource,
    wanted: Values,
    present: Values,
    ref: Ref,
    parents: Refs,
    label: str,
    extra: Values | None = None,
) -> Change | None:
    """The change that makes an object as wanted, or None when it is."""
    before, after = differences(resource, wanted, present)
    if not after and not extra:
        return None
    body = {**resource.to_api(after), **(extra or {})}
    return Change(
        action="update",
        noun=resource.noun,
        key=label,
        before=before,
        after=after,
        call=Call("PUT", resource.path + "/{id}.json", {**parents, "id": ref}, resource.wrap(body), resource.envelope),
        secrets=resource.secrets(),
    )


def delete(resource: Resource, present: Values, ref: Ref, parents: Refs, label: str) -> Change:
    """The change that removes an object; one that is gone already is as good."""
    shown = {name: present.get(name) for name in resource.attributes() if present.get(name) not in (None, "")}
    return Change(
        action="delete",
        noun=resource.noun,
        key=label,
        before=shown,
        call=Call("DELETE", resource.path + "/{id}.json", {**parents, "id": ref}),
        secrets=resource.secrets(),
    )


def by_key(resource: Resource, present: Iterable[Values]) -> dict[tuple[Any, ...], Values]:
    """Present objects by natural key; of several with one key the oldest counts."""
    found: dict[tuple[Any, ...], Values] = {}
    for item in present:
        found.setdefault(resource.key_of(item), item)
    return found


def plan_list(
    resource: Resource,
    wanted: Sequence[Values] | None,
    present: Sequence[Values],
    parents: Refs,
    label: str,
    *,
    prune: bool = False,
    keep: Callable[[Values], bool] = lambda _item: False,
) -> Children:
    """Plan a list of siblings by natural key.

    ``wanted`` None leaves the list alone. Extras are removed only with ``prune`` and unless ``keep`` says no.
    What the server adds by itself to a parent that is only planned stands in ``present`` with a ``ref`` to look it up.
    """
    there = by_key(resource, present)
    plan = Children(
        refs={key: ref_to(resource, item) for key, item in there.items()}, warnings=twins(resource, present, label)
    )
    for item in wanted or []:
        _plan_listed(resource, plan, item, there.get(resource.key_of(item)), parents, label)
    listed = {resource.key_of(item) for item in wanted or []}
    for key, item in there.items():
        if key in listed:
            continue
        if wanted is not None and prune and not keep(item):
            plan.deletions.append(delete(resource, item, plan.refs[key], parents, f"{label}{resource.label(item)}"))
            plan.deletions[-1].unlisted = _present(there.values())
        else:
            plan.final.append(dict(item))
    if resource.exclusive:
        plan.holders = settle(resource, plan.all(), there, plan.refs, parents, label)
        if resource.never_empty:
            plan.changes[:0] = one_stays(plan.all(), len(there))
        if not resource.space:  # else whoever plans the kinds that share it sees them all
            refuse_taken(plan.all(), plan.holders)
    return plan


def _plan_listed(
    resource: Resource, plan: Children, item: Values, present: Values | None, parents: Refs, label: str
) -> None:
    """Add what one entry of the list asks for: its removal, its creation, or what differs."""
    key, name = resource.key_of(item), f"{label}{resource.label(item)}"
    if item.get("state") == "absent":
        if present is not None:
            plan.deletions.append(delete(resource, present, plan.refs[key], parents, name))
        return
    plan.final.append({**(present or {}), **{k: v for k, v in item.items() if v is not None}})
    if present is None:
        plan.refs[key] = Ref(resource.noun, resource.label(item))
        plan.changes.append(create(resource, item, plan.refs[key], parents, name))
        return
    change = update(resource, item, present, plan.refs[key], parents, name)
    plan.changes += [change] if change is not None else []


def _present(items: Iterable[Values]) -> int:
    """How many of the items are there, and not only to be made by the server."""
    return sum(1 for item in items if item.get("id") is not None)


def twins(resource: Resource, present: Iterable[Values], label: str) -> list[str]:
    """A warning for each natural key that several present objects have: only the oldest of them is looked at."""
    found: dict[tuple[Any, ...], list[Values]] = {}
    for item in present:
        found.setdefault(resource.key_of(item), []).append(item)
    return [
        f"there are {len(items)} objects {resource.noun} '{label}{resource.label(items[0])}' on the server (ids "
        f"{', '.join(str(item.get('id')) for item in items)}). The first one is compared and changed, the others are "
        "left alone; remove them by hand."
        for items in found.values()
        if len(items) > 1
    ]


def prunes(wanted: Values, kind: str) -> bool:
    """Whether those of a kind of child that nobody listed are to go: ``prune``, but for ``keep_unlisted``."""
    return bool(wanted.get("prune")) and kind not in (wanted.get("keep_unlisted") or [])


def ref_to(resource: Resource, present: Values) -> Ref:
    """The reference to an object that is there, or that the server will have made (``ref``)."""
    ref = present.get("ref")
    return ref if isinstance(ref, Ref) else Ref(resource.noun, resource.label(present), present.get("id"))


def refuse_twins(resource: Resource, wanted: Sequence[Values] | None, option: str) -> None:
    """Refuse two entries of one natural key. Raises :class:`RefusalError`."""
    seen: dict[tuple[Any, ...], int] = {}
    for position, item in enumerate(wanted or []):
        key = resource.key_of(item)
        if key in seen:
            raise RefusalError(
                f"{option}[{position}]: {resource.noun} '{resource.label(item)}' is listed twice "
                f"(first as entry {seen[key]}). Keep one, or give the other one another {' and '.join(resource.key)}."
            )
        seen[key] = position


def all_after(changes: Iterable[Change], needs: Iterable[Change]) -> None:
    """Let each of ``changes`` wait for all of ``needs``."""
    first = list(needs)
    for change in changes:
        change.needs.extend(first)
