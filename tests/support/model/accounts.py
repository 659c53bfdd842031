# SPDX-License-Identifier: GPL-3.0-or-later
"""Developers of 3scale: accounts with users, applications with keys, subscriptions."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from tests.support.model.server import Kind, RefusedError, Row, fold, taken
from tests.support.model.threescale import Threescale

ACCOUNTS = "/admin/api/accounts"
USER_EVENTS = {
    "activate": ("pending", "active"),
    "suspend": ("active", "suspended"),
    "unsuspend": ("suspended", "active"),
}
APP_EVENTS = {"accept": ("pending", "live"), "suspend": ("live", "suspended"), "resume": ("suspended", "live")}
REACHED = {"approve": "approved", "make_pending": "pending", "reject": "rejected"}


def moved(row: Row, event: str, ways: dict[str, tuple[str, str]]) -> None:
    """Let an event change a state, or refuse it."""
    old, new = ways[event]
    if row["state"] != old:
        raise RefusedError(422, {"error": {"event": event, "from": row["state"], "error": "cannot transition"}})
    row["state"] = new


class Developers(Threescale):
    """Five keys at most, alike in any case; states are reached by events that lead from one other alone."""

    def __init__(self) -> None:
        super().__init__()
        self.keep(Kind(ACCOUNTS, "accounts", "account"))
        plans = Kind("/admin/api/account_plans", "plans", "account_plan", "account_plan", ("name",),
                     new=self._new_account_plan, check=self._plan_state)  # fmt: skip
        self.keep(plans)
        self.keep(Kind("/admin/api/features", "features", "feature", "feature", ("system_name",),
                       check=self._feature, gone=self._feature_gone))  # fmt: skip
        for name in ("Default", "Gold"):
            self.add(plans, plans.path, {"name": name})
        self.rows[plans.path][0]["default"] = True
        self.route("POST", "/admin/api/signup.json", self._sign_up)
        self.route("GET", ACCOUNTS + "/find.json", self._find)
        self.route("GET", ACCOUNTS + "/{item}/plan.json", self._plan_of)
        self.route("PUT", ACCOUNTS + "/{item}/change_plan.json", self._change_plan)
        for event, state in REACHED.items():
            self.route("PUT", f"{ACCOUNTS}/{{item}}/{event}.json", self._account_event(event, state))
        self.route("GET", "/admin/api/fields_definitions.json", lambda body, query: {"fields_definitions": []})
        self._users()
        self._applications_of()
        self._subscriptions()

    def _new_account_plan(self, _place: str, row: Row) -> None:
        row.update(state="hidden", default=False, approval_required=row.get("approval_required", False), custom=False)

    # accounts

    def _sign_up(self, body: Row, query: Row) -> Any:
        if self._users_called("username", body["username"]):
            raise taken("username")
        plans = self.rows["/admin/api/account_plans"]
        plan = next((row for row in plans if row["id"] == body.get("account_plan_id")), plans[0])
        made = {"org_name": body["org_name"], "state": "pending" if plan["approval_required"] else "approved"}
        number = self.next()
        row = {"id": number, **made, "annotations": body.get("annotations", {}), "plan": plan["id"],
               "monthly_billing_enabled": True, "monthly_charging_enabled": True}  # fmt: skip
        self.rows.setdefault(ACCOUNTS, []).append(row)
        user = {"username": body["username"], "email": body["email"], "role": "admin", "state": "pending"}
        self.rows[f"{ACCOUNTS}/{number}/users"] = [{"id": self.next(), **user}]
        return {"account": row}

    def _users_called(self, name: str, value: Any) -> list[str]:
        found = [path for path, rows in self.rows.items() if path.endswith("/users")
                 for row in rows if row[name] == value]  # fmt: skip
        return [path.split("/")[-2] for path in found]

    def _find(self, body: Row, query: Row) -> Any:
        ((name, value),) = query.items()
        found = self._users_called(name, value)
        if not found:
            raise RefusedError(404, {"status": "Not found"})
        return {"account": self.find(ACCOUNTS, found[0])}

    def _plan_of(self, body: Row, query: Row, item: str) -> Any:
        return {"account_plan": self.find("/admin/api/account_plans", self.find(ACCOUNTS, item)["plan"])}

    def _change_plan(self, body: Row, query: Row, item: str) -> Any:
        self.find(ACCOUNTS, item)["plan"] = body["plan_id"]
        return self._plan_of(body, query, item)

    def _account_event(self, event: str, state: str) -> Any:
        def change(body: Row, query: Row, item: str) -> Any:
            row = self.find(ACCOUNTS, item)
            if row["state"] == state:
                raise RefusedError(422, {"error": {"event": event, "from": state, "error": "cannot transition"}})
            row["state"] = state
            return {"account": row}

        return change

    # users

    def _users(self) -> None:
        users = Kind(ACCOUNTS + "/{account}/users", "users", "user", new=self._new_user)
        self.keep(users)

        def change(name: str) -> Any:
            def handler(body: Row, query: Row, account: str, item: str) -> Any:
                row = self.find(users.path.format(account=account), item)
                if name in USER_EVENTS:
                    moved(row, name, USER_EVENTS)
                else:
                    row["role"] = name
                return {"user": row}

            return handler

        for name in (*USER_EVENTS, "admin", "member"):
            self.route("PUT", f"{users.path}/{{item}}/{name}.json", change(name))

    def _new_user(self, place: str, row: Row) -> None:
        if len(self._users_called("username", row["username"])) > 1:
            raise taken("username")
        row.pop("password", None)
        row.update(role="member", state="pending")

    # applications

    def _applications_of(self) -> None:
        path = ACCOUNTS + "/{account}/applications"
        self.keep(Kind(path, "applications", "application", new=self._new_application, check=self._one_application,
                       gone=self._copy_gone))  # fmt: skip
        below = path + "/{app}"
        keys = Kind(below + "/keys", "keys", "key", most=5, check=self._one_key)
        self.keep(keys)

        def add_key(body: Row, query: Row, account: str, app: str) -> Any:
            place = keys.path.format(account=account, app=app)
            return {"key": self.add(keys, place, {"value": body["key"]})}

        def drop_key(body: Row, query: Row, account: str, app: str, item: str) -> Any:
            place = keys.path.format(account=account, app=app)
            found = next((row for row in self.rows.get(place, []) if row["value"] == unquote(item)), {"id": None})
            self.remove(keys, place, found["id"])
            return {}

        self.route("POST", keys.path + ".json", add_key)
        self.route("DELETE", keys.path + "/{item}.json", drop_key)
        self.keep(
            Kind(below + "/referrer_filters", "referrer_filters", "referrer_filter", most=5, new=self._new_filter)
        )
        for event in APP_EVENTS:
            self.route("PUT", f"{below}/{event}.json", self._app_event(event))
        self.route("PUT", below + "/change_plan.json", self._app_plan)
        self.route("PUT", below + "/customize_plan.json", self._customize)
        self.route("PUT", below + "/decustomize_plan.json", self._decustomize)

    def _plan(self, number: Any) -> tuple[list[Row], Row]:
        """An application plan, and the list in which it is."""
        for path, rows in self.rows.items():
            for row in rows if path.endswith("/application_plans") else []:
                if row["id"] == number:
                    return rows, row
        raise RefusedError(404, {"status": "Not found"})

    def _new_application(self, place: str, row: Row) -> None:
        _rows, plan = self._plan(row["plan_id"])
        row["account_id"] = int(place.split("/")[-2])
        row["service_id"] = int(plan["links"][0]["href"].rpartition("/")[2])
        row["plan_name"] = plan["name"]
        row["state"] = "pending" if plan.get("approval_required") else "live"
        row.setdefault("user_key", f"generated-{row['id']}")
        for key in row.pop("application_key", []):
            self.rows.setdefault(f"{place}/{row['id']}/keys", []).append({"id": self.next(), "value": key})

    def _copy_gone(self, place: str, row: Row) -> None:
        rows, plan = self._plan(row["plan_id"])
        if plan.get("custom"):
            rows.remove(plan)

    def _one_application(self, place: str, row: Row) -> None:
        others = [other for other in self.applications() if other is not row]
        if any(other["user_key"] == row["user_key"] for other in others):
            raise taken("user_key")

    def _one_key(self, place: str, row: Row) -> None:
        if any(other is not row and fold(other["value"]) == fold(row["value"]) for other in self.rows[place]):
            raise taken("value")

    def _new_filter(self, place: str, row: Row) -> None:
        row["value"] = row.pop("referrer_filter")

    def _app_event(self, event: str) -> Any:
        def change(body: Row, query: Row, account: str, app: str) -> Any:
            row = self.find(f"{ACCOUNTS}/{account}/applications", app)
            moved(row, event, APP_EVENTS)
            return {"application": row}

        return change

    def _app_plan(self, body: Row, query: Row, account: str, app: str) -> Any:
        row = self.find(f"{ACCOUNTS}/{account}/applications", app)
        rows, old = self._plan(row["plan_id"])
        _rows, plan = self._plan(body["plan_id"])
        if old.get("custom"):
            rows.remove(old)
        row.update(plan_id=plan["id"], plan_name=plan["name"])
        return {"application": row}

    def _customize(self, body: Row, query: Row, account: str, app: str) -> Any:
        row = self.find(f"{ACCOUNTS}/{account}/applications", app)
        rows, plan = self._plan(row["plan_id"])
        number = self.next()
        copy = {**plan, "id": number, "system_name": f"{plan['system_name']}_custom_{number}", "custom": True,
                "name": f"{plan['name']} (custom)", "default": False}  # fmt: skip
        rows.append(copy)
        row.update(plan_id=number, plan_name=copy["name"])
        return {"application_plan": copy}

    def _decustomize(self, body: Row, query: Row, account: str, app: str) -> Any:
        row = self.find(f"{ACCOUNTS}/{account}/applications", app)
        rows, plan = self._plan(row["plan_id"])
        origin = next(other for other in rows if plan["system_name"].startswith(f"{other['system_name']}_custom_"))
        rows.remove(plan)
        row.update(plan_id=origin["id"], plan_name=origin["name"])
        return {"application_plan": origin}

    # subscriptions

    def _subscriptions(self) -> None:
        path = ACCOUNTS + "/{account}/service_subscriptions"
        kind = Kind(path, "service_subscriptions", "service_subscription", "service_subscription",
                    ("service_id",), new=self._new_subscription, kept=self._unused)  # fmt: skip
        self.keep(kind)

        def change(body: Row, query: Row, account: str, item: str) -> Any:
            row = self.find(path.format(account=account), item)
            row["plan_id"] = self._service_plan(body["service_subscription"]["plan_id"])["id"]
            return {"service_subscription": row}

        def approve(body: Row, query: Row, account: str, item: str) -> Any:
            row = self.find(path.format(account=account), item)
            moved(row, "approve", {"approve": ("pending", "live")})
            return {"service_subscription": row}

        self.route("PUT", path + "/{item}/change_plan.json", change)
        self.route("PUT", path + "/{item}/approve.json", approve)

    def _service_plan(self, number: Any) -> Row:
        found = [row for path, rows in self.rows.items() if path.endswith("/service_plans")
                 for row in rows if row["id"] == number]  # fmt: skip
        return found[0]

    def _new_subscription(self, place: str, row: Row) -> None:
        plan = self._service_plan(row["plan_id"])
        row["service_id"] = int(plan["links"][0]["href"].rpartition("/")[2])
        row["state"] = "pending" if plan.get("approval_required") else "live"

    def _unused(self, place: str, row: Row) -> None:
        apps = self.rows.get(place.replace("service_subscriptions", "applications"), [])
        if any(app["service_id"] == row["service_id"] and app["state"] != "suspended" for app in apps):
            raise RefusedError(403, {"errors": {"base": ["has applications"]}})
