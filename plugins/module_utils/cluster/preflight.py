# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What a cluster lacks for what is wanted of it, all of it at once. Pure, no I/O.

What could not be read (no right to it) is no list, and not judged: whoever needs it finds out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Object = Mapping[str, Any]


def faults(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> list[str]:
    """Everything that is missing, one sentence each with the variable and what would be right.

    :param wish: ``definitions`` (api_version, kind, from), ``packages`` (name, channel, variable), ``storage`` (name,
        for, fix), each with ``wanted`` where it is not always so; ``secrets`` (namespace, name, keys, fix), ``gpus``
        (model, gpus, replicas), ``gpu_resource``, ``check_gpus``, ``model_namespace``
    :param seen: ``apis`` (version to kinds), ``offers`` (PackageManifests), ``classes``, ``nodes``, ``secrets``,
        ``quotas`` (objects as the API server returns them)
    """
    read = {key: value for key, value in seen.items() if isinstance(value, (list, Mapping))}
    parts = (_definitions, _packages, _storage, _secrets, _gpus, _quotas)
    return [text for part in parts for text in part(wish, read)]


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
    for item in _wanted(wish, "storage"):
        if item["name"] not in there:
            listed = ", ".join(there) or "none"
            yield f"There is no storage class {item['name']} for {item['for']}; there are {listed}. {item['fix']}"


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


_BY_THEMSELVES = "or set preflight_check_gpus to false where nodes come by themselves"
_SUM = "serving.gpus times serving.replicas in maas_models"


def _gpus(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    if seen.get("nodes") is None or not wish.get("check_gpus"):
        return
    resource, models = str(wish.get("gpu_resource")), wish.get("gpus") or []
    statuses = [node.get("status") or {} for node in seen["nodes"]]
    counts = [int((status.get("allocatable") or {}).get(resource, 0)) for status in statuses]
    most, total = max(counts, default=0), _total(models)
    large = [item for item in models if item["gpus"] > most]
    for item in large:
        yield (
            f"Model {item['model']} asks for {item['gpus']} {resource} (serving.gpus in maas_models), but no node "
            f"has more than {most}. Ask for less, add a node, {_BY_THEMSELVES}"
        )
    if total > sum(counts) and not large:
        yield (
            f"The models ask for {total} {resource} together ({_SUM}), but all nodes have only {sum(counts)}. Ask for "
            f"less, add nodes, {_BY_THEMSELVES}"
        )


def _total(models: Sequence[Mapping[str, Any]]) -> int:
    return sum(int(item["gpus"]) * int(item["replicas"]) for item in models)


def _quotas(wish: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterable[str]:
    resource, total = f"requests.{wish.get('gpu_resource')}", _total(wish.get("gpus") or [])
    for quota in seen.get("quotas") or []:
        namespace, name = _key(quota)
        hard = ((quota.get("spec") or {}).get("hard") or {}).get(resource)
        if namespace == wish.get("model_namespace") and hard is not None and int(hard) < total:
            yield (
                f"ResourceQuota {name} of namespace {namespace} allows {hard} {resource}, and the models ask for "
                f"{total} ({_SUM}). Raise it, or ask for less"
            )
