# SPDX-License-Identifier: GPL-3.0-or-later
"""Products and backends of 3scale with what is below them, as far as plans deal with it."""

from __future__ import annotations

import copy
from typing import Any

from tests.support.model.plans import SERVICES, Plans
from tests.support.model.server import Kind, RefusedError, Row, fold, taken

BACKENDS = "/admin/api/backend_apis"
IN_USE = "is used by the latest gateway configuration"


class Threescale(Plans):
    """Metrics and methods share names, prices don't overlap, what a configuration counts stays, rules have an order."""

    def __init__(self) -> None:
        super().__init__()
        self.keep(Kind(SERVICES, "services", "service", "service", ("system_name",), new=self._new_product))
        self.keep(Kind(BACKENDS, "backend_apis", "backend_api", "backend_api", ("system_name",), new=self._new_backend,
                       kept=self._backend_unused))  # fmt: skip
        for owner, rules in (
            (SERVICES + "/{owner}", "/proxy/mapping_rules"),
            (BACKENDS + "/{owner}", "/mapping_rules"),
        ):
            self._metrics(owner)
            self._rules(owner + rules)
        usages = Kind(SERVICES + "/{owner}/backend_usages", "", "backend_usage", "backend_api_config",
                      ("path", "backend_id"), new=self._new_usage)  # fmt: skip
        self.keep(usages)
        self.keep(Kind(SERVICES + "/{owner}/features", "features", "feature", "feature", ("system_name",),
                       check=self._feature, gone=self._feature_gone))  # fmt: skip
        self._plans("application_plans", "application_plan")
        self._plans("service_plans", "service_plan")
        self._below_plans()
        self._proxy()
        self.route("GET", "/admin/api/applications.json", self._applications)

    # products and backends

    def _new_product(self, place: str, row: Row) -> None:
        base = f"{place}/{row['id']}"
        row.update(annotations=row.get("annotations", {}), state="incomplete")
        row.setdefault("backend_version", "1")
        hits = {"id": self.next(), "system_name": "hits", "friendly_name": "Hits", "unit": "hit"}
        self.rows[f"{base}/metrics"] = [{**hits, "description": "Number of API hits"}]
        rule = {"http_method": "GET", "pattern": "/", "metric_id": hits["id"], "delta": 1, "last": False}
        self.rows[f"{base}/proxy/mapping_rules"] = [{"id": self.next(), "position": 1, **rule}]
        links = [{"rel": "service", "href": f"http://model{base}"}]
        plan = {"name": "Default", "state": "published", "approval_required": False, "default": False, "links": links}
        self.rows[f"{base}/service_plans"] = [{"id": self.next(), **plan}]
        name = row["system_name"]
        self.rows[f"{base}/one"] = [{
            "id": 0, "credentials_location": "query", "auth_user_key": "user_key", "auth_app_id": "app_id",
            "auth_app_key": "app_key", "api_test_path": "/", "oidc_issuer_type": "keycloak",
            "endpoint": f"https://{name}.gw:443", "sandbox_endpoint": f"https://{name}-staging.gw:443",
            "policies_config": [{"name": "apicast", "version": "builtin", "configuration": {}, "enabled": True}],
        }]  # fmt: skip

    def _new_backend(self, place: str, row: Row) -> None:
        row.setdefault("annotations", {})
        name = f"hits.{row['id']}"
        hits = {"system_name": name, "friendly_name": "Hits", "unit": "hit", "description": "Number of API hits"}
        self.rows[f"{place}/{row['id']}/metrics"] = [{"id": self.next(), **hits}]

    def _backend_unused(self, _place: str, row: Row) -> None:
        for path, usages in self.rows.items():
            if path.endswith("/backend_usages") and any(usage["backend_id"] == row["id"] for usage in usages):
                raise RefusedError(403, {"errors": {"base": ["cannot be deleted because it is used"]}})

    def _new_usage(self, _place: str, row: Row) -> None:
        row["backend_id"] = row.pop("backend_api_id")
        row.setdefault("path", "/")
        self.find(BACKENDS, row["backend_id"])

    # metrics, methods, mapping rules

    def _metrics(self, owner: str) -> None:
        metrics = Kind(owner + "/metrics", "metrics", "metric", "metric", new=self._new_metric, check=self._one_name,
                       kept=self._uncounted, gone=self._metric_gone)  # fmt: skip
        self.keep(metrics)

        def create(body: Row, query: Row, owner_: str, hits: str) -> Any:
            place = metrics.path.format(owner=owner_)
            self.find(place, hits)
            return {"method": self.add(metrics, place, {**body["metric"], "parent_id": int(hits)})}

        def update(body: Row, query: Row, owner_: str, hits: str, item: str) -> Any:
            row = self.find(metrics.path.format(owner=owner_), item)
            row.update(body["metric"])
            self._one_name(metrics.path.format(owner=owner_), row)
            return {"method": row}

        def delete(body: Row, query: Row, owner_: str, hits: str, item: str) -> Any:
            self.remove(metrics, metrics.path.format(owner=owner_), item)
            return {}

        methods = metrics.path.replace("{owner}", "{owner_}") + "/{hits}/methods"
        self.route("POST", methods + ".json", create)
        self.route("PUT", methods + "/{item}.json", update)
        self.route("DELETE", methods + "/{item}.json", delete)

    def _new_metric(self, place: str, row: Row) -> None:
        if place.startswith(BACKENDS):
            row["system_name"] = f"{row['system_name']}.{place.split('/')[-2]}"

    def _one_name(self, place: str, row: Row) -> None:
        for other in self.rows[place]:
            for name in ("friendly_name", "system_name"):
                if other is not row and fold(other[name]) == fold(row[name]):
                    raise taken(name)

    def _uncounted(self, place: str, row: Row) -> None:
        if not row.get("parent_id") and row["system_name"].partition(".")[0] == "hits":
            raise RefusedError(403, {"errors": {"base": ["hits stays"]}})
        for service in self.rows.get(SERVICES, []):
            for environment in ("sandbox", "production"):
                content = self.latest(service["id"], environment).get("content") or {"proxy": {"proxy_rules": []}}
                if any(rule["metric_id"] == row["id"] for rule in content["proxy"]["proxy_rules"]):
                    raise RefusedError(403, {"errors": {"base": [f"{row['system_name']} {IN_USE}"]}})

    def _metric_gone(self, place: str, row: Row) -> None:
        for path, rows in self.rows.items():
            if path.endswith(("/mapping_rules", "/limits", "/pricing_rules")):
                self.rows[path] = [other for other in rows if other.get("metric_id") != row["id"]]

    def _rules(self, path: str) -> None:
        self.keep(Kind(path, "mapping_rules", "mapping_rule", "mapping_rule", new=self._new_rule, gone=self._rule_gone))

        def update(body: Row, query: Row, owner: str, item: str) -> Any:
            place = path.format(owner=owner)
            row, values = self.find(place, item), dict(body["mapping_rule"])
            position = values.pop("position", None)
            row.update(values)
            if position is not None and position != row["position"]:
                old, row["position"] = row["position"], max(1, position)
                if any(other is not row and other["position"] == row["position"] for other in self.rows[place]):
                    first, last, by = (old + 1, position, -1) if old < position else (position, old - 1, 1)
                    for other in self.rows[place]:
                        if other is not row and first <= other["position"] <= last:
                            other["position"] += by
            return {"mapping_rule": row}

        self.route("PUT", path + "/{item}.json", update)

    def _new_rule(self, place: str, row: Row) -> None:
        others = [other for other in self.rows[place] if other is not row]
        row.setdefault("delta", 1)
        row.setdefault("last", False)
        last = max((other["position"] for other in others), default=0) + 1
        row["position"] = row.get("position") or last
        for other in others:
            other["position"] += other["position"] >= row["position"]
        owner = place.partition("/proxy/")[0].partition("/mapping_rules")[0]
        self.find(f"{owner}/metrics", row["metric_id"])

    def _rule_gone(self, place: str, row: Row) -> None:
        for other in self.rows[place]:
            other["position"] -= other["position"] > row["position"]

    # the proxy, deployments

    def _proxy(self) -> None:
        base = SERVICES + "/{owner}/proxy"

        def one(owner: str) -> Row:
            return self.rows[f"{SERVICES}/{owner}/one"][0]

        def shown(owner: str) -> Row:
            oidc = self.find(SERVICES, owner)["backend_version"] == "oidc"
            return {name: value for name, value in one(owner).items() if oidc or not name.startswith(("oidc_", "jwt_"))}

        def show(body: Row, query: Row, owner: str) -> Any:
            return {"proxy": shown(owner)}

        def update(body: Row, query: Row, owner: str) -> Any:
            one(owner).update(body["proxy"])
            self._deploy(owner)
            return {"proxy": shown(owner)}

        def flows(body: Row, query: Row, owner: str) -> Any:
            kept = self.rows.setdefault(f"{SERVICES}/{owner}/flows", [{"id": 0, "standard_flow_enabled": True}])
            kept[0].update(body.get("oidc_configuration") or {})
            return {"oidc_configuration": kept[0]}

        def chain(body: Row, query: Row, owner: str) -> Any:
            one(owner)["policies_config"] = body["policies_config"]
            self._deploy(owner)
            return {"policies_config": body["policies_config"]}

        def deploy(body: Row, query: Row, owner: str) -> Any:
            self._deploy(owner)
            return {"proxy": shown(owner)}

        def latest(body: Row, query: Row, owner: str, environment: str) -> Any:
            found = self.latest(owner, environment)
            if not found:
                raise RefusedError(404, {"status": "Not found"})
            return {"proxy_config": found}

        self.route("GET", base + ".json", show)
        self.route("GET", base + "/oidc_configuration.json", flows)
        self.route("PUT", base + "/oidc_configuration.json", flows)
        self.route("PUT", base + ".json", update)
        self.route("PUT", base + "/policies.json", chain)
        self.route("POST", base + "/deploy.json", deploy)
        self.route("GET", base + "/configs/{environment}/latest.json", latest)
        self.route("POST", base + "/configs/sandbox/{version}/promote.json", self._promote)
        self.route("GET", "/admin/api/account/proxy_configs/{environment}.json", self._latest_of_all)

    def _promote(self, body: Row, query: Row, owner: str, version: str) -> Any:
        config = next(c for c in self.rows[f"{SERVICES}/{owner}/sandbox"] if str(c["version"]) == version)
        served = self.rows.setdefault(f"{SERVICES}/{owner}/production", [])
        if any(other["version"] == config["version"] for other in served):
            raise taken("version")
        served.append(copy.deepcopy(config))
        return {"proxy_config": config}

    def latest(self, owner: Any, environment: str) -> Row:
        """The latest configuration of a product, empty when there is none."""
        found = self.rows.get(f"{SERVICES}/{owner}/{environment}") or [{}]
        return found[-1]

    def _latest_of_all(self, body: Row, query: Row, environment: str) -> Any:
        rows = [self.latest(service["id"], environment) for service in self.rows.get(SERVICES, [])]
        return {"proxy_configs": [{"proxy_config": row} for row in rows if row]}

    def _deploy(self, owner: Any) -> None:
        content = self._content(owner)
        versions = self.rows.setdefault(f"{SERVICES}/{owner}/sandbox", [])
        if content["backends"] and (not versions or versions[-1]["content"] != content):
            versions.append({"id": self.next(), "version": len(versions) + 1, "content": content})

    def _content(self, owner: Any) -> Row:
        base = f"{SERVICES}/{owner}"
        service = copy.deepcopy(self.find(SERVICES, owner))
        proxy = copy.deepcopy(self.rows[f"{base}/one"][0])
        metrics = {row["id"]: row["system_name"] for row in self.rows[f"{base}/metrics"]}
        ordered = sorted(self.rows.get(f"{base}/proxy/mapping_rules", []), key=lambda row: row["position"])
        rules = [{**row, "owner_type": "Proxy", "metric_system_name": metrics[row["metric_id"]]} for row in ordered]
        routes = []
        usages = sorted(self.rows.get(f"{base}/backend_usages", []), key=lambda usage: usage["path"], reverse=True)
        for usage in usages:
            backend = self.find(BACKENDS, usage["backend_id"])
            path = usage["path"].rstrip("/")
            operation = {"match": "path", "value": f"{path}/.*|{path}/?"}
            routes.append({"url": backend["private_endpoint"], "condition": {"operations": [operation]}})
            for row in self.rows.get(f"{BACKENDS}/{backend['id']}/mapping_rules", []):
                rules.append({**row, "owner_type": "BackendApi", "pattern": path + row["pattern"]})
        chain = [policy for policy in proxy.pop("policies_config") if policy.get("enabled")]
        routing = {"name": "routing", "version": "builtin", "configuration": {"rules": routes}}
        proxy.update(
            proxy_rules=rules, policy_chain=[routing, *chain], authentication_method=service["backend_version"]
        )
        service["backend_version"] = service["backend_version"].replace("oidc", "oauth")
        defaults = {f"default_{kind}_id": next((row["id"] for row in self.rows.get(f"{base}/{kind}s", [])
                    if row["default"]), None) for kind in ("application_plan", "service_plan")}  # fmt: skip
        return {**service, **defaults, "backends": len(routes), "proxy": proxy}
