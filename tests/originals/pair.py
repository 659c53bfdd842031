# SPDX-License-Identifier: GPL-3.0-or-later
"""Two clusters alike but for KServe: our play of it in one, the real one in the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.originals.programs import KSERVE, module_folder
from tests.sandbox.operators.cluster import Cluster, Object, cluster, daemon
from tests.sandbox.operators.test_storage import RGW, bound, s3_of

BUILD = 1800  # seconds; the first start on a machine downloads and builds
NAMESPACE = "serving"
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


@dataclass(frozen=True)
class Pair:
    """One version of KServe, played and real."""

    version: str
    play: Cluster
    real: Cluster

    def clusters(self) -> tuple[Cluster, Cluster]:
        """For what is done to the one and to the other."""
        return self.play, self.real

    def known(self, body: Object) -> Object:
        """An InferenceService without what upstream's 0.12 has no field for; Open Data Hub's fork has it."""
        if self.version != "0.12":
            return body
        predictor = {key: one for key, one in body["spec"]["predictor"].items() if key != "deploymentStrategy"}
        return {**body, "spec": {**body["spec"], "predictor": predictor}}

    def serve(self, kube: Cluster, body: Object) -> None:
        """Makes one in the one or the other."""
        kube.create("InferenceService", self.known(body))


@contextmanager
def pair(version: str, folder: Path) -> Iterator[Pair]:
    """Both clusters up; the real KServe is built when the cache has none."""
    original = KSERVE[version]
    definitions = str(module_folder(original) / original.definitions)
    for name in ("play", "real"):
        (folder / name).mkdir()
    kubeconfig = folder / "real" / "kubernetes" / "sandbox-operators.kubeconfig"
    command = [original.program.name, "--kubeconfig", str(kubeconfig), "--state", str(folder / "real" / "kserve")]
    with (
        cluster(folder / "play", kserve=version) as play,
        cluster(folder / "real", kserve=version, originals=["kserve"], crds=definitions) as real,
        daemon("sandbox.originals", command, folder / "kserve.log", "ready:", BUILD),
    ):
        yield Pair(version, play, real)


def furnish(kube: Cluster) -> None:
    """A namespace as the collection makes it, with a bucket, a model in it, connections and runtimes."""
    labels = {"opendatahub.io/dashboard": "true"}
    kube.namespace(NAMESPACE, **labels, **{"pod-security.kubernetes.io/enforce": "restricted"})
    spec = {"storageClassName": RGW, "bucketName": "models"}
    kube.create("ObjectBucketClaim", {"metadata": {"name": "models", "namespace": NAMESPACE}, "spec": spec})
    kube.wait("ObjectBucketClaim", NAMESPACE, "models", bound)
    s3_of(kube).put_object(Bucket="models", Key="org/model/config.json", Body=b'{"max_position_embeddings": 1024}')
    for name, kind in (("connection", "s3"), ("untyped", "")):
        annotations = {"opendatahub.io/connection-type": kind} if kind else {}
        values = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_S3_BUCKET": "models"}
        values |= {"AWS_S3_ENDPOINT": kube.config["s3"]["url"], "AWS_DEFAULT_REGION": "us-east-1"}
        meta: Object = {"name": name, "namespace": NAMESPACE, "annotations": annotations}
        meta["labels"] = labels | {"opendatahub.io/managed": "true"}
        kube.create("Secret", {"metadata": meta, "stringData": values})
    kube.wait("Secret", NAMESPACE, "storage-config", lambda s: len(s.get("data") or {}) == 2)
    kube.create("ServingRuntime", runtime("vllm"))
    kube.create("ServingRuntime", runtime("off", disabled=True))


def runtime(name: str, **more: Any) -> Object:
    """A runtime as the collection makes it."""
    probe = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 1, "timeoutSeconds": 5}
    container = {
        "name": "kserve-container",
        "image": "quay.io/modh/vllm:rhoai-2.25",
        "args": ["--port=8080", "--model=/mnt/models", "--served-model-name={{.Name}}"],
        "env": [{"name": "HF_HOME", "value": "/tmp/hf_home"}],
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "securityContext": RESTRICTED,
        "readinessProbe": probe,
        "volumeMounts": [{"mountPath": "/dev/shm", "name": "shm"}],
    }
    spec = {
        "containers": [container],
        "multiModel": False,
        "supportedModelFormats": [{"name": "vLLM", "autoSelect": True}],
        "annotations": {"prometheus.io/port": "8080", "prometheus.io/path": "/metrics"},
        "volumes": [{"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "2Gi"}}],
        **more,
    }
    return {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}


def service(name: str, scaled_by: str = "hpa", replicas: int = 1, **model: Any) -> Object:
    """An InferenceService as the collection makes it; a field of the model that is None is left out."""
    given = {"modelFormat": {"name": "vLLM"}, "runtime": "vllm", "name": "", **model}
    given = {"storage": {"key": "connection", "path": "org/model/"}, **given}
    annotations = {
        "openshift.io/display-name": "A title",
        "maas.rhai/revision": "abc",
        "serving.kserve.io/deploymentMode": "RawDeployment",
        "serving.kserve.io/autoscalerClass": scaled_by,
    }
    meta = {"name": name, "namespace": NAMESPACE, "labels": {"opendatahub.io/dashboard": "true"}}
    predictor = {
        "minReplicas": replicas,
        "maxReplicas": replicas,
        "deploymentStrategy": {"type": "Recreate"},
        "model": {key: value for key, value in given.items() if value is not None},
    }
    return {"metadata": {**meta, "annotations": annotations}, "spec": {"predictor": predictor}}


def picture(kube: Cluster, name: str) -> Object:
    """Everything that KServe made of one InferenceService, as the server shows it."""
    predictor = f"{name}-predictor"
    pods = kube.list("Pod", NAMESPACE, f"serving.kserve.io/inferenceservice={name}")
    live = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    return {
        "service": kube.get("InferenceService", NAMESPACE, name),
        "deployment": kube.get("Deployment", NAMESPACE, predictor),
        "address": kube.get("Service", NAMESPACE, predictor),
        "autoscaler": kube.get("HorizontalPodAutoscaler", NAMESPACE, predictor),
        "pod": live[0] if live else None,
    }
