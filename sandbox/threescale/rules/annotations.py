# SPDX-License-Identifier: GPL-3.0-or-later
"""Annotations of products, backends and accounts: only `managed_by` is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..store import Row
from .validate import Check, blank

if TYPE_CHECKING:
    from ..sandbox import Sandbox

ALLOWED = ("managed_by",)


def annotations_of(sandbox: Sandbox, row: Row) -> dict[str, str] | None:
    """A row's annotations as they are shown; None where the release has none."""
    found: dict[str, str] | None = row["annotations"] if sandbox.config.release.annotations else None
    return found


def without_annotations(given: dict[str, Any]) -> dict[str, Any]:
    """Parameters for a release that has no annotations, flat ones and those below a wrapper."""
    return {
        key: without_annotations(value) if isinstance(value, dict) else value
        for key, value in given.items()
        if key != "annotations"
    }


def first_annotations(given: Any) -> dict[str, str]:
    """Those of a sign-up: what an update would refuse is ignored."""
    known = given if isinstance(given, dict) else {}
    return {name: str(value) for name, value in known.items() if name in ALLOWED and not blank(value)}


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
