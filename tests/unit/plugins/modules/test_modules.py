# SPDX-License-Identifier: GPL-3.0-or-later
"""No threescale module without a test, none that can't be reached through its action group, none without examples."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[4]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("threescale_*.py"))
TESTS = "".join(path.read_text() for path in (ROOT / "tests/integration/threescale").glob("test_*.py"))
GROUP = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]["threescale"]
# they speak to the master API, so the group's connection is not their own
OUTSIDE = ["threescale_tenant", "threescale_tenant_info"]


class Loader(yaml.SafeLoader):
    """YAML with Ansible's tag for texts that are no templates."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


@pytest.mark.parametrize("name", MODULES)
def test_module_is_tested(name: str) -> None:
    assert f'"{name}"' in TESTS


def test_group_is_complete() -> None:
    assert sorted([*GROUP, *OUTSIDE]) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_tasks(name: str) -> None:
    """Each example is a named task of this module, and no secret stands in it in clear."""
    source = (ROOT / f"plugins/modules/{name}.py").read_text()
    text = source.partition('EXAMPLES = r"""\n')[2].partition('"""')[0]
    tasks = yaml.load(text, Loader)
    assert tasks
    for task in tasks:
        assert task["name"] and f"rhai.maas.{name}" in task
        options = task[f"rhai.maas.{name}"]
        token = options.get("access_token") or options.get("master_token")
        assert str(token).startswith("{{ vault_")
