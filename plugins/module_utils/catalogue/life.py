# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The life of a model as its card tells it: when it came, what changed since, when it leaves. Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAYS = ("since", "leaves")


def faults_of_life(card: Any) -> Iterable[str]:
    """What is wrong with a card's days and changes, one sentence each."""
    if not isinstance(card, Mapping):
        return
    for name in _DAYS:
        if card.get(name) is not None and not _is_day(card[name]):
            yield f"card.{name} must be a day such as 2026-12-31, not {card[name]!r}"
    if card.get("preview") not in (None, True, False):
        yield f"card.preview must be true or false, not {card['preview']!r}"
    changes = card.get("changes")
    if changes is not None and not isinstance(changes, list):
        yield f"card.changes must be a list of mappings with date and text, not {changes!r}"
        return
    for change in changes or []:
        known = isinstance(change, Mapping) and set(change) == {"date", "text"}
        if not known or not _is_day(change["date"]) or not isinstance(change["text"], str):
            yield f"card.changes: each needs a date such as 2026-12-31 and a text, and nothing else, not {change!r}"


def _is_day(value: Any) -> bool:
    """Whether it is a day: as YAML reads it, or as text."""
    if not _DAY.fullmatch(str(value)):
        return False
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def changes_of(model: Entry) -> list[Entry]:
    """A model's changes: ``date, kind (new, changed, leaves), text, title``, the latest first."""
    card = model["card"]
    days = [("new", card.get("since")), ("leaves", card.get("leaves"))]
    found = [{"date": str(day), "kind": kind, "text": ""} for kind, day in days if day]
    found += [
        {"date": str(change["date"]), "kind": "changed", "text": change["text"]} for change in card.get("changes") or []
    ]
    return sorted(({**one, "title": model["title"]} for one in found), key=lambda one: one["date"], reverse=True)
