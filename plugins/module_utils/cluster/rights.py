# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Which rights the roles need, and which of them an account lacks. Pure, no I/O.

A right is ``(group, resource, verb, namespace, name)``; a subresource stands in the resource as ``pods/log``, an empty
namespace is the whole cluster, an empty name any object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Object = Mapping[str, Any]
#: what the roles themselves delete while they make the service; all else is deleted by errands, with their own refusals
_DELETED = frozenset({"jobs", "networkpolicies"})


class Right(NamedTuple):
    """One thing to be allowed."""

    group: str
    resource: str
    verb: str
    namespace: str = ""
    name: str = ""


def wanted(grants: Sequence[Object]) -> list[Right]:
    """The rights that rules give, each once.

    :param grants: ``rules`` (of a ClusterRole) and ``places``: for a group (or ``group/resource``) the namespaces where
        it is needed, ``""`` for the whole cluster; a group without places is not needed
    """
    found = {
        Right(group, resource, verb, namespace, name): None
        for grant in grants
        for rule in grant["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for namespace in _places(grant.get("places") or {}, group, resource)
        for verb in rule["verbs"]
        for name in rule.get("resourceNames") or [""]
        if verb != "delete" or resource in _DELETED
    }
    return list(found)


def _places(places: Mapping[str, Any], group: str, resource: str) -> list[str]:
    return list(places.get(f"{group}/{resource}", places.get(group)) or [])


def shown_by(rules: Iterable[Object], right: Right) -> bool:
    """Do these rules (``resourceRules`` of a SelfSubjectRulesReview of the right's namespace) give the right?"""
    return any(
        _any(rule.get("verbs"), right.verb)
        and _any(rule.get("apiGroups"), right.group)
        and _resource(rule.get("resources") or [], right.resource)
        and (not rule.get("resourceNames") or right.name in rule["resourceNames"])
        for rule in rules
    )


def _any(values: Any, value: str) -> bool:
    return value in (values or []) or "*" in (values or [])


def _resource(values: Sequence[str], resource: str) -> bool:
    _parent, _slash, sub = resource.partition("/")
    return resource in values or "*" in values or bool(sub) and f"*/{sub}" in values


def access_review(right: Right) -> dict[str, Any]:
    """The question for one right, as the API server takes it."""
    resource, _slash, sub = right.resource.partition("/")
    attributes = {
        "group": right.group,
        "resource": resource,
        "subresource": sub,
        "verb": right.verb,
        "namespace": right.namespace,
        "name": right.name,
    }
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value or key == "group"}},
    }


def rules_review(namespace: str) -> dict[str, Any]:
    """The question for all rights in a namespace."""
    spec = {"namespace": namespace}
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": spec}


def faults(denied: Iterable[Sequence[str]]) -> Iterable[str]:
    """One sentence for each kind of object, with its verbs and namespaces, and one more on who can mend that."""
    verbs: dict[tuple[str, str, str, str], list[str]] = {}
    for right in (Right(*item) for item in denied):
        verbs.setdefault((right.group, right.resource, right.namespace, right.name), []).append(right.verb)
    places: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (group, resource, namespace, name), named in verbs.items():
        # a namespace is asked for by its own name, within itself
        places.setdefault((group, resource, tuple(named)), []).append(name or namespace)
    for (group, resource, together), where in places.items():
        what = f"{resource} ({group})" if group else resource
        there = [name for name in where if name]
        place = f" in {', '.join(there)}" if there else " of the whole cluster"
        yield f"The account may not {', '.join(together)} {what}{place}; role automation_rights grants it"
    if places:
        yield "For these rights an administrator of the cluster runs playbook rhai.maas.rights"
