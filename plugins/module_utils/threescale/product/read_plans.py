# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What is below a product's plans: limits, prices and features; applications of those that are to go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import prunes
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Resource, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import read_included
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import (
    APPLICATION_PLAN,
    LIMIT,
    PLAN_BASE,
    PRICE,
    SERVICE_PLAN,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.left_limits import in_force
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session

MetricNames = Mapping[int, tuple[Any, str]]  # id → (backend or None, metric)
Copies = Mapping[tuple[int, str], list[int]]
_Job = tuple[Resource, dict[str, Any], str]


def read_below_plans(session: Session, wanted: Values, tree: Values, known: MetricNames, copies: Copies) -> None:
    """Put into the tree's plans what their wanted ones name. ``copies`` are ids by (product, plan's system_name)."""
    jobs = [*_of_application_plans(wanted, tree, copies), *_of_service_plans(wanted, tree)]
    found = session.side_by_side(lambda job: _part(session, tree, job), jobs)
    for (_table, plan, part), rows in zip(jobs, found):
        by_metric = part in ("limits", "pricing_rules")
        plan[part] = [_named(row, known) for row in in_force(session, tree, rows)] if by_metric else rows


def _of_application_plans(wanted: Values, tree: Values, copies: Copies) -> list[_Job]:
    there = {str(plan["system_name"]): plan for plan in reversed(tree["application_plans"])}  # of twins the first
    asked = {plan["system_name"]: plan for plan in wanted.get("application_plans") or []}
    spared = not prunes(wanted, "application_plans") or wanted.get("application_plans") is None
    jobs: list[_Job] = []
    for name, plan in there.items():
        item = asked.get(name, {})
        if item.get("state") == "absent" or not (name in asked or spared):
            plan["copies"] = copies.get((tree["id"], name), [])
            jobs.append((APPLICATION_PLAN, plan, "applications"))
            continue
        parts = [part for part in ("limits", "pricing_rules", "features") if item.get(part) is not None]
        jobs += [(APPLICATION_PLAN, plan, part) for part in parts]
    return jobs


def _of_service_plans(wanted: Values, tree: Values) -> list[_Job]:
    asked = {SERVICE_PLAN.key_of(plan): plan for plan in wanted.get("service_plans") or []}
    there = {SERVICE_PLAN.key_of(plan): plan for plan in reversed(tree["service_plans"])}
    return [
        (SERVICE_PLAN, plan, "features")
        for key, plan in there.items()
        if asked.get(key, {}).get("features") is not None and asked[key].get("state") != "absent"
    ]


def _part(session: Session, tree: Values, job: _Job) -> list[Any]:
    kind, plan, part = job
    if part == "features":
        return read_included(session, kind, plan, tree.get("features") or [])
    if part == "applications":
        return [row for number in (plan["id"], *plan["copies"]) for row in live(session, {"plan_id": number})]
    table = LIMIT if part == "limits" else PRICE
    path = f"{PLAN_BASE.format(plan=plan['id'])}/{part}.json"
    rows = session.rows(path, part, table.envelope, PAGE if table is LIMIT else 0)
    return [{**table.from_api(row), "metric_id": row.get("metric_id")} for row in rows]


def live(session: Session, query: Mapping[str, Any]) -> list[Any]:
    """Applications of a product or plan, in whatever state."""
    return session.rows("/admin/api/applications.json", "applications", "application", PAGE, query)


def _named(row: Values, known: MetricNames) -> dict[str, Any]:
    backend, metric = known.get(row.get("metric_id") or 0, (None, f"#{row.get('metric_id')}"))
    return {**row, "backend": backend, "metric": metric}
