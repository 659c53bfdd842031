# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Titles of sections, unique below one parent: docs/threescale-behaviour.md#portal-section-titles. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Claim,
    Ref,
    RefusalError,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tables import SECTION


def claim_titles(changes: Sequence[Change], present: Mapping[str, Values]) -> None:
    """Say of each change of a section which title it takes and gives up. Raises :class:`RefusalError` for taken ones.

    ``present`` are the sections by system_name; ``order.arrange`` does the rest.
    """
    names = {item["id"]: name for name, item in present.items()}
    below = {
        name: item for name, item in present.items() if item.get("parent_id") is not None
    }  # the root has no siblings
    held = {_claim(names.get(item["parent_id"]), item.get("title")): name for name, item in below.items()}
    for change in changes:
        item = below.get(change.key)
        if item is None and change.key in present:
            continue
        before = _claim(names.get(item["parent_id"]), item.get("title")) if item else None
        after = _after(change, before)
        if before == after:
            continue
        change.claims = (after,) if after else ()
        if item and before:
            change.releases, change.aside = (before,), _aside(change, item)
    released = {claim for change in changes for claim in change.releases}
    holders = {claim: name for claim, name in held.items() if claim not in released}
    for change in changes:
        for claim in change.claims:
            other = holders.setdefault(claim, change.key)
            if other != change.key:
                raise RefusalError(
                    f"content: section '{change.key}' shall have the title of section '{other}', and sections of one "
                    "parent can't share one. Give one of them another title."
                )


def _claim(parent: str | None, title: object) -> Claim:
    return ("section titles", str(parent or "root"), str(title).casefold())


def _after(change: Change, before: Claim | None) -> Claim | None:
    """Where a section stands afterwards, and under which title; None when it goes."""
    if change.action == "delete":
        return None
    after = change.after or {}
    _space, parent, title = before or _claim(None, change.key)
    asked = after.get("parent") or parent
    return ("section titles", str(asked), str(after["title"]).casefold() if after.get("title") else title)


def _aside(change: Change, item: Values) -> Change:
    title = f"{item.get('title')} (set aside {item['id']})"
    call = Call("PUT", SECTION.path + "/{id}.json", {"id": Ref("section", change.key, item["id"])}, {"title": title})
    return Change("set aside", "section", change.key, {"title": item.get("title")}, {"title": title}, call)
