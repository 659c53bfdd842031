# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Pods the network policies of a namespace let others reach. Pure: objects in, a verdict out.

Every process here has the same source address, so policies can't be kept where they are on a real cluster, in the
network. The gateway is no Pod's process and finds models by their names alone: a name leads nowhere where a policy
would drop its packets. A process of a Pod is turned away at the other's door (`sandbox/kubernetes/kubelet/door.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Object = dict[str, Any]
#: an address at which nobody answers
NOWHERE = "127.255.255.254"
#: label of the gateway's Pods, as the 3scale operator sets it
_DEPLOYMENT, _GATEWAY = "deployment", "apicast-"


def is_gateway(pod: Object) -> bool:
    """Is this a Pod of the gateway?"""
    return str((pod["metadata"].get("labels") or {}).get(_DEPLOYMENT, "")).startswith(_GATEWAY)


def admits(policies: Iterable[Object], namespaces: dict[str, Object], pod: Object, callers: Iterable[Object]) -> bool:
    """May one of these Pods open a connection to this Pod?

    :param policies: NetworkPolicies of the Pod's namespace
    :param namespaces: name → Namespace
    :param callers: Pods that call
    """
    concerned = [policy for policy in policies if _concerns(policy["spec"], pod)]
    if not concerned:
        return True
    rules = [rule for policy in concerned for rule in policy["spec"].get("ingress") or []]
    return any(_rule(rule, namespaces, pod, caller) for rule in rules for caller in callers)


def _concerns(spec: Object, pod: Object) -> bool:
    return "Ingress" in (spec.get("policyTypes") or ["Ingress"]) and matches(spec.get("podSelector") or {}, pod)


def _rule(rule: Object, namespaces: dict[str, Object], pod: Object, caller: Object) -> bool:
    peers, ports = rule.get("from") or [], rule.get("ports") or []
    if ports and not any(_port(port, pod) for port in ports):
        return False
    return not peers or any(_peer(peer, namespaces, pod["metadata"]["namespace"], caller) for peer in peers)


def _peer(peer: Object, namespaces: dict[str, Object], own: str, caller: Object) -> bool:
    if "ipBlock" in peer:
        return False
    namespace = caller["metadata"]["namespace"]
    if "namespaceSelector" in peer:
        found = namespaces.get(namespace)
        if found is None or not matches(peer["namespaceSelector"], found):
            return False
    elif namespace != own:
        return False
    return matches(peer.get("podSelector") or {}, caller)


def _port(port: Object, pod: Object) -> bool:
    """Is it one of the Pod's ports? TCP by default."""
    if port.get("protocol", "TCP") != "TCP":
        return False
    wanted = port.get("port")
    if wanted is None:
        return True
    there = [entry for item in pod["spec"]["containers"] for entry in item.get("ports") or []]
    if isinstance(wanted, str):
        return any(entry.get("name") == wanted for entry in there)
    return any(wanted <= entry["containerPort"] <= port.get("endPort", wanted) for entry in there)


def matches(selector: Object, item: Object) -> bool:
    """Kubernetes' label selector; an empty one takes all."""
    labels = item["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression(entry, labels) for entry in selector.get("matchExpressions") or [])


def _expression(entry: Object, labels: dict[str, str]) -> bool:
    value, wanted = labels.get(entry["key"]), entry.get("values") or []
    return {
        "In": value in wanted,
        "NotIn": value not in wanted,
        "Exists": entry["key"] in labels,
        "DoesNotExist": entry["key"] not in labels,
    }[entry["operator"]]
