# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that was killed, whenever that was, is finished by running it again: the same state as without the kill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.playbook import run_playbook, start_and_kill
from tests.support.sandbox import Sandbox, running_sandbox
from tests.support.state import of_cluster, of_keycloak, of_threescale

SITE = "playbooks/site.yml"
NAMESPACES = {"llm-hosting", "rh-sso", "3scale"}
# Seconds after which a run is killed. Each goes further than the one before it, since what is there is not made again.
MOMENTS = [12, 25, 30, 35, 40]


def state(sandbox: Sandbox) -> dict[str, list[str]]:
    """What a finished run left at the servers."""
    sandbox.purge()
    dump: dict[str, Any] = sandbox.dump("threescale")
    return {
        "3scale": of_threescale(dump),
        "cluster": of_cluster(sandbox.dump("kubernetes"), NAMESPACES),
        "Keycloak": of_keycloak(sandbox.dump("keycloak"), "maas"),
    }


def test_a_killed_run_is_finished_by_the_next(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    with running_sandbox(tmp_path_factory.mktemp("whole")) as sandbox:
        whole = run_playbook(sandbox.inventory, SITE)
        assert whole.code == 0, whole.output[-4000:]
        wanted = state(sandbox)
    assert any(row.startswith("services") for row in wanted["3scale"])
    assert any("org_name" in row for row in wanted["Keycloak"])
    with running_sandbox(tmp_path_factory.mktemp("killed")) as sandbox:
        killed = [start_and_kill(sandbox.inventory, SITE, moment, tmp_path / f"{moment}.log") for moment in MOMENTS]
        assert any(killed), "no run was still at work when it should have been killed"
        last = run_playbook(sandbox.inventory, SITE)
        assert last.code == 0, last.output[-4000:]
        reached = state(sandbox)
        again = run_playbook(sandbox.inventory, SITE)
    for system, rows in wanted.items():
        assert reached[system] == rows, f"{system} differs"
    assert again.recap["changed"] == 0, again.output[-4000:]
