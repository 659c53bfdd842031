# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Who may reach the models within the cluster. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry

#: the label that KServe gives the Pods of every model
_MODEL = "serving.kserve.io/inferenceservice"
_NAMESPACE = "kubernetes.io/metadata.name"
_PORT = 8080


def network_policy(settings: Mapping[str, Any]) -> Entry:
    """The NetworkPolicy of the models' namespace: the gateway, the monitoring and the namespace's own Pods.

    The models ask for no key themselves: it is the only thing that keeps others in the cluster from going past the
    gateway.

    :param settings: ``namespace, gateway_namespaces, gateway_labels (label to values), monitoring_namespaces, more``
        (peers as NetworkPolicy writes them)
    """
    gateway: Entry = {}
    if settings.get("gateway_labels"):
        chosen = [
            {"key": key, "operator": "In", "values": [str(value) for value in values]}
            for key, values in sorted(settings["gateway_labels"].items())
        ]
        gateway = {"podSelector": {"matchExpressions": chosen}}
    peers = [{**_namespaces(settings["gateway_namespaces"]), **gateway}]
    if settings.get("monitoring_namespaces"):
        peers.append(_namespaces(settings["monitoring_namespaces"]))
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "models", "namespace": settings["namespace"]},
        "spec": {
            "podSelector": {"matchExpressions": [{"key": _MODEL, "operator": "Exists"}]},
            "policyTypes": ["Ingress"],
            "ingress": [
                {"from": [{"podSelector": {}}]},
                {
                    "from": [*peers, *(dict(peer) for peer in settings.get("more") or [])],
                    "ports": [{"port": _PORT, "protocol": "TCP"}],
                },
            ],
        },
    }


def _namespaces(names: Any) -> Entry:
    chosen = {"key": _NAMESPACE, "operator": "In", "values": [str(name) for name in names]}
    return {"namespaceSelector": {"matchExpressions": [chosen]}}
