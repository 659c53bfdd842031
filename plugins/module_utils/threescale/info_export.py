# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Products read whole, in the form in which ``threescale_product`` takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import DeniedError
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Values
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import hide
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import FEATURE_FIELDS, SCOPES
from ansible_collections.rhai.maas.plugins.module_utils.threescale.info import chosen_products
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import (
    METHOD_FIELDS,
    METRIC_FIELDS,
    RULE_FIELDS,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import (
    APPLICATION_PLAN,
    APPLICATION_PLAN_FIELDS,
    LIMIT_FIELDS,
    PRICE_FIELDS,
    SERVICE_PLAN,
    SERVICE_PLAN_FIELDS,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.policy_check import (
    custom_names,
    schemas_of,
    secrets_in_chains,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.read import Reader
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import (
    PRODUCT,
    PROXY_FIELDS,
    USAGE_FIELDS,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

PRODUCT_OPTIONS: dict[str, Field] = {
    "products": Field(type="list", elements="str"),
    "export": Field(type="bool", default=False),
}


def read_products(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_product_info`` returns."""
    if not params["export"]:
        return {"products": hide(chosen_products(session, params.get("products")))}
    found = read_trees(session, params.get("products"))
    return {"products": hide(found, session.secrets)}


def read_trees(session: Session, names: Sequence[str] | None) -> list[dict[str, Any]]:
    """Products as the module takes them. What policies' schemas mark as secrets is put into ``session.secrets``."""
    products = chosen_products(session, names)
    wanted = [_everything(product) for product in products]
    parts: dict[str, list[Any]] = {"limits": [], "pricing_rules": [], "features": []}
    for table, names_of, below in ((APPLICATION_PLAN, "system_name", parts), (SERVICE_PLAN, "name", {"features": []})):
        kind = table.path.rpartition("/")[2]
        rows = session.rows(f"/admin/api/{kind}.json", table.collection, table.envelope)
        plans = sorted({str(row.get(names_of)) for row in rows if not row.get("custom")})
        for item in wanted:
            item[kind] = [{names_of: name, **below} for name in plans]
    reader = Reader(session, wanted)
    trees = reader.read()
    backends = {str(item["system_name"]): item["id"] for item in reader.backends}
    used = sorted({str(u["backend"]) for tree in trees.values() for u in tree["backend_usages"]} & set(backends))
    session.side_by_side(lambda name: reader.read_backend_metrics((name, backends[name])), used)
    known = {
        metric["id"]: (name, metric["system_name"]) for name, rows in reader.backend_metrics.items() for metric in rows
    }
    found = [exported(trees[product["system_name"]], known) for product in products]
    session.secrets.update(_marked(session, found))
    return found


def _marked(session: Session, products: Sequence[Values]) -> list[str]:
    """The values that the manifests of custom policies mark as secrets, as far as the token may read the registry."""
    if not custom_names(products):
        return []
    try:
        registry = session.rows("/admin/api/registry/policies.json", "policies", "policy")
    except DeniedError:
        return []
    return secrets_in_chains(products, schemas_of(registry))


def _everything(product: Values) -> dict[str, Any]:
    """A wanted state that makes the reader read all there is."""
    lists = ("metrics", "methods", "mapping_rules", "backend_usages", "features", "policies")
    return {
        "system_name": product["system_name"], "proxy": {}, "oidc_configuration": {}, "promotion": "none",
        **{name: [] for name in lists},
    }  # fmt: skip


def exported(tree: Values, backend_metrics: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    """One product as the module takes it, without secrets. ``backend_metrics`` is metric id → (backend, metric)."""
    product = kept(tree, PRODUCT.attributes())
    product["proxy"] = kept(tree["proxy"], PROXY_FIELDS)
    product["policies"] = [
        {"name": p.get("name"), "version": p.get("version"), "enabled": bool(p.get("enabled")),
         "configuration": p.get("configuration") or {}}
        for p in tree["policies"]
    ]  # fmt: skip
    if tree.get("backend_version") == "oidc":
        product["oidc_configuration"] = {n: v for n, v in tree["oidc_configuration"].items() if n != "id"}
    product["metrics"] = kept_all(tree["metrics"], METRIC_FIELDS)
    product["methods"] = kept_all(tree["methods"], METHOD_FIELDS)
    product["mapping_rules"] = kept_all(tree["mapping_rules"], RULE_FIELDS)
    product["backend_usages"] = kept_all(tree["backend_usages"], USAGE_FIELDS)
    product["features"] = [
        {**item, "scope": SCOPES.get(str(item.get("scope")), item.get("scope"))}
        for item in kept_all(tree.get("features") or [], FEATURE_FIELDS)
    ]
    product["application_plans"] = [_plan(plan, backend_metrics) for plan in tree["application_plans"]]
    product["service_plans"] = [
        {**kept(plan, SERVICE_PLAN_FIELDS), **included(plan), **({"default": True} if plan.get("default") else {})}
        for plan in tree["service_plans"]
    ]
    return product


def _plan(plan: Values, backend_metrics: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    exported_plan = kept(plan, APPLICATION_PLAN_FIELDS)
    for part, fields in (("limits", LIMIT_FIELDS), ("pricing_rules", PRICE_FIELDS)):
        rows = []
        for row in plan.get(part) or []:
            backend, metric = backend_metrics.get(row.get("metric_id") or 0, (row.get("backend"), row["metric"]))
            entry = kept({**row, "backend": backend, "metric": metric}, fields)
            if "cost_per_unit" in entry:
                entry["cost_per_unit"] = float(entry["cost_per_unit"])
            rows.append(entry)
        exported_plan[part] = rows
    exported_plan.update(included(plan))
    if plan.get("default"):
        exported_plan["default"] = True
    return exported_plan


def included(plan: Values) -> dict[str, list[str]]:
    """The features that a plan includes, as the option has them."""
    return {"features": [str(row.get("system_name")) for row in plan.get("features") or []]}


def kept_all(rows: Sequence[Values], fields: Mapping[str, Field]) -> list[dict[str, Any]]:
    return [kept(row, fields) for row in rows]


def kept(row: Values, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values that options stand for, without empty ones and secrets."""
    return {
        name: row[name]
        for name, entry in fields.items()
        if name in row and row[name] not in (None, "", {}) and not entry.secret and name not in ("state", "default")
    }
