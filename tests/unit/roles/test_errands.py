# SPDX-License-Identifier: GPL-3.0-or-later
"""Each playbook that a job template of the platform runs leaves a summary for it."""

from __future__ import annotations

from typing import Any

import pytest

from tools.platform_tables.artifacts import artifacts_of, errands

# the stages: the job's recap counts what they changed, preview and apply leave the same as data
WITHOUT = {"site", "model_serving", "sso", "threescale", "portal_content"}


@pytest.mark.parametrize("errand", errands(), ids=lambda errand: errand["name"])
def test_leaves_a_summary_under_its_name(errand: dict[str, Any]) -> None:
    playbook = errand.get("playbook", errand["name"])
    left = [name for name in artifacts_of(errand["name"]) if name != "maas_plan"]
    assert left == ([] if playbook in WITHOUT else [f"maas_{playbook}"])
