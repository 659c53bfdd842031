# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Wanted × present → changes. Pure: no I/O, nothing of Ansible; the same plan serves check mode and the real run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Claim,
    Find,
    Ref,
    RefusalError,
    Resource,
    Values,
)

Refs = Mapping[str, Ref]


@dataclass
class Children:
    """The plan of a list: changes (deletions apart, they come last), references by key, the list afterwards."""

    changes: list[Change] = field(default_factory=list)
    deletions: list[Change] = field(default_factory=list)
    refs: dict[tuple[Any, ...], Ref] = field(default_factory=dict)
    final: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def all(self) -> list[Change]:
        """Everything in order: creations and updates, then deletions."""
        return self.changes + self.deletions


def desired(resource: Resource, wanted: Values) -> dict[str, Any]:
    """What a new object gets, in terms of options: what is asked for, else what the table says for new ones."""
    values: dict[str, Any] = {}
    for name, entry in resource.attributes().items():
        value = wanted.get(name)
        if value is None and entry.initial is not None:
            value = entry.initial(wanted)
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


def payload(resource: Resource, values: Values) -> dict[str, Any]:
    """Options as the API names them."""
    fields = resource.fields
    return {fields[name].api or name: fields[name].write(value) for name, value in values.items() if name in fields}


def wrap(resource: Resource, body: Values) -> Mapping[str, Any]:
    """A request's body in the resource's wrapper."""
    return {resource.wrapper: body} if resource.wrapper else body


def find(resource: Resource, values: Values, parents: Refs) -> Find:
    """The look-up of an object by its natural key among its siblings."""
    key = resource.key_of(values)
    return Find(
        path=resource.path + ".json",
        refs=parents,
        collection=resource.collection,
        envelope=resource.envelope,
        page=resource.page,
        match=lambda item: resource.key_of(resource.from_api(item)) == key,
    )


def create(
    resource: Resource, wanted: Values, ref: Ref, parents: Refs, label: str, extra: Values | None = None
) -> Change:
    """The change that makes an object. ``extra`` is added to the request as it is (references to other objects)."""
    values = desired(resource, wanted)
    body = {**payload(resource, values), **(extra or {})}
    return Change(
        action="create",
        noun=resource.noun,
        key=label,
        after=values,
        call=Call("POST", resource.path + ".json", parents, wrap(resource, body), resource.envelope),
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
    body = {**payload(resource, after), **(extra or {})}
    return Change(
        action="update",
        noun=resource.noun,
        key=label,
        before=before,
        after=after,
        call=Call("PUT", resource.path + "/{id}.json", {**parents, "id": ref}, wrap(resource, body), resource.envelope),
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
    there, asked = by_key(resource, present), set()
    plan = Children(
        refs={key: ref_to(resource, item) for key, item in there.items()}, warnings=twins(resource, present, label)
    )
    for item in wanted or []:
        key = resource.key_of(item)
        asked.add(key)
        name = f"{label}{resource.label(item)}"
        if item.get("state") == "absent":
            if key in there:
                plan.deletions.append(delete(resource, there[key], plan.refs[key], parents, name))
            continue
        plan.final.append({**there.get(key, {}), **{k: v for k, v in item.items() if v is not None}})
        if key not in there:
            plan.refs[key] = Ref(resource.noun, resource.label(item))
            plan.changes.append(create(resource, item, plan.refs[key], parents, name))
            continue
        change = update(resource, item, there[key], plan.refs[key], parents, name)
        plan.changes += [change] if change is not None else []
    for key, item in there.items():
        if wanted is not None and key not in asked and prune and not keep(item):
            name = f"{label}{resource.label(item)}"
            plan.deletions.append(delete(resource, item, plan.refs[key], parents, name))
            plan.deletions[-1].unlisted = _present(there.values())
        elif key not in asked:
            plan.final.append(dict(item))
    if resource.exclusive:
        _exclusive(resource, plan, there, parents, label)
    return plan


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


def _exclusive(
    resource: Resource, plan: Children, there: Mapping[tuple[Any, ...], Values], parents: Refs, label: str
) -> None:
    """Say of each change which exclusive values it claims and releases; refuse those that an unlisted one keeps."""
    space = f"{label}{resource.space or resource.noun}"
    by_ref = {id(plan.refs[key]): item for key, item in there.items()}
    for change in [*plan.changes, *plan.deletions]:
        change.group = space
        ref = change.call.refs.get("id") if change.call else None
        present = by_ref.get(id(ref), {})
        change.claims = _claims(resource, space, (change.after or {}) if change.action != "delete" else {})
        change.releases = _claims(resource, space, {name: present.get(name) for name in change.before or {}})
        if change.releases and ref is not None:
            change.aside = _aside(resource, change, present, ref, parents)
    released = {claim for change in [*plan.changes, *plan.deletions] for claim in change.releases}
    kept = {claim: item for item in there.values() for claim in _claims(resource, space, item) if claim not in released}
    for change in plan.changes:
        for claim in change.claims:
            if claim in kept:
                raise _taken(resource, change, claim[1], f"{label}{resource.label(kept[claim])}")


def _claims(resource: Resource, space: str, values: Values) -> tuple[Claim, ...]:
    """The exclusive values among those given; letter case doesn't tell them apart."""
    given = {name: values[name] for name in resource.exclusive if values.get(name) not in (None, "")}
    return tuple((space, name, str(resource.fields[name].normal(value)).casefold()) for name, value in given.items())


def _taken(resource: Resource, change: Change, name: str, holder: str) -> RefusalError:
    return RefusalError(
        f"{resource.noun} '{change.key}': {name} '{(change.after or {})[name]}' belongs to {resource.noun} '{holder}', "
        f"and only one may have it. Give that one another {name}, remove it (prune: true), or choose another one here."
    )


def _aside(resource: Resource, change: Change, present: Values, ref: Ref, parents: Refs) -> Change:
    """The change that gives up the exclusive values of an object for others that are free for sure."""
    after = {
        name: form.format(**{**present, "id": present.get("id")})
        for name, form in resource.exclusive.items()
        if present.get(name)
    }
    body = wrap(resource, payload(resource, after))
    return Change(
        action="set aside",
        noun=resource.noun,
        key=change.key,
        before={name: present.get(name) for name in after},
        after=after,
        call=Call("PUT", resource.path + "/{id}.json", {**parents, "id": ref}, body, resource.envelope),
    )


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
                f"{option}[{position}]: {resource.noun} '{resource.label(item)}' stands there twice "
                f"(first as entry {seen[key]}). Keep one, or give the other one another {' and '.join(resource.key)}."
            )
        seen[key] = position


def all_after(changes: Iterable[Change], needs: Iterable[Change]) -> None:
    """Let each of ``changes`` wait for all of ``needs``."""
    first = list(needs)
    for change in changes:
        change.needs.extend(first)
