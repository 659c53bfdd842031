# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Backends with their metrics, methods and mapping rules: check, read, plan, and what the module returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.order import arrange
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import create, delete, refuse_twins, update
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Change,
    Field,
    Find,
    Plan,
    Ref,
    RefusalError,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.backend_tables import BACKEND, BACKEND_FIELDS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import check_all_annotations
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import (
    BACKEND_OWNER,
    check_metrics,
    check_name,
    drops,
    make_way,
    plan_metrics,
    rules_in_order,
    split,
    stays_for_now,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.check import check_private_endpoint
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.latest import latest_of_all
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import refuse_later
from ansible_collections.rhai.maas.plugins.module_utils.threescale.rules import plan_rules
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session

KINDS = ("metrics", "methods")
OPTIONS = {"backends": Field(type="list", elements="dict", options=BACKEND_FIELDS)}


def plan_backends(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_backend``."""
    wanted: Sequence[Values] = params["backends"]
    check_backends(wanted)
    check_all_annotations(wanted, "backends")
    refuse_later(session, BACKEND_FIELDS, wanted, "backends[]")
    there = {str(item["system_name"]): item for item in session.all(BACKEND)}
    for position, item in enumerate(wanted):
        if item["system_name"] not in there and item.get("state") != "absent" and not item.get("private_endpoint"):
            raise RefusalError(
                f"backends[{position}].private_endpoint: a new backend ('{item['system_name']}') needs one."
            )
    known = [item for item in wanted if item["system_name"] in there]
    trees = dict(
        zip(
            (str(item["system_name"]) for item in known),
            session.side_by_side(lambda item: read_below(session, item, there[item["system_name"]]), known),
        )
    )
    dropping = [item for item in known if any(drops(item, trees[item["system_name"]], kind) for kind in KINDS)]
    served = read_served(session) if dropping else frozenset()
    refs: dict[str, Ref] = {}
    changes: list[Change] = []
    warnings: list[str] = []
    for item in wanted:
        changes += plan_backend(item, trees.get(str(item["system_name"])), refs, served, warnings)
    return Plan(changes, warnings, result={"backends": [_returned(item, there, refs) for item in wanted]})


def read_served(session: Session) -> frozenset[int]:
    """Ids of the metrics that the latest configurations of any product count: the server keeps these."""
    lists = session.side_by_side(lambda name: latest_of_all(session.rows, name), ("sandbox", "production"))
    contents = [(row.get("content") or {}).get("proxy") or {} for found in lists for row in found.values()]
    return frozenset(rule.get("metric_id") for proxy in contents for rule in proxy.get("proxy_rules") or [])


def check_backends(wanted: Sequence[Values]) -> None:
    """Refuse bad input. Raises :class:`RefusalError`."""
    refuse_twins(BACKEND, wanted, "backends")
    for position, item in enumerate(wanted):
        option = f"backends[{position}]"
        check_name(item.get("system_name"), f"{option}.system_name")
        if item.get("state") == "absent":
            continue
        if item.get("private_endpoint") is not None:
            check_private_endpoint(str(item["private_endpoint"]), f"{option}.private_endpoint")
        check_metrics(item, option)


def read_below(session: Session, wanted: Values, backend: Values) -> dict[str, Any]:
    """A backend with its metrics, methods and mapping rules, as far as they are managed."""
    tree: dict[str, Any] = {**backend, "metrics": [], "methods": [], "mapping_rules": []}
    if wanted.get("state") == "absent":
        return tree
    base = f"/admin/api/backend_apis/{backend['id']}"
    names: dict[Any, str] = {}
    if any(wanted.get(name) is not None for name in ("metrics", "methods", "mapping_rules")):
        metrics, methods = split(session.rows(f"{base}/metrics.json", "metrics", "metric", PAGE))
        tree["metrics"] = [BACKEND_OWNER.metric.from_api(item) for item in metrics]
        tree["methods"] = [BACKEND_OWNER.method.from_api(item) for item in methods]
        names = {item["id"]: str(item["system_name"]) for item in metrics + methods}
    if wanted.get("mapping_rules") is not None:
        rules = session.rows(f"{base}/mapping_rules.json", "mapping_rules", "mapping_rule", PAGE)
        tree["mapping_rules"] = rules_in_order(rules, names)
    return tree


def plan_backend(
    wanted: Values, tree: Values | None, refs: dict[str, Ref], served: frozenset[int], warnings: list[str]
) -> list[Change]:
    """The changes of one backend; its reference is left in ``refs``. ``served`` are metrics that must stay for now."""
    name = str(wanted["system_name"])
    if wanted.get("state") == "absent":
        if tree is None:
            return []
        removal = delete(BACKEND, tree, Ref("backend", name, tree["id"]), {}, name)
        removal.repeat = (403,)  # a product that was just deleted blocks its backends for some tenths of a second
        return [removal]
    changes: list[Change] = []
    if tree is None:
        ref = refs[name] = Ref("backend", name)
        changes.append(create(BACKEND, wanted, ref, {}, name))
        tree = _server_made(ref)
    else:
        ref = refs[name] = Ref("backend", name, tree["id"])
        change = update(BACKEND, wanted, tree, ref, {}, name)
        changes += [change] if change else []
    label = f"{name} / "
    metrics = plan_metrics(BACKEND_OWNER, wanted, tree, ref, label)
    rules = plan_rules(BACKEND_OWNER, wanted.get("mapping_rules"), tree["mapping_rules"], ref, metrics.refs, label)
    warnings += metrics.warnings
    changes += [*metrics.changes, *rules.changes]
    for change in metrics.deletions:
        if _number(change) in served:
            warnings.append(stays_for_now(change))
            changes += make_way(change, changes)
            continue
        change.needs.extend(rules.changes)
        change.lane = f"rules backend {name}"
        changes.append(change)
    return arrange(changes)


def _number(deletion: Change) -> Any:
    return deletion.call.refs["id"].id if deletion.call else None


def _server_made(backend: Ref) -> dict[str, Any]:
    """A new backend's metric ``hits``, to be looked up."""
    lookup = Find(
        "/admin/api/backend_apis/{backend}/metrics.json",
        {"backend": backend},
        "metrics",
        "metric",
        {"system_name": "hits"},
        page=PAGE,
        forms={"system_name": "bare_name"},
    )
    hits = {"system_name": "hits", "friendly_name": "Hits", "unit": "hit", "description": "Number of API hits"}
    return {"metrics": [{**hits, "ref": Ref("metric", "hits", find=lookup)}], "methods": [], "mapping_rules": []}


def _returned(wanted: Values, there: Mapping[str, Values], refs: Mapping[str, Ref]) -> dict[str, Any]:
    name = str(wanted["system_name"])
    if wanted.get("state") == "absent":
        return {"system_name": name, "state": "absent"}
    present = there.get(name, {})
    return {
        "id": refs[name],
        "system_name": name,
        "name": wanted.get("name") or present.get("name") or name,
        "private_endpoint": wanted.get("private_endpoint") or present.get("private_endpoint"),
        "state": "present",
    }
