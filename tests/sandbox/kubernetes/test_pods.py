# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods, Deployments and Jobs on the real control plane and the node without containers."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from sandbox.kubernetes.rest import ApiError

from .conftest import Cluster


def container(image: str = "tools", **extra: Any) -> dict[str, Any]:
    return {"name": "main", "image": image, **extra}


def job(name: str, *containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": list(containers), **spec}
    return {"metadata": {"name": name}, "spec": {"backoffLimit": 0, "template": {"spec": pod}}}


def deployment(name: str, main: dict[str, Any], replicas: int = 1) -> dict[str, Any]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [main], "terminationGracePeriodSeconds": 5}}
    return {
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def condition(found: Any, kind: str) -> str | None:
    conditions = found.get("status", {}).get("conditions") or []
    return next((entry["status"] for entry in conditions if entry["type"] == kind), None)


def pods(cluster: Cluster, namespace: str) -> list[Any]:
    return list(cluster.call("GET", f"/api/v1/namespaces/{namespace}/pods")["items"])


def log(cluster: Cluster, namespace: str, query: str = "") -> str:
    name = pods(cluster, namespace)[0]["metadata"]["name"]
    return str(cluster.call("GET", f"/api/v1/namespaces/{namespace}/pods/{name}/log{query}"))


def run_job(cluster: Cluster, namespace: str, manifest: dict[str, Any], ends: str = "Complete") -> None:
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    cluster.call("POST", path, manifest)
    cluster.until(f"{path}/{manifest['metadata']['name']}", lambda found: condition(found, ends) == "True")


def test_deployment_becomes_available_on_addresses_of_its_own_and_answers(cluster: Cluster, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    probe = {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 1}
    main = container("web:1", ports=[{"name": "http", "containerPort": 8080}], readinessProbe=probe)
    cluster.call("POST", path, deployment("web", main, replicas=2))
    cluster.until(f"{path}/web", lambda found: condition(found, "Available") == "True")
    cluster.until(f"{path}/web", lambda found: found["status"].get("readyReplicas") == 2)
    addresses = {pod["status"]["podIP"] for pod in pods(cluster, namespace)}
    assert len(addresses) == 2
    for address in addresses:
        assert address.startswith("127.64.")
        assert httpx.get(f"http://{address}:8080/").status_code == 200
    cluster.call("DELETE", f"{path}/web")
    cluster.until(f"/api/v1/namespaces/{namespace}/pods", lambda found: not found["items"])
    for address in addresses:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://{address}:8080/")


def test_pod_is_not_ready_while_its_probe_fails(cluster: Cluster, namespace: str) -> None:
    probe = {"httpGet": {"path": "/not-there", "port": 8080}, "periodSeconds": 1}
    main = container("web:1", ports=[{"containerPort": 8080}], readinessProbe=probe)
    path = f"/api/v1/namespaces/{namespace}/pods"
    cluster.call("POST", path, {"metadata": {"name": "slow"}, "spec": {"containers": [main]}})
    found = cluster.until(f"{path}/slow", lambda pod: pod["status"].get("phase") == "Running")
    assert condition(found, "Ready") == "False"
    # The process answers meanwhile: it's the probe that fails, not the server.
    cluster.until(f"{path}/slow", lambda pod: pod["status"]["containerStatuses"][0]["started"])
    assert condition(cluster.call("GET", f"{path}/slow"), "Ready") == "False"


def test_job_completes_and_its_log_is_read(cluster: Cluster, namespace: str) -> None:
    script = "for n in 1 2 3; do echo line $n; done"
    run_job(cluster, namespace, job("count", container(command=["sh", "-c", script])))
    assert log(cluster, namespace) == "line 1\nline 2\nline 3\n"
    assert log(cluster, namespace, "?tailLines=1") == "line 3\n"
    assert log(cluster, namespace, "?follow=true&tailLines=2") == "line 2\nline 3\n"


def test_failed_job_shows_exit_code_and_last_words(cluster: Cluster, namespace: str) -> None:
    main = container(command=["sh", "-c", "echo no disk; exit 3"], terminationMessagePolicy="FallbackToLogsOnError")
    run_job(cluster, namespace, job("fails", main), ends="Failed")
    pod = pods(cluster, namespace)[0]
    assert pod["status"]["phase"] == "Failed"
    ended = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"], ended["message"]) == (3, "Error", "no disk\n")


def test_gpus_that_no_node_has_stay_pending_with_the_schedulers_words(cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    wish = {"limits": {"nvidia.com/gpu": "5"}}
    pod = {"metadata": {"name": "big"}, "spec": {"containers": [container("quiet", resources=wish)]}}
    cluster.call("POST", path, pod)
    found = cluster.until(f"{path}/big", lambda pod: condition(pod, "PodScheduled") == "False")
    assert found["status"]["phase"] == "Pending"
    assert "Insufficient nvidia.com/gpu" in found["status"]["conditions"][0]["message"]


def test_environment_and_volumes_reach_the_process(cluster: Cluster, namespace: str) -> None:
    core = f"/api/v1/namespaces/{namespace}"
    cluster.call(
        "POST", f"{core}/configmaps", {"metadata": {"name": "settings"}, "data": {"MODE": "fast", "a.txt": "A"}}
    )
    secret = {"metadata": {"name": "keys"}, "data": {"TOKEN": base64.b64encode(b"hidden").decode()}}
    cluster.call("POST", f"{core}/secrets", secret)
    env = [
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "TOKEN"}}},
        {"name": "NONE", "valueFrom": {"secretKeyRef": {"name": "nobody", "key": "x", "optional": True}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "BOTH", "value": "$(TOKEN)-$(IP)"},
        {"name": "CACHE", "value": "/scratch/cache"},
    ]
    mounts = [
        {"name": "scratch", "mountPath": "/scratch"},
        {"name": "settings", "mountPath": "/etc/settings"},
        {"name": "all", "mountPath": "/run/all"},
    ]
    volumes = [
        {"name": "scratch", "emptyDir": {}},
        {"name": "settings", "configMap": {"name": "settings", "items": [{"key": "a.txt", "path": "deep/a.txt"}]}},
        {"name": "all", "projected": {"sources": [{"secret": {"name": "keys"}}, {"configMap": {"name": "settings"}}]}},
    ]
    first = {"name": "first", "image": "tools", "command": ["sh", "-c", "echo made > /scratch/init.txt"]}
    script = (
        "echo $MODE $TOKEN ${NONE-unset} $BOTH; cat /etc/settings/deep/a.txt; echo; cat /run/all/TOKEN; echo;"
        " cat /scratch/init.txt; mkdir -p $CACHE && echo $CACHE"
    )
    main = container(
        command=["sh", "-c", script], env=env, envFrom=[{"configMapRef": {"name": "settings"}}], volumeMounts=mounts
    )
    first["volumeMounts"] = mounts[:1]
    run_job(cluster, namespace, job("env", main, initContainers=[first], volumes=volumes))
    lines = log(cluster, namespace).splitlines()
    ip = pods(cluster, namespace)[0]["status"]["podIP"]
    assert lines[0] == f"fast hidden unset hidden-{ip}"
    assert lines[1:4] == ["A", "hidden", "made"]
    assert lines[4].endswith("/volumes/scratch/cache")


def test_missing_secret_holds_the_container_up_until_it_is_there(cluster: Cluster, namespace: str) -> None:
    core = f"/api/v1/namespaces/{namespace}"
    env = [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "late", "key": "TOKEN"}}}]
    jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    cluster.call("POST", jobs, job("waits", container(command=["sh", "-c", "echo got $TOKEN"], env=env)))

    def reason(found: Any) -> bool:
        states = [pod["status"].get("containerStatuses") or [{}] for pod in found["items"]]
        return any(
            (s[0].get("state") or {}).get("waiting", {}).get("reason") == "CreateContainerConfigError" for s in states
        )

    cluster.until(f"{core}/pods", reason)
    events = cluster.until(f"{core}/events", lambda found: found["items"])
    assert any('secret "late" not found' in event["message"] for event in events["items"])
    secret = {"metadata": {"name": "late"}, "stringData": {"TOKEN": "now"}}
    cluster.call("POST", f"{core}/secrets", secret)
    cluster.until(f"{jobs}/waits", lambda found: condition(found, "Complete") == "True")
    assert log(cluster, namespace) == "got now\n"


def test_crashing_container_is_started_again_and_backs_off(cluster: Cluster, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    cluster.call("POST", path, deployment("crash", container(command=["sh", "-c", "echo try; exit 1"])))

    def backs_off(found: Any) -> bool:
        statuses = [(pod["status"].get("containerStatuses") or [{}])[0] for pod in found["items"]]
        return any(s.get("state", {}).get("waiting", {}).get("reason") == "CrashLoopBackOff" for s in statuses)

    found = cluster.until(f"/api/v1/namespaces/{namespace}/pods", backs_off)
    status = found["items"][0]["status"]["containerStatuses"][0]
    assert status["restartCount"] == 1
    assert status["lastState"]["terminated"]["exitCode"] == 1
    assert log(cluster, namespace, "?previous=true") == "try\n"
    assert condition(cluster.call("GET", f"{path}/crash"), "Available") == "False"


def test_image_without_an_entry_is_not_pulled(cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    cluster.call("POST", path, {"metadata": {"name": "odd"}, "spec": {"containers": [container("odd/image:1")]}})

    def waiting(pod: Any) -> Any:
        statuses = pod["status"].get("containerStatuses") or [{"state": {}}]
        return statuses[0]["state"].get("waiting", {}).get("reason") == "ImagePullBackOff"

    assert cluster.until(f"{path}/odd", waiting)["status"]["phase"] == "Pending"


def test_pod_security_refuses_what_a_restricted_namespace_forbids(cluster: Cluster, namespace: str) -> None:
    label = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    path = f"/api/v1/namespaces/{namespace}"
    current = cluster.call("GET", path)
    current["metadata"]["labels"].update(label["metadata"]["labels"])
    cluster.call("PUT", path, current)
    with pytest.raises(ApiError, match="violates PodSecurity"):
        cluster.call(
            "POST", f"{path}/pods", {"metadata": {"name": "bad"}, "spec": {"containers": [container("quiet")]}}
        )
