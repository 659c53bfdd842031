# SPDX-License-Identifier: GPL-3.0-or-later
"""``k8s_look`` asks a real API server: rights by namespace and of the whole cluster, kinds, objects without secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import kubernetes
import pytest
import yaml

from tests.support.cluster import Cluster
from tests.support.modules import ModuleRun, run_module
from tests.support.until import until

ROLE = {"rules": [{"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create"]}]}
BINDING = {
    "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "look"}],
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "worker"},
}
GRANTS = [
    {
        "rules": [{"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create"]}],
        "places": {"batch": ["look", "bare"]},
    },
    {"rules": [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}], "places": {"": [""]}},
]


@pytest.fixture(scope="module")
def worker(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kubeconfig of somebody who may make Jobs in one namespace."""
    cluster.core.create_namespace({"metadata": {"name": "look"}})
    rbac = kubernetes.client.RbacAuthorizationV1Api(cluster.client)
    rbac.create_namespaced_role("look", {"metadata": {"name": "worker"}, **ROLE})
    rbac.create_namespaced_role_binding("look", {"metadata": {"name": "worker"}, **BINDING})
    until(lambda: cluster.core.list_namespaced_service_account("look").items, "the account is there")
    asked = {"spec": {"expirationSeconds": 3600, "audiences": []}}
    token = cluster.core.create_namespaced_service_account_token("default", "look", asked).status.token
    config = yaml.safe_load(Path(cluster.sandbox.facts["sandbox_admin_kubeconfig"]).read_text())
    config["users"][0]["user"] = {"token": token}
    file = tmp_path_factory.mktemp("worker") / "kubeconfig"
    file.write_text(json.dumps(config))
    return file


def look(kubeconfig: Any, check: bool = False, **arguments: Any) -> ModuleRun:
    found = run_module("k8s_look", arguments, check, {"K8S_AUTH_KUBECONFIG": str(kubeconfig)})
    assert found.code == 0 and not found.changed, found.output
    return found


def test_rights_are_asked_of_the_server(cluster: Cluster, worker: Path) -> None:
    cluster.sandbox.reset_counters("kubernetes")
    found = look(worker, check=True, grants=GRANTS, queries=[{"as": "nodes", "kind": "Node"}])
    assert found["denied"] == [["batch", "jobs", "create", "bare", ""], ["", "nodes", "list", "", ""]]
    assert found["found"] == {"nodes": False}
    assert cluster.sandbox.counters("kubernetes")["writes"] == 0
    assert look(cluster.sandbox.facts["sandbox_admin_kubeconfig"], grants=GRANTS)["denied"] == []


def test_what_is_there_without_what_is_secret(cluster: Cluster) -> None:
    note = {"kubectl.kubernetes.io/last-applied-configuration": "hush-hush"}
    body = {"metadata": {"name": "db", "annotations": note}, "stringData": {"URL": "hush-hush"}}
    cluster.core.create_namespaced_secret("default", body)
    kinds = [{"api_version": "v1", "kind": "Pod"}, {"api_version": "a.example.com/v1", "kind": "Model"}]
    queries = [
        {"as": "secrets", "kind": "Secret", "namespace": "default", "name": "db"},
        {"as": "secrets", "kind": "Secret", "namespace": "not-there"},
        {"as": "other", "kind": "Secret", "namespace": "default", "name": "not-there"},
        {"as": "models", "kind": "Model", "api_version": "a.example.com/v1"},
        {"as": "classes", "kind": "StorageClass", "api_version": "storage.k8s.io/v1", "name": "quick"},
    ]
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    quick = {"metadata": {"name": "quick", "annotations": {**note, **default}}, "provisioner": "example.com/quick"}
    kubernetes.client.StorageV1Api(cluster.client).create_storage_class(quick)
    found = look(cluster.sandbox.facts["sandbox_admin_kubeconfig"], queries=queries, kinds=kinds)
    assert found["apis"] == {"v1": ["Pod"]}
    (secret,), (storage,) = found["found"]["secrets"], found["found"]["classes"]
    assert list(secret["data"]) == ["URL"] and found["found"]["other"] == found["found"]["models"] == []
    assert storage["metadata"]["annotations"] == default
    assert "hush-hush" not in found.output and "aHVzaC1odXNo" not in found.output


def test_a_server_that_is_not_there_is_named() -> None:
    found = run_module("k8s_look", {}, environment={"K8S_AUTH_HOST": "https://127.0.0.1:9", "K8S_AUTH_API_KEY": "x"})
    assert found.code != 0 and "127.0.0.1" in found["msg"] and "Traceback" not in found.output, found.output
