# SPDX-License-Identifier: GPL-3.0-or-later
"""What each errand leaves for the platform: read from its playbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "roles" / "automation_project" / "files" / "errands.yml"
#: of the plan that a preview hands on
PLAN = ["operations", "counts", "total", "unseen"]
_NAMED = re.compile(r"\{\{ *(\w+) *\}\}$")


def errands() -> list[dict[str, Any]]:
    """The table of errands."""
    found: list[dict[str, Any]] = yaml.safe_load(TABLE.read_text())
    return found


@cache
def artifacts_of(template: str) -> dict[str, list[str]]:
    """Artifacts of a template by name, each with its keys in order; none for the stages.

    :raises StopIteration: for a template that is not in the table
    """
    errand = next(item for item in errands() if item["name"] == template)
    plays = yaml.safe_load((ROOT / "playbooks" / f"{errand.get('playbook', template)}.yml").read_text())
    found: dict[str, list[str]] = {}
    for told in (task["vars"] for play in plays for task in _keeping(play.get("tasks"))):
        found[f"maas_{told['__errand_name']}"] = _keys(told["__errand_summary"])
        found |= dict.fromkeys(told.get("__errand_more", {}), PLAN)
    return found


def _keeping(tasks: Any) -> Iterator[dict[str, Any]]:
    """The tasks that leave a summary, in tasks and their blocks."""
    for task in tasks or []:
        included = task.get("ansible.builtin.include_role", {})
        if (included.get("name"), included.get("tasks_from")) == ("rhai.maas.errand", "keep.yml"):
            yield task
        for part in ("block", "rescue", "always"):
            yield from _keeping(task.get(part))


def _keys(summary: Any) -> list[str]:
    """Keys of a summary that stands in the playbook, or is named there and stands in a role's variables."""
    if isinstance(summary, dict):
        return list(summary)
    named = _NAMED.match(summary)
    assert named, f"no mapping, and no name of one: {summary}"
    for file in sorted(ROOT.glob("roles/*/vars/main.yml")):
        held = yaml.load(file.read_text(), Loader=Unsafe).get(named[1])
        if isinstance(held, dict):
            return list(held)
    raise LookupError(f"{named[1]} stands in no vars/main.yml of a role as a mapping")


class Unsafe(yaml.SafeLoader):
    """Reads texts that are marked as no templates."""


def _text(_loader: yaml.SafeLoader, node: yaml.Node) -> str:
    return str(node.value)


Unsafe.add_constructor("!unsafe", _text)
