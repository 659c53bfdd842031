# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the network policies of a namespace let in, where both sides are processes of Pods."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.support.until import until

from .conftest import Cluster
from .test_pods import condition, container, job, pods, run_job

Object = dict[str, Any]
# Says what came of a call; a child of the container's own process makes it, over IPv4 or IPv6.
CALL = """
import multiprocessing, socket, sys
def call(address, port, family):
    try:
        with socket.socket(getattr(socket, family)) as s:
            s.connect((("::ffff:" if family == "AF_INET6" else "") + address, port))
            s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
            answered = s.makefile("rb").readline().split()[1:2] == [b"200"]
    except ConnectionError:
        answered = False  # a connection that is cut ends in an error, or without a byte
    print("answered" if answered else "refused")
child = multiprocessing.get_context("fork").Process(target=call, args=(sys.argv[1], 8080, sys.argv[2]))
child.start(); child.join()
"""
ADMITTED = {"deployment": "gateway"}


@pytest.fixture(scope="module")
def spaces(cluster: Cluster) -> Iterator[Callable[[], str]]:
    """Makes namespaces."""
    made: list[str] = []

    def make() -> str:
        name = f"door-{os.urandom(4).hex()}"
        cluster.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        cluster.until(f"/api/v1/namespaces/{name}/serviceaccounts", lambda found: found["items"])
        made.append(name)
        return name

    yield make
    for name in made:
        cluster.call("DELETE", f"/api/v1/namespaces/{name}")


@pytest.fixture(scope="module")
def server(cluster: Cluster, spaces: Callable[[], str]) -> tuple[str, str]:
    """Namespace and address of a Pod that answers."""
    namespace = spaces()
    probe = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1}
    main = container("guarded:1", ports=[{"containerPort": 8080}], readinessProbe=probe)
    body = {"metadata": {"name": "model", "labels": {"app": "model"}}, "spec": {"containers": [main]}}
    path = f"/api/v1/namespaces/{namespace}/pods"
    cluster.call("POST", path, body)
    found = cluster.until(f"{path}/model", lambda pod: condition(pod, "Ready") == "True")
    return namespace, found["status"]["podIP"]


def call(
    cluster: Cluster, namespace: str, address: str, labels: dict[str, str] | None = None, family: str = "AF_INET"
) -> str:
    """What a Pod of this namespace that calls the address says."""
    name = f"call-{os.urandom(4).hex()}"
    manifest = job(name, container(command=["python3", "-c", CALL, address, family]))
    manifest["spec"]["template"]["metadata"] = {"labels": labels or {}}
    run_job(cluster, namespace, manifest)
    mine = next(pod["metadata"]["name"] for pod in pods(cluster, namespace) if pod["metadata"]["name"].startswith(name))
    return str(cluster.call("GET", f"/api/v1/namespaces/{namespace}/pods/{mine}/log")).strip()


def test_a_pod_is_reached_by_those_that_the_policies_let_in(
    cluster: Cluster, spaces: Callable[[], str], server: tuple[str, str]
) -> None:
    own, address = server
    gateway, elsewhere = spaces(), spaces()
    assert call(cluster, elsewhere, address) == "answered", "without a policy everybody may call"

    peer = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": gateway}},
        "podSelector": {"matchLabels": ADMITTED},
    }
    rules = [{"from": [{"podSelector": {}}]}, {"from": [peer], "ports": [{"port": 8080, "protocol": "TCP"}]}]
    spec = {"podSelector": {"matchLabels": {"app": "model"}}, "policyTypes": ["Ingress"], "ingress": rules}
    path = f"/apis/networking.k8s.io/v1/namespaces/{own}/networkpolicies"
    cluster.call("POST", path, {"metadata": {"name": "models"}, "spec": spec})
    until(lambda: call(cluster, elsewhere, address) == "refused", "the policy counts")

    assert call(cluster, elsewhere, address, ADMITTED) == "refused", "the label alone opens nothing"
    assert call(cluster, elsewhere, address, family="AF_INET6") == "refused"
    assert call(cluster, gateway, address) == "refused", "nor does the namespace alone"
    assert call(cluster, gateway, address, ADMITTED) == "answered"
    assert call(cluster, own, address) == "answered", "the namespace's own Pods may"
    assert httpx.get(f"http://{address}:8080/").status_code == 200, "the machine itself is stopped by no policy"
    found = cluster.call("GET", f"/api/v1/namespaces/{own}/pods/model")
    assert condition(found, "Ready") == "True", "nor is the kubelet"

    cluster.call("DELETE", f"{path}/models")
    until(lambda: call(cluster, elsewhere, address) == "answered", "without the policy everybody may call again")
