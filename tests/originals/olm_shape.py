# SPDX-License-Identifier: GPL-3.0-or-later
"""What OLM made in a namespace and says of it, without what differs from run to run or is known to differ. Pure.

What is left out on purpose, each with its reason, is `KNOWN`; everything else has to be alike.
"""

from __future__ import annotations

from tests.sandbox.operators.cluster import Cluster, Object

KNOWN = {
    "InstallPlan status.plan, catalogSources": "the manifests that it installs; nobody reads them",
    "CSV labels olm.api.…, olm.managed; annotations operatorframework.io/…, requirementStatus": "nobody reads them",
    "CSVs copied into all namespaces": "of operators for all namespaces; no operator is installed so here",
    "the hash of a Deployment": "made up",
    "labels operators.coreos.com/… of Subscriptions and plans": "nobody reads them",
    "a second plan for the same versions": "made now and then by two workers that do not see each other",
    "reasons InstallWaiting, RequirementsNotMet among the phases that were": "as Pods and definitions are quick",
    "Operator, OperatorCondition, roles and bindings": "nobody reads them",
}
_OWN = "operators.coreos.com/"
_PASSING = ("InstallWaiting", "RequirementsNotMet")


def picture(kube: Cluster, namespace: str) -> Object:
    """Subscriptions, plans, versions, groups and Deployments of a namespace."""
    plans = kube.list("InstallPlan", namespace)
    return {
        "subscriptions": {_name(one): _subscription(one, plans) for one in kube.list("Subscription", namespace)},
        "plans": _plans(plans),
        "versions": {_name(one): _version(one) for one in kube.list("ClusterServiceVersion", namespace)},
        "groups": {_name(one): _group(one) for one in kube.list("OperatorGroup", namespace)},
        "deployments": {_name(one): _deployment(one) for one in kube.list("Deployment", namespace)},
    }


def _name(body: Object) -> str:
    return str(body["metadata"]["name"])


def _conditions(body: Object) -> Object:
    found = (body.get("status") or {}).get("conditions") or []
    return {
        one["type"]: {"status": one["status"], "reason": one.get("reason"), "message": _parts(one.get("message") or "")}
        for one in found
    }


def _parts(message: str) -> list[str]:
    """The resolver tells its constraints in any order."""
    begin, unsatisfiable, rest = message.partition("constraints not satisfiable: ")
    return sorted(rest.split(", ")) if unsatisfiable else [begin]


def _subscription(body: Object, plans: list[Object]) -> Object:
    status = body.get("status") or {}
    reference = status.get("installPlanRef") or {}
    referred = [plan["spec"]["clusterServiceVersionNames"] for plan in plans if _name(plan) == reference.get("name")]
    return {
        **{name: status.get(name) for name in ("state", "currentCSV", "installedCSV")},
        "plan": [*referred, *(sorted({*reference} - {"resourceVersion"}))],
        "short": sorted(status.get("installplan") or {}),
        "health": [(one["catalogSourceRef"]["name"], one["healthy"]) for one in status.get("catalogHealth") or []],
        "conditions": _conditions(body),
    }


def _plans(found: list[Object]) -> list[Object]:
    """One plan for the same versions, that which was approved; the generation is left out."""
    shown: dict[str, Object] = {}
    for body in sorted(found, key=lambda one: int(one["spec"]["generation"])):
        shown.setdefault(str(body["spec"]["clusterServiceVersionNames"]), _plan(body))
    for body in found:
        if body["spec"]["approved"]:
            shown[str(body["spec"]["clusterServiceVersionNames"])] = _plan(body)
    return list(shown.values())


def _plan(body: Object) -> Object:
    owners = body["metadata"].get("ownerReferences") or []
    status = body.get("status") or {}
    return {
        "spec": {key: value for key, value in body["spec"].items() if key != "generation"},
        "phase": status.get("phase"),
        "message": status.get("message"),
        "started": bool(status.get("startTime")),
        "conditions": _conditions(body),
        "owners": sorted((one["kind"], one["name"], one.get("controller")) for one in owners),
        "generated": body["metadata"].get("generateName"),
    }


def _version(body: Object) -> Object:
    status = body.get("status") or {}
    notes = body["metadata"].get("annotations") or {}
    phases = status.get("conditions") or []
    history = [(one["phase"], one["reason"], one["message"]) for one in phases if one["reason"] not in _PASSING]
    return {
        **{name: status.get(name) for name in ("phase", "reason", "message")},
        "history": history,
        "annotations": {key: value for key, value in notes.items() if key.startswith("olm.")},
        "labels": _labels(body),
        "replaces": body["spec"].get("replaces"),
    }


def _labels(body: Object) -> list[str]:
    return sorted(key for key in body["metadata"].get("labels") or {} if key.startswith(_OWN))


def _group(body: Object) -> Object:
    return {"namespaces": (body.get("status") or {}).get("namespaces"), "conditions": _conditions(body)}


def _deployment(body: Object) -> Object:
    meta, spec = body["metadata"], body["spec"]
    template = spec["template"]
    notes = template["metadata"].get("annotations") or {}
    owners = meta.get("ownerReferences") or []
    return {
        "labels": {key: value for key, value in meta["labels"].items() if key != "olm.deployment-spec-hash"},
        "owners": [(one["kind"], one["name"], one.get("controller")) for one in owners],
        "selector": spec["selector"],
        "revisions": spec.get("revisionHistoryLimit"),
        "pod labels": template["metadata"]["labels"],
        "annotations": {key: value for key, value in notes.items() if key.startswith("olm.")},
        "environment": template["spec"]["containers"][0].get("env"),
    }
