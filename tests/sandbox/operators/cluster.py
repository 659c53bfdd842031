# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster for tests: real API server, process kubelet, object storage and the operators, each its own process."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from sandbox.common.launch import REPO, free_port, running
from tests.support.until import LIMIT

Object = dict[str, Any]
MASTER = "master-token"
PLURALS = {
    "Namespace": ("v1", "namespaces"),
    "Secret": ("v1", "secrets"),
    "ConfigMap": ("v1", "configmaps"),
    "Service": ("v1", "services"),
    "Pod": ("v1", "pods"),
    "Event": ("v1", "events"),
    "PersistentVolumeClaim": ("v1", "persistentvolumeclaims"),
    "Deployment": ("apps/v1", "deployments"),
    "StatefulSet": ("apps/v1", "statefulsets"),
    "HorizontalPodAutoscaler": ("autoscaling/v2", "horizontalpodautoscalers"),
    "StorageClass": ("storage.k8s.io/v1", "storageclasses"),
    "Ingress": ("networking.k8s.io/v1", "ingresses"),
    "CustomResourceDefinition": ("apiextensions.k8s.io/v1", "customresourcedefinitions"),
    "OperatorGroup": ("operators.coreos.com/v1", "operatorgroups"),
    "Subscription": ("operators.coreos.com/v1alpha1", "subscriptions"),
    "InstallPlan": ("operators.coreos.com/v1alpha1", "installplans"),
    "ClusterServiceVersion": ("operators.coreos.com/v1alpha1", "clusterserviceversions"),
    "PackageManifest": ("packages.operators.coreos.com/v1", "packagemanifests"),
    "ObjectBucketClaim": ("objectbucket.io/v1alpha1", "objectbucketclaims"),
    "ServingRuntime": ("serving.kserve.io/v1alpha1", "servingruntimes"),
    "InferenceService": ("serving.kserve.io/v1beta1", "inferenceservices"),
    "ServiceMonitor": ("monitoring.coreos.com/v1", "servicemonitors"),
    "PodMonitor": ("monitoring.coreos.com/v1", "podmonitors"),
    "Notebook": ("kubeflow.org/v1", "notebooks"),
    "Route": ("route.openshift.io/v1", "routes"),
    "DataScienceCluster": ("datasciencecluster.opendatahub.io/v2", "datascienceclusters"),
    "APIManager": ("apps.3scale.net/v1alpha1", "apimanagers"),
    "CustomPolicyDefinition": ("capabilities.3scale.net/v1beta1", "custompolicydefinitions"),
    "Keycloak": ("k8s.keycloak.org/v2alpha1", "keycloaks"),
    "KeycloakRealmImport": ("k8s.keycloak.org/v2alpha1", "keycloakrealmimports"),
    "RHSSO": ("keycloak.org/v1alpha1", "keycloaks"),
    "KeycloakRealm": ("keycloak.org/v1alpha1", "keycloakrealms"),
}


class Cluster:
    """The API as an administrator sees it. Kinds are those of ``PLURALS``."""

    def __init__(self, kubeconfig: Path) -> None:
        data = yaml.safe_load(kubeconfig.read_text())
        cluster, token = data["clusters"][0]["cluster"], data["users"][0]["user"]["token"]
        context = ssl.create_default_context(cafile=cluster["certificate-authority"])
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=cluster["server"], verify=context, headers=headers, timeout=30)
        self.kubeconfig = kubeconfig
        self.config: Object = {}
        self.operators_log = Path()

    def path(self, kind: str, namespace: str = "", name: str = "") -> str:
        version, plural = PLURALS[kind]
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        return base + (f"/namespaces/{namespace}" if namespace else "") + f"/{plural}" + (f"/{name}" if name else "")

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        answer = self.http.get(self.path(kind, namespace, name))
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        found: Object = answer.json()
        return found

    def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        answer = self.http.get(self.path(kind, namespace), params={"labelSelector": labels})
        answer.raise_for_status()
        return list(answer.json()["items"])

    def create(self, kind: str, body: Object, expect: int = 201) -> Object:
        version, _plural = PLURALS[kind]
        real = {"RHSSO": "Keycloak"}.get(kind, kind)
        full = {"apiVersion": version, "kind": real, **body}
        path = self.path(kind, body["metadata"].get("namespace", ""))
        answer = self.http.post(path, json=full, params={"fieldValidation": "Strict"})
        assert answer.status_code == expect, answer.text
        made: Object = answer.json()
        return made

    def patch(self, kind: str, namespace: str, name: str, body: Object) -> Object:
        headers = {"Content-Type": "application/merge-patch+json"}
        answer = self.http.patch(self.path(kind, namespace, name), content=json.dumps(body), headers=headers)
        assert answer.status_code == 200, answer.text
        changed: Object = answer.json()
        return changed

    def delete(self, kind: str, namespace: str, name: str) -> None:
        answer = self.http.delete(self.path(kind, namespace, name))
        assert answer.status_code in (200, 202, 404), answer.text

    def wait(
        self, kind: str, namespace: str, name: str, good: Callable[[Object], Any] = bool, seconds: float = LIMIT
    ) -> Object:
        """The object as soon as ``good`` says so; fails with the last one seen."""
        found: Object | None = None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.get(kind, namespace, name)
            if found is not None and good(found):
                return found
            time.sleep(0.2)
        shown = json.dumps((found or {}).get("status"), indent=1)
        raise AssertionError(f"{kind} {namespace}/{name} after {seconds} s: {shown if found else 'not there'}")

    def wait_gone(self, kind: str, namespace: str, name: str, seconds: float = LIMIT) -> None:
        """Until the object is not there any more."""
        end = time.monotonic() + seconds
        while self.get(kind, namespace, name) is not None:
            assert time.monotonic() < end, f"{kind} {namespace}/{name} is still there after {seconds} s"
            time.sleep(0.2)

    def namespace(self, name: str, **labels: str) -> str:
        self.create("Namespace", {"metadata": {"name": name, "labels": labels}})
        self.wait("ConfigMap", name, "openshift-service-ca.crt")
        return name

    def install(self, package: str, namespace: str, channel: str, targets: list[str] | None = None) -> str:
        """Install an operator and wait for it; the CSV's name."""
        self.group(namespace, targets if targets is not None else [namespace])
        self.subscribe(package, namespace, channel)
        done = self.wait("Subscription", namespace, package, lambda s: s.get("status", {}).get("installedCSV"))
        csv = str(done["status"]["installedCSV"])
        self.wait("ClusterServiceVersion", namespace, csv, lambda c: c.get("status", {}).get("phase") == "Succeeded")
        return csv

    def group(self, namespace: str, targets: list[str], name: str = "group") -> None:
        spec = {"targetNamespaces": targets} if targets else {}
        self.create("OperatorGroup", {"metadata": {"name": name, "namespace": namespace}, "spec": spec})

    def subscribe(self, package: str, namespace: str, channel: str, **more: Any) -> None:
        spec = {"name": package, "channel": channel, "source": "redhat-operators"}
        spec |= {"sourceNamespace": "openshift-marketplace", **more}
        self.create("Subscription", {"metadata": {"name": package, "namespace": namespace}, "spec": spec})


def condition(body: Object, kind: str) -> Object:
    """A condition of the status, {} where it is missing."""
    found = (body.get("status") or {}).get("conditions") or []
    return next((entry for entry in found if entry["type"] == kind), {})


def is_true(kind: str) -> Callable[[Object], bool]:
    """Is this condition True?"""
    return lambda body: condition(body, kind).get("status") == "True"


def plain(secret: Object | None) -> dict[str, str]:
    """A Secret's values."""
    assert secret is not None
    return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}


@contextmanager
def daemon(module: str, arguments: list[str], log: Path, ready: str, seconds: float) -> Iterator[None]:
    """A process that says ``ready`` in its log instead of answering HTTP."""
    with log.open("wb") as out:
        command = [sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=REPO)
        try:
            end = time.monotonic() + seconds
            while ready not in log.read_text(errors="replace"):
                assert process.poll() is None, f"{module} ended: {log.read_text(errors='replace')[-2000:]}"
                assert time.monotonic() < end, f"{module} is not ready after {seconds} s, see {log}"
                time.sleep(0.2)
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def cluster(folder: Path, **config: Any) -> Iterator[Cluster]:
    """Everything up; ``config`` is added to the operators' configuration."""
    state, s3 = folder / "kubernetes", f"http://127.0.0.1:{free_port()}"
    with ExitStack() as stack:
        arguments = ["--state", str(state), "--port", str(free_port())]
        # The program is built when the cache has none, which takes its ten minutes.
        stack.enter_context(daemon("sandbox.kubernetes", arguments, folder / "kubernetes.log", "ready:", 1200))
        stack.enter_context(
            running("sandbox.s3", ["--port", s3.rpartition(":")[2]], s3 + "/_sandbox/counters", folder / "s3.log")
        )
        node = ["--kubeconfig", str(state / "sandbox-node.kubeconfig"), "--state", str(folder / "kubelet")]
        node += ["--port", str(free_port())]
        stack.enter_context(daemon("sandbox.kubernetes.kubelet", node, folder / "kubelet.log", "ready:", LIMIT))
        address = {"url": s3, "host": "127.0.0.1", "port": int(s3.rpartition(":")[2])}
        ca = folder / "ca.crt"
        ca.write_text("-----BEGIN CERTIFICATE-----\nsandbox\n-----END CERTIFICATE-----\n")
        full = {"superdomain": "apps.localhost", "public_port": 8443, "pace": 0.1, "s3": address, "ca": str(ca)}
        full |= {"state": str(folder / "operators"), "policies": str(folder / "policies"), **config}
        path = folder / "operators.json"
        path.write_text(json.dumps(full))
        operators = ["--kubeconfig", str(state / "sandbox-operators.kubeconfig"), "--config", str(path), "--verbose"]
        log = folder / "operators.log"
        stack.enter_context(daemon("sandbox.operators", operators, log, "ready:", LIMIT))
        found = Cluster(state / "admin.kubeconfig")
        found.config, found.operators_log = full, log
        yield found
        found.http.close()
