# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Application and service plans with limits and pricing rules, planned; pure.

Limits are never off during a change: a value is changed in place, a new limit is made before an old one is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import (
    Children,
    by_key,
    create,
    delete,
    plan_list,
    ref_to,
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Find,
    Ref,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import (
    LIMIT,
    PLAN_BASE,
    PRICE,
    SERVICE_PLAN,
)

_COPY = re.compile(r"(.+)_custom_\d+")  # how the server names the copy of a plan for one application
MetricRefs = Mapping[tuple[Any, Any], Ref]  # (backend or None, metric) → reference


def plan_plans(
    table: Resource,
    wanted: Sequence[Values] | None,
    present: Sequence[Values],
    product: Ref,
    label: str,
    prune: bool,
) -> Children:
    """The plans of one kind, published or hidden, and the default one (which can be set, never unset)."""
    plan = plan_list(
        table,
        wanted,
        present,
        {"product": product},
        label,
        prune=prune,
        keep=lambda item: table is SERVICE_PLAN and bool(item.get("default")),
    )
    there = by_key(table, present)
    for item in wanted or []:
        key = table.key_of(item)
        if key not in there:
            _refuse_unnamed(table, item, label)
        if item.get("state") == "absent" or not item.get("default") or there.get(key, {}).get("default"):
            plan.warnings += _stays_default(table, item, there.get(key, {}), wanted or [], label)
            continue
        plan.changes.append(_make_default(table, f"{label}{table.label(item)}", product, plan.refs[key], plan.changes))
    for change in plan.changes:
        change.already = (*change.already, (422, "cannot transition when"))
    for change in plan.deletions:  # who is subscribed by it is told by no list but that of each account
        change.tolerate = ((403, "depends on it"),) if table.noun != "application plan" else ()
    return plan


def _make_default(table: Resource, key: str, product: Ref, plan: Ref, before: Sequence[Change]) -> Change:
    """Make a plan the default one, after those changes that concern it."""
    change = Change(
        action="default",
        noun=table.noun,
        key=key,
        before={"default": False},
        after={"default": True},
        call=Call("PUT", f"{table.path}/{{id}}/default.json", {"product": product, "id": plan}),
    )
    change.needs.extend(entry for entry in before if entry.ref is plan or _id_of(entry) is plan)
    return change


def _refuse_unnamed(table: Resource, item: Values, label: str) -> None:
    """Refuse a new plan whose name is too short for the system_name that the server makes of it."""
    if item.get("state") == "absent" or item.get("system_name") is not None or len(str(item.get("name")).strip()) > 1:
        return
    raise RefusalError(
        f"{table.noun} '{label}{item.get('name')}': 3scale makes its system_name of the name, and one letter is too "
        "short for that. Give it a system_name."
    )


def origin_of(plan: Values) -> str:
    """The system_name of the plan that a copy was made of; empty for a plan that is none."""
    found = _COPY.fullmatch(str(plan.get("system_name"))) if plan.get("custom") else None
    return found.group(1) if found else ""


def _stays_default(table: Resource, item: Values, present: Values, wanted: Sequence[Values], label: str) -> list[str]:
    """What to say of a plan that shall no longer be the default one: no API unsets it, only another one takes over."""
    others = [other for other in wanted if other.get("default") and other.get("state") != "absent"]
    if item.get("state") == "absent" or item.get("default") is not False or not present.get("default") or others:
        return []
    return [
        f"{table.noun} '{label}{table.label(item)}' stays the default one: no API unsets it. Make another one the "
        "default, or unset it in the admin portal."
    ]


def _id_of(change: Change) -> Ref | None:
    return change.call.refs.get("id") if change.call else None


def default_of(table: Resource, wanted: Sequence[Values] | None, refs: Mapping[tuple[Any, ...], Ref]) -> Ref | None:
    """The plan that shall be the default one, if any is named."""
    for item in wanted or []:
        if item.get("default") and item.get("state") != "absent":
            return refs.get(table.key_of(item))
    return None


@dataclass(frozen=True)
class MetricParents:
    """Above a limit or price: its plan, the metrics that may be named, and the product's usages of their backends."""

    plan: Ref
    metrics: MetricRefs
    usages: Mapping[tuple[Any, ...], Ref]

    def of(self, item: Values, label: str) -> dict[str, Ref]:
        """The references that a request about ``item`` needs; a backend's metric counts once the product uses it."""
        parents = {"plan": self.plan, "metric": _metric(item, self.metrics, label)}
        usage = self.usages.get((item.get("backend"),))
        return {**parents, "usage": usage} if usage is not None else parents


def plan_by_metric(
    table: Resource,
    wanted: Sequence[Values] | None,
    present: Sequence[Values],
    above: MetricParents,
    label: str,
    prune: bool,
) -> Children:
    """Limits or pricing rules of one plan. Present ones carry ``metric``, ``backend`` and ``metric_id``."""
    result = Children(final=[dict(item) for item in (present if wanted is None else wanted)])
    if wanted is None:
        return result
    there = by_key(table, present)
    asked = set()
    for item in wanted:
        key = table.key_of(item)
        asked.add(key)
        parents, name = above.of(item, label), label + _name(item)
        change = update(table, item, there[key], ref_to(table, there[key]), parents, name) if key in there else None
        if change is not None and table is PRICE:  # the server has no request that changes a price
            result.deletions.append(_delete(table, there[key], above.plan, label))
        if key not in there or (change is not None and table is PRICE):
            change = create(table, item, Ref(table.noun, name), parents, name)
            change.find = _find(table, above.plan, parents["metric"], item)
        result.changes += [change] if change is not None else []
    for key, item in there.items():
        if key not in asked and prune:
            result.deletions.append(_delete(table, item, above.plan, label))
            result.deletions[-1].unlisted = len(there)
        elif key not in asked:
            result.final.append(dict(item))
    for change in [*result.changes, *result.deletions]:
        change.group = f"{table.collection} {label}"
        change.lane = f"prices {label}" if table is PRICE else ""
    if table is PRICE:
        _claim_ranges(result, label)
    return result


def _delete(table: Resource, item: Values, plan: Ref, label: str) -> Change:
    parents = {"plan": plan, "metric": Ref("metric", str(item.get("metric")), item.get("metric_id"))}
    change = delete(table, item, ref_to(table, item), parents, label + _name(item))
    change.before = {"metric": item.get("metric"), **(change.before or {})}
    return change


def _claim_ranges(prices: Children, label: str) -> None:
    """Ranges of one metric must not overlap: a new one claims those that it covers, a removed one releases its own."""
    for change in prices.deletions:
        change.releases = ((change.group, change.key),)
    going = {change.key: change for change in prices.deletions}
    kept = [(label + _name(item), item) for item in prices.final if item.get("id") is not None]
    listed = [(change.key, change.after or {}) for change in prices.changes]
    for key, after in listed:
        for name, item in kept:
            if name.rpartition(" ")[0] == key.rpartition(" ")[0] and _overlap(after, item):
                raise RefusalError(
                    f"pricing rule '{key}': its range overlaps that of '{name}', which is there and not listed. "
                    "List that one, or set prune: true to remove it."
                )
    for change in prices.changes:
        for name, deletion in going.items():
            same_metric = name.rpartition(" ")[0] == change.key.rpartition(" ")[0]
            if same_metric and _overlap(change.after or {}, deletion.before or {}):
                change.claims += ((change.group, name),)


def _overlap(left: Values, right: Values) -> bool:
    def ends(item: Values) -> tuple[float, float]:
        top = item.get("max")
        return float(item.get("min") or 1), float(top) if top not in (None, "") else float("inf")

    (low, high), (start, end) = ends(left), ends(right)
    return low <= end and start <= high


def _name(item: Values) -> str:
    metric = f"{item['backend']}/{item['metric']}" if item.get("backend") else str(item.get("metric"))
    if item.get("period"):
        return f"{metric} per {item['period']}"
    top = "∞" if item.get("max") in (None, "") else item["max"]
    return f"{metric} {item.get('min') or 1}–{top}"


def _metric(item: Values, metrics: MetricRefs, label: str) -> Ref:
    ref = metrics.get((item.get("backend"), item["metric"]))
    if ref is None:
        there = ", ".join(sorted(str(name) for backend, name in metrics if backend == item.get("backend"))) or "none"
        raise RefusalError(
            f"{label.rstrip(' /')}: there is no metric or method '{item['metric']}' for a limit or price"
            f"{' in backend ' + str(item['backend']) if item.get('backend') else ''}. There are: {there}."
        )
    return ref


def _find(table: Resource, plan: Ref, metric: Ref, item: Values) -> Find:
    """A limit or price as the plan's own list shows it (those below a metric aren't filtered by plan)."""
    names = ("period",) if table is LIMIT else ("min", "max")
    where = {**{name: item.get(name) for name in names}, "metric_id": metric}
    forms = {name: table.fields[name].form for name in names}
    path, page = f"{PLAN_BASE}/{table.collection}.json", 500 if table is LIMIT else 0
    return Find(path, {"plan": plan}, table.collection, table.envelope, where, page, forms=forms)
