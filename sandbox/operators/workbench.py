# SPDX-License-Identifier: GPL-3.0-or-later
"""Workbenches: Notebook → StatefulSet, Service and, when it asks for authentication, a Route."""

from __future__ import annotations

import copy

from sandbox.operators import pods
from sandbox.operators.conditions import now
from sandbox.operators.kube import NOTEBOOK, POD, ROUTE, SERVICE, STATEFUL_SET, Key, Object, owned
from sandbox.operators.runtime import Controller, Watch, owner_key

STOPPED = "kubeflow-resource-stopped"
INJECT = ("notebooks.opendatahub.io/inject-oauth", "notebooks.opendatahub.io/inject-auth")


def stateful_set(notebook: Object) -> Object:
    """The StatefulSet of the same name."""
    meta = notebook["metadata"]
    annotations = meta.get("annotations") or {}
    spec = copy.deepcopy(notebook["spec"]["template"]["spec"])
    for container in spec["containers"]:
        container.setdefault("ports", [{"name": "notebook-port", "containerPort": 8888, "protocol": "TCP"}])
    labels = {"statefulset": meta["name"], "notebook-name": meta["name"], **(meta.get("labels") or {})}
    selector = {"statefulset": meta["name"]}
    return {
        "metadata": {**_names(notebook), "labels": labels},
        "spec": {
            "serviceName": meta["name"],
            "replicas": 0 if STOPPED in annotations else 1,
            "selector": {"matchLabels": selector},
            "template": {"metadata": {"labels": labels}, "spec": pods.hardened(spec)},
        },
    }


def _names(notebook: Object) -> Object:
    meta = notebook["metadata"]
    return {"name": meta["name"], "namespace": meta["namespace"], "ownerReferences": owned(NOTEBOOK, notebook)}


class Notebooks(Controller):
    """Keeps the StatefulSet and tells what its Pod does."""

    name = "workbench"
    watches = (Watch(NOTEBOOK), Watch(STATEFUL_SET, owner_key("Notebook")))

    async def reconcile(self, key: Key) -> float | None:
        """Apply everything, write the status."""
        body = await self.kube.get(NOTEBOOK, key.namespace, key.name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            return None
        made = await self.kube.apply(STATEFUL_SET, stateful_set(body))
        port = made["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"]
        selector = {"statefulset": key.name}
        owners = owned(NOTEBOOK, body)
        ports = {f"http-{key.name}"[:15].rstrip("-"): (80, port)}
        await self.kube.apply(SERVICE, pods.service(key.name, key.namespace, selector, ports, owners=owners))
        annotations = body["metadata"].get("annotations") or {}
        if any(annotations.get(name) == "true" for name in INJECT):
            spec = {
                "to": {"kind": "Service", "name": key.name, "weight": 100},
                "tls": {"termination": "reencrypt", "insecureEdgeTerminationPolicy": "Redirect"},
            }
            await self.kube.apply(ROUTE, {"metadata": _names(body), "spec": spec})
        await self._tell(key, body, made)
        return None

    async def _tell(self, key: Key, body: Object, made: Object) -> None:
        pod = await self.kube.get(POD, key.namespace, f"{key.name}-0") or {}
        state = pod.get("status") or {}
        before = (body.get("status") or {}).get("conditions") or []
        conditions = []
        for entry in state.get("conditions") or []:
            kept = {k: v for k, v in entry.items() if k in ("type", "status", "reason", "message")}
            kept["lastTransitionTime"] = entry.get("lastTransitionTime") or now()
            conditions.append(kept)
        containers = state.get("containerStatuses") or [{}]
        status = {
            "readyReplicas": (made.get("status") or {}).get("readyReplicas", 0),
            "conditions": conditions or before,
            "containerState": containers[0].get("state") or {},
        }
        await self.kube.status(NOTEBOOK, body, status)
