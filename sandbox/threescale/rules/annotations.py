# SPDX-License-Identifier: GPL-3.0-or-later
"""Annotations of products, backends and accounts: only `managed_by` is known."""

from __future__ import annotations

from typing import Any

from .validate import Check, blank

ALLOWED = ("managed_by",)


def merge_annotations(check: Check, present: dict[str, str], given: Any) -> dict[str, str]:
    """The present ones with the given ones: a blank value removes, an unknown name is refused, no map is ignored."""
    if not isinstance(given, dict):
        return present
    merged = dict(present)
    for name, value in given.items():
        if blank(value):
            merged.pop(name, None)
            continue
        if name not in ALLOWED:
            check.add("annotations.name", "is not included in the list")
            continue
        merged[name] = str(value)
    return merged
