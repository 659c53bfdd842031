# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What is there of the wanted products, in as few calls as there are lists.

Tenant-wide: products, backends, application plans, service plans and, where it is cheaper, the latest
configurations. Below a product, only for what is managed: proxy, metrics, mapping rules, usages, features, the latest
configurations; below each plan its limits, prices, features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Resource, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.backend_tables import BACKEND
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import FEATURE
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import (
    BACKEND_OWNER,
    PRODUCT_OWNER,
    drops,
    rules_in_order,
    split,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import (
    APPLICATION_PLAN,
    SERVICE_PLAN,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plans import origin_of
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.latest import (
    latest_of_all,
    list_is_cheaper,
    plans_of_all,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.left_limits import (
    LEFT_BEHIND_BEFORE,
    read_hanging,
    usages_that_go,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.read_plans import live, read_below_plans
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import OIDC, PRODUCT, PROXY
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import has
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session


class Reader:
    """Reads for one run. ``backends`` are all backends in terms of options, with ids."""

    def __init__(self, session: Session, wanted: Sequence[Values]) -> None:
        self.session = session
        self.wanted = wanted
        self.products: list[dict[str, Any]] = []
        self.backends: list[dict[str, Any]] = []
        self.backend_metrics: dict[str, list[dict[str, Any]]] = {}
        self._plans: dict[str, dict[int, list[dict[str, Any]]]] = {}
        self._copies: dict[tuple[int, str], list[int]] = {}
        self._latest: dict[str, dict[int, Values]] = {}  # by environment, where one list is cheaper
        self._backend_rules: dict[int, list[dict[str, Any]]] = {}

    def read(self) -> dict[str, dict[str, Any]]:
        """Trees by system_name, of those wanted products that are there."""
        self._tenant_wide()
        there = {str(item["system_name"]): item for item in self.products}
        known = [product for product in self.wanted if product["system_name"] in there]
        trees = self.session.side_by_side(lambda item: self._tree(item, there[item["system_name"]]), known)
        return {tree["system_name"]: tree for tree in trees}

    def _tenant_wide(self) -> None:
        """The lists of the tenant; those that only matter to products that are there, only when one is."""
        alive = [item for item in self.wanted if item.get("state") != "absent"]
        jobs: list[Any] = [self._read_products]
        if any(item.get("backend_usages") is not None or promotes(item) or _backends_named(item) for item in alive):
            jobs.append(self._read_backends)
        self.session.side_by_side(lambda job: job(), jobs)
        there = {item["system_name"] for item in self.products}
        known = [item for item in alive if item["system_name"] in there]
        jobs = []
        for table, kind in ((APPLICATION_PLAN, "application_plans"), (SERVICE_PLAN, "service_plans")):
            if any(item.get(kind) is not None for item in known):
                jobs.append(lambda table=table, kind=kind: self._read_plans(table, kind))
        deployed = [environment for item in known for environment in environments(item)]
        for environment in ("sandbox", "production"):
            if list_is_cheaper(deployed.count(environment), len(self.products)):
                jobs.append(lambda environment=environment: self._read_latest(environment))
        ids = {item["system_name"]: item["id"] for item in self.backends}
        for name in sorted({name for item in alive for name in _backends_named(item)} & set(ids)):
            jobs.append(lambda name=name: self.read_backend_metrics((name, ids[name])))
        self.session.side_by_side(lambda job: job(), jobs)

    def _read_products(self) -> None:
        self.products = self.session.all(PRODUCT)

    def _read_backends(self) -> None:
        self.backends = self.session.all(BACKEND)

    def _read_plans(self, table: Resource, kind: str) -> None:
        """All plans of a kind in one list, sorted by the product that their link names; customised copies left out."""
        found: dict[int, list[dict[str, Any]]] = {}
        for owner, item in plans_of_all(self.session.rows, table):
            if item.get("custom"):  # a copy for one application; its origin can't go before it
                self._copies.setdefault((owner, origin_of(item)), []).append(item["id"])
            else:
                plan = {**table.from_api(item), "default": item.get("default")}
                found.setdefault(owner, []).append(plan)
        self._plans[kind] = found

    def _read_latest(self, environment: str) -> None:
        self._latest[environment] = latest_of_all(self.session.rows, environment)

    def read_backend_metrics(self, backend: tuple[str, int]) -> None:
        """Read the metrics of one backend, given as (system_name, id)."""
        rows = self.session.rows(f"/admin/api/backend_apis/{backend[1]}/metrics.json", "metrics", "metric", PAGE)
        self.backend_metrics[backend[0]] = [
            {**row, "system_name": normal.bare_name(row["system_name"])} for row in rows
        ]

    def _tree(self, wanted: Values, product: Values) -> dict[str, Any]:
        """One product with everything below it that this run looks at."""
        tree: dict[str, Any] = dict(product)
        number = product["id"]
        base = f"/admin/api/services/{number}"
        if wanted.get("state") == "absent":
            return self._going(tree)
        jobs: dict[str, Any] = {}
        if wanted.get("proxy") is not None or wanted.get("policies") is not None:
            jobs["proxy"] = lambda: self.session.one(f"{base}/proxy.json", "proxy") or {}
        if wanted.get("oidc_configuration") is not None:
            jobs["oidc_configuration"] = lambda: OIDC.from_api(
                self.session.one(f"{base}/{_tail(OIDC)}", OIDC.envelope) or {}
            )
        if needs_metrics(wanted):
            jobs["all_metrics"] = lambda: self.session.rows(f"{base}/metrics.json", "metrics", "metric")
        if wanted.get("mapping_rules") is not None:
            jobs["rules"] = lambda: self.session.rows(
                f"{base}/proxy/mapping_rules.json", "mapping_rules", "mapping_rule"
            )
        if wanted.get("backend_usages") is not None or promotes(wanted):
            jobs["usages"] = lambda: self.session.rows(f"{base}/backend_usages.json", "", "backend_usage", PAGE)
        plans = [*(wanted.get("application_plans") or []), *(wanted.get("service_plans") or [])]
        if any(item.get("features") is not None for item in (wanted, *plans)):
            jobs["features"] = lambda: self.session.all(FEATURE, product=number)
        for environment in [name for name in environments(wanted) if name not in self._latest]:
            jobs[environment] = lambda environment=environment: self._latest_of(base, environment)
        names = list(jobs)
        tree.update(zip(names, self.session.side_by_side(lambda name: jobs[name](), names)))
        tree.update({environment: found.get(number, {}) for environment, found in self._latest.items()})
        self._finish(wanted, tree)
        self._served(wanted, tree)
        going = usages_that_go(wanted, tree)
        if going and not has(self.session, LEFT_BEHIND_BEFORE):
            tree["hanging"] = read_hanging(self.session, tree, going)
        read_below_plans(self.session, wanted, tree, self._metric_names(tree), self._copies)
        return tree

    def _going(self, tree: dict[str, Any]) -> dict[str, Any]:
        """What goes before a product that is to be removed."""
        tree["live"] = live(self.session, {"service_id": tree["id"]})
        path = f"/admin/api/services/{tree['id']}/application_plans.json"
        tree["application_plans"] = self.session.rows(path, APPLICATION_PLAN.collection, APPLICATION_PLAN.envelope)
        return tree

    def _served(self, wanted: Values, tree: dict[str, Any]) -> None:
        """The latest configurations, where a metric or method is to go: the server keeps those that they count."""
        if any(drops(wanted, tree, kind) for kind in ("metrics", "methods")):
            base = f"/admin/api/services/{tree['id']}"
            lacking = [name for name in ("sandbox", "production") if name not in tree]
            found = self.session.side_by_side(lambda name: self._latest_of(base, name), lacking)
            tree.update(zip(lacking, found))

    def _finish(self, wanted: Values, tree: dict[str, Any]) -> None:
        """Names in place of ids; the parts of the proxy apart."""
        if "proxy" in tree:
            tree["policies"] = tree["proxy"].get("policies_config") or []
            tree["proxy"] = PROXY.from_api(tree["proxy"])
        metrics, methods = split(tree.pop("all_metrics", []))
        tree["metrics"] = [{**PRODUCT_OWNER.metric.from_api(item)} for item in metrics]
        tree["methods"] = [{**PRODUCT_OWNER.method.from_api(item)} for item in methods]
        names = {item["id"]: str(item["system_name"]) for item in metrics + methods}
        tree["metric_names"] = names
        tree["mapping_rules"] = rules_in_order(tree.pop("rules", []), names)
        by_id = {item["id"]: item["system_name"] for item in self.backends}
        tree["backend_usages"] = [
            {
                "id": usage["id"],
                "path": usage.get("path"),
                "backend_id": usage["backend_id"],
                "backend": by_id.get(usage["backend_id"], f"#{usage['backend_id']}"),
            }
            for usage in tree.pop("usages", [])
        ]
        tree["application_plans"] = self._plans.get("application_plans", {}).get(tree["id"], [])
        tree["service_plans"] = self._plans.get("service_plans", {}).get(tree["id"], [])
        for usage in tree["backend_usages"] if promotes(wanted) else []:
            usage["rules"] = self._rules_of(usage["backend_id"])

    def _metric_names(self, tree: Values) -> dict[int, tuple[str | None, str]]:
        """Metric id → (backend, metric) for the product's own metrics and those of the backends that are named."""
        known: dict[int, tuple[str | None, str]] = {
            number: (None, name) for number, name in tree["metric_names"].items()
        }
        for backend, metrics in self.backend_metrics.items():
            known.update({metric["id"]: (backend, metric["system_name"]) for metric in metrics})
        return known

    def _latest_of(self, base: str, environment: str) -> Values:
        return self.session.one(f"{base}/proxy/configs/{environment}/latest.json", "proxy_config") or {}

    def _rules_of(self, backend_id: int) -> list[dict[str, Any]]:
        """A backend's mapping rules: they are part of the configuration of each product that uses it."""
        if backend_id not in self._backend_rules:
            rule = BACKEND_OWNER.rule
            self._backend_rules[backend_id] = self.session.rows(
                f"/admin/api/backend_apis/{backend_id}/mapping_rules.json", rule.collection, rule.envelope, PAGE
            )
        return self._backend_rules[backend_id]


def _tail(table: Resource) -> str:
    return table.path.partition("{product}/")[2] + ".json"


def promotes(wanted: Values) -> bool:
    """Whether this product is to be deployed."""
    return bool(environments(wanted))


def environments(wanted: Values) -> tuple[str, ...]:
    """Where this product is to be served, as the server names it."""
    served = {"staging": ("sandbox",), "production": ("sandbox", "production")}
    return () if wanted.get("state") == "absent" else served.get(str(wanted.get("promotion")), ())


def needs_metrics(wanted: Values) -> bool:
    """Whether metrics must be known: managed themselves, or named by rules, limits or prices."""
    plans = wanted.get("application_plans") or []
    return any(wanted.get(name) is not None for name in ("metrics", "methods", "mapping_rules")) or any(
        plan.get("limits") is not None or plan.get("pricing_rules") is not None for plan in plans
    )


def _backends_named(wanted: Values) -> set[str]:
    """Backends whose metrics limits or prices name."""
    return {
        str(item["backend"])
        for plan in wanted.get("application_plans") or []
        for part in ("limits", "pricing_rules")
        for item in plan.get(part) or []
        if item.get("backend")
    }
