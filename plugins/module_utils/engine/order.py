# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The order of changes, as one rule over what they say of themselves. Pure.

- *Release before claim*: a change waits for the one that gives up a value which only one sibling may hold.
- A circle of such waits is cut by a change that sets one of the holders aside (``Change.aside``).
- A full list (``rooms``) frees one place for each creation that finds none.
- Everything else is made before something breaks: within a ``group`` deletions wait for creations and updates.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref

Before = dict[Change, set[Change]]


def arrange(changes: Sequence[Change], rooms: Mapping[str, tuple[int, int]] | None = None) -> list[Change]:
    """The changes in an order in which they can be carried out; each change's ``needs`` say the same.

    ``rooms`` gives for a group how many siblings there may be, and how many there are.
    """
    line = _cut_circles(list(changes))
    for change, first in _claims(line).items():
        change.needs.extend(sorted(first - set(change.needs), key=line.index))
    for group, (most, present) in (rooms or {}).items():
        _make_room([change for change in line if change.group == group], most - present)
    _make_before_break(line)
    return _in_order(line)


def before(changes: Sequence[Change]) -> Before:
    """For each change those of the same plan that come first: its needs, and the makers of what it refers to."""
    makers = {id(change.ref): change for change in changes if change.ref is not None and change.ref.id is None}
    planned = set(changes)
    found: Before = {}
    for change in changes:
        first = {need for need in change.needs if need in planned}
        refs = [ref for ref in change.data.values() if isinstance(ref, Ref)]
        if change.call is not None:
            refs += [*refs_in(change.call.refs), *refs_in(change.call.body)]
        named = (makers.get(id(ref)) for ref in refs)
        first.update(maker for maker in named if maker is not None and maker is not change)
        found[change] = first
    return found


def refs_in(value: object) -> Iterable[Ref]:
    """All references in a path's or a body's values, and those that their look-ups need."""
    if isinstance(value, Ref):
        yield value
        if value.find is not None:
            yield from refs_in(value.find.refs)
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from refs_in(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from refs_in(entry)


def _claims(line: Sequence[Change]) -> Before:
    """For each change those that release what it claims."""
    holders = {claim: change for change in line for claim in change.releases}
    return {
        change: {holders[claim] for claim in change.claims if claim in holders and holders[claim] is not change}
        for change in line
        if change.claims
    }


def _cut_circles(line: list[Change]) -> list[Change]:
    """Set a holder aside in each circle of waits, until there is none."""
    while True:
        waits, claims = before(line), _claims(line)
        for change, first in claims.items():
            waits[change] |= first
        circle = _circle(waits)
        if not circle:
            return line
        held = {holder for change in circle for holder in claims.get(change, ()) if holder in circle}
        holder = next((change for change in line if change in held and change.aside is not None), None)
        if holder is None or holder.aside is None:
            raise AssertionError("changes wait for each other")  # a plan's bug, never the user's
        aside, holder.aside = holder.aside, None
        aside.releases, holder.releases = holder.releases, ()
        holder.needs.append(aside)
        line.insert(line.index(holder), aside)


def _circle(waits: Before) -> list[Change]:
    """The changes of one circle of waits, or none."""
    done: set[Change] = set()
    for start in waits:
        path: list[Change] = []
        steps = [iter([start])]
        while steps:
            change = next(steps[-1], None)
            if change is None:
                steps.pop()
                if path:
                    done.add(path.pop())
            elif change in path:
                return path[path.index(change) :]
            elif change not in done:
                path.append(change)
                steps.append(iter(waits[change]))
    return []


def _make_room(siblings: Sequence[Change], free: int) -> None:
    """Let each creation that finds no free place wait for a deletion of its own."""
    creations = [change for change in siblings if change.action == "create"]
    deletions = [change for change in siblings if change.action == "delete"]
    for creation, deletion in zip(creations[max(0, free) :], deletions):
        creation.needs.append(deletion)


def _make_before_break(line: Sequence[Change]) -> None:
    """Let deletions wait for what is made or changed in their group, unless that waits for them."""
    waits = before(line)
    for deletion in line:
        if deletion.action != "delete" or not deletion.group:
            continue
        for other in line:
            if other.group == deletion.group and other.action != "delete" and not _waits_for(waits, other, deletion):
                deletion.needs.append(other)
                waits[deletion].add(other)


def _waits_for(waits: Before, change: Change, other: Change) -> bool:
    seen, todo = {change}, [change]
    while todo:
        for first in waits[todo.pop()]:
            if first is other:
                return True
            if first not in seen:
                seen.add(first)
                todo.append(first)
    return False


def _in_order(line: Sequence[Change]) -> list[Change]:
    """Sorted so that each change stands behind what it waits for, else as they were."""
    waits = before(line)
    places = {change: place for place, change in enumerate(line)}
    followers: dict[Change, list[Change]] = {}
    for change, first in waits.items():
        for one in first:
            followers.setdefault(one, []).append(change)
    left = {change: len(first) for change, first in waits.items()}
    ready = [places[change] for change in line if not left[change]]
    heapq.heapify(ready)
    ordered: list[Change] = []
    while ready:
        change = line[heapq.heappop(ready)]
        ordered.append(change)
        for follower in followers.get(change, ()):
            left[follower] -= 1
            if not left[follower]:
                heapq.heappush(ready, places[follower])
    if len(ordered) < len(line):
        raise AssertionError("changes wait for each other")  # a plan's bug, never the user's
    return ordered
