# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of what KServe made, without what differs from run to run or is known to differ. Pure.

What is left out on purpose, each with its reason, is `KNOWN`; everything else has to be alike.
"""

from __future__ import annotations

import copy
from typing import Any

from sandbox.operators.kserve_version import REFUSAL

Object = dict[str, Any]
KNOWN = {
    "security contexts and the initializer in the Deployment": "the play writes them where a cluster's constraints and "
    "KServe's webhook change the Pod",
    "annotation openshift serving-cert, port name http, the metrics' Service and monitor": "Open Data Hub adds them",
    "the play's mark of a refusal, the template's own name": "it stands for KServe's webhook; nobody reads it",
    "what the webhook adds to the service": "empty fields, and from 0.15 automountServiceAccountToken",
    "status url, address and components": "Open Data Hub writes the Service's address",
    "headless Service, status deploymentMode": "in Open Data Hub's fork always; upstream from 0.15",
    "condition Stopped": "Open Data Hub's, from OpenShift AI 3.0",
    "which runtime and container have braces that can't be filled in": "0.15 says it, earlier ones don't",
    "finalizer of the service, times, identities, versions": "nothing that anybody reads",
}
_INITIALIZER = ("kserve-provision-location", "cabundle-cert")
_SERVER = ("deployment.kubernetes.io/revision", "service.beta.openshift.io/serving-cert-secret-name")


def shape(picture: Object) -> Object:
    """What has to be alike of `pair.picture`'s parts."""
    return {
        "service": _service(picture["service"]),
        "deployment": _deployment(picture["deployment"]),
        "address": _address(picture["address"]),
        "autoscaler": picture["autoscaler"] and {**_head(picture["autoscaler"]), "spec": picture["autoscaler"]["spec"]},
    }


def _head(body: Object) -> Object:
    meta = body["metadata"]
    notes = {key: value for key, value in (meta.get("annotations") or {}).items() if key not in _SERVER}
    return {"labels": meta.get("labels") or {}, "annotations": notes}


def _service(body: Object | None) -> Object | None:
    """The stored specification, and what it says of itself."""
    if body is None:
        return None
    status = body.get("status") or {}
    conditions = {
        entry["type"]: {key: entry.get(key) for key in ("status", "reason", "message")}
        for entry in status.get("conditions") or []
        if entry["type"] != "Stopped"
    }
    model = copy.deepcopy(status.get("modelStatus") or {})
    failure = model.get("lastFailureInfo") or {}
    failure.pop("time", None)
    if failure.get("reason") == "InvalidPredictorSpec":
        failure["message"] = failure["message"].lower().partition(" runtime ")[0]
    spec = _without_empty(body["spec"])
    spec["predictor"].pop("automountServiceAccountToken", None)
    return {
        **_head(body),
        "spec": spec,
        "conditions": conditions,
        # while it is on its way, what is said of it depends on the moment at which KServe last looked
        "model": model if model.get("transitionStatus") not in ("InProgress", "") else None,
        "observed": status.get("observedGeneration"),
    }


def _without_empty(value: Any) -> Any:
    """KServe's webhook writes the service back with every field that its programs know, empty ones as well."""
    if isinstance(value, dict):
        inside = {key: _without_empty(one) for key, one in value.items()}
        return {key: one for key, one in inside.items() if one not in ({}, [], "", None)}
    return [_without_empty(one) for one in value] if isinstance(value, list) else value


def _deployment(body: Object | None) -> Object | None:
    if body is None:
        return None
    spec = copy.deepcopy(body["spec"])
    template = spec["template"]
    for key in ("creationTimestamp", "name", "namespace"):
        template["metadata"].pop(key, None)
    template["metadata"]["annotations"].pop(REFUSAL, None)
    pod = template["spec"]
    pod.pop("initContainers", None)
    pod.pop("securityContext", None)
    pod["volumes"] = [one for one in pod.get("volumes") or [] if one["name"] not in _INITIALIZER]
    for container in pod["containers"]:
        container.pop("securityContext", None)
        mounts = container.get("volumeMounts") or []
        container["volumeMounts"] = [one for one in mounts if one["name"] not in _INITIALIZER]
    return {**_head(body), "spec": spec}


def _address(body: Object | None) -> Object | None:
    if body is None:
        return None
    ports = [{key: value for key, value in port.items() if key != "name"} for port in body["spec"]["ports"]]
    spec = {key: body["spec"].get(key) for key in ("selector", "type")}
    return {**_head(body), "spec": {**spec, "ports": ports}}


def differences(play: Any, real: Any, path: str = "") -> list[str]:
    """Where two shapes differ, one line each."""
    if isinstance(play, dict) and isinstance(real, dict):
        keys = sorted({*play, *real}, key=str)
        return [line for key in keys for line in differences(play.get(key), real.get(key), f"{path}.{key}".lstrip("."))]
    if isinstance(play, list) and isinstance(real, list) and len(play) == len(real):
        pairs = enumerate(zip(play, real))
        return [line for number, (one, two) in pairs for line in differences(one, two, f"{path}[{number}]")]
    return [] if play == real else [f"{path}: play {play!r}, real {real!r}"]
