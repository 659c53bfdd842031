# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What stands before the first write: a check of values, the brake on removals, the approved plan. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Field, RefusalError

MANY = 5  # removals that are never held up
LARGEST = 2**63 - 1  # what a server can keep of a whole number
PART = 5  # no more than one of so many
OPTIONS = {
    "allow_removals": Field(type="int"),
    "saved_plan": Field(type="list", elements="dict"),
}


def check_values(given: Mapping[str, Any], options: Mapping[str, Field], place: str = "") -> None:
    """Refuse values that a server can't keep. Raises :class:`RefusalError`."""
    for name, entry in options.items():
        listed = given.get(name) if isinstance(given.get(name), list) else [given.get(name)]
        for number, value in enumerate(listed or []):
            where = f"{place}{name}[{number}]" if isinstance(given.get(name), list) else f"{place}{name}"
            if isinstance(value, Mapping) and entry.options:
                check_values(value, entry.options, f"{where}.")
                continue
            wrong = _number(entry, value) or ("" if value is None else entry.fault(value))
            if wrong:
                raise RefusalError(f"{where}: {wrong}")


def _number(entry: Field, value: Any) -> str:
    """Why what passes for a number is none: Ansible takes ``true`` for a whole one, ``nan`` and ``inf`` for others."""
    kinds = (entry.type, entry.elements)
    if "int" in kinds and isinstance(value, bool):
        return f"must be a whole number, not {str(value).lower()}."
    if "int" in kinds and isinstance(value, int) and abs(value) > LARGEST:
        return f"{value} is too large; the most is {LARGEST}."
    if "float" in kinds and isinstance(value, float) and not math.isfinite(value):
        return f"must be a number, not {value}."
    return ""


def check_counting(
    fields: Mapping[str, Field], given: Mapping[str, Any] | None, around: Mapping[str, Any], place: str, whose: str = ""
) -> None:
    """Refuse options that count for nothing beside the others. Raises :class:`RefusalError`.

    ``around`` has the values of the options that they depend on, ``whose`` says of what these are; ``place`` stands
    before an option's name.
    """
    for name, entry in fields.items():
        if (given or {}).get(name) in (None, "") or entry.counts(around):
            continue
        other, *needed = entry.counts_with
        raise RefusalError(
            f"{place}{name} counts only with {other}: {' or '.join(needed)}{whose}, and here it is "
            f"'{around.get(other)}'. Leave it out, or change {other}."
        )


def brake(changes: Sequence[Change], allowed: int | None) -> None:
    """Refuse a plan that removes much of what is there because nobody listed it. Raises :class:`RefusalError`.

    Objects that the user named (``state: absent``) don't count.
    """
    removed = [change for change in changes if change.action == "delete" and change.unlisted and not change.quiet]
    lists: dict[tuple[str, str], int] = {}
    for change in removed:
        siblings = (change.noun, change.group or change.key.rpartition(" / ")[0])
        lists[siblings] = max(lists.get(siblings, 0), change.unlisted)
    there = sum(lists.values())
    if len(removed) <= max(MANY, allowed or 0) or len(removed) * PART <= there:
        return
    names = ", ".join(sorted(f"{change.noun} '{change.key}'" for change in removed)[:MANY])
    raise RefusalError(
        f"this would remove {len(removed)} of {there} objects because they are not listed: {names} and "
        f"{len(removed) - MANY} more. If that is meant, set allow_removals: {len(removed)}; else complete the list."
    )


def compare(saved: Sequence[Mapping[str, Any]] | None, plan: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a plan that is another one than the saved one. Raises :class:`RefusalError`."""
    if saved is None or list(saved) == list(plan):
        return
    more = [_title(operation) for operation in plan if operation not in saved]
    less = [_title(operation) for operation in saved if operation not in plan]
    parts = [
        f"{words}: {', '.join(names[:MANY])}{f' and {len(names) - MANY} more' if len(names) > MANY else ''}"
        for words, names in (("new or different now", more), ("no longer planned as it was", less))
        if names
    ]
    raise RefusalError(
        f"saved_plan is not what would be done now ({'; '.join(parts) or 'another order'}). Something changed since it "
        "was made: look at a new plan in check mode, and apply that one."
    )


def _title(operation: Mapping[str, Any]) -> str:
    return f"{operation.get('action')} {operation.get('noun')} '{operation.get('key')}'"
