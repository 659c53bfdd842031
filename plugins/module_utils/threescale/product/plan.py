# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A product and everything below it planned as one tree. Pure: it gets what was read and gives changes.

Order within a product: the product, metrics and methods, backend usages, features, mapping rules, plans with their
limits and prices, default plans, the proxy's settings and the policy chain (these two deploy to staging by themselves),
one deployment where neither is written, promotion, and at last the metrics that only an old configuration mentioned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.gate import check_counting
from ansible_collections.rhai.maas.plugins.module_utils.engine.order import arrange
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import (
    all_after,
    create,
    differences,
    plan_list,
    prunes,
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Find,
    Ref,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import FEATURE
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import (
    PRODUCT_OWNER,
    make_way,
    plan_metrics,
    stays_for_now,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import APPLICATION_PLAN, SERVICE_PLAN
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plans import default_of, plan_plans
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.config import (
    chain_view,
    mentioned,
    wanted_view,
    with_apicast,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.deploy import plan_deployment
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.left_limits import remove_first
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.parts import (
    Around,
    Named,
    below_plans,
    included,
    plan_usages,
    revocations,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.removal import plan_removal
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import (
    APICAST,
    OIDC,
    PRODUCT,
    PROXY,
    PROXY_FIELDS,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.rules import plan_rules

NEW_PROXY = {
    "credentials_location": "query",
    "auth_user_key": "user_key",
    "auth_app_id": "app_id",
    "auth_app_key": "app_key",
    "api_test_path": "/",
    "oidc_issuer_type": "keycloak",
}


ENDPOINTS = ("endpoint", "sandbox_endpoint")


@dataclass
class ProductPlan:
    """The changes of one product; ``facts`` is told where it is served while they are applied."""

    changes: list[Change] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ref: Ref | None = None
    facts: Ref = field(default_factory=lambda: Ref("proxy", ""))


def plan_product(wanted: Values, tree: Values | None, around: Around) -> ProductPlan:
    """Plan one product. ``tree`` is what was read of it, None when it isn't there."""
    name = str(wanted["system_name"])
    plan = ProductPlan()
    if wanted.get("state") == "absent":
        if tree is not None:
            plan.changes += plan_removal(wanted, tree)
        return plan
    if tree is None:
        plan.ref = Ref("product", name)
        plan.changes.append(create(PRODUCT, wanted, plan.ref, {}, name))
        tree = server_made(plan.ref)
    else:
        plan.ref = Ref("product", name, tree["id"])
        change = update(PRODUCT, wanted, tree, plan.ref, {}, name)
        if change is not None:
            plan.changes.append(change)
    _below(plan, wanted, tree, around, plan.ref)
    return plan


def server_made(product: Ref) -> dict[str, Any]:
    """What a new product will have by itself, with look-ups in place of ids.

    docs/threescale-behaviour.md#products-made-with
    """

    def found(noun: str, path: str, collection: str, envelope: str, key: str, value: str, pick: str = "id") -> Ref:
        refs = {"product": product}
        lookup = Find(path, refs, collection, envelope, {key: value}, pick=pick)
        return Ref(noun, value, find=lookup)

    rules = "/admin/api/services/{product}/proxy/mapping_rules.json"
    plans = "/admin/api/services/{product}/service_plans.json"
    hits = found("metric", rules, "mapping_rules", "mapping_rule", "pattern", "/", pick="metric_id")
    rule = found("mapping rule", rules, "mapping_rules", "mapping_rule", "pattern", "/")
    plan = found("service plan", plans, "plans", "service_plan", "name", "Default")
    hits.key = "hits"
    return {
        "proxy": NEW_PROXY,
        "policies": [APICAST],
        "metrics": [
            {
                "system_name": "hits",
                "friendly_name": "Hits",
                "unit": "hit",
                "description": "Number of API hits",
                "ref": hits,
            }
        ],
        "methods": [],
        "mapping_rules": [
            {"http_method": "GET", "pattern": "/", "metric": "hits", "delta": 1, "last": False, "ref": rule}
        ],
        "backend_usages": [],
        "features": [],
        "application_plans": [],
        "service_plans": [{"name": "Default", "published": True, "approval_required": False, "ref": plan}],
        "oidc_configuration": {"standard_flow_enabled": True},
    }


def _below(plan: ProductPlan, wanted: Values, tree: Values, around: Around, product: Ref) -> None:
    """Everything below the product, in the order of the module's description."""
    name = product.key
    version = wanted.get("backend_version") or tree.get("backend_version") or "1"
    check_counting(PROXY_FIELDS, wanted.get("proxy"), {"backend_version": version}, f"product '{name}': proxy.")
    label = f"{name} / "
    metrics = plan_metrics(PRODUCT_OWNER, wanted, tree, product, label)
    wanted_usages, prune = wanted.get("backend_usages"), prunes(wanted, "backend_usages")
    usages, after_usages = plan_usages(plan.warnings, wanted_usages, tree["backend_usages"], around, product, prune)
    asked, prune = wanted.get("features"), prunes(wanted, "features")
    features = plan_list(FEATURE, asked, tree.get("features") or [], {"product": product}, label, prune=prune)
    rules = plan_rules(PRODUCT_OWNER, wanted.get("mapping_rules"), tree["mapping_rules"], product, metrics.refs, label)
    oidc = _single(OIDC, wanted.get("oidc_configuration"), tree.get("oidc_configuration") or {}, product, name)
    plan.changes += [*metrics.changes, *usages.changes, *features.changes, *rules.changes, *oidc]
    defaults = _plans(plan, wanted, tree, Named(metrics, features, usages), around, product)
    plan.changes += remove_first(tree.get("hanging") or [], plan.changes, usages.deletions, label)
    plan.changes += [*usages.deletions, *features.deletions]
    settings = _settings(wanted, tree, product, plan)
    all_after(settings, plan.changes)
    plan.changes += settings
    view = wanted_view(wanted, after_usages if wanted_usages is not None else None, defaults)
    unseen = bool(oidc) or any(change.action == "default" for change in plan.changes)
    deployment = plan_deployment(wanted, tree, product, view, plan.facts, forced=unseen, written=bool(settings))
    if str(wanted.get("deployment_option") or tree.get("deployment_option")).startswith("plugin_"):
        deployment = []  # docs/threescale-behaviour.md#configurations-plugins
    if deployment and not after_usages:
        plan.warnings.append(f"product '{name}' has no backend: the server deploys nothing until it has one.")
        deployment = []
    all_after(deployment[:1], list(plan.changes))
    plan.changes += deployment
    _late_deletions(plan, wanted, tree, metrics.deletions, [*settings, *deployment])
    plan.warnings += [*metrics.warnings, *usages.warnings, *features.warnings]
    plan.changes = arrange(plan.changes)


def _plans(
    plan: ProductPlan,
    wanted: Values,
    tree: Values,
    named: Named,
    around: Around,
    product: Ref,
) -> dict[str, Ref]:
    """Application and service plans with what hangs on them; returns the default ones by the configuration's keys."""
    label = f"{product.key} / "
    asked, asked_services = wanted.get("application_plans"), wanted.get("service_plans")
    plans = plan_plans(
        APPLICATION_PLAN, asked, tree["application_plans"], product, label, prunes(wanted, "application_plans")
    )
    services = plan_plans(
        SERVICE_PLAN, asked_services, tree["service_plans"], product, label, prunes(wanted, "service_plans")
    )
    plan.warnings += [*plans.warnings, *services.warnings]
    parts = below_plans(wanted, tree, plans, named, around, label)
    offered = included(SERVICE_PLAN, wanted, tree, services, named.features, label)
    revoked = revocations(wanted, tree, plans, label)
    all_after(plans.deletions, [*plans.changes, *revoked])
    plan.changes += [*plans.changes, *parts, *services.changes, *offered]
    plan.changes += [*revoked, *plans.deletions, *services.deletions]
    found = {
        "default_application_plan_id": default_of(APPLICATION_PLAN, asked, plans.refs),
        "default_service_plan_id": default_of(SERVICE_PLAN, asked_services, services.refs),
    }
    return {key: ref for key, ref in found.items() if ref is not None}


def _settings(wanted: Values, tree: Values, product: Ref, plan: ProductPlan) -> list[Change]:
    """The proxy's settings and the policy chain: each PUT deploys to staging, so last and only if different."""
    changes = _single(PROXY, wanted.get("proxy"), tree.get("proxy") or {}, product, product.key)
    for change in changes:
        change.learn = plan.facts
    if wanted.get("policies") is not None:
        chain = with_apicast(wanted["policies"])
        present = tree.get("policies") or []
        if chain_view(chain, True) != chain_view(present, True):
            body = [{**_policy(policy)} for policy in chain]
            path = "/admin/api/services/{product}/proxy/policies.json"
            changes.append(
                Change(
                    action="update",
                    noun="policy chain",
                    key=product.key,
                    before={"policies": [_policy(policy) for policy in present]},
                    after={"policies": body},
                    call=Call("PUT", path, {"product": product}, {"policies_config": body}),
                )
            )
    for change in changes:
        change.lane = f"proxy {product.key}"
    return changes


def _policy(policy: Values) -> dict[str, Any]:
    return {
        "name": policy.get("name"),
        "version": policy.get("version") or "builtin",
        "configuration": policy.get("configuration") or {},
        "enabled": bool(policy.get("enabled")),  # absent means off, as the server has it
    }


def _single(table: Resource, wanted: Values | None, present: Values, product: Ref, label: str) -> list[Change]:
    """A part that each product has once: changed in place, never made or removed."""
    before, after = differences(table, wanted or {}, present)
    if not after:
        return []
    call = Call("PUT", table.path + ".json", {"product": product}, {table.wrapper: table.to_api(after)}, table.envelope)
    return [Change("update", table.noun, label, before, after, call, secrets=table.secrets())]


def _late_deletions(
    plan: ProductPlan, wanted: Values, tree: Values, deletions: Sequence[Change], deploying: Sequence[Change]
) -> None:
    """Metrics and methods go last: the server keeps those that the latest configurations mention.

    ``deploying`` are the changes that make a configuration.
    """
    latest = {name: mentioned((tree.get(name) or {}).get("content") or {}) for name in ("sandbox", "production")}
    production_moves = any(change.action == "promote" for change in deploying)
    for change in deletions:
        name = change.key.rpartition(" / ")[2]
        stays = name in latest["sandbox"] and not deploying
        if stays or (name in latest["production"] and not production_moves):
            plan.warnings.append(stays_for_now(change))
            plan.changes += make_way(change, plan.changes)
            continue
        change.lane = f"rules product {wanted['system_name']}"
        change.needs.extend(plan.changes)
        plan.changes.append(change)
