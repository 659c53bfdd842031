# SPDX-License-Identifier: GPL-3.0-or-later
"""``k8s_wait`` as role threescale calls it for the operator's preflights, which heal late."""

from __future__ import annotations

import concurrent.futures
from pathlib import Path
from typing import Any

import kubernetes
import pytest
import yaml

from tests.support.cluster import Cluster
from tests.support.modules import ModuleRun, run_module
from tests.support.until import until

ROLE = Path(__file__).resolve().parents[3] / "roles" / "threescale"
GROUP, VERSION, PLURAL, NAMESPACE = "apps.3scale.net", "v1alpha1", "apimanagers", "heal"
OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
DEFINITION = {
    "metadata": {"name": f"{PLURAL}.{GROUP}"},
    "spec": {
        "group": GROUP,
        "names": {"plural": PLURAL, "kind": "APIManager"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": VERSION,
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": OPEN},
                "subresources": {"status": {}},
            }
        ],
    },
}
SAID = "failed to verify system redis version. Ensure that the system-redis secret is correctly configured"
LOOKS = f"GET /apis/{GROUP}/{VERSION}/namespaces/{NAMESPACE}/{PLURAL}/apimanager"


class Operator:
    """Writes the condition that the 3scale operator writes."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.api = kubernetes.client.CustomObjectsApi(cluster.client)

    def says(self, status: str, message: str) -> None:
        condition = {"type": "Preflights", "status": status, "reason": "PreflightsError", "message": message}
        self.api.patch_namespaced_custom_object_status(
            GROUP, VERSION, NAMESPACE, PLURAL, "apimanager", {"status": {"conditions": [condition]}}
        )

    def heals(self) -> None:
        """Once it was seen failing twice."""
        until(lambda: self.cluster.sandbox.counters("kubernetes")["by_path"].get(LOOKS, 0) >= 2, "two looks")
        self.says("True", "")


@pytest.fixture(scope="module")
def operator(cluster: Cluster) -> Operator:
    kubernetes.client.ApiextensionsV1Api(cluster.client).create_custom_resource_definition(DEFINITION)
    cluster.core.create_namespace({"metadata": {"name": NAMESPACE}})
    found = Operator(cluster)
    body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": "APIManager", "metadata": {"name": "apimanager"}}

    def made() -> bool:
        try:
            found.api.create_namespaced_custom_object(GROUP, VERSION, NAMESPACE, PLURAL, body)
        except kubernetes.client.ApiException as error:
            return bool(error.status == 409)
        return True

    until(made, "the kind is known")
    return found


def wait(cluster: Cluster, **more: Any) -> ModuleRun:
    """The role's own task, with other times."""
    tasks = yaml.safe_load((ROLE / "tasks" / "install.yml").read_text())
    (arguments,) = (task["rhai.maas.k8s_wait"] for task in tasks if "operator accepts it" in task["name"])
    known = {"kubeconfig": cluster.sandbox.facts["sandbox_admin_kubeconfig"], "namespace": NAMESPACE}
    mine = {**arguments, **known, "names": ["apimanager"], "known": None, "hint": "h", "interval": 0.5, **more}
    return run_module("k8s_wait", {key: value for key, value in mine.items() if value is not None})


def test_a_preflight_is_given_the_time_of_its_own_retry(operator: Operator) -> None:
    patience = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())["threescale_preflights_patience"]
    assert patience > 600, "the operator looks again after ten minutes"
    operator.says("False", SAID)
    operator.cluster.sandbox.reset_counters("kubernetes")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        healing = pool.submit(operator.heals)
        found = wait(operator.cluster, timeout=patience + 30, grace=patience)
        healing.result()
    assert found.code == 0 and found["ready"], found.output


def test_a_preflight_that_does_not_heal_is_told_in_the_operators_words(operator: Operator) -> None:
    operator.says("False", SAID)
    found = wait(operator.cluster, timeout=60, grace=0)
    assert found.code != 0 and SAID in found["msg"], found.output
