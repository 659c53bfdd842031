# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of errands as ConfigMaps of a real API server: what is kept, what goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cluster import Cluster
from tests.support.kept import keep_result
from tests.support.playbook import Run

NAMESPACE = "results"


@pytest.fixture
def keep(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the play, which keeps one result."""
    monkeypatch.setenv("K8S_AUTH_KUBECONFIG", cluster.sandbox.facts["sandbox_admin_kubeconfig"])

    def run(*options: str, **given: Any) -> Run:
        return keep_result(tmp_path, *options, errand_keep="configmap", errand_keep_namespace=NAMESPACE, **given)

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
