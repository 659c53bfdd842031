# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Results of kubernetes.core.k8s as operations of a plan, and who changed an object last. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.cluster.plan import shown, title

#: what the server writes by itself
_BY_ITSELF = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid")
_ACTIONS = {"create": "create", "delete": "delete"}


def operations(definitions: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``action``, ``noun``, ``key``, ``before``, ``after`` of each object that changed, or would."""
    found: list[dict[str, Any]] = []
    for definition, result in zip(definitions, results):
        if not result.get("changed"):
            continue
        noun, _space, key = title(definition).partition(" ")
        action = _ACTIONS.get(str(result.get("method")), "update")
        diff = result.get("diff") or {}
        before, after = (_wanted(definition, diff.get(side)) for side in ("before", "after"))
        if action == "create":
            before, after = None, shown(definition)
        found.append({"action": action, "noun": noun, "key": key, "before": before, "after": after, "after_steps": []})
    return found


def _wanted(definition: Mapping[str, Any], side: Any) -> dict[str, Any] | None:
    """One side of a diff without what the server writes by itself."""
    if not side:
        return None
    kept = {key: value for key, value in side.items() if key != "status"}
    if isinstance(kept.get("metadata"), Mapping):
        kept["metadata"] = {key: value for key, value in kept["metadata"].items() if key not in _BY_ITSELF}
    found = shown({"kind": definition.get("kind"), **kept})
    return {key: value for key, value in found.items() if key != "kind" and value != {}}


def last_writer(resource: Mapping[str, Any], ignored: Collection[str] = ()) -> dict[str, str]:
    """Who changed an object last: ``by`` (a field manager), ``since``; controllers' reports of status don't count."""
    entries = [
        entry
        for entry in (resource.get("metadata") or {}).get("managedFields") or []
        if entry.get("time") and not entry.get("subresource") and entry.get("manager") not in ignored
    ]
    if not entries:
        return {}
    last = max(entries, key=lambda entry: str(entry["time"]))
    return {"since": str(last["time"]), "by": str(last.get("manager") or "")}
