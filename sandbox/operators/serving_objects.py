# SPDX-License-Identifier: GPL-3.0-or-later
"""The Deployment and the Services that KServe's raw mode makes of a runtime and an InferenceService. Pure."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from sandbox.operators import pods
from sandbox.operators.bundles import KSERVE
from sandbox.operators.connections import NAME as STORAGE_CONFIG
from sandbox.operators.kube import ISVC, Object, owned

REPO = Path(__file__).resolve().parents[2]
MODELS = "/mnt/models"
LOCATION = "kserve-provision-location"
CERTIFICATES = "/etc/ssl/custom-certs"
LABEL = "serving.kserve.io/inferenceservice"
STOP = "serving.kserve.io/stop"
VISIBILITY = "networking.kserve.io/visibility"
IMAGE = "quay.io/modh/kserve-storage-initializer:latest"


class SpecError(Exception):
    """The service can't be served: the reason is one of KServe's failure reasons."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def choose(isvc: Object, runtimes: list[Object]) -> Object:
    """The runtime that serves the model, or ``SpecError`` with KServe's words."""
    model = isvc["spec"]["predictor"].get("model")
    if model is None:
        raise SpecError("InvalidPredictorSpec", "the predictor has no model; custom containers are not served here")
    wanted, form = model.get("runtime"), model["modelFormat"]
    if wanted:
        found = next((r for r in runtimes if r["metadata"]["name"] == wanted), None)
        if found is None:
            raise SpecError("RuntimeNotRecognized", "Waiting for runtime to become available")
        if found["spec"].get("disabled"):
            raise SpecError("RuntimeDisabled", "Specified runtime is disabled")
        if not _supports(found, form, automatic=False):
            text = "Specified runtime does not support specified framework/version"
            raise SpecError("NoSupportingRuntime", text)
        return found
    for runtime in sorted(runtimes, key=lambda r: str(r["metadata"]["name"])):
        if not runtime["spec"].get("disabled") and _supports(runtime, form, automatic=True):
            return runtime
    raise SpecError("NoSupportingRuntime", "No runtime found to support specified framework/version")


def _supports(runtime: Object, form: Object, automatic: bool) -> bool:
    for entry in runtime["spec"].get("supportedModelFormats") or []:
        version = form.get("version")
        if entry["name"] == form["name"] and (not version or version == entry.get("version")):
            return bool(entry.get("autoSelect")) or not automatic
    return False


def _filled(value: Any, isvc: Object) -> Any:
    """KServe's templating of a runtime: ``{{.Name}}`` and ``{{.Namespace}}``."""
    if isinstance(value, str):
        meta = isvc["metadata"]
        return value.replace("{{.Name}}", meta["name"]).replace("{{.Namespace}}", meta["namespace"])
    if isinstance(value, list):
        return [_filled(item, isvc) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, isvc) for key, item in value.items()}
    return value


def _by_name(first: list[Object] | None, second: list[Object] | None, key: str = "name") -> list[Object]:
    merged = {entry[key]: entry for entry in first or []}
    merged.update({entry[key]: entry for entry in second or []})
    return list(merged.values())


def serving_container(isvc: Object, runtime: Object) -> Object:
    """``kserve-container``: the runtime's, with the model's own fields on top; arguments are appended."""
    containers = runtime["spec"]["containers"]
    base = next((c for c in containers if c["name"] == "kserve-container"), None)
    if base is None:
        raise SpecError("InvalidPredictorSpec", "failed to get runtime container: no container is kserve-container")
    result: Object = copy.deepcopy(base)
    model = isvc["spec"]["predictor"]["model"]
    for field in ("image", "command", "imagePullPolicy", "workingDir", "ports", "securityContext"):
        if model.get(field):
            result[field] = model[field]
    for field in ("readinessProbe", "livenessProbe", "startupProbe"):
        if model.get(field):
            result[field] = model[field]
    result["args"] = [*(base.get("args") or []), *(model.get("args") or [])]
    result["env"] = _by_name(base.get("env"), model.get("env"))
    result["envFrom"] = [*(base.get("envFrom") or []), *(model.get("envFrom") or [])]
    mounts = _by_name(base.get("volumeMounts"), model.get("volumeMounts"), "mountPath")
    result["volumeMounts"] = [*mounts, {"name": LOCATION, "mountPath": MODELS, "readOnly": True}]
    resources = copy.deepcopy(base.get("resources") or {})
    for kind, values in (model.get("resources") or {}).items():
        resources[kind] = {**(resources.get(kind) or {}), **values}
    result["resources"] = resources
    port = port_of(result)
    result.setdefault("readinessProbe", {"tcpSocket": {"port": port}, "timeoutSeconds": 1, "periodSeconds": 2})
    result["terminationMessagePolicy"] = "FallbackToLogsOnError"
    return {key: value for key, value in _filled(result, isvc).items() if value not in ([], {})}


def port_of(container: Object) -> int:
    """The port of a container, 8080 where it names none."""
    ports = container.get("ports") or [{"containerPort": 8080}]
    return int(ports[0]["containerPort"])


def initializer(source: str, connection: str | None, bundle: bool) -> Object:
    """The init container that copies the weights."""
    env: list[Object] = [{"name": "PYTHONPATH", "value": str(REPO)}]
    mounts: list[Object] = [{"name": LOCATION, "mountPath": MODELS}]
    if connection:
        reference = {"name": STORAGE_CONFIG, "key": connection}
        env.append({"name": "STORAGE_CONFIG", "valueFrom": {"secretKeyRef": reference}})
    if bundle:
        env.append({"name": "AWS_CA_BUNDLE", "value": f"{CERTIFICATES}/cabundle.crt"})
        mounts.append({"name": "cabundle-cert", "mountPath": CERTIFICATES, "readOnly": True})
    return {
        "name": "storage-initializer",
        "image": IMAGE,
        "command": ["python", "-m", "sandbox.models.initializer"],
        "args": [source, MODELS],
        "env": env,
        "volumeMounts": mounts,
        "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}},
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


def deployment(isvc: Object, runtime: Object, init: Object | None) -> Object:
    """The predictor's Deployment."""
    meta, predictor, spec = isvc["metadata"], isvc["spec"]["predictor"], runtime["spec"]
    name = f"{meta['name']}-predictor"
    others = [_filled(c, isvc) for c in spec["containers"] if c["name"] != "kserve-container"]
    volumes = _by_name(spec.get("volumes"), predictor.get("volumes"))
    volumes.append({"name": LOCATION, "emptyDir": {}})
    if init and any(mount["name"] == "cabundle-cert" for mount in init["volumeMounts"]):
        volumes.append({"name": "cabundle-cert", "configMap": {"name": KSERVE}})
    pod: Object = {"containers": [serving_container(isvc, runtime), *others], "volumes": volumes}
    if init:
        pod["initContainers"] = [init]
    for field in ("nodeSelector", "affinity", "imagePullSecrets"):
        if predictor.get(field) or spec.get(field):
            pod[field] = predictor.get(field) or spec.get(field)
    tolerations = [*(spec.get("tolerations") or []), *(predictor.get("tolerations") or [])]
    if tolerations:
        pod["tolerations"] = tolerations
    for field in ("serviceAccountName", "automountServiceAccountToken", "securityContext"):
        if predictor.get(field) is not None:
            pod[field] = predictor[field]
    own = {"app": f"isvc.{name}", LABEL: meta["name"], "component": "predictor"}
    labels = {**(spec.get("labels") or {}), **(predictor.get("labels") or {}), **own}
    annotations = {**(spec.get("annotations") or {}), **(predictor.get("annotations") or {})}
    return pods.deployment(
        name,
        meta["namespace"],
        pod,
        selector={"app": f"isvc.{name}"},
        labels=labels,
        annotations=annotations,
        replicas=max(1, predictor.get("minReplicas", 1)),
        strategy=predictor.get("deploymentStrategy"),
        owners=owned(ISVC, isvc),
    )


def services(isvc: Object, runtime: Object, headless: bool) -> list[Object]:
    """The predictor's Service and, for a runtime that says where its metrics are, the metrics' one."""
    meta = isvc["metadata"]
    name = f"{meta['name']}-predictor"
    port = port_of(serving_container(isvc, runtime))
    selector = {"app": f"isvc.{name}"}
    labels = {"app": f"isvc.{name}", LABEL: meta["name"], "component": "predictor"}
    secret = {"service.beta.openshift.io/serving-cert-secret-name": f"{name}-serving-cert"}
    common: Object = {"owners": owned(ISVC, isvc), "labels": labels}
    main = pods.service(
        name, meta["namespace"], selector, {"http": (80, port)}, headless=headless, annotations=secret, **common
    )
    found = [main]
    where = (runtime["spec"].get("annotations") or {}).get("prometheus.io/port")
    if where:
        common["labels"] = {**labels, "name": f"{meta['name']}-metrics"}
        title = f"{runtime['metadata']['name']}-metrics"[:63]
        found.append(
            pods.service(f"{meta['name']}-metrics", meta["namespace"], selector, {title: (int(where),) * 2}, **common)
        )
    return found


def service_monitor(isvc: Object, runtime: Object) -> Object:
    """odh-model-controller's ServiceMonitor of the metrics Service."""
    meta = isvc["metadata"]
    name = f"{meta['name']}-metrics"
    path = (runtime["spec"].get("annotations") or {}).get("prometheus.io/path") or "/metrics"
    endpoint = {"port": f"{runtime['metadata']['name']}-metrics"[:63], "path": path, "scheme": "http"}
    labels = {"monitoring.opendatahub.io/scrape": "true"}
    head = {"name": name, "namespace": meta["namespace"], "labels": labels, "ownerReferences": owned(ISVC, isvc)}
    return {"metadata": head, "spec": {"selector": {"matchLabels": {"name": name}}, "endpoints": [endpoint]}}


def route(isvc: Object) -> Object:
    """The Route of a service that asked to be exposed."""
    meta = isvc["metadata"]
    return {
        "metadata": {
            "name": meta["name"],
            "namespace": meta["namespace"],
            "labels": {LABEL: meta["name"]},
            "annotations": {"haproxy.router.openshift.io/timeout": "30s"},
            "ownerReferences": owned(ISVC, isvc),
        },
        "spec": {
            "to": {"kind": "Service", "name": f"{meta['name']}-predictor", "weight": 100},
            "port": {"targetPort": "http"},
            "tls": {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"},
        },
    }
