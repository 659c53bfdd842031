# SPDX-License-Identifier: GPL-3.0-or-later
"""KServe and workbenches: real Deployments, scheduled by the real scheduler, run as processes by the node."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.operators import kserve_version
from tests.sandbox.operators.cluster import Cluster, Object, condition, is_true
from tests.sandbox.operators.test_storage import RGW, bound, s3_of
from tests.support.until import until

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted", "opendatahub.io/dashboard": "true"}


def runtime(name: str = "vllm", **more: Any) -> Object:
    container = {
        "name": "kserve-container",
        "image": "quay.io/modh/vllm:rhoai-2.25",
        "args": ["--port=8080", "--model=/mnt/models", "--served-model-name={{.Name}}"],
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "readinessProbe": {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 1},
    }
    spec = {
        "containers": [container],
        "multiModel": False,
        "supportedModelFormats": [{"name": "vLLM", "autoSelect": True}],
        "annotations": {"prometheus.io/port": "8080", "prometheus.io/path": "/metrics"},
        **more,
    }
    return {"metadata": {"name": name, "namespace": "serving"}, "spec": spec}


def service(name: str, storage: Object | None = None, **model: Any) -> Object:
    default = {"key": "models", "path": "org/model/"}
    full = {"modelFormat": {"name": "vLLM"}, "runtime": "vllm", "storage": storage or default, **model}
    annotations = {"serving.kserve.io/deploymentMode": "RawDeployment"}
    meta = {"name": name, "namespace": "serving", "annotations": annotations}
    return {"metadata": meta, "spec": {"predictor": {"minReplicas": 1, "maxReplicas": 1, "model": full}}}


@pytest.fixture(scope="module")
def serving(kube: Cluster) -> Cluster:
    """A namespace under Pod Security ``restricted`` with a bucket, a connection, a model in it and a runtime."""
    kube.namespace("serving", **RESTRICTED)
    spec = {"storageClassName": RGW, "bucketName": "serving-models"}
    kube.create("ObjectBucketClaim", {"metadata": {"name": "models", "namespace": "serving"}, "spec": spec})
    kube.wait("ObjectBucketClaim", "serving", "models", bound)
    s3 = s3_of(kube)
    s3.put_object(Bucket="serving-models", Key="org/model/config.json", Body=b'{"max_position_embeddings": 1024}')
    labels = {"opendatahub.io/managed": "true", "opendatahub.io/dashboard": "true"}
    for name, kind in (("models-connection", "s3"), ("untyped", "")):
        annotations = {"opendatahub.io/connection-type": kind} if kind else {}
        values = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_S3_BUCKET": "serving-models"}
        values |= {"AWS_S3_ENDPOINT": kube.config["s3"]["url"], "AWS_DEFAULT_REGION": "us-east-1"}
        meta = {"name": name, "namespace": "serving", "labels": labels, "annotations": annotations}
        kube.create("Secret", {"metadata": meta, "stringData": values})
    kube.wait("Secret", "serving", "storage-config", lambda s: len(s.get("data") or {}) == 2)
    kube.create("ServingRuntime", runtime())
    return kube


CONNECTION = {"key": "models-connection", "path": "org/model/"}


def test_model_is_served(serving: Cluster) -> None:
    body = service("granite", CONNECTION, args=["--max-model-len=512"], resources={"limits": {"nvidia.com/gpu": "1"}})
    serving.create("InferenceService", body)
    ready = serving.wait("InferenceService", "serving", "granite", is_true("Ready"))
    assert ready["status"]["url"] == "http://granite-predictor.serving.svc.cluster.local"
    assert ready["status"]["modelStatus"]["states"]["activeModelState"] == "Loaded"
    found = serving.get("Service", "serving", "granite-predictor")
    assert found is not None
    assert found["spec"]["clusterIP"] == "None"
    assert found["spec"]["ports"][0]["targetPort"] == 8080
    [pod] = serving.list("Pod", "serving", "serving.kserve.io/inferenceservice=granite")
    models = httpx.get(f"http://{pod['status']['podIP']}:8080/v1/models").json()
    assert (models["data"][0]["id"], models["data"][0]["max_model_len"]) == ("granite", 512)
    assert serving.get("ServiceMonitor", "serving", "granite-metrics") is not None
    serving.delete("InferenceService", "serving", "granite")
    # The garbage collector learns of new kinds twice a minute and removes nothing of an owner that it does not know:
    # where this is the first test after the definitions were made, Deployment and Pod stay until then.
    until(lambda: not serving.list("Pod", "serving", "serving.kserve.io/inferenceservice=granite"), "the Pod is gone")


def test_too_many_gpus_stay_pending_with_the_schedulers_words(serving: Cluster) -> None:
    serving.create("InferenceService", service("large", CONNECTION, resources={"limits": {"nvidia.com/gpu": "9"}}))
    waiting = serving.wait("InferenceService", "serving", "large", lambda s: condition(s, "PredictorReady"))
    assert condition(waiting, "Ready")["status"] != "True"

    def scheduled() -> Object:
        pods = serving.list("Pod", "serving", "serving.kserve.io/inferenceservice=large")
        return condition(pods[0], "PodScheduled") if pods else {}

    verdict = until(scheduled, "the scheduler has looked at the Pod")
    assert verdict["reason"] == "Unschedulable"
    assert "Insufficient nvidia.com/gpu" in verdict["message"]
    serving.delete("InferenceService", "serving", "large")


@pytest.mark.parametrize(
    ("model", "reason", "text"),
    [
        ({"runtime": "absent"}, "RuntimeNotRecognized", "Waiting for runtime to become available"),
        (
            {"modelFormat": {"name": "onnx"}},
            "NoSupportingRuntime",
            "Specified runtime does not support specified framework/version",
        ),
        (
            {"runtime": None, "modelFormat": {"name": "onnx"}},
            "NoSupportingRuntime",
            "No runtime found to support specified framework/version",
        ),
    ],
)
def test_runtime_problems(serving: Cluster, model: Object, reason: str, text: str) -> None:
    body = service("problem", CONNECTION, **{key: value for key, value in model.items() if value})
    if model.get("runtime", "") is None:
        del body["spec"]["predictor"]["model"]["runtime"]
    serving.create("InferenceService", body)
    failed = serving.wait(
        "InferenceService", "serving", "problem", lambda s: (s.get("status") or {}).get("modelStatus")
    )
    status = failed["status"]["modelStatus"]
    assert status["transitionStatus"] == "InvalidSpec"
    assert (status["lastFailureInfo"]["reason"], status["lastFailureInfo"]["message"]) == (reason, text)
    serving.delete("InferenceService", "serving", "problem")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("absent", "specified storage key absent not found in storage secret storage-config"),
        ("untyped", "storage type must be one of [s3, hdfs, webhdfs]. storage type [] is not supported"),
    ],
)
def test_storage_problems(serving: Cluster, key: str, text: str) -> None:
    """As the real webhook: it refuses the Pods, and only their ReplicaSet's events and the Deployment tell why."""
    # a name for each: a Deployment that is not gone yet keeps the words of its first failure
    name = f"unstored-{key}"
    serving.create("InferenceService", service(name, {"key": key, "path": "org/model/"}))

    def told(body: Object) -> bool:
        return f"denied the request: {text}" in condition(body, "ReplicaFailure").get("message", "")

    serving.wait("Deployment", "serving", f"{name}-predictor", told)
    failed = serving.wait("InferenceService", "serving", name, lambda s: condition(s, "PredictorReady"))
    assert condition(failed, "PredictorReady")["reason"] == "MinimumReplicasUnavailable"
    serving.delete("InferenceService", "serving", name)


def test_missing_model_is_named(serving: Cluster) -> None:
    serving.create("InferenceService", service("empty", {"key": "models-connection", "path": "org/nothing/"}))

    def last_words() -> str:
        pods = serving.list("Pod", "serving", "serving.kserve.io/inferenceservice=empty")
        for entry in (pods[0]["status"].get("initContainerStatuses") or []) if pods else []:
            if (entry.get("state", {}).get("waiting") or {}).get("reason") == "CrashLoopBackOff":
                return str(entry["lastState"]["terminated"].get("message"))
        return ""

    assert "No model found in org/nothing/" in until(last_words, "the initializer ended again and again")
    # KServe looks at a service's Pods only when the service or its Deployment changes
    serving.patch("InferenceService", "serving", "empty", {"spec": {"predictor": {"maxReplicas": 2}}})

    def failed(body: Object) -> bool:
        return bool(body["status"]["modelStatus"]["transitionStatus"] == "BlockedByFailedLoad")

    status = serving.wait("InferenceService", "serving", "empty", failed)["status"]["modelStatus"]
    assert status["lastFailureInfo"]["reason"] == "ModelLoadFailed"
    assert "No model found in org/nothing/" in status["lastFailureInfo"]["message"]
    serving.delete("InferenceService", "serving", "empty")


def test_the_autoscaler_alone_sets_the_number_of_pods(serving: Cluster) -> None:
    for name, scaled_by in (("alone", "external"), ("scaled", "hpa")):
        body = service(name, CONNECTION)
        body["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] = scaled_by
        body["spec"]["predictor"] |= {"minReplicas": 2, "maxReplicas": 2}
        serving.create("InferenceService", body)
    serving.wait("Deployment", "serving", "scaled-predictor", lambda d: d["spec"]["replicas"] == 2)
    found = serving.wait("Deployment", "serving", "alone-predictor")
    assert found["spec"]["replicas"] == 1
    for name in ("alone", "scaled"):
        serving.delete("InferenceService", "serving", name)


def test_admission_refuses_what_webhooks_refuse(serving: Cluster) -> None:
    answer = serving.create("InferenceService", service("x" * 54, CONNECTION), expect=422)
    assert "exceeds the maximum length of 53 characters" in answer["message"]
    named = service("named", CONNECTION)
    named["spec"]["predictor"]["model"]["name"] = "granite"
    answer = serving.create("InferenceService", named, expect=422)
    assert "the 'name' field is not allowed in standard predictor" in answer["message"]


@pytest.mark.parametrize(
    ("name", "annotations", "spec", "words"),
    [
        ("7b-instruct", {}, {}, "must start with alphabetical character"),
        ("scaled", {"autoscalerClass": "none"}, {}, "[none] is not a supported autoscaler class type"),
        (
            "rolled",
            {"deploymentMode": "Serverless"},
            {"deploymentStrategy": {"type": "Recreate"}},
            "raw deployment mode",
        ),
    ],
)
def test_the_webhook_of_0_14(serving: Cluster, name: str, annotations: Object, spec: Object, words: str) -> None:
    body = service(name, CONNECTION)
    body["metadata"]["annotations"] |= {f"serving.kserve.io/{key}": value for key, value in annotations.items()}
    body["spec"]["predictor"] |= spec
    assert words in serving.create("InferenceService", body, expect=422)["message"]


def test_what_versions_take_and_do() -> None:
    taken = [
        [rule["expression"] for rule in kserve_version.validations(version)] for version in kserve_version.VERSIONS
    ]
    assert [any("'none'" in rule for rule in rules) for rules in taken] == [False, False, True]
    assert [any("oldObject" in rule for rule in rules) for rules in taken] == [False, False, True]
    numbers = [kserve_version.replicas(version, "none", 3) for version in kserve_version.VERSIONS]
    assert numbers == [None, None, 3] and kserve_version.replicas("0.15", "hpa", 3) is None


def test_workbench(serving: Cluster) -> None:
    container = {"name": "tec", "image": "quay.io/rh-aiservices-bu/odh-tec:latest"}
    spec = {"template": {"spec": {"containers": [container]}}}
    serving.create("Notebook", {"metadata": {"name": "tec", "namespace": "serving"}, "spec": spec})
    serving.wait("Notebook", "serving", "tec", lambda n: (n.get("status") or {}).get("readyReplicas") == 1)
    assert serving.get("Service", "serving", "tec") is not None
    stop = {"metadata": {"annotations": {"kubeflow-resource-stopped": "2026-01-01T00:00:00Z"}}}
    serving.patch("Notebook", "serving", "tec", stop)
    serving.wait("StatefulSet", "serving", "tec", lambda s: s["spec"]["replicas"] == 0)
    serving.delete("Notebook", "serving", "tec")
