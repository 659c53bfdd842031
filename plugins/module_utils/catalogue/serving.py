# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The cluster objects that serve the catalogue's models. Pure, no I/O; takes what ``entries.catalogue`` returns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import CatalogueError, Entry

#: what Pod Security "restricted" asks of a container
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_PORT = 8080


def serving_objects(models: Sequence[Entry], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Makes the objects for the models that are served here.

    :param settings: ``namespace``, ``connection`` (name of its Secret), ``runtimes`` (name to ``title, image, command,
        args, env, model_format, health_path, resources, …``), ``gpu_resource``, ``tolerations``, ``deployment_mode``
    :returns: ``{"runtimes": [ServingRuntime], "services": [InferenceService], "names": [str]}``
    :raises CatalogueError: when a model names a runtime that is not there
    """
    served = [model for model in models if model["serving"]]
    runtimes = settings.get("runtimes") or {}
    wrong = faults(models, settings)
    if wrong:
        raise CatalogueError("; ".join(wrong))
    used = sorted({model["serving"]["runtime"] for model in served})
    return {
        "runtimes": [_runtime(name, runtimes[name], settings) for name in used],
        "services": [_service(model, runtimes[model["serving"]["runtime"]], settings) for model in served],
        "names": [model["serving"]["name"] for model in served],
    }


def faults(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[str]:
    """Runtimes that models name and nobody describes, one sentence each."""
    runtimes = settings.get("runtimes") or {}
    return [
        f"maas_models ({model['name']}): serving.runtime {model['serving']['runtime']!r} is not in "
        f"model_serving_runtimes, which has {', '.join(sorted(runtimes)) or 'none'}"
        for model in models
        if model["serving"] and model["serving"]["runtime"] not in runtimes
    ]


def _runtime(name: str, runtime: Mapping[str, Any], settings: Mapping[str, Any]) -> Entry:
    title = runtime.get("title", name)
    probe = {"httpGet": {"path": runtime.get("health_path", "/health"), "port": _PORT}}
    container: Entry = {
        "name": "kserve-container",
        "image": runtime["image"],
        "args": list(runtime.get("args") or []),
        "env": [{"name": key, "value": str(value)} for key, value in (runtime.get("env") or {}).items()],
        "ports": [{"containerPort": _PORT, "protocol": "TCP"}],
        "securityContext": RESTRICTED,
        # without these KServe only looks whether the port is open, which it is long before the model is loaded
        "readinessProbe": {**probe, "periodSeconds": 5, "timeoutSeconds": 5},
        "startupProbe": {**probe, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 360},
        "volumeMounts": [{"mountPath": "/dev/shm", "name": "shm"}],
    }
    if runtime.get("command"):
        container["command"] = list(runtime["command"])
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ServingRuntime",
        "metadata": {
            "name": name,
            "namespace": settings["namespace"],
            "labels": {"opendatahub.io/dashboard": "true"},
            "annotations": {
                "opendatahub.io/apiProtocol": "REST",
                "opendatahub.io/recommended-accelerators": json.dumps([settings["gpu_resource"]]),
                "opendatahub.io/template-display-name": title,
                "opendatahub.io/template-name": name,
                "openshift.io/display-name": title,
            },
        },
        "spec": {
            "annotations": {"prometheus.io/path": "/metrics", "prometheus.io/port": str(_PORT)},
            "containers": [container],
            "multiModel": False,
            "supportedModelFormats": [{"autoSelect": True, "name": runtime["model_format"]}],
            "volumes": [{"emptyDir": {"medium": "Memory", "sizeLimit": runtime.get("shm", "2Gi")}, "name": "shm"}],
        },
    }


def _service(model: Entry, runtime: Mapping[str, Any], settings: Mapping[str, Any]) -> Entry:
    serving = model["serving"]
    predictor: Entry = {
        "minReplicas": serving.get("replicas", 1),
        "maxReplicas": serving.get("replicas", 1),
        # one replica on one GPU can only be replaced when the old one has gone
        "deploymentStrategy": {"type": serving.get("strategy", "Recreate")},
        "model": {
            "modelFormat": {"name": runtime["model_format"]},
            "name": "",
            "resources": _resources(serving, runtime, str(settings["gpu_resource"])),
            "runtime": serving["runtime"],
            "storage": {"key": settings["connection"], "path": prefix_of(model)},
        },
    }
    args = _args(model, runtime)
    if args:
        predictor["model"]["args"] = args
    tolerations = serving.get("tolerations", settings.get("tolerations"))
    if tolerations and serving["gpus"]:
        predictor["tolerations"] = list(tolerations)
    if serving.get("node_selector"):
        predictor["nodeSelector"] = dict(serving["node_selector"])
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {
            "name": serving["name"],
            "namespace": settings["namespace"],
            "labels": {"opendatahub.io/dashboard": "true"},
            "annotations": {
                "openshift.io/display-name": model["title"],
                "serving.kserve.io/autoscalerClass": "none",
                "serving.kserve.io/deploymentMode": settings["deployment_mode"],
            },
        },
        "spec": {"predictor": predictor},
    }


def _args(model: Entry, runtime: Mapping[str, Any]) -> list[str]:
    serving = model["serving"]
    args = []
    if runtime.get("name_flag"):
        args.append(f"{runtime['name_flag']}={model['served_name']}")
    if serving.get("max_model_len") and runtime.get("length_flag"):
        args.append(f"{runtime['length_flag']}={serving['max_model_len']}")
    return args + [str(item) for item in serving.get("args") or []]


def _resources(serving: Mapping[str, Any], runtime: Mapping[str, Any], gpu: str) -> Entry:
    wanted = serving.get("resources") or runtime.get("resources") or {}
    gpus = {gpu: str(serving["gpus"])} if serving["gpus"] else {}
    return {side: {**(wanted.get(side) or {}), **gpus} for side in ("limits", "requests")}


def prefix_of(model: Entry) -> str:
    """Folder of the model in the bucket; ends with ``/``, since object stores compare prefixes as text."""
    path = model["source"].get("path") or model["source"]["huggingface"]
    return str(path).strip("/") + "/"


def import_jobs(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[Entry]:
    """Makes one Job for each model that copies it from the hub into the bucket.

    A Job's template can't be changed, so its name holds a digest of all that matters: another wish is another Job.

    :param settings: ``namespace, connection, token_secret, image, script, script_config_map, hub_url, service_account,
        trust (list of config_map, key), resources, deadline, retries, env``
    """
    return [_job(model, settings) for model in models if model["source"]]


def _job(model: Entry, settings: Mapping[str, Any]) -> Entry:
    source, prefix = model["source"], prefix_of(model)
    args = [
        f"--repository={source['huggingface']}",
        f"--revision={source['revision']}",
        f"--prefix={prefix}",
        *(f"--include={pattern}" for pattern in source.get("include") or []),
        *(f"--exclude={pattern}" for pattern in source.get("exclude") or []),
    ]
    template = {"spec": _pod(args, settings)}
    text = json.dumps([template, settings["script"], settings.get("bucket")], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    labels = {"app.kubernetes.io/component": "model-import", "maas.rhai/model": model["name"]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"import-{model['name'][:45].rstrip('-')}-{digest}",
            "namespace": settings["namespace"],
            "labels": labels,
        },
        "spec": {
            "backoffLimit": int(settings["retries"]),
            "activeDeadlineSeconds": int(settings["deadline"]),
            "parallelism": 1,
            "template": {"metadata": {"labels": labels}, **template},
        },
    }


def _pod(args: Sequence[str], settings: Mapping[str, Any]) -> Entry:
    trust = [item for item in settings.get("trust") or [] if item.get("config_map")]
    mounts = [{"name": "script", "mountPath": "/script"}, {"name": "work", "mountPath": "/scratch"}]
    volumes: list[Entry] = [
        {"name": "script", "configMap": {"name": settings["script_config_map"]}},
        {"name": "work", "emptyDir": {"sizeLimit": "1Gi"}},
    ]
    for number, item in enumerate(trust):
        mounts.append({"name": f"trust-{number}", "mountPath": f"/trust/{number}"})
        volumes.append({"name": f"trust-{number}", "configMap": {"name": item["config_map"], "optional": True}})
    container = {
        "name": "import",
        "image": settings["image"],
        "command": ["python", "/script/import_model.py"],
        "args": list(args),
        "env": _environment(settings, len(trust)),
        "envFrom": [{"secretRef": {"name": settings["connection"]}}],
        "resources": settings["resources"],
        "securityContext": RESTRICTED,
        "volumeMounts": mounts,
    }
    return {
        "automountServiceAccountToken": False,
        "containers": [container],
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "serviceAccountName": settings["service_account"],
        "volumes": volumes,
    }


def _environment(settings: Mapping[str, Any], trust: int) -> list[Entry]:
    """Variables of the import; ``trust`` is the number of folders with certificates."""
    env = {
        "HF_ENDPOINT": settings["hub_url"],
        "HF_HOME": "/scratch/hf",
        "HOME": "/scratch",
        "TMPDIR": "/scratch",
        "TRUST_FOLDERS": ":".join(f"/trust/{number}" for number in range(trust)),
        # many stores refuse the checksums that boto3 sends by default since 1.36
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        **(settings.get("env") or {}),
    }
    entries: list[Entry] = [{"name": key, "value": str(value)} for key, value in env.items()]
    if settings.get("token_secret"):
        reference = {"name": settings["token_secret"], "key": "HF_TOKEN", "optional": True}
        entries.append({"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": reference}})
    return entries


def address_of(service: Mapping[str, Any]) -> str:
    """In-cluster address of a predictor's Service.

    A headless Service (the default of OpenShift AI) answers with the Pods' own addresses: the container's port counts.

    :param service: the Service as the API server returns it
    """
    metadata, spec = service["metadata"], service["spec"]
    port = (spec.get("ports") or [{}])[0]
    number = port.get("targetPort") if spec.get("clusterIP") in (None, "None") else port.get("port")
    scheme = "https" if port.get("name") == "https" else "http"
    host = f"{metadata['name']}.{metadata['namespace']}.svc.cluster.local"
    return f"{scheme}://{host}:{number or _PORT}"
