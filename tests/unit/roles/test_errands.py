# SPDX-License-Identifier: GPL-3.0-or-later
"""Each playbook that a job template of the platform runs leaves a summary for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ERRANDS = yaml.safe_load((ROOT / "roles/automation_project/files/errands.yml").read_text())
PLAYBOOKS = sorted({errand.get("playbook", errand["name"]) for errand in ERRANDS})
# the stages: the job's recap counts what they changed, preview and apply leave the same as data
WITHOUT = {"site", "model_serving", "sso", "threescale", "portal_content"}


def summaries(tasks: Any) -> Iterator[str]:
    """The name of each errand whose result is left, in tasks and their blocks."""
    for task in tasks or []:
        included = task.get("ansible.builtin.include_role", {})
        if (included.get("name"), included.get("tasks_from")) == ("rhai.maas.errand", "keep.yml"):
            yield task["vars"]["__errand_name"]
        for part in ("block", "rescue", "always"):
            yield from summaries(task.get(part))


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_leaves_a_summary_under_its_name(playbook: str) -> None:
    plays = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text())
    left = [name for play in plays for name in summaries(play.get("tasks"))]
    assert left == ([] if playbook in WITHOUT else [playbook])
