# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenShift's ingress-to-route controller: a Route with a generated name for each rule of an Ingress."""

from __future__ import annotations

import hashlib

from sandbox.operators.kube import INGRESS, ROUTE, Key, Object, owned
from sandbox.operators.runtime import Controller, Watch


class Ingresses(Controller):
    """Ingress → Routes. A rule without a host gets none, as on a real cluster."""

    name = "ingress to route"
    watches = (Watch(INGRESS),)

    async def reconcile(self, key: Key) -> float | None:
        """Apply a Route for each path, delete those whose rule went."""
        body = await self.kube.get(INGRESS, key.namespace, key.name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            return None
        wanted = {}
        for rule in body["spec"].get("rules") or []:
            for path in (rule.get("http") or {}).get("paths") or []:
                if rule.get("host"):
                    route = self._route(key, body, rule["host"], path)
                    wanted[route["metadata"]["name"]] = route
        for route in wanted.values():
            await self.kube.apply(ROUTE, route)
        for route in await self.kube.list(ROUTE, key.namespace):
            references = route["metadata"].get("ownerReferences") or []
            mine = any(entry["uid"] == body["metadata"]["uid"] for entry in references)
            if mine and route["metadata"]["name"] not in wanted:
                await self.kube.delete(ROUTE, key.namespace, route["metadata"]["name"])
        return None

    @staticmethod
    def _route(key: Key, body: Object, host: str, path: Object) -> Object:
        annotations = body["metadata"].get("annotations") or {}
        termination = annotations.get("route.openshift.io/termination", "edge")
        backend = path["backend"]["service"]
        port = backend["port"].get("name") or backend["port"]["number"]
        suffix = hashlib.sha256(f"{body['metadata']['uid']}/{host}{path.get('path')}".encode()).hexdigest()[:5]
        spec: Object = {
            "host": host,
            "to": {"kind": "Service", "name": backend["name"], "weight": 100},
            "port": {"targetPort": port},
            "tls": {"termination": termination, "insecureEdgeTerminationPolicy": "Redirect"},
        }
        if path.get("path") not in (None, "/") and termination != "passthrough":
            spec["path"] = path["path"]
        kept = {name: value for name, value in annotations.items() if name.startswith("haproxy.")}
        meta: Object = {"name": f"{key.name}-{suffix}", "namespace": key.namespace}
        meta["ownerReferences"] = owned(INGRESS, body)
        if kept:
            meta["annotations"] = kept
        return {"metadata": meta, "spec": spec}
