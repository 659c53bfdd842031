# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane's users, counters and end."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx
import pytest

from sandbox.front.settings import free_port
from sandbox.kubernetes.rest import ApiError

from .conftest import Cluster, start, stop, wait_for_line


def test_version_is_the_one_that_the_module_pins(cluster: Cluster) -> None:
    assert cluster.call("GET", "/version")["gitVersion"] == "v1.34.4"


def test_automation_makes_namespaces_but_reads_no_roles(cluster: Cluster, namespace: str) -> None:
    cluster.call("GET", f"/api/v1/namespaces/{namespace}/secrets", user="automation")
    for method, path in (
        ("POST", f"/apis/apps/v1/namespaces/{namespace}/deployments"),
        ("POST", f"/api/v1/namespaces/{namespace}/pods"),
        ("DELETE", "/api/v1/nodes/sandbox"),
    ):
        with pytest.raises(ApiError, match="403 Forbidden"):
            cluster.call(method, path, {}, user="automation")
    for path in (
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    ):
        with pytest.raises(ApiError) as refused:
            cluster.call("GET", path, user="automation")
        assert refused.value.status == 403
    body = {"metadata": {"name": f"{namespace}-second"}}
    cluster.call("POST", "/api/v1/namespaces", body, user="automation")
    cluster.call("DELETE", f"/api/v1/namespaces/{namespace}-second", user="automation")


def test_counters_tell_writes_from_dry_runs_and_reads(cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    assert cluster.counters("DELETE") == 204
    cluster.call("POST", path, {"metadata": {"name": "one"}}, user="automation")
    cluster.call("POST", f"{path}?dryRun=All", {"metadata": {"name": "two"}}, user="automation")
    cluster.call("GET", path, user="automation")
    with pytest.raises(ApiError):
        cluster.call("POST", path, {"metadata": {"name": "one"}}, user="automation")
    found = cluster.counters()
    assert (found["total"], found["writes"], found["dry_runs"]) == (4, 1, 1)
    assert found["by_path"] == {f"POST {path}": 3, f"GET {path}": 1}
    cluster.counters("DELETE")
    assert cluster.counters()["total"] == 0


def test_secrets_lie_in_files_of_mode_600(cluster: Cluster) -> None:
    secret = [*cluster.state.glob("*.kubeconfig"), cluster.state / "tokens.csv", cluster.state / "sa.key"]
    assert len(secret) > 4
    for path in secret:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_taken_port_is_said_in_one_sentence(cluster: Cluster, tmp_path: Path) -> None:
    process = start(tmp_path / "log", "kubernetes", "--state", str(tmp_path / "state"), "--port", str(cluster.port))
    assert process.wait(60) == 1
    assert f"port {cluster.port} of 127.0.0.1 is taken" in (tmp_path / "log").read_text()
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_state_and_tokens_survive_a_restart_on_the_same_port(tmp_path: Path) -> None:
    found = Cluster(tmp_path / "state", free_port(), free_port())
    options = ("--state", str(found.state), "--port", str(found.port), "--counters-port", str(found.counters_port))
    for round_number in (1, 2):
        log = tmp_path / f"{round_number}.log"
        process = start(log, "kubernetes", *options)
        try:
            wait_for_line(process, log, "ready: ", 180)
            if round_number == 1:
                cluster_token = (found.state / "tokens.csv").read_text()
                found.call("POST", "/api/v1/namespaces", {"metadata": {"name": "stays"}}, user="automation")
            else:
                assert (found.state / "tokens.csv").read_text() == cluster_token
                assert found.call("GET", "/api/v1/namespaces/stays", user="automation")["status"]["phase"] == "Active"
        finally:
            stop(process)
        assert process.returncode == 0, log.read_text()[-2000:]


def test_dump_holds_every_object_but_no_secret_value(cluster: Cluster, namespace: str) -> None:
    core = f"/api/v1/namespaces/{namespace}"
    cluster.call("POST", f"{core}/secrets", {"metadata": {"name": "hidden"}, "stringData": {"key": "not-to-be-seen"}})
    cluster.call("POST", f"{core}/configmaps", {"metadata": {"name": "plain"}, "data": {"key": "seen"}})
    answer = httpx.get(f"http://127.0.0.1:{cluster.counters_port}/_sandbox/dump", timeout=30)
    found = {
        (o["kind"], o["metadata"]["name"]): o for o in answer.json() if o["metadata"].get("namespace") == namespace
    }
    assert found["ConfigMap", "plain"]["data"] == {"key": "seen"}
    assert found["Secret", "hidden"]["data"]["key"].startswith("sha256:")
    names = [(o["apiVersion"], o["kind"], o["metadata"]["name"]) for o in answer.json()]
    assert ("v1", "Node", "sandbox") in names
    assert [entry[:2] for entry in names] == sorted(entry[:2] for entry in names)
