# SPDX-License-Identifier: GPL-3.0-or-later
"""The serving container that KServe makes of a runtime and an InferenceService, and which runtime it takes. Pure."""

from __future__ import annotations

import copy
import re
from typing import Any

from sandbox.operators.kube import Object

MODELS = "/mnt/models"
LOCATION = "kserve-provision-location"
MAIN = "kserve-container"
NOT_FILLED = "Failed to replace placeholders in serving runtime Container"
_ACTION = re.compile(r"\{\{(`[^`]*`|.*?)\}\}", re.DOTALL)


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


def filled(value: Any, isvc: Object) -> Any:
    """KServe's templating of a container: ``{{.Name}}``, ``{{.Namespace}}``, and text in backquotes as it is."""

    def fill(found: re.Match[str]) -> str:
        inner = found.group(1).strip()
        if re.fullmatch("`[^`]*`", inner):
            return inner[1:-1]
        known = {".Name": isvc["metadata"]["name"], ".Namespace": isvc["metadata"]["namespace"]}
        if inner not in known:
            raise SpecError("InvalidPredictorSpec", NOT_FILLED)
        return str(known[inner])

    if isinstance(value, str):
        return _ACTION.sub(fill, value)
    if isinstance(value, list):
        return [filled(item, isvc) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, isvc) for key, item in value.items()}
    return value


def by_name(first: list[Object] | None, second: list[Object] | None, key: str = "name") -> list[Object]:
    """Two lists as Kubernetes merges them: entries of one name are one, the second one's."""
    merged = {entry[key]: entry for entry in first or []}
    merged.update({entry[key]: entry for entry in second or []})
    return list(merged.values())


def serving_container(isvc: Object, runtime: Object) -> Object:
    """``kserve-container``: the runtime's, with the model's own fields on top; arguments are appended."""
    containers = runtime["spec"]["containers"]
    base = next((c for c in containers if c["name"] == MAIN), None)
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
    result["env"] = by_name(base.get("env"), model.get("env"))
    result["envFrom"] = [*(base.get("envFrom") or []), *(model.get("envFrom") or [])]
    mounts = by_name(base.get("volumeMounts"), model.get("volumeMounts"), "mountPath")
    result["volumeMounts"] = [*mounts, {"name": LOCATION, "mountPath": MODELS, "readOnly": True}]
    resources = copy.deepcopy(base.get("resources") or {})
    for kind, values in (model.get("resources") or {}).items():
        resources[kind] = {**(resources.get(kind) or {}), **values}
    result["resources"] = resources
    result.setdefault("imagePullPolicy", "IfNotPresent")
    port = port_of(result)
    probe = {"tcpSocket": {"port": port}, "timeoutSeconds": 1, "periodSeconds": 10, "failureThreshold": 3}
    result.setdefault("readinessProbe", probe)
    return {key: value for key, value in filled(result, isvc).items() if value not in ([], {})}


def port_of(container: Object) -> int:
    """The port of a container, 8080 where it names none."""
    ports = container.get("ports") or [{"containerPort": 8080}]
    return int(ports[0]["containerPort"])
