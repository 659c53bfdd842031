# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Whether nodes and quotas have room for the models: GPUs, and what ResourceQuotas count. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.cluster.quantity import amount, written

Object = Mapping[str, Any]
_BY_THEMSELVES = "or set preflight_check_gpus to false where nodes come by themselves"
_SUM = "serving.gpus times serving.replicas in maas_models"
#: quotas of these scopes count a model's Pods, which run without end and ask for resources
_COUNTING = frozenset({"NotTerminating", "NotBestEffort"})
_PLAIN = ("cpu", "memory", "ephemeral-storage")


def gpus(wish: Object, seen: Object) -> Iterable[str]:
    """Models that find no node, or not enough of them."""
    if seen.get("nodes") is None or not wish.get("check_gpus"):
        return
    resource, models = str(wish.get("gpu_resource")), wish.get("gpus") or []
    counts = [(_labels(node), _count(node, resource)) for node in seen["nodes"]]
    large = False
    for item in models:
        selector = item.get("node_selector") or {}
        fitting = [
            count for labels, count in counts if all(labels.get(key) == str(value) for key, value in selector.items())
        ]
        most = max(fitting, default=0)
        if item["gpus"] > most:
            large = True
            where = f"no node with the labels of serving.node_selector {dict(selector)}" if selector else "no node"
            yield (
                f"Model {item['model']} asks for {item['gpus']} {resource} (serving.gpus in maas_models), but {where} "
                f"has more than {most}. Ask for less, add a node, {_BY_THEMSELVES}"
            )
    wanted, there = _gpus_of(models), sum(count for _labels_, count in counts)
    if wanted > there and not large:
        yield (
            f"The models ask for {wanted} {resource} together ({_SUM}), but all nodes have only {there}. Ask for "
            f"less, add nodes, {_BY_THEMSELVES}"
        )


def _labels(node: Object) -> Mapping[str, str]:
    return (node.get("metadata") or {}).get("labels") or {}


def _count(node: Object, resource: str) -> int:
    return int(((node.get("status") or {}).get("allocatable") or {}).get(resource, 0))


def _gpus_of(models: Sequence[Object]) -> int:
    return sum(int(item["gpus"]) * int(item["replicas"]) for item in models)


def quotas(wish: Object, seen: Object) -> Iterable[str]:
    """Quotas of the models' namespace that all models together exceed, or that ask of a model what it does not say."""
    models = wish.get("gpus") or []
    for quota in seen.get("quotas") or []:
        metadata, spec = quota.get("metadata") or {}, quota.get("spec") or {}
        if metadata.get("namespace") != wish.get("model_namespace") or not _counts(spec):
            continue
        name = f"ResourceQuota {metadata.get('name')} of namespace {metadata.get('namespace')}"
        for key, hard in sorted((spec.get("hard") or {}).items()):
            yield from _judged(name, key, amount(hard), models, str(wish.get("gpu_resource")))


def _counts(spec: Object) -> bool:
    return not spec.get("scopeSelector") and set(spec.get("scopes") or []) <= _COUNTING


def _judged(name: str, key: str, hard: Decimal | None, models: Sequence[Object], gpu: str) -> Iterable[str]:
    if hard is None:
        return
    if key in ("pods", "count/pods"):
        asked: list[Decimal | None] = [Decimal(int(item["replicas"])) for item in models]
    else:
        side, resource = _counted(key)
        if not side:
            return
        asked = [_asked(item, side, resource) for item in models]
        for item, one in zip(models, asked):
            if one is None and resource in _PLAIN:
                yield (
                    f"{name} counts {key}, and model {item['model']} says none, so its Pods are refused. Give "
                    f"serving.resources.{side}.{resource} in maas_models"
                )
    total = sum((one for one in asked if one is not None), Decimal(0))
    if total > hard:
        how = f" ({_SUM})" if key == f"requests.{gpu}" else ""
        yield (
            f"{name} allows {written(hard)} {key}, and the models ask for {written(total)}{how}. Raise it, or ask for "
            "less"
        )


def _counted(key: str) -> tuple[str, str]:
    """Which side of a container's resources a key of a quota counts, and which resource; empty for other keys."""
    if key in _PLAIN:
        return "requests", key
    side, _dot, resource = key.partition(".")
    return (side, resource) if side in ("requests", "limits") and resource and resource != "storage" else ("", "")


def _asked(model: Object, side: str, resource: str) -> Decimal | None:
    """What all replicas ask for; None where the model does not say. Limits stand in for requests that are missing."""
    resources = model.get("resources") or {}
    one = (resources.get(side) or {}).get(resource)
    if one is None and side == "requests":
        one = (resources.get("limits") or {}).get(resource)
    number = amount(one) if one is not None else None
    return None if number is None else number * int(model["replicas"])


def evaluation(wish: Object, seen: Object) -> Iterable[str]:
    """3scale without resource requirements in a namespace whose quota asks for them."""
    namespace = wish.get("unlimited_namespace")
    limits = seen.get("limit_ranges")
    if not namespace or limits is None or [item for item in limits if _namespace(item) == namespace]:
        return
    for quota in seen.get("quotas") or []:
        spec = quota.get("spec") or {}
        counted = sorted(key for key in spec.get("hard") or {} if _counted(key)[1] in ("cpu", "memory"))
        if _namespace(quota) == namespace and _counts(spec) and counted:
            yield (
                f"ResourceQuota {quota['metadata'].get('name')} of namespace {namespace} counts {', '.join(counted)}, "
                "and 3scale's Pods say none with threescale_resource_requirements false. Set it to true, or make a "
                "LimitRange with defaults there"
            )


def _namespace(item: Object) -> str:
    return str((item.get("metadata") or {}).get("namespace") or "")
