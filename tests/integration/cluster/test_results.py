# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of errands as ConfigMaps of a real API server: what is kept, what goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cluster import Cluster
from tests.support.playbook import Run, run_playbook

PLAY = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: rhai.maas.errand, tasks_from: keep.yml}
      vars:
        __errand_name: change_plan
        __errand_summary: {round: "{{ round }}"}
        __errand_files: {page.html: "{{ '<p>ä</p>' * times }}"}
"""
NAMESPACE = "results"


@pytest.fixture
def keep(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the play, which keeps one result."""
    monkeypatch.setenv("K8S_AUTH_KUBECONFIG", cluster.sandbox.facts["sandbox_admin_kubeconfig"])
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    (tmp_path / "hosts.yml").write_text(json.dumps({"all": {"hosts": {"localhost": host}}}))
    (tmp_path / "keep.yml").write_text(PLAY)

    def run(*options: str, **given: Any) -> Run:
        kept = {"errand_keep": "configmap", "errand_keep_namespace": NAMESPACE, "errand_keep_last": 1}
        more = json.dumps({**kept, "times": 1, **given})
        return run_playbook(tmp_path / "hosts.yml", str(tmp_path / "keep.yml"), *options, "-e", more)

    return run


def test_the_last_result_stays_and_nothing_else_goes(cluster: Cluster, keep: Any) -> None:
    cluster.core.create_namespace({"metadata": {"name": NAMESPACE}})
    cluster.core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "maas-change-plan-of-somebody-else"}})

    def held() -> dict[str, Any]:
        found = {item.metadata.name: item.data for item in cluster.core.list_namespaced_config_map(NAMESPACE).items}
        assert "maas-change-plan-of-somebody-else" in found
        (kept,) = (data for name, data in found.items() if "somebody" not in name and name.startswith("maas-"))
        return dict(kept)

    for number in (1, 2):
        run = keep(round=number)
        assert run.code == 0, run.output[-3000:]
    assert json.loads(held()["summary.json"]) == {"round": 2} and held()["page.html"] == "<p>ä</p>"
    assert keep("--check", round=3).code == 0 and json.loads(held()["summary.json"]) == {"round": 2}
    assert keep(round=4, times=150_000).code == 0
    assert sorted(held()) == ["note.txt", "summary.json"] and "more than a ConfigMap holds" in held()["note.txt"]
