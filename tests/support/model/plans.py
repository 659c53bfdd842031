# SPDX-License-Identifier: GPL-3.0-or-later
"""Application and service plans of 3scale with limits, prices and features."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.normal import snake
from tests.support.model.server import Kind, Model, RefusedError, Row, taken

SERVICES = "/admin/api/services"
PLANS = "/admin/api/application_plans"


class Plans(Model):
    """One limit of a metric for each period, prices that don't overlap; a plan that is used stays."""

    def _plans(self, collection: str, envelope: str) -> None:
        path = f"{SERVICES}/{{owner}}/{collection}"
        self.keep(Kind(path, "plans", envelope, envelope, ("system_name", "name"), new=self._new_plan,
                       check=self._plan_state, kept=self._plan_free, gone=self._plan_gone))  # fmt: skip

        def all_plans(body: Row, query: Row) -> Any:
            lists = [name for name in self.rows if re.fullmatch(path.replace("{owner}", r"\d+"), name)]
            return {"plans": [{envelope: row} for name in lists for row in self.rows[name]]}

        def default(body: Row, query: Row, owner: str, item: str) -> Any:
            for row in self.rows[path.format(owner=owner)]:
                row["default"] = str(row["id"]) == item
            return {envelope: self.find(path.format(owner=owner), item)}

        self.route("GET", f"/admin/api/{collection}.json", all_plans)
        self.route("PUT", path + "/{item}/default.json", default)

    def _new_plan(self, place: str, row: Row) -> None:
        row.setdefault("name", row.get("system_name"))
        row.update(state="hidden", default=False, custom=False)
        row["links"] = [{"rel": "service", "href": f"http://model{place.rpartition('/')[0]}"}]

    def _plan_state(self, _place: str, row: Row) -> None:
        event = row.pop("state_event", None)
        reached = {"publish": "published", "hide": "hidden"}.get(event or "", row["state"])
        if event and reached == row["state"]:
            raise RefusedError(422, {"error": {"event": event, "from": reached, "error": "cannot transition when"}})
        row["state"] = reached

    def _plan_free(self, place: str, row: Row) -> None:
        copy = f"{row.get('system_name')}_custom_"
        copies = [other for other in self.rows[place] if str(other.get("system_name")).startswith(copy)]
        if copies or any(app["plan_id"] == row["id"] for app in self.applications()):
            raise RefusedError(403, {"errors": {"base": ["something depends on it"]}})

    def _plan_gone(self, _place: str, row: Row) -> None:
        for path in [path for path in self.rows if path.startswith(f"{PLANS}/{row['id']}/")]:
            del self.rows[path]

    def applications(self) -> list[Row]:
        """All applications of the tenant."""
        return [app for path, rows in self.rows.items() if path.endswith("/applications") for app in rows]

    def _applications(self, body: Row, query: Row) -> Any:
        asked = {name: value for name, value in query.items() if name in ("plan_id", "service_id")}
        rows = [row for row in self.applications() if all(row[name] == value for name, value in asked.items())]
        return {"applications": [{"application": row} for row in rows]}

    def _below_plans(self) -> None:
        for collection, envelope, wrapper, check in (
            ("limits", "limit", "usage_limit", self._one_limit),
            ("pricing_rules", "pricing_rule", "pricing_rule", self._no_overlap),
        ):
            self._by_metric(Kind(f"{PLANS}/{{plan}}/{collection}", collection, envelope, wrapper, check=check))
        for scope in ("application_plan", "service_plan", "account_plan"):
            self._included(scope)

    def _included(self, scope: str) -> None:
        """The features that plans of a kind include, each of their own kind and once."""
        included = Kind(f"/admin/api/{scope}s/{{plan}}/features", "features", "feature")
        self.keep(included)

        def add(body: Row, query: Row, plan: str) -> Any:
            owner = "" if scope == "account_plan" else r"/services/\d+"
            rows = [row for path, rows in self.rows.items() if re.fullmatch(f"/admin/api{owner}/features", path)
                    for row in rows if row["id"] == body["feature_id"]]  # fmt: skip
            there = self.rows.setdefault(included.path.format(plan=plan), [])
            if rows[0]["scope"] != scope:
                raise RefusedError(422, {"errors": {"plan_type": ["mismatch"]}})
            if rows[0] in there:
                raise RefusedError(409, {})
            there.append(rows[0])
            return {"feature": rows[0]}

        self.route("POST", included.path + ".json", add)

    def _feature(self, place: str, row: Row) -> None:
        """A scope is sent in one way and told in another."""
        sent = "AccountPlan" if place == "/admin/api/features" else row.get("scope") or "ApplicationPlan"
        row["scope"] = snake(sent)

    def _feature_gone(self, _place: str, row: Row) -> None:
        for path, rows in self.rows.items():
            if path.endswith("/features") and row in rows:
                rows.remove(row)

    def _by_metric(self, kind: Kind) -> None:
        self.keep(kind)
        below = f"{PLANS}/{{plan}}/metrics/{{metric}}/{kind.collection}"

        def create(body: Row, query: Row, plan: str, metric: str) -> Any:
            known = [row["id"] for path, rows in self.rows.items() if path.endswith("/metrics") for row in rows]
            if int(metric) not in known:
                raise RefusedError(404, {"status": "Not found"})
            values = {**body[kind.wrapper], "metric_id": int(metric)}
            return {kind.envelope: self.add(kind, kind.path.format(plan=plan), values)}

        def update(body: Row, query: Row, plan: str, metric: str, item: str) -> Any:
            row = self.find(kind.path.format(plan=plan), item)
            row.update(body[kind.wrapper])
            return {kind.envelope: row}

        def delete(body: Row, query: Row, plan: str, metric: str, item: str) -> Any:
            self.remove(kind, kind.path.format(plan=plan), item)
            return {}

        self.route("POST", below + ".json", create)
        self.route("DELETE", below + "/{item}.json", delete)
        if kind.collection == "limits":
            self.route("PUT", below + "/{item}.json", update)

    def _one_limit(self, place: str, row: Row) -> None:
        for other in self.rows[place]:
            if other is not row and (other["metric_id"], other["period"]) == (row["metric_id"], row["period"]):
                raise taken("period")

    def _no_overlap(self, place: str, row: Row) -> None:
        low, high = row.get("min") or 1, row.get("max") or 10**9
        for other in self.rows[place]:
            first, last = other.get("min") or 1, other.get("max") or 10**9
            if other is not row and other["metric_id"] == row["metric_id"] and low <= last and first <= high:
                raise RefusedError(422, {"errors": {"min": ["overlaps"]}})
