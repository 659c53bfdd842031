# SPDX-License-Identifier: GPL-3.0-or-later
"""Pod templates and Deployments, with what OpenShift's security context constraints would add. Pure."""

from __future__ import annotations

import copy
from typing import Any

Object = dict[str, Any]
_CONTAINER: Object = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
_POD: Object = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def hardened(spec: Object) -> Object:
    """The Pod as the constraint ``restricted-v2`` leaves it: there is no such admission here, but Pod Security is."""
    result = copy.deepcopy(spec)
    result["securityContext"] = {**_POD, **(result.get("securityContext") or {})}
    for container in [*result.get("containers", []), *result.get("initContainers", [])]:
        container["securityContext"] = {**_CONTAINER, **(container.get("securityContext") or {})}
    return result


def container(name: str, image: str, ports: dict[str, int] | None = None, **more: Any) -> Object:
    """A container with named ports."""
    result: Object = {"name": name, "image": image, **more}
    if ports:
        result["ports"] = [{"name": key, "containerPort": port, "protocol": "TCP"} for key, port in ports.items()]
    return result


def deployment(name: str, namespace: str, pod: Object, **options: Any) -> Object:
    """A Deployment whose Pods carry the label ``deployment``.

    Options: ``labels`` and ``annotations`` of the Pods, ``replicas`` (1), ``owners``, ``strategy``, ``selector``.
    """
    selector = options.get("selector") or {"deployment": name}
    labels = {**selector, **(options.get("labels") or {})}
    template: Object = {"metadata": {"labels": labels}, "spec": hardened(pod)}
    if options.get("annotations"):
        template["metadata"]["annotations"] = options["annotations"]
    meta: Object = {"name": name, "namespace": namespace, "labels": labels}
    if options.get("owners"):
        meta["ownerReferences"] = options["owners"]
    spec: Object = {
        "replicas": options.get("replicas", 1),
        "selector": {"matchLabels": selector},
        "template": template,
        "progressDeadlineSeconds": 600,
    }
    if options.get("strategy"):
        spec["strategy"] = options["strategy"]
    return {"metadata": meta, "spec": spec}


def available(body: Object | None) -> bool:
    """Is a Deployment rolled out: everything of its newest generation there and ready?"""
    if body is None:
        return False
    status, spec = body.get("status") or {}, body["spec"]
    wanted = spec.get("replicas", 1)
    current = status.get("observedGeneration", 0) >= body["metadata"]["generation"]
    counts = [status.get(key, 0) for key in ("updatedReplicas", "readyReplicas", "replicas")]
    return current and all(count == wanted for count in counts)


def service(
    name: str, namespace: str, selector: dict[str, str], ports: dict[str, tuple[int, int]], **options: Any
) -> Object:
    """A Service: ``ports`` maps a name to (port, target port). Options: ``headless``, ``owners``, ``labels``, …"""
    meta: Object = {"name": name, "namespace": namespace}
    for key, field in (("owners", "ownerReferences"), ("labels", "labels"), ("annotations", "annotations")):
        if options.get(key):
            meta[field] = options[key]
    entries = [
        {"name": key, "port": port, "targetPort": target, "protocol": "TCP"} for key, (port, target) in ports.items()
    ]
    spec: Object = {"selector": selector, "ports": entries}
    if options.get("headless"):
        spec["clusterIP"] = "None"
    return {"metadata": meta, "spec": spec}
