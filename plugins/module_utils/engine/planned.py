# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The diff of objects that are wanted of a server which the same run has yet to make. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import hide

MASK = "********"
_SECRET = ("secret", "token", "password", "user_key")


def masked(value: Any, name: str = "") -> Any:
    """A copy in which whatever is named like a secret is masked."""
    if isinstance(value, Mapping):
        return {str(key): masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item, name) for item in value]
    return MASK if value and any(name == word or name.endswith(f"_{word}") for word in _SECRET) else value


def differences(noun: str, objects: Sequence[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    """One diff for each object, from nothing to what is wanted."""
    found = []
    for item in objects:
        header = f"{noun} {item.get(key, '')}".strip()
        found.append({"before_header": header, "after_header": header, "before": {}, "after": hide(masked(item))})
    return found
