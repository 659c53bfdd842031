# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets through to a model: the collection's NetworkPolicy, read as the sandbox reads policies."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.network import network_policy
from sandbox.names.policies import admits

SETTINGS = {
    "namespace": "models",
    "gateway_namespaces": ["3scale"],
    "gateway_labels": {"deployment": ["apicast-staging", "apicast-production"]},
    "monitoring_namespaces": ["openshift-monitoring"],
    "more": [{"namespaceSelector": {"matchLabels": {"team": "evaluation"}}}],
}
NAMES = ("models", "3scale", "openshift-monitoring", "elsewhere", "lab")
NAMESPACES: dict[str, Any] = {
    name: {"metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}}} for name in NAMES
}
NAMESPACES["lab"]["metadata"]["labels"]["team"] = "evaluation"


def pod(namespace: str, port: int = 8080, **labels: str) -> dict[str, Any]:
    spec = {"containers": [{"ports": [{"containerPort": port}]}]}
    return {
        "metadata": {"namespace": namespace, "labels": {key.replace("_", "/"): labels[key] for key in labels}},
        "spec": spec,
    }


MODEL = pod("models", **{"serving.kserve.io_inferenceservice": "granite"})


@pytest.mark.parametrize(
    ("caller", "open_"),
    [
        (pod("3scale", deployment="apicast-production"), True),
        (pod("3scale", deployment="apicast-staging"), True),
        (pod("3scale", deployment="zync"), False),
        (pod("3scale"), False),
        (pod("elsewhere", deployment="apicast-production"), False),
        (pod("elsewhere"), False),
        (pod("unknown", deployment="apicast-production"), False),
        (pod("openshift-monitoring", app="prometheus"), True),
        (pod("models", job="import"), True),
        (pod("lab"), True),
    ],
)
def test_another_pod_does_not_get_past_the_gateway(caller: dict[str, Any], open_: bool) -> None:
    assert admits([network_policy(SETTINGS)], NAMESPACES, MODEL, [caller]) is open_


def test_other_pods_and_ports() -> None:
    """What serves no model is left alone; of a model only its port is open, but for its own namespace."""
    policy, gateway = network_policy(SETTINGS), pod("3scale", deployment="apicast-production")
    assert admits([policy], NAMESPACES, pod("models", app="workbench"), [pod("elsewhere")])
    other = pod("models", 9000, **{"serving.kserve.io_inferenceservice": "granite"})
    assert not admits([policy], NAMESPACES, other, [gateway])
    assert admits([policy], NAMESPACES, other, [pod("models")])
