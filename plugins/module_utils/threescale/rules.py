# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The ordered list of mapping rules, planned: what goes, stays, moves, comes in between. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import (
    Children,
    Refs,
    create,
    delete,
    ref_to,
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import Owner, rule_name
from ansible_collections.rhai.maas.plugins.module_utils.threescale.positions import Line


def plan_rules(
    tables: Owner,
    wanted: Sequence[Values] | None,
    present: Sequence[Values],
    parent: Ref,
    metrics: Mapping[tuple[Any, ...], Ref],
    label: str,
) -> Children:
    """The whole ordered list of mapping rules: extras go, what is there is kept and moved, what lacks is put in place.

    Rules are matched by method, pattern and metric, then by method and pattern alone (the metric is changed in place).
    All calls run one after the other (``lane``), top-down, so that the order at the end is the wanted one.
    """
    plan = Children(final=[dict(rule) for rule in (present if wanted is None else wanted)])
    if wanted is None:
        return plan
    parents, matched = {tables.parent: parent}, _match(wanted, present)
    line = Line.of(present)
    for index in (index for index in range(len(present)) if index not in matched.values()):
        plan.changes.append(_remove_rule(tables, present, index, parents, label))
        line.remove(index)
    renumber = line.ambiguous()
    stay = set(matched.values()) if renumber else set(_longest_rise([matched[p] for p in sorted(matched)]))
    before: int | None = None
    for place, rule in enumerate(wanted):
        ref, name = _metric(rule, metrics), label + rule_name(rule)
        if place not in matched:
            index = len(present) + place
            position = line.insert(index, before, place + 1 if renumber else 0)
            plan.changes.append(_create_rule(tables, rule, parents, name, ref, position))
        else:
            index = matched[place]
            position = line.place(index, place + 1) if renumber else 0 if index in stay else line.move(index, before)
            change = _change_rule(tables, rule, present[index], parents, name, ref, position)
            plan.changes += [change] if change is not None else []
        before = index
    _one_by_one(plan.changes, f"rules {tables.parent} {parent.key}")
    return plan


def _one_by_one(changes: Sequence[Change], lane: str) -> None:
    """Each position counts on those before it, whatever else a rule waits for."""
    for change in changes:
        change.lane, change.repeat = lane, (500,)
    for first, then in zip(changes, changes[1:]):
        then.needs.append(first)


def _metric(rule: Values, metrics: Mapping[tuple[Any, ...], Ref]) -> Ref:
    ref = metrics.get((rule.get("metric") or "hits",))
    if ref is None:
        raise RefusalError(_no_metric(rule, metrics))
    return ref


def _match(wanted: Sequence[Values], present: Sequence[Values]) -> dict[int, int]:
    """Place of each wanted rule that is there → index among the present ones.

    A rule that the server makes by itself with a new product, and nobody wants, becomes the first that lacks.
    """
    matched: dict[int, int] = {}
    free = list(range(len(present)))
    for names in (("http_method", "pattern", "metric"), ("http_method", "pattern")):
        for place, rule in enumerate(wanted):
            if place in matched:
                continue
            same = [i for i in free if all((rule.get(n) or "hits") == (present[i].get(n) or "hits") for n in names)]
            if same:
                matched[place] = same[0]
                free.remove(same[0])
    made = [i for i in free if present[i].get("id") is None]
    matched.update(zip((place for place in range(len(wanted)) if place not in matched), made))
    return matched


def _longest_rise(numbers: Sequence[int]) -> list[int]:
    """The longest part of a sequence that rises: these rules stand in order already, only the others move."""
    tops: list[int] = []  # places of the smallest last numbers, by length
    behind: dict[int, int | None] = {}
    for place, number in enumerate(numbers):
        length = bisect_left([numbers[top] for top in tops], number)
        behind[place] = tops[length - 1] if length else None
        tops[length : length + 1] = [place]
    rise: list[int] = []
    place_of: int | None = tops[-1] if tops else None
    while place_of is not None:
        rise.append(numbers[place_of])
        place_of = behind[place_of]
    return rise[::-1]


def _remove_rule(tables: Owner, present: Sequence[Values], index: int, parents: Refs, label: str) -> Change:
    rule = present[index]
    gone = {**rule, "last": None}
    change = delete(tables.rule, gone, ref_to(tables.rule, rule), parents, label + rule_name(rule))
    change.unlisted = sum(1 for item in present if item.get("id") is not None)
    return change


def _create_rule(tables: Owner, rule: Values, parents: Refs, name: str, metric: Ref, position: int) -> Change:
    extra = {"metric_id": metric, **({"position": position} if position else {})}
    made = create(tables.rule, rule, Ref("mapping rule", name), parents, name, extra)
    return _look_up_exactly(made, rule, metric)


def _change_rule(
    tables: Owner, wanted: Values, present: Values, parents: Refs, name: str, metric: Ref, position: int
) -> Change | None:
    other_metric = (wanted.get("metric") or "hits") != present.get("metric")
    extra: dict[str, Any] = {"metric_id": metric} if other_metric else {}
    if position:
        extra["position"] = position
    change = update(tables.rule, wanted, present, ref_to(tables.rule, present), parents, name, extra)
    if change is not None and extra:
        before, after = dict(change.before or {}), dict(change.after or {})
        if other_metric:
            before["metric"], after["metric"] = present.get("metric"), wanted.get("metric") or "hits"
        if position:
            before["position"], after["position"] = present.get("position"), position
        change.before, change.after = before, after
    return change


def _look_up_exactly(change: Change, rule: Values, metric: Ref) -> Change:
    """Nothing makes rules unique, so a repeated creation is recognised by method, pattern and metric together."""
    if change.find is not None:
        change.find = replace(change.find, where={**change.find.where, "metric_id": metric})
    change.after = {**(change.after or {}), "metric": rule.get("metric") or "hits"}
    return change


def _no_metric(rule: Values, metrics: Mapping[tuple[Any, ...], Ref]) -> str:
    there = ", ".join(sorted(str(key[0]) for key in metrics)) or "none"
    return (
        f"mapping_rules: rule '{rule_name(rule)}' names a metric or method that is not there. There are: {there}. "
        "Add it to metrics or methods, or correct the name."
    )
