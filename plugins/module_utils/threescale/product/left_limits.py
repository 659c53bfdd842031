# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.
"""Before 3scale 2.16: limits and prices on a backend's metrics outlive the backend usage.

They are listed then, can't be removed, and are in force again when the backend is used again: so they go before the
usage, and those that were left behind are passed over (``docs/threescale-behaviour.md#release-limits-of-backends``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import delete
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import LIMIT, PRICE
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import has
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session

_PLANS = "/admin/api/application_plans"
LEFT_BEHIND_BEFORE = "2.16"


def metric_ids(session: Session, backend: int) -> set[int]:
    """The metrics and methods of a backend."""
    rows = session.rows(f"/admin/api/backend_apis/{backend}/metrics.json", "metrics", "metric", PAGE)
    return {int(row["id"]) for row in rows}


def usages_that_go(wanted: Values, tree: Values) -> list[int]:
    """Ids of the backends that the product will no longer use."""
    listed = {usage["backend"]: usage.get("state") for usage in wanted.get("backend_usages") or []}
    extras = bool(wanted.get("prune")) and wanted.get("backend_usages") is not None
    fate = "absent" if extras else "present"
    return [usage["backend_id"] for usage in tree["backend_usages"] if listed.get(usage["backend"], fate) == "absent"]


def in_force(session: Session, tree: Values, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The limits or prices of a plan without those whose metric the product no longer uses."""
    foreign = [row for row in rows if row.get("metric_id") not in tree["metric_names"]]
    if not foreign or has(session, LEFT_BEHIND_BEFORE):
        return list(rows)
    path = f"/admin/api/services/{tree['id']}/backend_usages.json"
    used = {int(usage["backend_id"]) for usage in session.rows(path, "", "backend_usage", PAGE)}
    known = {number for backend in used for number in metric_ids(session, backend)} | set(tree["metric_names"])
    return [row for row in rows if row.get("metric_id") in known]


def read_hanging(session: Session, tree: Values, backends: Iterable[int]) -> list[dict[str, Any]]:
    """The limits and prices of all plans of a product on metrics of backends whose usages are to go."""
    going = {number: backend for backend in backends for number in metric_ids(session, backend)}
    path = f"/admin/api/services/{tree['id']}/application_plans.json"
    found: list[dict[str, Any]] = []
    for plan in session.rows(path, "plans", "application_plan"):
        for table in (LIMIT, PRICE):
            below = f"{_PLANS}/{plan['id']}/{table.collection}.json"
            for row in session.rows(below, table.collection, table.envelope, PAGE if table is LIMIT else 0):
                if row.get("metric_id") in going:
                    backend = going[row["metric_id"]]
                    found.append({"table": table, "plan": plan, "row": row, "backend_id": backend})
    return found


def remove_first(
    hanging: Sequence[Values], changes: Sequence[Change], usages: Sequence[Change], label: str
) -> list[Change]:
    """Removals of what hangs on usages that go, as far as the plan has none yet; the usages wait for all of them."""
    planned = {(change.noun, _id(change)): change for change in changes if change.action == "delete"}
    added: list[Change] = []
    for item in hanging:
        table, row, plan = item["table"], item["row"], item["plan"]
        change = planned.get((table.noun, row["id"]))
        if change is None:
            parents = {
                "plan": Ref("application plan", str(plan["system_name"]), plan["id"]),
                "metric": Ref("metric", str(row["metric_id"]), row["metric_id"]),
            }
            name = f"{label}{plan['system_name']} / backend metric {row['metric_id']}"
            change = delete(table, table.from_api(row), Ref(table.noun, name, row["id"]), parents, name)
            added.append(change)
        for usage in usages:
            usage.needs.append(change)
    return added


def _id(change: Change) -> Any:
    ref = change.call.refs.get("id") if change.call else None
    return ref.id if ref is not None else None
