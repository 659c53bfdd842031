# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What a cluster lacks for what is wanted of it, all of it at once. Pure, no I/O. Each part knows its own keys.

What could not be read (no right to it) is no list, and not judged: whoever needs it finds out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.cluster import hosts, pulls, rights, room
from ansible_collections.rhai.maas.plugins.module_utils.cluster.state import condition

Object = Mapping[str, Any]
_NAMESPACE = re.compile(r"(?=.{1,63}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def faults(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> list[str]:
    """Everything that is missing, one sentence each with the variable and what would be right.

    :param wish: ``definitions`` (api_version, kind, from), ``packages`` (name, channel, variable), ``storage`` (name,
        for, fix), each with ``wanted`` where it is not always so; ``secrets`` (namespace, name, keys, fix),
        ``namespaces``, ``operator_namespaces``, ``model_namespace``, ``trust`` (ConfigMaps there); what ``room``,
        ``hosts`` and ``pulls`` take
    :param seen: ``apis`` (version to kinds), ``denied`` (rights, see ``rights.Right``), ``answers`` (see ``hosts``) and
        ``found``: objects as the API server returns them, by key; False where they could not be read. The keys are
        ``offers`` (PackageManifests), ``classes``, ``nodes``, ``secrets``, ``quotas``, ``namespaces``, ``clusters``
        (DataScienceClusters), ``groups`` (OperatorGroups), ``maps`` (ConfigMaps), ``other_servers`` (Keycloaks of the
        generation that is not wanted), and those of ``room``, ``hosts`` and ``pulls``
    """
    judged = {key: value for key, value in seen.items() if key != "found" and isinstance(value, (list, Mapping))}
    judged.update({key: items for key, items in (seen.get("found") or {}).items() if isinstance(items, list)})
    return [text for part in _PARTS for text in part(wish, judged)]


def _rights(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    denied = [rights.Right(*item) for item in seen.get("denied") or []]
    if set(wish.get("namespaces") or []) <= set(_names(seen.get("namespaces") or [])):  # none is to be made
        denied = [right for right in denied if right[:3] != ("", "namespaces", "create")]
    return rights.faults(denied)


def _wanted(wish: Mapping[str, Any], kind: str) -> list[Any]:
    return [item for item in wish.get(kind) or [] if item.get("wanted", True)]


def _key(item: Object) -> tuple[str, str]:
    meta = item.get("metadata") or {}
    return str(meta.get("namespace") or ""), str(meta.get("name") or "")


def _names(items: Iterable[Object]) -> list[str]:
    return sorted(_key(item)[1] for item in items)


def _definitions(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    apis = seen.get("apis")
    if apis is None:
        return
    for item in _wanted(wish, "definitions"):
        if item["kind"] not in (apis.get(item["api_version"]) or {}):
            kind = f"{item['kind']} ({item['api_version']})"
            yield f"The cluster does not know the kind {kind}; first install {item['from']}"


def _packages(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    offers = seen.get("offers") or []
    if not offers:  # a user without access to the catalogue finds out when the operator is subscribed to
        return
    for item in _wanted(wish, "packages"):
        statuses = [offer.get("status") or {} for offer in offers if _key(offer)[1] == item["name"]]
        channels = sorted({str(entry.get("name")) for status in statuses for entry in status.get("channels") or []})
        if item["channel"] not in channels:
            yield (
                f"No catalogue offers package {item['name']} in channel {item['channel']}; offered are "
                f"{', '.join(channels) or 'none'}. Correct {item['variable']}, or see the catalogue sources in "
                "namespace openshift-marketplace"
            )


def _storage(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    if seen.get("classes") is None:
        return
    there = _names(seen["classes"])
    listed = ", ".join(there) or "none"
    for item in _wanted(wish, "storage"):
        if not item["name"] and not any(_is_default(one) for one in seen["classes"]):
            yield f"No storage class is the cluster's default one, for {item['for']}; there are {listed}. {item['fix']}"
        elif item["name"] and item["name"] not in there:
            yield f"There is no storage class {item['name']} for {item['for']}; there are {listed}. {item['fix']}"


def _is_default(storage_class: Mapping[str, Any]) -> bool:
    """Is a volume of this class where a claim names none?"""
    notes = storage_class["metadata"].get("annotations") or {}
    return bool(notes.get("storageclass.kubernetes.io/is-default-class") == "true")


def _secrets(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    if seen.get("secrets") is None:
        return
    there = {_key(item): set(item.get("data") or {}) for item in seen["secrets"]}
    for item in _wanted(wish, "secrets"):
        place = f"Secret {item['name']} in namespace {item['namespace']}"
        found = there.get((item["namespace"], item["name"]))
        if found is None:
            yield f"There is no {place}. {item['fix']}"
        elif set(item.get("keys") or []) - found:
            yield f"{place} lacks {', '.join(sorted(set(item['keys']) - found))}. {item['fix']}"


def _namespaces(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    for name in wish.get("namespaces") or []:
        if not _NAMESPACE.fullmatch(str(name)):
            yield (
                f"{name!r} is no name of a namespace, which has at most 63 lower case letters, digits and -. Correct "
                "the variable that holds it: model_serving_namespace, sso_namespace or threescale_namespace"
            )
    for item in seen.get("namespaces") or []:
        name = _key(item)[1]
        if name in (wish.get("namespaces") or []) and (item.get("metadata") or {}).get("deletionTimestamp"):
            yield (
                f"Namespace {name} is being deleted and takes no new objects. Wait until it is gone; what holds it "
                "stands in its status"
            )


def _serving(_wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    for item in seen.get("clusters") or []:
        found = condition(item, "KserveReady")
        if str(found.get("status")) == "False":
            yield (
                f"OpenShift AI's component kserve is not ready: {found.get('reason')}"
                f"{': ' if found.get('message') else ''}{str(found.get('message') or '').rstrip('.')}. See "
                f"DataScienceCluster {_key(item)[1]}"
            )


def _groups(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    """Operator groups that the operator lifecycle manager would refuse a subscription for."""
    for namespace in wish.get("operator_namespaces") or []:
        there = [item for item in seen.get("groups") or [] if _key(item)[0] == namespace]
        targets = [(item.get("spec") or {}).get("targetNamespaces") or [] for item in there]
        if len(there) > 1 or targets and targets[0] != [namespace]:
            yield (
                f"Operator groups of namespace {namespace}: {', '.join(_names(there))}. The operator lifecycle manager "
                "needs exactly one there, limited to that namespace. Remove or correct what is there, or choose "
                "another namespace"
            )


def _other_generation(_wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    """Both operators call their StatefulSet ``keycloak``, and neither gives way to the other."""
    for item in seen.get("other_servers") or []:
        namespace, name = _key(item)
        yield (
            f"Keycloak {name} in namespace {namespace} is of the other generation ({item.get('apiVersion')}), and both "
            "operators would make StatefulSet keycloak there. Set sso_generation to what is there, or choose another "
            "sso_namespace"
        )


def _trust(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    """ConfigMaps with certificates that the import names and nobody makes; Pods pass over those that are missing."""
    namespace = wish.get("model_namespace")
    if seen.get("maps") is None or namespace not in _names(seen.get("namespaces") or []):
        return
    there = _names(seen["maps"])
    for name in wish.get("trust") or []:
        if name not in there:
            yield (
                f"There is no ConfigMap {name} in namespace {namespace}, which model_serving_import_trust names: "
                "imports would go on without its certificates. Make it, or correct the name"
            )


_PARTS = (
    _rights,
    _definitions,
    _serving,
    _namespaces,
    _packages,
    _groups,
    _other_generation,
    _storage,
    _secrets,
    _trust,
    room.gpus,
    room.quotas,
    room.evaluation,
    hosts.domains,
    hosts.lengths,
    hosts.answers,
    pulls.faults,
)
