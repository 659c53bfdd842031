# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster lacks, by tables: all of it at once, and nothing that could not be read."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.cluster.preflight import faults

DIGEST = "6a" * 32
WISH: dict[str, Any] = {
    "definitions": [{"api_version": "a/v1", "kind": "Model", "from": "the moon"}],
    "packages": [{"name": "op", "channel": "stable", "variable": "op_channel"}],
    "storage": [{"name": "fast", "for": "files", "fix": "Name one in x", "wanted": True}],
    "secrets": [{"namespace": "n", "name": "db", "keys": ["URL"], "fix": "Make it"}],
    "secret_namespaces": ["n", "models"],
    "gpus": [
        {"model": "m", "gpus": 2, "replicas": 1, "resources": {"limits": {"memory": "8Gi", "nvidia.com/gpu": "2"}}},
        {"model": "n", "gpus": 1, "replicas": 2, "resources": {"requests": {"memory": "4Gi", "nvidia.com/gpu": "1"}}},
    ],
    "gpu_resource": "nvidia.com/gpu",
    "check_gpus": True,
    "model_namespace": "models",
    "unlimited_namespace": "3scale",
    "namespaces": ["models", "3scale"],
    "operator_namespaces": ["3scale"],
    "trust": ["company-ca"],
    "superdomain": "apps.x.com",
    "hosts": [{"host": "sso.apps.x.com", "variable": "sso_hostname"}],
    "addresses": [{"url": "https://a.apps.x.com", "variable": "v", "ca_path": "/ca", "ca_variable": "v_ca_path"}],
    "images": [
        {"image": "r.io/vllm:1", "variable": "runtimes.vllm"},
        {"image": f"alpine@sha256:{DIGEST}", "variable": "w"},
    ],
    "pull_secrets": [{"namespace": "n", "name": "db", "variable": "spec"}],
}


def node(gpus: int, **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": "n", "labels": labels}, "status": {"allocatable": {"nvidia.com/gpu": str(gpus)}}}


def named(name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace}, **more}


NOTES = {"storageclass.kubernetes.io/is-default-class": "true"}
DEFAULT_CLASS = {"metadata": {"name": "slow", "annotations": NOTES}}


def quota(hard: dict[str, str], namespace: str = "models", **spec: Any) -> list[dict[str, Any]]:
    return [named("q", namespace, spec={"hard": hard, **spec})]


def mirrors(key: str, source: str, policy: str = "NeverContactSource") -> list[dict[str, Any]]:
    return [named("m", spec={key: [{"source": source, "mirrorSourcePolicy": policy}]})]


def pod(image: str, reason: str, namespace: str = "models") -> list[dict[str, Any]]:
    waiting = {"name": "c", "state": {"waiting": {"reason": reason, "message": "manifest unknown"}}}
    spec = {"containers": [{"name": "c", "image": image}]}
    return [named("m-1", namespace, spec=spec, status={"containerStatuses": [waiting]})]


QUOTA = "requests.nvidia.com/gpu"
OBJECTS: dict[str, Any] = {
    "offers": [named("op", status={"channels": [{"name": "stable"}]})],
    "classes": [named("fast")],
    "nodes": [node(2), node(2)],
    "secrets": [named("db", "n", data={"URL": "x"})],
    "quotas": [*quota({QUOTA: "4", "pods": "3", "memory": "16Gi"}), *quota({QUOTA: "0"}, "others")],
    "limit_ranges": [],
    "namespaces": [named("models"), named("3scale")],
    "clusters": [named("default-dsc", status={"conditions": [{"type": "KserveReady", "status": "True"}]})],
    "groups": [named("g", "3scale", spec={"targetNamespaces": ["3scale"]}), named("h", "others")],
    "maps": [named("company-ca", "models")],
    "ingress": [named("cluster", spec={"domain": "apps.x.com"})],
    "image_config": [named("cluster", spec={})],
    "accounts": [named("default", "models")],
    "pods": pod("r.io/vllm:0", "ImagePullBackOff") + pod("r.io/vllm:1", "ContainerCreating"),
}
SEEN: dict[str, Any] = {"apis": {"a/v1": ["Model"]}, "denied": [], "answers": [{"status": 503}]}


def told(wish: dict[str, Any], seen: dict[str, Any], objects: dict[str, Any]) -> list[str]:
    return faults({**WISH, **wish}, {**SEEN, **seen, "found": {**OBJECTS, **objects}})


def test_nothing_is_missing_and_nothing_is_judged_unread() -> None:
    assert told({}, {}, {}) == []
    assert told({}, dict.fromkeys(SEEN), dict.fromkeys(OBJECTS, False)) == []
    assert faults({}, {}) == []


@pytest.mark.parametrize(
    ("wish", "objects", "said"),
    [
        ({}, {"offers": [named("op", status={"channels": [{"name": "old"}]})]}, "offered are old. Correct op_channel"),
        ({}, {"offers": []}, ""),
        ({}, {"classes": [named("slow")]}, "no storage class fast for files; there are slow. Name one in x"),
        ({"storage": [{**WISH["storage"][0], "wanted": False}]}, {"classes": []}, ""),
        (
            {"storage": [{**WISH["storage"][0], "name": ""}]},
            {"classes": [named("slow")]},
            "default one, for files; there",
        ),
        ({"storage": [{**WISH["storage"][0], "name": ""}]}, {"classes": [DEFAULT_CLASS]}, ""),
        ({"pull_secrets": []}, {"secrets": []}, "There is no Secret db in namespace n. Make it"),
        ({"pull_secrets": []}, {"secrets": [named("db", "other", data={"URL": "x"})]}, "no Secret db in namespace n"),
        ({}, {"secrets": [named("db", "n", data={"KEY": "x"})]}, "lacks URL"),
        ({}, {"namespaces": []}, ""),
        (
            {},
            {"other_servers": [named("keycloak", "rh-sso", apiVersion="k8s.keycloak.org/v2alpha1")]},
            "Keycloak keycloak in namespace rh-sso is of the other generation (k8s.keycloak.org/v2alpha1)",
        ),
        ({}, {"namespaces": [{"metadata": {"name": "3scale", "deletionTimestamp": "now"}}]}, "3scale is being deleted"),
        ({"namespaces": ["LLM"]}, {}, "'LLM' is no name of a namespace"),
        ({"namespaces": ["a.b"]}, {}, "'a.b' is no name of a namespace"),
        ({"namespaces": ["a" * 64]}, {}, "model_serving_namespace, sso_namespace or threescale_namespace"),
        ({"namespaces": ["a" * 63]}, {}, ""),
        (
            {},
            {
                "clusters": [
                    named("d", status={"conditions": [{"type": "KserveReady", "status": "False", "reason": "R"}]})
                ]
            },
            "kserve is not ready: R. See DataScienceCluster d",
        ),
        ({}, {"groups": [named("a", "3scale"), named("b", "3scale")]}, "Operator groups of namespace 3scale: a, b"),
        ({}, {"groups": [named("all", "3scale", spec={})]}, "Operator groups of namespace 3scale: all"),
        ({}, {"maps": []}, "no ConfigMap company-ca in namespace models, which model_serving_import_trust names"),
        ({}, {"maps": [], "namespaces": []}, ""),
    ],
)
def test_what_the_cluster_has(wish: dict[str, Any], objects: dict[str, Any], said: str) -> None:
    found = told(wish, {}, objects)
    assert said in " ".join(found) and len(found) == bool(said), found


@pytest.mark.parametrize(
    ("wish", "objects", "said"),
    [
        ({}, {"nodes": [node(1), node(3)]}, ""),
        ({}, {"nodes": [node(1)] * 4}, "Model m asks for 2 nvidia.com/gpu (serving.gpus"),
        ({}, {"nodes": [node(2), node(1)]}, "ask for 4 nvidia.com/gpu together (serving.gpus times"),
        (
            {"gpus": [{**WISH["gpus"][0], "node_selector": {"zone": "a"}}]},
            {},
            "no node with the labels of serving.node",
        ),
        ({"gpus": [{**WISH["gpus"][0], "node_selector": {"zone": "a"}}]}, {"nodes": [node(2, zone="a")]}, ""),
        ({"check_gpus": False}, {"nodes": []}, ""),
        ({}, {"quotas": quota({QUOTA: "3"})}, "q of namespace models allows 3 requests.nvidia.com/gpu"),
        ({}, {"quotas": quota({"pods": "2"})}, "allows 2 pods, and the models ask for 3"),
        # requests that are missing are the limits: 8Gi once, 4Gi twice
        (
            {},
            {"quotas": quota({"requests.memory": "15Gi"})},
            "allows 15Gi requests.memory, and the models ask for 16Gi",
        ),
        ({}, {"quotas": quota({"memory": "17179869183"})}, "and the models ask for 16Gi"),
        ({}, {"quotas": quota({"memory": "17179869184", "limits.nvidia.com/gpu": "2"})}, ""),
        ({}, {"quotas": quota({"limits.memory": "99Gi"})}, "model n says none, so its Pods are refused"),
        ({}, {"quotas": quota({QUOTA: "0"}, scopes=["BestEffort"])}, ""),
        ({}, {"quotas": quota({QUOTA: "0"}, scopes=["NotTerminating"])}, "allows 0 requests"),
        ({}, {"quotas": quota({"requests.storage": "1Gi", "count/jobs.batch": "1", "services": "x"})}, ""),
        ({}, {"quotas": quota({"limits.cpu": "8"}, "3scale")}, "threescale_resource_requirements false"),
        ({}, {"quotas": quota({"limits.cpu": "8"}, "3scale"), "limit_ranges": [named("l", "3scale")]}, ""),
        ({}, {"quotas": quota({"limits.cpu": "8"}, "3scale"), "limit_ranges": False}, ""),
        ({"unlimited_namespace": ""}, {"quotas": quota({"limits.cpu": "8"}, "3scale")}, ""),
    ],
)
def test_room(wish: dict[str, Any], objects: dict[str, Any], said: str) -> None:
    found = told(wish, {}, objects)
    assert said in " ".join(found) and len(found) == bool(said), found


BAD = "Request failed: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "


@pytest.mark.parametrize(
    ("wish", "answer", "said"),
    [
        ({}, {"status": 404}, ""),
        (
            {},
            {"status": -1, "msg": f"{BAD}self-signed certificate (_ssl.c:1)>"},
            "trusted by /ca: self-signed certificate.",
        ),
        (
            {},
            {"status": -1, "msg": f"{BAD}unable to get local issuer certificate (_ssl.c:1)>"},
            "v_ca_path (maas_ca_path)",
        ),
        ({}, {"status": -1, "msg": f"{BAD}Hostname mismatch, certificate is not valid for 'a'"}, "is for another host"),
        (
            {},
            {"status": -1, "msg": "[Errno -2] Name or service not known"},
            "Nobody here knows the host a.apps.x.com of v",
        ),
        ({}, {"status": -1, "msg": "[Errno 111] Connection refused"}, "can't be reached from here: [Errno 111]"),
        ({"superdomain": "apps.y.com"}, {"status": 200}, "routes of this cluster lie below apps.x.com"),
        ({"superdomain": "m.apps.x.com"}, {"status": 200}, "*.apps.x.com covers names with one label before"),
        ({"superdomain": "apps.y.com", "domains": ["apps.y.com"]}, {"status": 200}, ""),
        ({"superdomain": ""}, {"skipped": True}, ""),
        ({"superdomain": ""}, {"status": 200}, ""),
        ({"hosts": [{"host": "sso.a.apps.x.com", "variable": "h"}]}, {"status": 200}, "such as sso-a.apps.x.com"),
        ({"hosts": [{"host": "sso.company.com", "variable": "h"}]}, {"status": 200}, ""),
        ({"hosts": [{"host": f"{'a' * 63}.apps.x.com", "variable": "h"}]}, {"status": 200}, ""),
        (
            {"hosts": [{"host": f"{'a' * 64}.apps.x.com", "variable": "h"}]},
            {"status": 200},
            "64. Set h to a shorter one",
        ),
    ],
)
def test_host_names_and_certificates(wish: dict[str, Any], answer: dict[str, Any], said: str) -> None:
    found = told(wish, {"answers": [answer]}, {})
    assert said in " ".join(found) and len(found) == bool(said), found


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        (
            {"image_config": [named("c", spec={"registrySources": {"allowedRegistries": ["quay.io", "r.io"]}})]},
            "alpine",
        ),
        (
            {
                "image_config": [
                    named("c", spec={"registrySources": {"allowedRegistries": ["docker.io", "*.io", "r.io"]}})
                ]
            },
            "",
        ),
        ({"image_config": [named("c", spec={"registrySources": {"blockedRegistries": ["r.io"]}})]}, "of r.io/vllm:1"),
        ({"image_config": [named("c", spec={"registrySources": {"blockedRegistries": ["r.io/vl"]}})]}, ""),
        ({"digest_mirrors": mirrors("imageDigestMirrors", "r.io")}, "r.io/vllm:1 (runtimes.vllm) is named by tag"),
        ({"digest_mirrors": mirrors("imageDigestMirrors", "r.io", "AllowContactingSource")}, ""),
        ({"tag_mirrors": mirrors("imageTagMirrors", "docker.io/others")}, ""),
        ({"tag_mirrors": mirrors("imageTagMirrors", "docker.io/library")}, "is named by digest"),
        (
            {"accounts": [named("default", "models", imagePullSecrets=[{"name": "gone"}])]},
            "no Secret gone in namespace mod",
        ),
        ({"accounts": [named("default", "elsewhere", imagePullSecrets=[{"name": "gone"}])]}, ""),
        ({"pods": pod("r.io/vllm:1", "ErrImagePull")}, "Pod m-1 of namespace models could not pull r.io/vllm:1"),
        ({"pods": pod("r.io/vllm:1", "ErrImagePull", "others")}, ""),
    ],
)
def test_images(objects: dict[str, Any], said: str) -> None:
    found = told({}, {}, objects)
    assert said in " ".join(found) and len(found) == bool(said), found


@pytest.mark.parametrize(
    ("image", "good"),
    [
        (f"quay.io/vllm/vllm@sha256:{DIGEST}", True),
        (f"registry.example.com:5000/a/b_c/d--e:v1@sha256:{DIGEST}", True),
        ("vllm", True),
        ("quay.io/vllm/vllm@sha256:6a", False),
        (f"quay.io/vllm/vllm@{DIGEST}", False),
        ("quay.io/vLLM/vllm:1", False),
        ("https://quay.io/vllm/vllm:1", False),
        ("quay.io/vllm/vllm:1 ", False),
        ("quay.io/vllm/vllm:", False),
    ],
)
def test_what_is_no_name_of_an_image(image: str, good: bool) -> None:
    found = told({"images": [{"image": image, "variable": "model_serving_images.vllm"}]}, {}, {})
    assert found == [] if good else "(model_serving_images.vllm) is no name of an image" in found[0]


def test_kinds_and_rights_are_told_first_and_together() -> None:
    denied = [
        ["batch", "jobs", "create", "models", ""],
        ["batch", "jobs", "patch", "models", ""],
        ["", "secrets", "create", "models", ""],
        ["", "secrets", "create", "3scale", ""],
        ["", "namespaces", "create", "", ""],
        ["", "namespaces", "patch", "models", "models"],
        ["", "nodes", "list", "", ""],
    ]
    found = told({}, {"denied": denied, "apis": {}}, {})
    assert [text.partition(";")[0] for text in found] == [
        "The account may not create, patch jobs (batch) in models",
        "The account may not create secrets in models, 3scale",
        "The account may not patch namespaces in models",
        "The account may not list nodes of the whole cluster",
        "For these rights an administrator of the cluster runs playbook rhai.maas.rights",
        "The cluster does not know the kind Model (a/v1)",
    ]
    assert all("role automation_rights" in text for text in found[:4])
    missing = told({}, {"denied": denied[4:5]}, {"namespaces": [named("models")]})
    assert missing[0].startswith("The account may not create namespaces of the whole cluster")
