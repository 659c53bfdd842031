# SPDX-License-Identifier: GPL-3.0-or-later
"""The 3scale operator and zync, with the stand-in as the server behind them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from tests.sandbox.operators.cluster import MASTER, Cluster, Object, condition, is_true, plain
from tests.support.until import until

EXTERNAL = {"system": {"redis": True, "database": True}, "backend": {"redis": True}}
POLICY = {
    "$schema": "http://apicast.io/policy-v1/schema#manifest#",
    "name": "Remove bearer",
    "version": "0.1",
    "summary": "Takes Bearer off",
    "description": ["Takes Bearer off."],
    "configuration": {"type": "object", "properties": {}},
}


def admin(kube: Cluster, token: str) -> httpx.Client:
    headers = {"Host": "maas-admin.apps.localhost"}
    return httpx.Client(base_url=kube.config["threescale"]["url"], headers=headers, auth=("", token))


def manager(namespace: str, **spec: Any) -> Object:
    claim = {"persistentVolumeClaim": {"storageClassName": "ocs-storagecluster-cephfs"}}
    base = {"wildcardDomain": "apps.localhost", "tenantName": "maas", "system": {"fileStorage": claim}}
    return {"metadata": {"name": "apimanager", "namespace": namespace}, "spec": {**base, **spec}}


def databases(kube: Cluster, namespace: str) -> None:
    values = {
        "system-redis": {"URL": "redis://redis.example.com:6379/1"},
        "backend-redis": {
            "REDIS_STORAGE_URL": "redis://r.example.com/0",
            "REDIS_QUEUES_URL": "redis://r.example.com/1",
        },
        "system-database": {"URL": "postgresql://system:pw@db.example.com/system"},
    }
    for name, data in values.items():
        kube.create("Secret", {"metadata": {"name": name, "namespace": namespace}, "stringData": data})


def policy_secret(kube: Cluster, namespace: str, lua: str) -> None:
    labels = {"apimanager.apps.3scale.net/watched-by": "apimanager"}
    data = {"apicast-policy.json": json.dumps(POLICY), "init.lua": lua}
    meta = {"name": "cp-bearer", "namespace": namespace, "labels": labels}
    kube.create("Secret", {"metadata": meta, "stringData": data})


def hosts(kube: Cluster, namespace: str) -> set[str]:
    return {route["spec"]["host"] for route in kube.list("Route", namespace)}


def test_newer_release_from_preflight_to_policies(kube: Cluster) -> None:
    namespace = kube.namespace("three-new")
    kube.install("3scale-operator", namespace, "threescale-2.16")
    kube.create("APIManager", manager(namespace))
    refused = kube.wait("APIManager", namespace, "apimanager", lambda a: condition(a, "Preflights"))
    assert condition(refused, "Preflights")["status"] == "False"
    assert "External databases are required" in condition(refused, "Preflights")["message"]
    assert kube.list("Deployment", namespace, "threescale_component") == []
    databases(kube, namespace)
    policy_secret(kube, namespace, "-- one")
    section = {"customPolicies": [{"name": "remove-bearer", "version": "0.1", "secretRef": {"name": "cp-bearer"}}]}
    patch = {"externalComponents": EXTERNAL, "apicast": {"stagingSpec": section, "productionSpec": section}}
    kube.patch("APIManager", namespace, "apimanager", {"spec": patch})
    ready = kube.wait("APIManager", namespace, "apimanager", is_true("Available"))
    assert len(ready["status"]["deployments"]["ready"]) == 12
    assert "starting" not in ready["status"]["deployments"]
    assert ready["spec"]["apicast"]["responseCodes"] is True
    assert ready["metadata"]["annotations"]["apps.3scale.net/apimanager-threescale-version"] == "2.16"
    seed = plain(kube.get("Secret", namespace, "system-seed"))
    assert seed["MASTER_ACCESS_TOKEN"] == MASTER
    with admin(kube, seed["ADMIN_ACCESS_TOKEN"]) as client:
        assert client.get("/admin/api/services.json").status_code == 200
        _product_routes(kube, namespace, client)
    _rollout(kube, namespace)
    _definition(kube, namespace, seed["ADMIN_ACCESS_TOKEN"])


def _product_routes(kube: Cluster, namespace: str, client: httpx.Client) -> None:
    """Routes come and go with products; without the default product ``Available`` is False for good."""
    base = {"backend-maas", "master", "maas", "maas-admin", "api-maas-apicast-staging", "api-maas-apicast-production"}
    assert hosts(kube, namespace) == {f"{name}.apps.localhost" for name in base}
    made = client.post("/admin/api/services.json", data={"name": "Granite", "system_name": "granite"}).json()
    wanted = {f"granite-maas-apicast-{stage}.apps.localhost" for stage in ("staging", "production")}
    until(lambda: wanted <= hosts(kube, namespace), "the product has its Routes")
    first = client.get("/admin/api/services.json").json()["services"][0]["service"]
    assert first["system_name"] == "api"
    client.delete(f"/admin/api/services/{first['id']}.json").raise_for_status()
    kube.wait("APIManager", namespace, "apimanager", lambda a: condition(a, "Available").get("status") == "False")
    assert not any(host.startswith("api-maas") for host in hosts(kube, namespace))
    assert made["service"]["system_name"] == "granite"


def _rollout(kube: Cluster, namespace: str) -> None:
    """The policy is where the gateway looks, and a change of the Secret rolls both gateways out."""
    folder = Path(kube.config["policies"]) / "remove-bearer" / "0.1"
    assert (folder / "init.lua").read_text() == "-- one"
    secret = kube.patch("Secret", namespace, "cp-bearer", {"stringData": {"init.lua": "-- two"}})
    name = "apimanager.apps.3scale.net/custompolicy-secret-resource-version-cp-bearer"
    for gateway in ("apicast-staging", "apicast-production"):
        kube.wait(
            "Deployment",
            namespace,
            gateway,
            lambda d: (
                d["spec"]["template"]["metadata"]["annotations"].get(name) == secret["metadata"]["resourceVersion"]
            ),
        )
    assert (folder / "init.lua").read_text() == "-- two"


def _definition(kube: Cluster, namespace: str, token: str) -> None:
    """A CustomPolicyDefinition is in the registry once the operator trusts the Admin API, or need not; its deletion
    leaves the entry there."""
    spec = {"name": "remove-bearer", "version": "0.1", "schema": POLICY}
    kube.create("CustomPolicyDefinition", {"metadata": {"name": "bearer", "namespace": namespace}, "spec": spec})
    refused = kube.wait("CustomPolicyDefinition", namespace, "bearer", is_true("Failed"))
    assert "x509: certificate signed by unknown authority" in condition(refused, "Failed")["message"]
    skip = {"metadata": {"annotations": {"insecure_skip_verify": "true"}}}
    kube.patch("CustomPolicyDefinition", namespace, "bearer", skip)
    done = kube.wait("CustomPolicyDefinition", namespace, "bearer", is_true("Ready"))
    assert done["status"]["observedGeneration"] == done["metadata"]["generation"]
    with admin(kube, token) as client:
        [entry] = client.get("/admin/api/registry/policies.json").json()["policies"]
        assert entry["policy"]["id"] == done["status"]["policyID"]
        kube.delete("CustomPolicyDefinition", namespace, "bearer")
        assert len(client.get("/admin/api/registry/policies.json").json()["policies"]) == 1


def test_definition_before_the_server_fails_with_the_operators_words(kube: Cluster) -> None:
    namespace = kube.namespace("three-early")
    kube.install("3scale-operator", namespace, "threescale-2.16")
    spec = {"name": "remove-bearer", "version": "0.1", "schema": POLICY}
    kube.create("CustomPolicyDefinition", {"metadata": {"name": "early", "namespace": namespace}, "spec": spec})
    failed = kube.wait("CustomPolicyDefinition", namespace, "early", is_true("Failed"))
    assert condition(failed, "Failed")["message"] == "LookupProviderAccount: no provider account found"


def test_older_release_brings_its_databases(kube: Cluster) -> None:
    namespace = kube.namespace("three-old")
    kube.install("3scale-operator", namespace, "threescale-2.15")
    kube.create("APIManager", manager(namespace, tenantName="older", monitoring={"enabled": True}))

    def everything(body: Object) -> bool:
        return len(body.get("status", {}).get("deployments", {}).get("ready", [])) == 15

    kube.wait("APIManager", namespace, "apimanager", everything)
    assert plain(kube.get("Secret", namespace, "system-database"))["URL"].startswith("mysql2://root:")
    assert kube.get("Deployment", namespace, "system-mysql") is not None
    assert len(kube.list("PodMonitor", namespace)) == 8


def test_without_shared_storage_system_does_not_start(kube: Cluster) -> None:
    namespace = kube.namespace("three-storage")
    kube.install("3scale-operator", namespace, "threescale-2.16")
    databases(kube, namespace)
    claim = {"persistentVolumeClaim": {"storageClassName": "no-such-class"}}
    spec = {"externalComponents": EXTERNAL, "tenantName": "stored", "system": {"fileStorage": claim}}
    kube.create("APIManager", manager(namespace, **spec))

    def waits(body: Object) -> bool:
        return "zync" in body.get("status", {}).get("deployments", {}).get("ready", [])

    found = kube.wait("APIManager", namespace, "apimanager", waits)
    assert {"system-app", "apicast-staging"} <= set(found["status"]["deployments"]["starting"])
    phases = {}
    for name in ("system-storage", "system-searchd"):
        volume = kube.wait("PersistentVolumeClaim", namespace, name)
        phases[name] = volume["status"]["phase"]
    assert phases == {
        "system-storage": "Pending",
        "system-searchd": "Bound",
    }  # the search index takes the default class
