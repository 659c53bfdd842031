# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenShift does to a Route: a host when it has none, and the router's verdict."""

from __future__ import annotations

from sandbox.operators.conditions import condition, merged
from sandbox.operators.kube import ROUTE, Key, Object, key_of
from sandbox.operators.runtime import Controller, Watch

ROUTER = "default"


class Routes(Controller):
    """Gives hosts, admits; the older of two Routes of one host in different namespaces wins."""

    name = "router"
    watches = (Watch(ROUTE),)

    async def reconcile(self, key: Key) -> float | None:
        """Look at one Route, and at those that wait for its host."""
        body = await self.kube.get(ROUTE, key.namespace, key.name)
        everything = await self.kube.list(ROUTE)
        if body is None:
            for other in everything:  # the host of a Route that went may be free for others now
                if not self._admitted(other):
                    await self._admit(other, everything)
            return None
        if not body["spec"].get("host"):
            generated = self.config.host(f"{key.name}-{key.namespace}")
            annotations = {"openshift.io/host.generated": "true"}
            await self.kube.patch(ROUTE, key, {"spec": {"host": generated}, "metadata": {"annotations": annotations}})
            return None
        await self._admit(body, everything)
        return None

    @staticmethod
    def _admitted(body: Object) -> bool:
        ingresses = (body.get("status") or {}).get("ingress") or []
        return any(c["status"] == "True" for entry in ingresses for c in entry.get("conditions") or [])

    async def _admit(self, body: Object, everything: list[Object]) -> None:
        key, host = key_of(body), body["spec"].get("host")
        if not host:
            return
        path = body["spec"].get("path") or ""
        same = [o for o in everything if o["spec"].get("host") == host and o["metadata"]["namespace"] != key.namespace]
        rivals = [other for other in same if (other["spec"].get("path") or "") == path]
        age = body["metadata"]["creationTimestamp"]
        winner = next((o for o in rivals if self._older(o, age, key)), None)
        if winner:
            text = f"route {winner['metadata']['name']} already exposes {host} and is older"
            verdict = condition("Admitted", False, "HostAlreadyClaimed", text)
        else:
            verdict = condition("Admitted", True)
        entries = (body.get("status") or {}).get("ingress") or []
        before = next((entry.get("conditions") for entry in entries if entry.get("routerName") == ROUTER), None)
        entry = {
            "host": host,
            "routerName": ROUTER,
            "routerCanonicalHostname": f"router-default.{self.config.superdomain}",
            "wildcardPolicy": "None",
            "conditions": merged(before, [verdict]),
        }
        await self.kube.status(ROUTE, body, {"ingress": [entry]})

    @staticmethod
    def _older(other: Object, age: str, key: Key) -> bool:
        theirs = (other["metadata"]["creationTimestamp"], other["metadata"]["namespace"])
        return theirs < (age, key.namespace)
