# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Is a cluster object there, on its way, or lost? Pure: dicts in, verdicts out, no I/O.

``kubernetes.core.k8s`` waits by itself for built-in kinds only, never stops early on a lost object and ignores
``observedGeneration``. What each kind's status means is written down here once, as one small function for each kind.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.cluster.trouble import is_refused

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """``ready``: as wanted; ``failed``: will not become so by waiting; ``message``: what the object says of itself.

    ``advised``: the message says what to do as well, so that no general hint fits any more.
    """

    ready: bool
    failed: bool = False
    message: str = ""
    advised: bool = False


Judge = Callable[[Object], Verdict]


def condition(resource: Object, kind: str) -> Mapping[str, Any]:
    """Returns the condition of that type, or an empty mapping."""
    for item in (resource.get("status") or {}).get("conditions") or []:
        if item.get("type") == kind:
            return dict(item)
    return {}


def _is(resource: Object, kind: str, status: str = "True") -> bool:
    # Keycloak's operator of 21 writes a boolean where all others write a string
    return str(condition(resource, kind).get("status", "")).lower() == status.lower()


def _says(resource: Object, kinds: Iterable[str]) -> str:
    """Joins reason and message of those conditions of the object that say something."""
    parts = []
    for kind in kinds:
        found = condition(resource, kind)
        text = ": ".join(str(found[key]) for key in ("reason", "message") if found.get(key))
        if text:
            parts.append(f"{kind}={found.get('status')} ({text})")
    return "; ".join(parts)


def _current(resource: Object, observed: Any) -> bool:
    generation = (resource.get("metadata") or {}).get("generation")
    return generation is None or observed is None or int(observed) >= int(generation)


def _status(resource: Object) -> Mapping[str, Any]:
    return dict(resource.get("status") or {})


def exists(resource: Object) -> Verdict:
    """For kinds without a status of use: being there is enough, unless the object is on its way out."""
    if (resource.get("metadata") or {}).get("deletionTimestamp"):
        return Verdict(False, True, "it is being deleted")
    return Verdict(True)


def _phase(good: str, bad: Iterable[str] = ()) -> Judge:
    lost = tuple(bad)

    def judge(resource: Object) -> Verdict:
        status = _status(resource)
        phase = str(status.get("phase") or "")
        text = ": ".join(str(part) for part in (status.get("reason"), status.get("message")) if part)
        message = f"phase {phase or 'not set yet'}" + (f" ({text})" if text else "")
        return Verdict(phase == good, phase in lost, message)

    return judge


def _namespace(resource: Object) -> Verdict:
    if (resource.get("metadata") or {}).get("deletionTimestamp") or _status(resource).get("phase") == "Terminating":
        return Verdict(False, True, "it is being deleted and accepts no new objects; run again when it is gone")
    return _phase("Active")(resource)


def _conditions(good: str, bad: Iterable[str] = (), tell: Iterable[str] = ()) -> Judge:
    lost, telling = tuple(bad), tuple(tell)

    def judge(resource: Object) -> Verdict:
        observed = condition(resource, good).get("observedGeneration", _status(resource).get("observedGeneration"))
        failed = any(_is(resource, kind) for kind in lost)
        message = _says(resource, (*lost, good, *telling)) if failed else _says(resource, (good, *telling))
        return Verdict(_is(resource, good) and _current(resource, observed) and not failed, failed, message)

    return judge


def _deployment(resource: Object) -> Verdict:
    spec, status = resource.get("spec") or {}, _status(resource)
    wanted = int(spec.get("replicas", 1))
    updated, available = int(status.get("updatedReplicas") or 0), int(status.get("availableReplicas") or 0)
    current = _current(resource, status.get("observedGeneration", 0))
    # surplus replicas are those of the revision that goes away
    ready = (
        current
        and updated >= wanted
        and available >= wanted
        and int(status.get("replicas") or 0) <= max(wanted, updated)
    )
    told = _says(resource, ("ReplicaFailure", "Progressing", "Available"))
    refused = _is(resource, "ReplicaFailure") and is_refused(str(condition(resource, "ReplicaFailure").get("message")))
    return Verdict(
        ready, refused, f"{available} of {wanted} replicas available" + (f"; {told}" if told and not ready else "")
    )


def _inference_service(resource: Object) -> Verdict:
    """``observedGeneration`` is the Deployment's, and the last failure stays when it was overcome: neither counts."""
    model = _status(resource).get("modelStatus") or {}
    failure = model.get("lastFailureInfo") or {}
    lost, ready = model.get("transitionStatus") == "InvalidSpec", _is(resource, "Ready")
    told = [_says(resource, ("Ready", "PredictorReady", "IngressReady"))]
    if failure and (lost or not ready):
        told.append(": ".join(str(failure[key]) for key in ("reason", "message") if failure.get(key)))
    return Verdict(ready and not lost, lost, "; ".join(part for part in told if part))


_STRAY = re.compile(r"clusterserviceversion (\S+) exists and is not referenced by a subscription")


def _subscription(resource: Object) -> Verdict:
    status = _status(resource)
    lost = [kind for kind in ("ResolutionFailed", "InstallPlanFailed", "BundleUnpackFailed") if _is(resource, kind)]
    waits = [kind for kind in ("CatalogSourcesUnhealthy", "InstallPlanPending") if _is(resource, kind)]
    state, installed = status.get("state"), status.get("installedCSV")
    if installed and state == "UpgradePending" and installed == status.get("currentCSV"):
        # the state would be AtLatestKnown if it were there, and its plan is carried out only once
        text = f"{installed} was deleted, and is not installed again while its Subscription is there: delete that too"
        return Verdict(False, True, f"{text}, then run again", advised=True)
    # with manual approval an installed operator stays in UpgradePending while a newer plan waits
    ready = bool(installed) and state in ("AtLatestKnown", "UpgradePending", "UpgradeAvailable")
    told = [_says(resource, [*lost, *waits])] if lost else [f"state {state or 'not set yet'}", _says(resource, waits)]
    if stray := _STRAY.search(told[0]):
        # an earlier Subscription's, or this one's own: its status and its plan are written by two that may collide
        told.append(f"delete ClusterServiceVersion {stray[1]} (custom resources stay), then run again")
    if not ready and not lost and (resource.get("spec") or {}).get("installPlanApproval") == "Manual":
        plan = (status.get("installPlanRef") or {}).get("name")
        told.append(f"install plan {plan or 'not made yet'} waits for approval")
    return Verdict(ready and not lost, bool(lost), "; ".join(part for part in told if part), advised=bool(stray))


def _api_manager(resource: Object) -> Verdict:
    deployments = _status(resource).get("deployments") or {}
    preflights = condition(resource, "Preflights")
    failed = str(preflights.get("status")) == "False" and "xternal databases" in str(preflights.get("message", ""))
    told = [_says(resource, ("Preflights", "Warning", "Available"))]
    for key in ("starting", "stopped"):
        if deployments.get(key):
            told.append(f"{key}: {', '.join(deployments[key])}")
    told.insert(0, f"{len(deployments.get('ready') or [])} Deployments ready")
    return Verdict(_is(resource, "Available") and not failed, failed, "; ".join(part for part in told if part))


def _legacy_keycloak(resource: Object) -> Verdict:
    status = _status(resource)
    message = f"phase {status.get('phase') or 'not set yet'}" + (
        f" ({status['message']})" if status.get("message") else ""
    )
    return Verdict(status.get("ready") is True, status.get("phase") == "failing", message)


def _route(resource: Object) -> Verdict:
    ingress = _status(resource).get("ingress") or []
    states = [item for entry in ingress for item in entry.get("conditions") or [] if item.get("type") == "Admitted"]
    refused = [item for item in states if item.get("status") == "False"]
    message = "; ".join(f"{item.get('reason')}: {item.get('message', '')}" for item in refused) or "not admitted yet"
    claimed = any(item.get("reason") == "HostAlreadyClaimed" for item in refused)
    return Verdict(bool(states) and not refused, claimed, "" if states and not refused else message)


def _pod(resource: Object) -> Verdict:
    if _is(resource, "Ready") or _status(resource).get("phase") == "Succeeded":
        return Verdict(True)
    told = [_says(resource, ("PodScheduled",))] if _is(resource, "PodScheduled", "False") else []
    status = _status(resource)
    for item in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        for state in ("waiting", "terminated"):
            found = (item.get("state") or {}).get(state) or {}
            if found and found.get("reason") not in ("Completed", "PodInitializing", "ContainerCreating"):
                told.append(f"{item.get('name')} {found.get('reason', state)} {found.get('message', '')}".strip())
    lost = status.get("phase") == "Failed"
    return Verdict(False, lost, "; ".join(told) or f"phase {status.get('phase') or 'not set yet'}")


def _notebook(resource: Object) -> Verdict:
    ready = int(_status(resource).get("readyReplicas") or 0) > 0
    return Verdict(ready, False, "" if ready else "no replica is ready")


_JUDGES: dict[str, Judge] = {
    "Namespace": _namespace,
    "ObjectBucketClaim": _phase("Bound", ["Failed"]),
    "PersistentVolumeClaim": _phase("Bound", ["Lost"]),
    "ClusterServiceVersion": _phase("Succeeded", ["Failed"]),
    "InstallPlan": _phase("Complete", ["Failed"]),
    "Job": _conditions("Complete", ["Failed"]),
    "Deployment": _deployment,
    "Pod": _pod,
    "CustomResourceDefinition": _conditions("Established", [], ["NamesAccepted"]),
    "InferenceService": _inference_service,
    "Subscription": _subscription,
    "APIManager": _api_manager,
    "CustomPolicyDefinition": _conditions("Ready", ["Invalid"], ["Failed"]),
    "KeycloakRealmImport": _conditions("Done", ["HasErrors"], ["Started"]),
    "Route": _route,
    "Notebook": _notebook,
}


def judge(resource: Object) -> Verdict:
    """Judges one object by its kind; unknown kinds count as ready once they exist.

    :param resource: the object as the API server returns it
    """
    kind = str(resource.get("kind", ""))
    if kind == "Keycloak":
        legacy = str(resource.get("apiVersion", "")).startswith("keycloak.org/")
        return _legacy_keycloak(resource) if legacy else _conditions("Ready", ["HasErrors"])(resource)
    if kind == "KeycloakRealm":
        return _legacy_keycloak(resource)
    return _JUDGES.get(kind, exists)(resource)


def holds(resource: Object, wanted: Mapping[str, Any] | None) -> Verdict:
    """Does a Secret or ConfigMap hold these keys, with these values?

    :param wanted: key to ``None`` (any value), to a string, or to a mapping that the value, read as JSON, must contain
    """
    for key, value in (wanted or {}).items():
        text = (resource.get("data") or {}).get(key)
        if text is None:
            return Verdict(False, False, f"key {key} is not there yet")
        if value is None:
            continue
        if resource.get("kind") == "Secret":
            text = base64.b64decode(text).decode("utf-8", "replace")
        if isinstance(value, Mapping):
            different = _different(text, value)
            if different:
                return Verdict(False, False, f"key {key} still has another {', '.join(different)}")
        elif text != value:
            return Verdict(False, False, f"key {key} still has another value")
    return exists(resource)


def _different(text: str, wanted: Mapping[str, Any]) -> list[str]:
    try:
        found = json.loads(text)
    except ValueError:
        return ["form (it is not JSON)"]
    return [name for name, value in wanted.items() if found.get(name) != value]
