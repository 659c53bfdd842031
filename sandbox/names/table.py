# SPDX-License-Identifier: GPL-3.0-or-later
"""Which address a cluster name has. Pure: Services and Pods in, addresses out."""

from __future__ import annotations

from typing import Any

from sandbox.names.policies import NOWHERE, admits, is_gateway

Object = dict[str, Any]
#: what names depend on: kind → where the API server lists it
KINDS = {
    "services": "/api/v1/services",
    "pods": "/api/v1/pods",
    "namespaces": "/api/v1/namespaces",
    "networkpolicies": "/apis/networking.k8s.io/v1/networkpolicies",
}
CLUSTER_DOMAIN = "cluster.local"
# A Service without Pods may say itself where it is: the operators give it to Services that another part of the sandbox
# stands for.
ADDRESS_ANNOTATION = "sandbox.rhai.maas/address"


class Table:
    """Services, Pods and network policies of the cluster, as far as names need them."""

    def __init__(self) -> None:
        self.known: dict[str, dict[tuple[str, str], Object]] = {kind: {} for kind in KINDS}

    def change(self, kind: str, event: str, item: Object) -> None:
        """One event of a watch of a kind of ``KINDS``; RESYNC forgets what is gone."""
        known = self.known[kind]
        if event == "RESYNC":
            present = {_key(entry) for entry in item["items"]}
            for key in [key for key in known if key not in present]:
                del known[key]
        elif event == "DELETED":
            known.pop(_key(item), None)
        else:
            known[_key(item)] = item

    def addresses(self, name: str) -> list[str] | None:
        """Addresses of SERVICE.NAMESPACE.svc[.cluster.local], in order; None where no such Service is there."""
        parts = name.rstrip(".").lower().removesuffix(f".{CLUSTER_DOMAIN}").split(".")
        if len(parts) != 3 or parts[2] != "svc":
            return None
        service = self.known["services"].get((parts[1], parts[0]))
        if service is None:
            return None
        selector = service["spec"].get("selector")
        if not selector:
            address = (service["metadata"].get("annotations") or {}).get(ADDRESS_ANNOTATION)
            return [address] if address else []
        unready = service["spec"].get("publishNotReadyAddresses", False)
        chosen = [
            pod
            for pod in self._of(parts[1], "pods")
            if _selected(pod, selector) and pod.get("status", {}).get("podIP") and (unready or _ready(pod))
        ]
        admitted = self._admitted(parts[1], chosen)
        return sorted(pod["status"]["podIP"] if pod in admitted else NOWHERE for pod in chosen)

    def lets_in(self, called: str, caller: str) -> bool:
        """Do the policies let one Pod open a connection to another? Both by UID; one that is not there may not."""
        pods = {pod["metadata"]["uid"]: pod for pod in list(self.known["pods"].values())}
        if called not in pods or caller not in pods:
            return False
        policies = self._of(pods[called]["metadata"]["namespace"], "networkpolicies")
        return called == caller or admits(policies, self._namespaces(), pods[called], [pods[caller]])

    def _of(self, namespace: str, kind: str) -> list[Object]:
        return [item for (where, _name), item in list(self.known[kind].items()) if where == namespace]

    def _admitted(self, namespace: str, pods: list[Object]) -> list[Object]:
        """Those that the gateway, who asks for these names, may reach by the namespace's policies."""
        policies = self._of(namespace, "networkpolicies")
        if not policies:
            return pods
        gateway = [pod for pod in list(self.known["pods"].values()) if is_gateway(pod)]
        return [pod for pod in pods if admits(policies, self._namespaces(), pod, gateway)]

    def _namespaces(self) -> dict[str, Object]:
        return {name: item for (_none, name), item in list(self.known["namespaces"].items())}


def _key(item: Object) -> tuple[str, str]:
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]


def _selected(pod: Object, selector: dict[str, str]) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in selector.items())


def _ready(pod: Object) -> bool:
    if pod["metadata"].get("deletionTimestamp"):
        return False
    conditions = pod.get("status", {}).get("conditions") or []
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)


def in_cluster(name: str) -> bool:
    """Is it a name that only the cluster knows?"""
    bare = name.rstrip(".").lower()
    return bare.endswith((f".{CLUSTER_DOMAIN}", ".svc"))


def on_this_machine(name: str) -> bool:
    """localhost and everything below it."""
    bare = name.rstrip(".").lower()
    return bare == "localhost" or bare.endswith(".localhost")
