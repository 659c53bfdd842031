# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The cluster objects that serve the catalogue's models. Pure, no I/O; takes what ``entries.catalogue`` returns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import LONGEST_LABEL, CatalogueError, Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.network import network_policy
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.runtime_images import capabilities_of, image_of
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.runtimes import SERVER, based_on, literal

#: what Pod Security "restricted" asks of a container
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_PORT = 8080
#: what the presets of the role say, where nobody handed them over
_PRESETS: dict[str, Entry] = {"vllm": {}, "tei": {}, "llamacpp": {"gpus": 0}}
#: where KServe puts the model's folder
_MODELS = "/mnt/models"
#: KServe copies a service's annotations into its Deployment: this one tells which revision is rolled out
_REVISION = "maas.rhai/revision"


def serving_objects(models: Sequence[Entry], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Makes the objects for the models that are served here.

    :param settings: ``namespace``, ``connection`` (name of its Secret), ``runtimes`` (name to ``title, image, images,
        command, args, env, model_format, health_path, file_flag, gpus, resources, …``, see
        ``runtimes.serving_runtimes``), ``gpu_resource``,
        ``tolerations``, ``deployment_mode``, ``nodes`` (those of the cluster, whose labels tell which GPUs there are)
        ``network`` (who may reach the models, see ``network.network_policy``)
    :returns: ``{"runtimes": [ServingRuntime], "services": [InferenceService], "policies": [NetworkPolicy],
        "names": [str], "rollouts": {name of a Deployment: what it contains once KServe has seen its service}}``
    :raises CatalogueError: when a model names a runtime that is not there
    """
    served = [model for model in models if model["serving"]]
    runtimes = settings.get("runtimes") or {}
    wrong = faults(models, settings)
    if wrong:
        raise CatalogueError("; ".join(wrong))
    images: dict[str, str] = {}
    for model in served:
        images.setdefault(model["serving"]["runtime"], image_for(model["serving"], runtimes, settings))
    made = {name: _runtime(name, runtimes[name], images[name], settings) for name in sorted(images)}
    services = [_service(model, made[model["serving"]["runtime"]], settings) for model in served]
    return {
        "runtimes": list(made.values()),
        "services": services,
        "names": [model["serving"]["name"] for model in served],
        "rollouts": {f"{service['metadata']['name']}-predictor": _rollout(service) for service in services},
        "policies": [network_policy({**settings["network"], "namespace": settings["namespace"]})]
        if settings.get("network") and served
        else [],
    }


def _rollout(service: Entry) -> Entry:
    noted = {_REVISION: service["metadata"]["annotations"][_REVISION]}
    replicas = max(1, service["spec"]["predictor"]["minReplicas"])
    return {"spec": {"replicas": replicas, "template": {"metadata": {"annotations": noted}}}}


def faults(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[str]:
    """What models ask of runtimes that can't be had, one sentence each."""
    unknown = [runtime["unknown"] for runtime in (settings.get("runtimes") or {}).values() if runtime.get("unknown")]
    return unknown + [
        f"maas_models ({model['name']}): {text}"
        for model in models
        if model["serving"]
        for text in (
            *_faults_of_runtime(model["serving"], settings),
            *_faults_of_host(model["serving"]["name"], str(settings.get("namespace") or "")),
        )
    ]


def _faults_of_host(name: str, namespace: str) -> Iterable[str]:
    """KServe puts name and namespace into one label of a host name, and refuses the model when that is too long."""
    longest = LONGEST_LABEL - len(f"-predictor-{namespace}")
    if namespace and len(name) > longest:
        yield (
            f"InferenceService {name!r} has {len(name)} characters, at most {longest} are left of a host name with "
            f"namespace {namespace!r}; give a shorter serving.name"
        )


def _faults_of_runtime(serving: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterable[str]:
    name, runtimes = serving["runtime"], settings.get("runtimes") or {}
    if name not in runtimes or runtimes[name].get("unknown"):
        known = ", ".join(sorted(key for key in runtimes if not runtimes[key].get("unknown"))) or "none"
        yield f"serving.runtime {name!r} is not in model_serving_runtimes, which has {known}"
        return
    if runtimes[name].get("fault"):
        yield runtimes[name]["fault"]
        return
    by_file = bool(runtimes[name].get("file_flag"))
    if by_file and not serving.get("file"):
        yield f"runtime {name!r} serves one file of the model's folder: name it in serving.file"
    if serving.get("file") and not by_file:
        yield f"serving.file has no meaning for runtime {name!r}, which serves the whole folder; remove it"
    if not image_for(serving, runtimes, settings):
        what = "any (a GPU that no node tells of)" if gpus_of(serving, runtimes[name]) else "cpu"
        yield f"runtime {name!r} of model_serving_runtimes has neither image nor an entry of images for {what}"


def image_for(serving: Mapping[str, Any], runtimes: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """The image of the server that a model gets, by the GPUs of ``settings["nodes"]``; empty when there is none."""
    runtime = runtimes[serving["runtime"]]
    nodes, resource = settings.get("nodes") or [], str(settings.get("gpu_resource"))
    capabilities = capabilities_of(nodes, resource, serving.get("node_selector") or {})
    return image_of(runtime, gpus_of(serving, runtime), capabilities)


def _runtime(name: str, runtime: Mapping[str, Any], image: str, settings: Mapping[str, Any]) -> Entry:
    title = runtime.get("title", name)
    accelerators = [settings["gpu_resource"]] if runtime.get("gpus", 1) else []
    ours = {
        "annotations": {"prometheus.io/path": "/metrics", "prometheus.io/port": str(_PORT)},
        "containers": [_container(runtime, image)],
        "multiModel": False,
        "supportedModelFormats": [{"autoSelect": True, "name": runtime["model_format"]}],
        "volumes": [{"emptyDir": {"medium": "Memory", "sizeLimit": runtime.get("shm", "2Gi")}, "name": "shm"}],
    }
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ServingRuntime",
        "metadata": {
            "name": name,
            "namespace": settings["namespace"],
            "labels": {"opendatahub.io/dashboard": "true"},
            "annotations": {
                "opendatahub.io/apiProtocol": "REST",
                "opendatahub.io/recommended-accelerators": json.dumps(accelerators),
                "opendatahub.io/template-display-name": title,
                "opendatahub.io/template-name": runtime.get("template", name),
                "openshift.io/display-name": title,
            },
        },
        "spec": based_on(runtime["served_by"], ours) if runtime.get("served_by") else ours,
    }


def _container(runtime: Mapping[str, Any], image: str) -> Entry:
    """The runtime's container, without what belongs to one model."""
    probe = {"httpGet": {"path": runtime.get("health_path", "/health"), "port": _PORT}}
    container: Entry = {
        "name": SERVER,
        "image": image,
        "args": [literal(item) for item in runtime.get("args") or []],
        "env": [{"name": key, "value": literal(value)} for key, value in (runtime.get("env") or {}).items()],
        "ports": [{"containerPort": _PORT, "protocol": "TCP"}],
        # a server's last words, where it writes no message of its own: KServe and the wait tell them
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": RESTRICTED,
        # without these KServe only looks whether the port is open, which it is long before the model is loaded
        "readinessProbe": {**probe, "periodSeconds": 5, "timeoutSeconds": 5},
        "startupProbe": {**probe, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 360},
        "volumeMounts": [{"mountPath": "/dev/shm", "name": "shm"}],
    }
    if runtime.get("command"):
        container["command"] = list(runtime["command"])
    return container


def _service(model: Entry, runtime: Entry, settings: Mapping[str, Any]) -> Entry:
    serving = model["serving"]
    predictor = _predictor(model, runtime["spec"]["containers"][0]["image"], settings)
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {
            "name": serving["name"],
            "namespace": settings["namespace"],
            "labels": {"opendatahub.io/dashboard": "true"},
            "annotations": {
                "openshift.io/display-name": model["title"],
                # KServe looks at a service only when that changes, not when its runtime does
                _REVISION: _revision(predictor, runtime["spec"]),
                # with "external" KServe leaves the number of Pods at one, and "none" came with 0.15; an autoscaler with
                # as many Pods at least as at most keeps that number in all versions
                "serving.kserve.io/autoscalerClass": "hpa",
                "serving.kserve.io/deploymentMode": settings["deployment_mode"],
            },
        },
        "spec": {"predictor": predictor},
    }


def _revision(predictor: Entry, runtime: Entry) -> str:
    """A digest of what decides how the Pods look, not of how many there are."""
    pods = {key: value for key, value in predictor.items() if not key.endswith("Replicas")}
    return hashlib.sha256(json.dumps([pods, runtime], sort_keys=True).encode()).hexdigest()[:12]


def _predictor(model: Entry, usual_image: str, settings: Mapping[str, Any]) -> Entry:
    serving = model["serving"]
    runtime = settings["runtimes"][serving["runtime"]]
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
    image = image_for(serving, settings["runtimes"], settings)
    if image != usual_image:
        predictor["model"]["image"] = image  # another generation of GPU than the first model of this runtime finds
    args = _args(model, runtime)
    if args:
        predictor["model"]["args"] = args
    tolerations = serving.get("tolerations", settings.get("tolerations"))
    if tolerations and gpus_of(serving, runtime):
        predictor["tolerations"] = list(tolerations)
    if serving.get("node_selector"):
        predictor["nodeSelector"] = dict(serving["node_selector"])
    return predictor


def _args(model: Entry, runtime: Mapping[str, Any]) -> list[str]:
    serving = model["serving"]
    args = []
    if runtime.get("name_flag"):
        args.append(f"{runtime['name_flag']}={model['served_name']}")
    if runtime.get("file_flag"):
        args.append(f"{runtime['file_flag']}={_MODELS}/{serving['file']}")
    if serving.get("max_model_len") and runtime.get("length_flag"):
        args.append(f"{runtime['length_flag']}={serving['max_model_len']}")
    return args + [literal(item) for item in serving.get("args") or []]


def gpus_of(serving: Mapping[str, Any], runtime: Mapping[str, Any]) -> int:
    """Number of GPUs of one replica: the model's, else its runtime's, else one."""
    return int(serving.get("gpus", runtime.get("gpus", 1)))


def gpu_wishes(models: Sequence[Entry], runtimes: Mapping[str, Any], gpu: str = "nvidia.com/gpu") -> list[Entry]:
    """What each model that is served here asks for: ``model``; ``gpus`` and ``resources`` of one replica;
    ``replicas``, ``node_selector``. ``gpu`` is the resource that GPUs are counted by.
    """
    found = []
    for model in models:
        serving = model["serving"]
        if serving:
            runtime = runtimes.get(serving["runtime"]) or _PRESETS[model["program"]]
            found.append(
                {
                    "model": model["name"],
                    "gpus": gpus_of(serving, runtime),
                    "replicas": int(serving.get("replicas", 1)),
                    "resources": _resources(serving, runtime, gpu),
                    "node_selector": serving.get("node_selector") or {},
                }
            )
    return found


def _resources(serving: Mapping[str, Any], runtime: Mapping[str, Any], gpu: str) -> Entry:
    wanted = serving.get("resources") or runtime.get("resources") or {}
    number = gpus_of(serving, runtime)
    gpus = {gpu: str(number)} if number else {}
    return {side: {**(wanted.get(side) or {}), **gpus} for side in ("limits", "requests")}


def prefix_of(model: Entry) -> str:
    """Folder of the model in the bucket; ends with ``/``, since object stores compare prefixes as text."""
    path = model["source"].get("path") or model["source"]["huggingface"]
    return str(path).strip("/") + "/"


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
