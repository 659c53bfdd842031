# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployment, autoscaler and Services that KServe's raw mode makes of a runtime and an InferenceService. Pure."""

from __future__ import annotations

from sandbox.operators import kserve_version, pods
from sandbox.operators.bundles import KSERVE
from sandbox.operators.connections import NAME as STORAGE_CONFIG
from sandbox.operators.kube import ISVC, Object, owned
from sandbox.operators.serving_container import LOCATION, MAIN, MODELS, by_name, filled, port_of, serving_container

CERTIFICATES = "/etc/ssl/custom-certs"
LABEL = "serving.kserve.io/inferenceservice"
STOP = "serving.kserve.io/stop"
VISIBILITY = "networking.kserve.io/visibility"
SCALED_BY = "serving.kserve.io/autoscalerClass"
INTERNAL = "internal.serving.kserve.io"
IMAGE = "quay.io/modh/kserve-storage-initializer:latest"
_NOT_COPIED = ("autoscaling.knative.dev/", "kubectl.kubernetes.io/last-applied-configuration")
_CPU: Object = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
}


def initializer(source: str, connection: str | None, bundle: bool) -> Object:
    """The init container that copies the weights."""
    env: list[Object] = []
    mounts: list[Object] = [{"name": LOCATION, "mountPath": MODELS}]
    if connection:
        reference = {"name": STORAGE_CONFIG, "key": connection}
        env.append({"name": "STORAGE_CONFIG", "valueFrom": {"secretKeyRef": reference}})
    if bundle:
        env.insert(0, {"name": "AWS_CA_BUNDLE_CONFIGMAP", "value": KSERVE})
        env.append({"name": "CA_BUNDLE_CONFIGMAP_NAME", "value": KSERVE})
        env.append({"name": "CA_BUNDLE_VOLUME_MOUNT_POINT", "value": CERTIFICATES})
        mounts.append({"name": "cabundle-cert", "mountPath": CERTIFICATES, "readOnly": True})
    return {
        "name": "storage-initializer",
        "image": IMAGE,
        "args": [source, MODELS],
        "env": env,
        "volumeMounts": mounts,
        "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}},
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


def scaled_by(isvc: Object) -> str:
    """The autoscaler's class; KServe makes an autoscaler unless told otherwise."""
    return str((isvc["metadata"].get("annotations") or {}).get(SCALED_BY) or "hpa")


def labels(isvc: Object, runtime: Object) -> dict[str, str]:
    """The labels of everything that KServe makes of a service."""
    meta, predictor = isvc["metadata"], isvc["spec"]["predictor"]
    given = {**(runtime["spec"].get("labels") or {}), **(meta.get("labels") or {}), **(predictor.get("labels") or {})}
    name = f"{meta['name']}-predictor"
    return {**given, LABEL: meta["name"], "component": "predictor", "app": f"isvc.{name}"}


def notes(isvc: Object, runtime: Object) -> dict[str, str]:
    """Its annotations: the runtime's, the service's own, those by which KServe's webhook knows the storage."""
    storage = isvc["spec"]["predictor"]["model"].get("storage")
    uri = isvc["spec"]["predictor"]["model"].get("storageUri")
    known: dict[str, str] = {f"{INTERNAL}/storage-initializer-sourceuri": uri} if uri else {}
    if storage is not None:
        known = {f"{INTERNAL}/storage-spec": "true"}
        if storage.get("key"):
            known[f"{INTERNAL}/storage-spec-key"] = storage["key"]
        if storage.get("path"):
            path = storage["path"].removeprefix("/")
            known[f"{INTERNAL}/storage-initializer-sourceuri"] = f"<scheme-placeholder>://{path}"
    own = {
        key: value
        for key, value in (isvc["metadata"].get("annotations") or {}).items()
        if not key.startswith(_NOT_COPIED)
    }
    given = isvc["spec"]["predictor"].get("annotations") or {}
    return {**(runtime["spec"].get("annotations") or {}), **own, **known, **given}


def _pod(isvc: Object, runtime: Object, init: Object | None) -> Object:
    predictor, spec = isvc["spec"]["predictor"], runtime["spec"]
    others = [filled(c, isvc) for c in spec["containers"] if c["name"] != MAIN]
    volumes = by_name(spec.get("volumes"), predictor.get("volumes"))
    volumes.append({"name": LOCATION, "emptyDir": {}})
    if init and any(mount["name"] == "cabundle-cert" for mount in init["volumeMounts"]):
        volumes.append({"name": "cabundle-cert", "configMap": {"name": KSERVE}})
    pod: Object = {"containers": [serving_container(isvc, runtime), *others], "volumes": volumes}
    if init:
        pod["initContainers"] = [init]
    for field in ("affinity", "tolerations"):
        if predictor.get(field) or spec.get(field):
            pod[field] = predictor.get(field) or spec.get(field)
    merged = {
        "nodeSelector": {**(spec.get("nodeSelector") or {}), **(predictor.get("nodeSelector") or {})},
        "imagePullSecrets": by_name(spec.get("imagePullSecrets"), predictor.get("imagePullSecrets")),
    }
    pod |= {field: value for field, value in merged.items() if value}
    for field in ("serviceAccountName", "automountServiceAccountToken", "securityContext"):
        if predictor.get(field) is not None:
            pod[field] = predictor[field]
    return pod


def deployment(isvc: Object, runtime: Object, init: Object | None, version: str, refusal: str = "") -> Object:
    """The predictor's Deployment.

    :param refusal: what KServe's webhook says to a Pod of it, if it refuses
    """
    meta, predictor = isvc["metadata"], isvc["spec"]["predictor"]
    name = f"{meta['name']}-predictor"
    noted = notes(isvc, runtime)
    made = pods.deployment(
        name,
        meta["namespace"],
        _pod(isvc, runtime, init),
        selector={"app": f"isvc.{name}"},
        labels=labels(isvc, runtime),
        annotations={**noted, kserve_version.REFUSAL: refusal} if refusal else noted,
        strategy=predictor.get("deploymentStrategy"),
        owners=owned(ISVC, isvc),
    )
    made["metadata"]["annotations"] = noted
    if not kserve_version.mounts_token(version):
        made["spec"]["template"]["spec"].setdefault("automountServiceAccountToken", False)
    replicas = kserve_version.replicas(version, scaled_by(isvc), predictor.get("minReplicas", 1))
    if replicas is None:
        del made["spec"]["replicas"]
    else:
        made["spec"]["replicas"] = replicas
    return made


def autoscaler(isvc: Object, runtime: Object) -> Object:
    """The autoscaler by CPU; with as many Pods at least as at most it keeps that number."""
    meta, predictor = isvc["metadata"], isvc["spec"]["predictor"]
    name = f"{meta['name']}-predictor"
    least = max(1, predictor.get("minReplicas", 1))
    head = {"name": name, "namespace": meta["namespace"], "labels": labels(isvc, runtime)}
    return {
        "metadata": {**head, "annotations": notes(isvc, runtime), "ownerReferences": owned(ISVC, isvc)},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": least,
            "maxReplicas": max(least, predictor.get("maxReplicas", 0)),
            "metrics": [_CPU],
            "behavior": {},
        },
    }


def services(isvc: Object, runtime: Object, headless: bool) -> list[Object]:
    """The predictor's Service and, for a runtime that says where its metrics are, the metrics' one."""
    meta = isvc["metadata"]
    name = f"{meta['name']}-predictor"
    port = port_of(serving_container(isvc, runtime))
    selector = {"app": f"isvc.{name}"}
    noted = notes(isvc, runtime) | {"service.beta.openshift.io/serving-cert-secret-name": f"{name}-serving-cert"}
    common: Object = {"owners": owned(ISVC, isvc), "labels": labels(isvc, runtime)}
    main = pods.service(
        name, meta["namespace"], selector, {"http": (80, port)}, headless=headless, annotations=noted, **common
    )
    found = [main]
    where = (runtime["spec"].get("annotations") or {}).get("prometheus.io/port")
    if where:
        common["labels"] = {**common["labels"], "name": f"{meta['name']}-metrics"}
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
