# SPDX-License-Identifier: GPL-3.0-or-later
"""Two clusters alike but for the 3scale operator: our play of it in one, the real one in the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sandbox.common.launch import free_port, running
from sandbox.originals.programs import THREESCALE
from tests.originals.route import route
from tests.sandbox.operators.cluster import MASTER, PLURALS, Cluster, Object, cluster, daemon, plain
from tests.sandbox.operators.test_threescale import EXTERNAL, databases, manager, policy_secret

BUILD = 1800  # seconds; the first start on a machine downloads and builds
NAMESPACE = "three"
HOSTS = ["maas-admin.apps.localhost"]
PLURALS |= {
    "DeploymentConfig": ("apps.openshift.io/v1", "deploymentconfigs"),
    "PrometheusRule": ("monitoring.coreos.com/v1", "prometheusrules"),
}


@dataclass(frozen=True)
class Pair:
    """The operator, played and real."""

    play: Cluster
    real: Cluster

    def clusters(self) -> tuple[Cluster, Cluster]:
        """For what is done to the one and to the other."""
        return self.play, self.real


@contextmanager
def _server(folder: Path, **config: Any) -> Iterator[Cluster]:
    """A cluster with a 3scale stand-in behind its operator."""
    folder.mkdir(parents=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["--port", str(port), "--superdomain", "apps.localhost", "--master-token", MASTER]
    with (
        running("sandbox.threescale", arguments, url + "/_sandbox/ready", folder / "threescale.log"),
        cluster(folder, threescale={"url": url, "master_token": MASTER}, public_port=443, **config) as found,
    ):
        yield found


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    """Both up, nothing in them; neither operator trusts the router's certificate. Built when the cache has none."""
    state = folder / "operator"
    kubeconfig = folder / "real" / "kubernetes" / "sandbox-operators.kubeconfig"
    name = THREESCALE["2.14"].program.name
    command = [name, "--kubeconfig", str(kubeconfig), "--state", str(state)]
    with ExitStack() as stack:
        play = stack.enter_context(_server(folder / "play"))
        real = stack.enter_context(_server(folder / "real", originals=["3scale", "custom policy definition"]))
        port = int(real.config["threescale"]["url"].rpartition(":")[2])
        stack.enter_context(route(port, HOSTS, state))
        stack.enter_context(daemon("sandbox.originals", command, folder / "operator.log", "ready:", BUILD))
        yield Pair(play, real)


def furnish(kube: Cluster) -> None:
    """A namespace with databases outside, a policy, and the APIManager as the collection makes it."""
    namespace = kube.namespace(NAMESPACE)
    if "originals" not in kube.config:
        kube.install("3scale-operator", namespace, "threescale-2.15")
    databases(kube, namespace)
    policy_secret(kube, namespace, "-- one")
    policy = {"name": "remove-bearer", "version": "0.1", "secretRef": {"name": "cp-bearer"}}
    gateways = {"stagingSpec": {"customPolicies": [policy]}, "productionSpec": {"customPolicies": [policy]}}
    spec = {"externalComponents": EXTERNAL, "apicast": gateways, "monitoring": {"enabled": True}}
    kube.create("APIManager", manager(namespace, **spec))


def roll_out(kube: Cluster) -> None:
    """What OpenShift does with DeploymentConfigs, and a hook of theirs with the database: a tenant, and all runs."""
    seed = plain(kube.wait("Secret", NAMESPACE, "system-seed", lambda s: "TENANT_NAME" in s["data"]))
    body = {"name": seed["TENANT_NAME"], "token": seed["ADMIN_ACCESS_TOKEN"]}
    body |= {"admin_user": seed["ADMIN_USER"], "admin_password": seed["ADMIN_PASSWORD"]}
    httpx.put(
        kube.config["threescale"]["url"] + "/_sandbox/tenants", json=body, auth=("", MASTER), trust_env=False
    ).raise_for_status()
    status: Object = {"replicas": 1, "readyReplicas": 1, "conditions": [{"type": "Available", "status": "True"}]}
    headers = {"Content-Type": "application/merge-patch+json"}
    for body in kube.list("DeploymentConfig", NAMESPACE):
        path = kube.path("DeploymentConfig", NAMESPACE, body["metadata"]["name"]) + "/status"
        kube.http.patch(path, json={"status": status}, headers=headers).raise_for_status()
