# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a name leads that a network policy closes to the gateway. By tables."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.names.policies import NOWHERE
from sandbox.names.table import Table

Object = dict[str, Any]
MODEL = {"serving.kserve.io/inferenceservice": "granite"}
GATEWAY = {"deployment": "apicast-production"}


def pod(namespace: str, name: str, labels: dict[str, str], address: str) -> Object:
    status = {"podIP": address, "conditions": [{"type": "Ready", "status": "True"}]}
    spec = {"containers": [{"ports": [{"containerPort": 8080, "name": "http"}]}]}
    return {"metadata": {"namespace": namespace, "name": name, "labels": labels}, "spec": spec, "status": status}


def table(policy: Object | None, gateway: dict[str, str] | None) -> Table:
    found = Table()
    for name in ("models", "3scale"):
        meta = {"name": name, "labels": {"kubernetes.io/metadata.name": name}}
        found.change("namespaces", "ADDED", {"metadata": meta})
    found.change("pods", "ADDED", pod("models", "granite-0", MODEL, "127.64.0.5"))
    if gateway is not None:
        found.change("pods", "ADDED", pod("3scale", "apicast-0", gateway, "127.64.0.6"))
    service = {"metadata": {"namespace": "models", "name": "granite"}, "spec": {"selector": MODEL}}
    found.change("services", "ADDED", service)
    if policy is not None:
        meta = {"namespace": "models", "name": "models"}
        found.change("networkpolicies", "ADDED", {"metadata": meta, "spec": {"podSelector": {}, **policy}})
    return found


def only(namespace: str, labels: dict[str, str] | None = None, **rule: Any) -> Object:
    peer: Object = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    if labels:
        peer["podSelector"] = {
            "matchExpressions": [{"key": k, "operator": "In", "values": [v]} for k, v in labels.items()]
        }
    return {"policyTypes": ["Ingress"], "ingress": [{"from": [peer], **rule}]}


@pytest.mark.parametrize(
    ("policy", "gateway", "open_"),
    [
        (None, GATEWAY, True),
        (None, None, True),
        (only("3scale"), GATEWAY, True),
        (only("3scale", GATEWAY), GATEWAY, True),
        (only("3scale", {"deployment": "apicast-staging"}), GATEWAY, False),
        (only("elsewhere"), GATEWAY, False),
        (only("3scale"), {"app": "other"}, False),
        (only("3scale"), None, False),
        (only("3scale", ports=[{"port": 8080}]), GATEWAY, True),
        (only("3scale", ports=[{"port": "http"}]), GATEWAY, True),
        (only("3scale", ports=[{"port": 9000}]), GATEWAY, False),
        (only("3scale", ports=[{"port": 8080, "protocol": "UDP"}]), GATEWAY, False),
        ({"policyTypes": ["Ingress"]}, GATEWAY, False),
        ({"policyTypes": ["Egress"]}, GATEWAY, True),
        ({"ingress": [{}]}, GATEWAY, True),
        ({"ingress": [{"from": [{"podSelector": {}}]}]}, GATEWAY, False),
        ({"podSelector": {"matchLabels": {"app": "other"}}}, GATEWAY, True),
    ],
)
def test_a_closed_pod_has_an_address_where_nobody_answers(policy: Object, gateway: Object, open_: bool) -> None:
    found = table(policy, gateway).addresses("granite.models.svc.cluster.local")
    assert found == (["127.64.0.5"] if open_ else [NOWHERE])
