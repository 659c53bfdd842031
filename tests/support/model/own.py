# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to a tenant itself: its users, their tokens, its webhook; and the master API that makes tenants."""

from __future__ import annotations

from typing import Any

from tests.support.model.accounts import USER_EVENTS, moved
from tests.support.model.server import Kind, RefusedError, Row, taken
from tests.support.model.tenant import TENANTS, Master, Tenant

USERS = "/admin/api/users"
TOKENS = "/admin/api/personal/access_tokens"
SCOPES = ("account_management", "cms", "finance", "policy_registry", "stats")


class Own(Tenant):
    """A tenant with one administrator, whose token is used: nobody removes or demotes himself or the last one."""

    def __init__(self) -> None:
        super().__init__()
        users = Kind(USERS, "users", "user", exclusive=("username", "email"), new=self._new_user_of_tenant,
                     kept=self._not_the_last)  # fmt: skip
        self.keep(users)
        self.rows[USERS] = [{"id": self.next(), "username": "owner", "email": "owner@example.com", "role": "admin",
                             "state": "active"}]  # fmt: skip
        self.permissions: dict[int, Row] = {}
        for event in (*USER_EVENTS, "admin", "member"):
            self.route("PUT", f"{USERS}/{{item}}/{event}.json", self._user_event(event))
        self.route("GET", USERS + "/{item}/permissions.json", self._permissions_of)
        self.route("PUT", USERS + "/{item}/permissions.json", self._permit)
        self.keep(Kind(TOKENS, "access_tokens", "access_token", "token", new=self._new_token, check=self._one_token))
        self.values: dict[int, str] = {}
        self.webhook: Row = {"url": None, "active": False}
        self.route("PUT", "/admin/api/webhooks.json", self._webhook)

    def _new_user_of_tenant(self, _place: str, row: Row) -> None:
        row.pop("password", None)
        row.update(role="member", state="pending")

    def _not_the_last(self, place: str, row: Row) -> None:
        if row is self.rows[place][0] or (row["role"] == "admin" and self._admins() == 1):
            raise RefusedError(403, {"errors": {"base": ["can't be deleted"]}})

    def _admins(self) -> int:
        return sum(row["role"] == "admin" for row in self.rows[USERS])

    def _user_event(self, event: str) -> Any:
        def change(body: Row, query: Row, item: str) -> Any:
            row = self.find(USERS, item)
            if event in USER_EVENTS:
                moved(row, event, USER_EVENTS)
                return {"user": row}
            if event == "member" and (row is self.rows[USERS][0] or self._admins() == 1):
                raise RefusedError(403, {"status": "Forbidden"})
            row["role"] = event
            self.permissions.pop(row["id"], None)
            return {"user": row}

        return change

    def _permissions_of(self, body: Row, query: Row, item: str) -> Any:
        row = self.find(USERS, item)
        if row["role"] == "admin":
            raise RefusedError(403, {"status": "Forbidden"})
        new = {"allowed_sections": [], "allowed_service_ids": None}
        return {"permissions": self.permissions.setdefault(row["id"], new)}

    def _permit(self, body: Row, query: Row, item: str) -> Any:
        shown = self._permissions_of({}, query, item)
        shown["permissions"].update(body["permissions"])
        return shown

    def _new_token(self, _place: str, row: Row) -> None:
        self.values[row["id"]] = f"value-{row['id']}"

    def _one_token(self, _place: str, row: Row) -> None:
        if not row.get("name") or not row.get("scopes") or set(row["scopes"]) - {*SCOPES}:
            raise RefusedError(422, {"errors": {"scopes": ["invalid"]}})

    def add(self, kind: Kind, place: str, values: Any) -> Row:
        """As any object; a token's value is told this once."""
        row = super().add(kind, place, values)
        return {**row, "value": self.values[row["id"]]} if place == TOKENS else row

    def _webhook(self, body: Row, query: Row) -> Any:
        after = {**self.webhook, **(body.get("web_hook") or {})}
        if after["active"] and not str(after["url"] or "").startswith("http"):
            raise RefusedError(422, {"errors": {"url": ["is invalid"]}})
        self.webhook = after
        return {"webhook": after}


class Makers(Master):
    """The master with its sign-up: a tenant's first token is told once; names of tenants are not unique."""

    def __init__(self) -> None:
        super().__init__()
        self.tenants: dict[int, Own] = {}
        self.made: list[str] = []
        self.route("POST", TENANTS + ".json", self._sign_up)

    def _sign_up(self, body: Row, query: Row) -> Any:
        lacking = [name for name in ("org_name", "username", "email", "password") if not body.get(name)]
        if lacking:
            raise RefusedError(422, {"errors": {"user": [f"{lacking[0]} can't be blank"]}})
        if body["email"] in self.made:
            raise taken("email")
        self.made.append(body["email"])
        row = self.tenant(body["org_name"])
        row.update({name: body[name] for name in ("from_email", "support_email") if name in body})
        own = self.tenants[row["id"]] = Own()
        token = own.next()
        first = {"id": token, "name": "first", "scopes": ["account_management", "policy_registry"], "permission": "rw"}
        own.rows[TOKENS], own.values[token] = [first], f"first-{row['id']}"
        return {"signup": {"account": row, "access_token": {**first, "value": own.values[token]}}}
