# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real 3scale operator makes of an APIManager and a CustomPolicyDefinition, our play makes, in its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.originals import threescale_shape as shape
from tests.originals.shape import differences
from tests.originals.threescale_pair import NAMESPACE, Pair, furnish, pair, roll_out
from tests.sandbox.operators.cluster import Cluster, Object, condition, is_true
from tests.sandbox.operators.test_threescale import EXTERNAL, POLICY, databases, manager
from tests.support.until import until


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(tmp_path_factory.mktemp("threescale")) as found:
        for kube in found.clusters():
            furnish(kube)
        found.play.wait("APIManager", NAMESPACE, "apimanager", is_true("Available"))
        until(lambda: len(found.real.list("PodMonitor", NAMESPACE)) >= 8, "the real one made everything")
        yield found


def made(kube: Cluster, namespace: str = NAMESPACE) -> list[Object]:
    """DeploymentConfigs or Deployments of 3scale."""
    kind = "DeploymentConfig" if "originals" in kube.config else "Deployment"
    return kube.list(kind, namespace, "threescale_component")


def names(kube: Cluster, namespace: str) -> set[str]:
    return {body["metadata"]["name"] for body in made(kube, namespace)}


def assert_alike(play: Any, real: Any) -> None:
    found = differences(play, real)
    assert not found, "\n".join(found)


def test_secrets(both: Pair) -> None:
    own = "cp-bearer"
    play, real = (
        shape.secrets([one for one in kube.list("Secret", NAMESPACE) if one["metadata"]["name"] != own])
        for kube in both.clusters()
    )
    assert_alike(play, real)


def test_workloads(both: Pair) -> None:
    play, real = (shape.workloads(made(kube)) for kube in both.clusters())
    assert_alike(play, real)


def test_services(both: Pair) -> None:
    play, real = (shape.services(kube.list("Service", NAMESPACE), made(kube)) for kube in both.clusters())
    assert_alike(play, real)


def test_claims_route_monitors_and_defaults(both: Pair) -> None:
    play, real = (
        shape.others(
            kube.list("PersistentVolumeClaim", NAMESPACE),
            kube.list("Route", NAMESPACE),
            kube.list("PodMonitor", NAMESPACE),
            kube.get("APIManager", NAMESPACE, "apimanager") or {},
        )
        for kube in both.clusters()
    )
    assert_alike(play, real)


def test_rules_are_of_the_same_names(both: Pair) -> None:
    play, real = (
        {one["metadata"]["name"] for one in kube.list("PrometheusRule", NAMESPACE)} for kube in both.clusters()
    )
    assert play == real


def test_available_with_the_routes_of_the_default_product(both: Pair) -> None:
    roll_out(both.real)
    play, real = (
        kube.wait("APIManager", NAMESPACE, "apimanager", is_true("Available"))["status"]["deployments"]
        for kube in both.clusters()
    )
    assert_alike(play, real)


BOTH = {"persistentVolumeClaim": {}, "simpleStorageService": {"configurationSecretRef": {"name": "s3"}}}
LACKING = {"name": "a", "version": "1", "secretRef": {"name": "none"}}
LATE = {"apicast": {"stagingSpec": {"customPolicies": [LACKING]}}}


def ask(kube: Cluster, namespace: str, secrets: bool, **spec: Any) -> None:
    kube.namespace(namespace)
    if "originals" not in kube.config:
        kube.install("3scale-operator", namespace, "threescale-2.15")
    if secrets:
        databases(kube, namespace)
    kube.create("APIManager", manager(namespace, externalComponents=EXTERNAL, **spec))


def test_what_is_not_made(both: Pair) -> None:
    """A policy's Secret that lacks holds the gateways only; a fault in the specification is told in the log alone."""
    for kube in both.clusters():
        ask(kube, "both-storages", secrets=True, system={"fileStorage": BOTH})
        ask(kube, "no-databases", secrets=False)
        ask(kube, "no-policy", secrets=True, **LATE)
        wanted = names(kube, NAMESPACE) - {"apicast-staging", "apicast-production"}

        def all_but_the_gateways(kube: Cluster = kube, wanted: set[str] = wanted) -> bool:
            return names(kube, "no-policy") == wanted

        # the last of the three came through: the others were looked at before
        until(all_but_the_gateways, "everything else is made")
        body = kube.get("APIManager", "both-storages", "apimanager")
        assert body is not None and not (body.get("status") or {}).get("conditions")
        assert names(kube, "both-storages") == names(kube, "no-databases") == set()
        found = kube.wait("APIManager", "no-databases", "apimanager", lambda a: condition(a, "Available"))
        assert condition(found, "Available")["status"] == "False"
        assert kube.get("Secret", "no-databases", "system-redis") is None


def definition(name: str, **spec: Any) -> Object:
    full = {"name": name, "version": "0.1", "schema": POLICY, **spec}
    return {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": full}


def told(body: Object) -> Object:
    status = dict(body.get("status") or {})
    status.pop("policyID", None)
    status["conditions"] = {
        one["type"]: {key: one.get(key) for key in ("status", "reason", "message")} for one in status["conditions"]
    }
    return status


SECRETS = {"half": {"token": "x"}, "wrong": {"token": "x", "adminURL": "https://maas-admin.apps.localhost"}}
ACCOUNTS: dict[str, Object] = {
    "no-such-secret": {"providerAccountRef": {"name": "none"}},
    "no-address": {"providerAccountRef": {"name": "half"}},
    "wrong-token": {"providerAccountRef": {"name": "wrong"}},
    "other-version": {"version": "0.2"},
    "not-trusted": {},
}


@pytest.fixture(scope="module")
def accounts(both: Pair) -> Pair:
    for kube in both.clusters():
        for name, data in SECRETS.items():
            kube.create("Secret", {"metadata": {"name": name, "namespace": NAMESPACE}, "stringData": data})
    return both


def states(both: Pair, body: Object, settled: Any) -> tuple[Object, Object]:
    """What the one and the other say of a definition."""
    name = body["metadata"]["name"]
    for kube in both.clusters():
        kube.create("CustomPolicyDefinition", body)
    play, real = (told(kube.wait("CustomPolicyDefinition", NAMESPACE, name, settled)) for kube in both.clusters())
    return play, real


@pytest.mark.parametrize("case", ACCOUNTS)
def test_definition_that_fails(accounts: Pair, case: str) -> None:
    body = definition(case, **ACCOUNTS[case])
    if case != "not-trusted":
        body["metadata"]["annotations"] = {"insecure_skip_verify": "true"}
    assert_alike(*states(accounts, body, is_true("Failed")))


def test_definition_that_is_registered(both: Pair) -> None:
    body = definition("registered")
    body["metadata"]["annotations"] = {"insecure_skip_verify": "true"}
    assert_alike(*states(both, body, is_true("Ready")))
