# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The plan of a whole run: one report of what modules kept, what may be done of it, what changed since. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.record import digest, kept, mark, title

ACTIONS = ("create", "update", "delete")
SYSTEMS = ("Kubernetes", "Keycloak", "3scale", "portal")
_KINDS = {"create": "create", "add": "create", "sign up": "create", "delete": "delete"}
_NAMED = 3  # operations that a sentence names
Entry = Mapping[str, Any]
Report = Mapping[str, Any]


def kind(action: str) -> str:
    """What an action comes to, one of ``ACTIONS``: modules know more words (``deploy``, ``approve``, ``default`` …)."""
    return _KINDS.get(action, "update")


def report(entries: Sequence[Entry]) -> dict[str, Any]:
    """One report of the entries that modules kept, in their order.

    ``operations`` each with ``system``, ``where`` (address), ``action``, ``noun``, ``key``, ``before``, ``after``,
    ``since`` and ``by`` (empty where nobody knows), ``named`` (true: its content depends on what the run makes first);
    ``counts`` by system and kind of action; ``unseen``: systems that did not run yet.
    """
    operations = [item for entry in entries for item in _operations(entry)]
    counted = Counter((item["system"], kind(item["action"])) for item in operations)
    systems = [name for name in SYSTEMS if any(item["system"] == name for item in operations)]
    return {
        "operations": operations,
        "counts": {name: {action: counted[name, action] for action in ACTIONS} for name in systems},
        "total": len(operations),
        "unseen": sorted({entry["system"] for entry in entries if entry.get("unseen")}),
    }


def _operations(entry: Entry) -> list[dict[str, Any]]:
    named = set(entry.get("named") or [])
    origins = list(entry.get("origins") or []) or [{}] * len(entry["plan"])
    found = []
    for operation, origin in zip(entry["plan"], origins):
        short = kept(operation)
        short.pop("after_steps", None)
        place = {"system": entry["system"], "where": entry.get("where", "")}
        known = {"since": origin.get("since", ""), "by": origin.get("by", "")}
        found.append({**place, **short, **known, "named": f"{operation['noun']} {operation['key']}" in named})
    return found


def approval(shown: Report) -> dict[str, list[str]]:
    """What may be done of a report: ``operations`` as digests, ``unseen`` systems, as modules read it."""
    operations = {
        mark(item["system"], item) if item.get("named") else digest(item["system"], item)
        for item in shown.get("operations", [])
    }
    return {"operations": sorted(operations), "unseen": list(shown.get("unseen", []))}


def changed_since(shown: Report, now: Report) -> str:
    """One sentence on what differs between a report that was shown and the present one; empty when nothing does."""
    before, after = _by_digest(shown), _by_digest(now)
    parts = [
        f"{words}: {_names(items)}"
        for words, items in (
            ("new or different now", [item for key, item in after.items() if key not in before]),
            ("no longer planned", [item for key, item in before.items() if key not in after]),
        )
        if items
    ]
    return f"something changed since the plan was shown ({'; '.join(parts)})" if parts else ""


def _by_digest(held: Report) -> dict[str, Mapping[str, Any]]:
    return {digest(item["system"], item): item for item in held.get("operations", [])}


def _names(items: Sequence[Mapping[str, Any]]) -> str:
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return ", ".join(title(item) for item in items[:_NAMED]) + more
