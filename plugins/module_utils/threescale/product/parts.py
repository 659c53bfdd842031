# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Parts of a product's plan that look beyond it: backends it uses, plans with what hangs on them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import Children, by_key, plan_list, prunes
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Find,
    Ref,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import unknown
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import plan_included
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import APPLICATION_PLAN, LIMIT, PRICE
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plans import (
    MetricParents,
    plan_by_metric,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import USAGE


@dataclass
class Around:
    """What a product's plan needs from outside it: backends by system_name (in terms of options, with ``id`` and
    ``private_endpoint``), the metrics of those that limits name, and whether a lacking backend counts as planned."""

    backends: Mapping[str, Values]
    backend_metrics: Mapping[str, Sequence[Values]]
    assume: bool = False


def plan_usages(
    warnings: list[str],
    wanted: Sequence[Values] | None,
    present: Sequence[Values],
    around: Around,
    product: Ref,
    prune: bool,
) -> tuple[Children, list[dict[str, Any]]]:
    """Backend usages, and what they are afterwards, each with the backend's reference, address and mapping rules."""
    for usage in wanted or []:
        if usage["backend"] not in around.backends:
            if not around.assume:
                option = f"backend_usages of product '{product.key}'"
                raise unknown("backend", usage["backend"], list(around.backends), option)
            who = f"backend '{usage['backend']}' of product '{product.key}'"
            warnings.append(f"{who} is not there yet; check mode takes it as planned.")
    children = plan_list(USAGE, wanted, present, {"product": product}, f"{product.key} / ", prune=prune)
    refs = {name: Ref("backend", name, backend.get("id")) for name, backend in around.backends.items()}
    for change in children.changes:
        if change.action == "create" and change.call is not None:
            backend = change.key.rpartition(" / ")[2]
            _link(change, change.call, backend, refs.setdefault(backend, Ref("backend", backend)))
    after = [
        {
            **usage,
            "ref": refs.setdefault(usage["backend"], Ref("backend", usage["backend"])),
            "private_endpoint": around.backends.get(usage["backend"], {}).get("private_endpoint"),
            "path": usage.get("path") or "/",
        }
        for usage in children.final
    ]
    return children, after


def _link(change: Change, call: Call, name: str, backend: Ref) -> None:
    """Let a new usage name its backend by id, which the table of usages can't say."""
    body = {**((call.body or {}).get(USAGE.wrapper) or {}), "backend_api_id": backend}
    change.call = Call("POST", call.path, call.refs, {USAGE.wrapper: body}, USAGE.envelope)
    change.find = Find(call.path, call.refs, "", USAGE.envelope, {"backend_id": backend}, page=500)
    change.after = {"backend": name, **(change.after or {})}


@dataclass
class Named:
    """What plans may name: metrics and methods, features, and the usages of the backends whose metrics they name."""

    metrics: Children
    features: Children
    usages: Children


def below_plans(
    wanted: Values, tree: Values, plans: Children, named: Named, around: Around, label: str
) -> list[Change]:
    """Limits, prices and features of each wanted application plan; deletions stand after what takes their place."""
    known: dict[tuple[Any, Any], Ref] = {(None, key[0]): ref for key, ref in named.metrics.refs.items()}
    for backend, items in around.backend_metrics.items():
        known.update({(backend, m["system_name"]): Ref("metric", m["system_name"], m["id"]) for m in items})
    there = by_key(APPLICATION_PLAN, tree["application_plans"])
    changes: list[Change] = []
    for item in wanted.get("application_plans") or []:
        if item.get("state") == "absent":
            continue
        ref = plans.refs[APPLICATION_PLAN.key_of(item)]
        present = there.get(APPLICATION_PLAN.key_of(item), {})
        name = f"{label}{item['system_name']} / "
        if around.assume:
            known.update(_assumed(item, around))
        below = MetricParents(ref, known, named.usages.refs)
        for table, part in ((LIMIT, "limits"), (PRICE, "pricing_rules")):
            there_now, prune = present.get(part) or [], prunes(wanted, part)
            changes += plan_by_metric(table, item.get(part), there_now, below, name, prune).all()
    return changes + included(APPLICATION_PLAN, wanted, tree, plans, named.features, label)


def included(
    kind: Resource, wanted: Values, tree: Values, plans: Children, features: Children, label: str
) -> list[Change]:
    """The features of each wanted plan of a kind; those that nobody lists go with prune."""
    option = kind.path.rpartition("/")[2]
    there = by_key(kind, tree[option])
    changes: list[Change] = []
    for item in wanted.get(option) or []:
        if item.get("state") == "absent":
            continue
        key, name = kind.key_of(item), f"{label}{kind.label(item)} / "
        held = there.get(key, {}).get("features") or []
        found = plan_included(kind, plans.refs[key], item.get("features"), held, features, name)
        changes += found.all() if prunes(wanted, "features") else found.changes
    return changes


def _assumed(plan: Values, around: Around) -> dict[tuple[Any, Any], Ref]:
    """Metrics of backends that are only planned (check mode)."""
    named = [item for part in ("limits", "pricing_rules") for item in plan.get(part) or [] if item.get("backend")]
    return {
        (item["backend"], item["metric"]): Ref("metric", item["metric"])
        for item in named
        if item["backend"] not in around.backends
    }


def revocations(wanted: Values, tree: Values, plans: Children, label: str) -> list[Change]:
    """Applications of plans that go: refused without force, revoked with it (the server keeps a plan that has any)."""
    changes = []
    going = {change.key for change in plans.deletions}
    for item in tree["application_plans"]:
        applications = item.get("applications") or []
        if f"{label}{item['system_name']}" not in going or not applications:
            continue
        if not wanted.get("force"):
            raise RefusalError(
                f"application plan '{label}{item['system_name']}' has {len(applications)} application(s). Removing it "
                "revokes their keys. Move them to another plan, or set force: true for this product if that is meant."
            )
        for application in applications:
            path = f"/admin/api/accounts/{application['account_id']}/applications/{application['id']}.json"
            key = f"{application.get('org_name')} / {application.get('name')}"
            changes.append(
                Change("delete", "application", key, {"plan": item["system_name"]}, call=Call("DELETE", path))
            )
    return changes
