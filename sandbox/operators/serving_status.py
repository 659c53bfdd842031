# SPDX-License-Identifier: GPL-3.0-or-later
"""An InferenceService's status, from its Deployment and its Pods. Pure, but for the clock."""

from __future__ import annotations

from typing import Any

from sandbox.operators.conditions import Condition, condition, find, merged, now
from sandbox.operators.pods import available
from sandbox.operators.serving_objects import SpecError

Object = dict[str, Any]


def _status(body: Object, predictor: Condition, ingress: Condition, model: Object, **more: Any) -> Object:
    """The whole status: Ready is True when both parts are, False when one is, else Unknown."""
    states = {predictor["status"], ingress["status"]}
    worst = "False" if "False" in states else "Unknown" if "Unknown" in states else "True"
    ready = condition("Ready", worst)
    if worst != "True":
        part = predictor if predictor["status"] == worst else ingress
        ready |= {key: part[key] for key in ("reason", "message") if key in part}
    before = (body.get("status") or {}).get("conditions")
    conditions = merged(before, [ingress, predictor, ready])
    return {
        "conditions": conditions,
        "modelStatus": model,
        "deploymentMode": "RawDeployment",
        "observedGeneration": body["metadata"]["generation"],
        **more,
    }


def _failure(body: Object, reason: str, message: str, exit_code: int | None = None) -> Object:
    """The last failure; its time stays while it is the same one."""
    before = ((body.get("status") or {}).get("modelStatus") or {}).get("lastFailureInfo") or {}
    same = (before.get("reason"), before.get("message")) == (reason, message)
    info: Object = {"reason": reason, "message": message, "time": before.get("time") if same else now()}
    if exit_code is not None:
        info["exitCode"] = exit_code
    return info


def _states(active: str, target: str, transition: str, failure: Object | None = None) -> Object:
    status: Object = {
        "states": {"activeModelState": active, "targetModelState": target},
        "transitionStatus": transition,
        "copies": {"failedCopies": 0, "totalCopies": 1 if active == "Loaded" else 0},
    }
    if failure:
        status["lastFailureInfo"] = failure
        status["copies"]["failedCopies"] = 1 if target == "FailedToLoad" else 0
    else:
        status["lastFailureInfo"] = None
    return {key: value for key, value in status.items() if value is not None}


def invalid(body: Object, problem: SpecError) -> Object:
    """No runtime serves it."""
    failure = _failure(body, problem.reason, str(problem))
    model = _states("Pending", "FailedToLoad", "InvalidSpec", failure)
    unknown = condition("PredictorReady", "Unknown")
    return _status(body, unknown, condition("IngressReady", "Unknown"), model)


def failed_create(body: Object, message: str) -> Object:
    """The Pods can't be made."""
    model = _states("Pending", "Pending", "InProgress")
    predictor = condition("PredictorReady", False, "FailedCreate", message)
    return _status(body, predictor, condition("IngressReady", "Unknown"), model)


def stopped(body: Object) -> Object:
    """Scaled away by annotation."""
    model = _states("Pending", "Pending", "UpToDate")
    parts = [condition(kind, False, "Stopped", severity="Info") for kind in ("PredictorReady", "IngressReady")]
    return _status(body, parts[0], parts[1], model)


def _predictor(deployment: Object) -> Condition:
    """``PredictorReady`` mirrors the Deployment."""
    if available(deployment):
        return condition("PredictorReady", True)
    failure, progress = find(deployment, "ReplicaFailure"), find(deployment, "Progressing")
    for bad in (
        failure if failure.get("status") == "True" else {},
        progress if progress.get("status") == "False" else {},
    ):
        if bad:
            return condition("PredictorReady", False, bad.get("reason", ""), bad.get("message", ""))
    there = find(deployment, "Available")
    if there.get("status") == "True":
        return condition("PredictorReady", "Unknown", progress.get("reason", ""), progress.get("message", ""))
    return condition("PredictorReady", "Unknown", there.get("reason", ""), there.get("message", ""))


def _broken(pods: list[Object]) -> tuple[str, int] | None:
    """What a container that ended badly said, and its exit code."""
    for pod in pods:
        status = pod.get("status") or {}
        for entry in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
            for state in (entry.get("state") or {}, entry.get("lastState") or {}):
                ended = state.get("terminated")
                if ended and ended.get("exitCode") and not entry.get("ready"):
                    return str(ended.get("message") or ended.get("reason") or "Error").strip(), int(ended["exitCode"])
    return None


def _model(body: Object, ready: bool, pods: list[Object]) -> Object:
    if ready:
        return _states("Loaded", "Loaded", "UpToDate")
    before = ((body.get("status") or {}).get("modelStatus") or {}).get("states") or {}
    active = "Loaded" if before.get("activeModelState") == "Loaded" else "Pending"
    broken = _broken(pods)
    if broken:
        failure = _failure(body, "ModelLoadFailed", broken[0][-1000:], broken[1])
        return _states(active, "FailedToLoad", "BlockedByFailedLoad", failure)
    running = any((pod.get("status") or {}).get("phase") == "Running" for pod in pods)
    return _states(active, "Loading" if running else "Pending", "InProgress")


def serving(body: Object, runtime: Object, deployment: Object, pods: list[Object], url: str, exposed: bool) -> Object:
    """The status of a service whose objects are all there."""
    meta = body["metadata"]
    predictor = _predictor(deployment)
    ready = predictor["status"] == "True"
    inside = f"http://{meta['name']}-predictor.{meta['namespace']}.svc.cluster.local"
    ingress = condition("IngressReady", ready if not exposed or url else "Unknown")
    if not ready:
        ingress = condition("IngressReady", False, "Predictor", "Predictor ingress not created")
        if predictor["status"] == "Unknown":
            ingress = condition("IngressReady", "Unknown", "Predictor", "Predictor ingress not created")
    live = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    return _status(
        body,
        predictor,
        ingress,
        _model(body, ready, live),
        url=url or inside,
        address={"url": inside},
        components={"predictor": {"url": inside}},
        servingRuntimeName=runtime["metadata"]["name"],
    )
