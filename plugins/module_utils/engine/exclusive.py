# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Values that only one sibling may hold: who claims them, who gives them up, who keeps them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Claim,
    Ref,
    RefusalError,
    Resource,
    Values,
)

Holders = dict[Claim, str]  # who has a value: noun and label


def settle(
    resource: Resource,
    changes: Sequence[Change],
    there: Mapping[tuple[Any, ...], Values],
    refs: Mapping[tuple[Any, ...], Ref],
    parents: Mapping[str, Ref],
    label: str,
) -> Holders:
    """Say of each change which exclusive values it claims and releases; who has which of them now.

    ``there`` are the present siblings and ``refs`` their references, both by natural key.
    """
    space = f"{label}{resource.space or resource.noun}"
    by_ref = {id(refs[key]): item for key, item in there.items()}
    for change in changes:
        change.group = space
        ref = change.call.refs.get("id") if change.call else None
        present = by_ref.get(id(ref), {})
        change.claims = _claims(resource, space, (change.after or {}) if change.action != "delete" else {})
        change.releases = _claims(resource, space, {name: present.get(name) for name in change.before or {}})
        if change.releases and ref is not None:
            change.aside = _aside(resource, change, present, ref, parents)
    named = [(f"{resource.noun} '{label}{resource.label(item)}'", item) for item in there.values()]
    return {claim: name for name, item in named for claim in _claims(resource, space, item)}


def one_stays(changes: Sequence[Change], present: int) -> list[Change]:
    """The change that lets a list never run empty: one that goes gives up its values first, and goes last.

    Needed where all that is there goes, and what comes waits for values of each.
    """
    going = [change for change in changes if change.action == "delete"]
    claimed = {claim for change in changes for claim in change.claims}
    waited_for = [change for change in going if claimed & set(change.releases)]
    if not going or len(waited_for) < present:
        return []
    last = going[-1]
    aside, last.aside = last.aside, None
    if aside is None:
        return []
    aside.releases, last.releases = last.releases, ()
    last.needs.append(aside)
    return [aside]


def refuse_taken(changes: Sequence[Change], holders: Holders) -> None:
    """Refuse to give away what an object has that keeps it. Raises :class:`RefusalError`.

    ``changes`` and ``holders`` are those of all kinds of siblings that share the values.
    """
    released = {claim for change in changes for claim in change.releases}
    for change in changes:
        for claim in change.claims:
            if claim in holders and claim not in released:
                raise _taken(change, claim[1], holders[claim])


def _claims(resource: Resource, space: str, values: Values) -> tuple[Claim, ...]:
    """The exclusive values among those given; letter case doesn't tell them apart."""
    given = {name: values[name] for name in resource.exclusive if values.get(name) not in (None, "")}
    return tuple((space, name, str(resource.fields[name].normal(value)).casefold()) for name, value in given.items())


def _taken(change: Change, name: str, holder: str) -> RefusalError:
    return RefusalError(
        f"{change.noun} '{change.key}': {name} '{(change.after or {})[name]}' belongs to {holder}, "
        f"and only one may have it. Give that one another {name}, remove it (prune: true), or choose another one here."
    )


def _aside(resource: Resource, change: Change, present: Values, ref: Ref, parents: Mapping[str, Ref]) -> Change:
    """The change that gives up the exclusive values of an object for others that are free for sure."""
    after = {
        name: form.format(**{**present, "id": present.get("id")})
        for name, form in resource.exclusive.items()
        if present.get(name)
    }
    body = resource.wrap(resource.to_api(after))
    return Change(
        action="set aside",
        noun=resource.noun,
        key=change.key,
        before={name: present.get(name) for name in after},
        after=after,
        call=Call("PUT", resource.path + "/{id}.json", {**parents, "id": ref}, body, resource.envelope),
    )
