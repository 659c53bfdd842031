# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module's documentation promises under ``attributes``, its fragments included."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import yaml

PLUGINS = "ansible_collections.rhai.maas.plugins"


@functools.cache
def attributes(module: str) -> dict[str, Any]:
    """The attributes of a module: for each its ``support``, and in words what that means."""
    documented = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    named = documented.get("extends_documentation_fragment") or []
    found: dict[str, Any] = {}
    for fragment in [named] if isinstance(named, str) else named:
        found.update(_of_fragment(fragment))
    return {**found, **(documented.get("attributes") or {})}


def _of_fragment(name: str) -> dict[str, Any]:
    """What a fragment such as ``rhai.maas.threescale.attributes`` adds."""
    file, _dot, part = name.removeprefix("rhai.maas.").partition(".")
    fragments = importlib.import_module(f"{PLUGINS}.doc_fragments.{file}").ModuleDocFragment
    return dict(yaml.safe_load(getattr(fragments, (part or "documentation").upper())).get("attributes") or {})


def supports(module: str) -> dict[str, str]:
    """The support of each attribute that a run can show."""
    names = ("check_mode", "diff_mode", "idempotent")
    return {name: entry["support"] for name, entry in attributes(module).items() if name in names}
