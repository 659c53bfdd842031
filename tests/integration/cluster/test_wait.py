# SPDX-License-Identifier: GPL-3.0-or-later
"""``k8s_wait`` on Pods that will not work: it ends at once, with what the cluster says and what helps."""

from __future__ import annotations

from typing import Any

import kubernetes
import pytest

from tests.support.cluster import Cluster
from tests.support.modules import ModuleRun, run_module

NAMESPACE = "troubles"
PYTHON = "registry.access.redhat.com/ubi9/python-311"
CRASH = "import sys; print('Loading'); sys.exit('ValueError: the max seq len is larger than the KV cache')"
SECRET = {"volumes": [{"name": "v", "secret": {"secretName": "not-there"}}]}
FORBIDDEN = "exceeded quota: no-gpus, requested: requests.nvidia.com/gpu=1"


def deployment(name: str, container: dict[str, Any], **pod: Any) -> dict[str, Any]:
    labels = {"app": name}
    spec = {"containers": [{"name": "server", "image": PYTHON, **container}], **pod}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": labels}, "template": template}}


WORK = {
    "crashing": deployment("crashing", {"command": ["python", "-c", CRASH]}),
    "unpulled": deployment("unpulled", {"image": "registry.example.com/nobody/has:this"}),
    "too-large": deployment("too-large", {"resources": {"limits": {"cpu": "999"}}}),
    "unmounted": deployment("unmounted", {"command": ["python", "-c", ""]}, **SECRET),
    "busy": deployment(
        "busy",
        {
            "command": ["python", "-c", "import time; print('2/4 files, 1.0 GB', flush=True); time.sleep(3600)"],
            "readinessProbe": {"tcpSocket": {"port": 9}},
        },
    ),
    "over-quota": deployment("over-quota", {"resources": {"limits": {"nvidia.com/gpu": "1"}}}),
}


@pytest.fixture(scope="module")
def troubled(cluster: Cluster) -> Cluster:
    """All of them at once, so that their back-offs pass together."""
    cluster.core.create_namespace({"metadata": {"name": NAMESPACE}})
    quota = {"metadata": {"name": "no-gpus"}, "spec": {"hard": {"requests.nvidia.com/gpu": "0"}}}
    cluster.core.create_namespaced_resource_quota(NAMESPACE, quota)
    apps = kubernetes.client.AppsV1Api(cluster.client)
    for body in WORK.values():
        apps.create_namespaced_deployment(NAMESPACE, body)
    return cluster


def wait(cluster: Cluster, name: str, **more: Any) -> ModuleRun:
    arguments = {
        "kubeconfig": cluster.sandbox.facts["sandbox_admin_kubeconfig"],
        "api_version": "apps/v1",
        "kind": "Deployment",
        "names": [name],
        "namespace": NAMESPACE,
        "interval": 1,
        "timeout": 600,
        "pods": {"label_selectors": [f"app={name}"]},
        "hint": "See the Pods.",
    }
    return run_module("k8s_wait", {**arguments, **more})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("crashing", ["CrashLoopBackOff", "Loading", "ValueError: the max seq len", "Lower serving.max_model_len"]),
        ("unpulled", ["ImagePullBackOff", "registry.example.com/nobody/has:this", "pull secret"]),
        ("too-large", ["Unschedulable", "Insufficient cpu", "Add a node"]),
        ("unmounted", ["FailedMount", 'secret "not-there" not found', "Create what the volume refers to"]),
        ("over-quota", [FORBIDDEN]),
    ],
)
def test_what_waiting_does_not_mend_ends_the_wait(troubled: Cluster, name: str, said: list[str]) -> None:
    run = wait(troubled, name, patience={"FailedMount": 2})
    assert run.code == 2
    assert [part for part in said if part not in run["msg"]] == []
    assert f"Deployment {name} in namespace {NAMESPACE} failed: " in run["msg"]
    assert run["msg"].endswith("See the Pods.")


def test_patience_for_nodes_that_come_by_themselves(troubled: Cluster) -> None:
    run = wait(troubled, "too-large", timeout=4, patience={"Unschedulable": 60})
    assert "did not become ready within 4 s" in run["msg"]


def test_what_the_pods_write_is_told_while_it_waits(troubled: Cluster) -> None:
    run = wait(troubled, "busy", timeout=8, progress=True)
    assert "busy" in run["msg"] and "2/4 files, 1.0 GB" in run.output
