# SPDX-License-Identifier: GPL-3.0-or-later
"""An InferenceService's status, from its Deployment and its Pods. Pure, but for the clock."""

from __future__ import annotations

from typing import Any

from sandbox.operators.conditions import Condition, condition, find, merged, now
from sandbox.operators.serving_container import MAIN, SpecError

Object = dict[str, Any]
INIT = "storage-initializer"


def _failure(body: Object, reason: str, message: str, exit_code: int | None = None) -> Object:
    """The last failure; its time stays while it is the same one."""
    before = ((body.get("status") or {}).get("modelStatus") or {}).get("lastFailureInfo") or {}
    same = (before.get("reason"), before.get("message")) == (reason, message)
    info: Object = {"reason": reason, "message": message, "time": before.get("time") if same else now()}
    if exit_code is not None:
        info["exitCode"] = exit_code
    return {key: value for key, value in info.items() if value != ""}


def _states(body: Object, target: str, transition: str, copies: int = 0, failure: Object | None = None) -> Object:
    """What KServe says of the model. Once loaded, the active state stays; a failure is told until it is another one."""
    before = (body.get("status") or {}).get("modelStatus") or {}
    active = "Loaded" if target == "Loaded" else (before.get("states") or {}).get("activeModelState") or ""
    status: Object = {
        "states": {"activeModelState": active, "targetModelState": target},
        "transitionStatus": transition,
    }
    if target == "Loaded":
        status["copies"] = {"failedCopies": 0, "totalCopies": copies}
    elif before.get("copies"):
        status["copies"] = before["copies"]
    told = failure or before.get("lastFailureInfo")
    return {**status, "lastFailureInfo": told} if told else status


def invalid(body: Object, problem: SpecError) -> Object:
    """No runtime serves it: nothing but that is said, and conditions stay as they are."""
    failure = _failure(body, problem.reason, str(problem))
    return {
        "modelStatus": _states(body, "FailedToLoad", "InvalidSpec", failure=failure),
        "deploymentMode": "RawDeployment",
    }


def stopped(body: Object) -> Object:
    """Scaled away by annotation."""
    parts = [condition(kind, False, "Stopped") for kind in ("IngressReady", "PredictorReady", "Ready")]
    conditions = merged((body.get("status") or {}).get("conditions"), [*parts, condition("Stopped", True)])
    return {"conditions": conditions, "deploymentMode": "RawDeployment"}


def _predictor(body: Object, deployment: Object) -> Condition:
    """``PredictorReady`` is the Deployment's ``Available``, what was there before while that is missing."""
    there = find(deployment, "Available")
    if not there:
        before = find(body, "PredictorReady")
        return {key: value for key, value in before.items() if key != "lastTransitionTime"}
    if there["status"] == "True":
        return condition("PredictorReady", True)
    return condition("PredictorReady", there["status"], there.get("reason", ""), there.get("message", ""))


def _conditions(body: Object, predictor: Condition, ingress: Condition) -> list[Condition]:
    """Ready follows the part that is not: False before Unknown, Unknown where one was never told."""
    parts = [part for part in (ingress, predictor) if part]
    worst = next((part for wanted in ("False", "Unknown") for part in parts if part["status"] == wanted), None)
    if worst is not None:
        ready = {**worst, "type": "Ready"}
    else:
        ready = condition("Ready", True if len(parts) == 2 else "Unknown")
    return merged((body.get("status") or {}).get("conditions"), [*parts, ready])


def _ended(statuses: list[Object], name: str) -> tuple[str, int] | None:
    """What a container that ended badly said, and its exit code."""
    for entry in statuses:
        if entry["name"] != name:
            continue
        state, last = entry.get("state") or {}, (entry.get("lastState") or {}).get("terminated") or {}
        gone = state.get("terminated") or {}
        if (state.get("waiting") or {}).get("reason") == "CrashLoopBackOff":
            gone = last
        elif gone.get("reason") != "Error":
            continue
        return str(gone.get("message") or ""), int(gone.get("exitCode") or 0)
    return None


def _model(body: Object, ready: bool, pods: list[Object]) -> Object:
    """KServe looks at the youngest Pod alone: its initializer first, then whether all is ready, then its server."""
    if not pods:
        return _states(body, "Pending", "InProgress")
    status = max(pods, key=lambda pod: str(pod["metadata"]["creationTimestamp"])).get("status") or {}
    first, second = status.get("initContainerStatuses") or [], status.get("containerStatuses") or []
    broken = _ended(first, INIT)
    if broken is None:
        if any(entry["name"] == INIT and (entry.get("state") or {}).get("running") for entry in first):
            return _states(body, "Loading", "InProgress", len(pods))
        if ready:
            return _states(body, "Loaded", "UpToDate", len(pods))
        broken = _ended(second, MAIN)
    if broken is None and not any(entry["name"] == MAIN for entry in second):
        before = (body.get("status") or {}).get("modelStatus")
        return before or _states(body, "Pending", "InProgress")
    if broken is not None:
        failure = _failure(body, "ModelLoadFailed", broken[0], broken[1])
        return _states(body, "FailedToLoad", "BlockedByFailedLoad", len(pods), failure)
    return _states(body, "Pending", "InProgress", len(pods))


def serving(body: Object, deployment: Object, pods: list[Object], url: str, exposed: bool) -> Object:
    """The status of a service whose objects are all there."""
    meta = body["metadata"]
    predictor = _predictor(body, deployment)
    ingress = condition("IngressReady", True if not exposed or url else "Unknown")
    conditions = _conditions(body, predictor, ingress)
    ready = conditions[-1]["status"] == "True"
    inside = f"http://{meta['name']}-predictor.{meta['namespace']}.svc.cluster.local"
    live = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    return {
        "conditions": conditions,
        "modelStatus": _model(body, ready, live),
        "deploymentMode": "RawDeployment",
        # the Deployment's, not the service's own: it says nothing about whether a change of the service was seen
        "observedGeneration": (deployment.get("status") or {}).get("observedGeneration", 0),
        "url": url or inside,
        "address": {"url": inside},
        "components": {"predictor": {}},
    }
