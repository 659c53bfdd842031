# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant of 3scale has beside products and developers: registry, fields, documents, portal, itself."""

from __future__ import annotations

import json
from typing import Any

from tests.support.model.accounts import Developers
from tests.support.model.server import Kind, Model, RefusedError, Row, fold, taken

CMS = "/admin/api/cms"
TENANTS = "/master/api/providers"
TARGETS = ("Account", "User", "Cinstance")


class Tenant(Developers):
    """One tenant."""

    def __init__(self) -> None:
        super().__init__()
        self.keep(Kind("/admin/api/registry/policies", "policies", "policy", "policy", check=self._policy))
        fields = Kind("/admin/api/fields_definitions", "fields_definitions", "fields_definition", "fields_definition",
                      new=self._new_definition, check=self._definition)  # fmt: skip
        self.keep(fields)
        self.add(
            fields, fields.path, {"target": "Account", "name": "org_name", "label": "Organization", "required": True}
        )
        self.keep(Kind("/admin/api/active_docs", "api_docs", "api_doc", "api_docs_service", ("system_name",),
                       new=self._new_doc, check=self._doc))  # fmt: skip
        self.keep(Kind("/admin/api/authentication_providers", "authentication_providers", "authentication_provider",
                       "authentication_provider", ("system_name", "kind"), new=self._new_provider))  # fmt: skip
        of_admins = "/admin/api/account/authentication_providers"
        self.keep(Kind(of_admins, "authentication_providers", "authentication_provider"))
        self.rows[of_admins] = [{"id": self.next(), "kind": "keycloak", "published": True}]
        self.account = {"id": 1, "org_name": "Maas", "from_email": "", "updated_at": "2026-01-01T00:00:00Z"}
        flags = ("signups_enabled", "hide_service", "account_approval_required", "enforce_sso", "public_search")
        self.settings = dict.fromkeys(flags, False)
        self._one("/admin/api/provider.json", "account", lambda: self.account)
        self._one("/admin/api/settings.json", "settings", lambda: self.settings)
        self.route("PUT", "/admin/api/account_plans/{item}/default.json", self._default_account_plan)
        self.route("GET", "/admin/api/policies.json", lambda body, query: {})
        self._portal()

    def _one(self, path: str, envelope: str, thing: Any) -> None:
        def update(body: Row, query: Row) -> Any:
            thing().update(body[envelope])
            return {envelope: thing()}

        self.route("GET", path, lambda body, query: {envelope: thing()})
        self.route("PUT", path, update)

    def _default_account_plan(self, body: Row, query: Row, item: str) -> Any:
        for row in self.rows["/admin/api/account_plans"]:
            row["default"] = str(row["id"]) == item
        return {"account_plan": self.find("/admin/api/account_plans", item)}

    def _policy(self, place: str, row: Row) -> None:
        if not row.get("schema"):
            raise RefusedError(422, {"errors": {"schema": ["can't be blank"]}})
        for other in self.rows[place]:
            if other is not row and (other["name"], other["version"]) == (row["name"], row["version"]):
                raise taken("version")

    def _new_definition(self, _place: str, row: Row) -> None:
        for name in ("required", "hidden", "read_only"):
            row.setdefault(name, False)
        row.setdefault("choices", [])

    def _definition(self, place: str, row: Row) -> None:
        if row["target"] not in TARGETS:
            raise RefusedError(422, {"errors": {"target": ["is not included in the list"]}})
        for other in self.rows[place]:
            if other is not row and (other["target"], other["name"]) == (row["target"], row["name"]):
                raise taken("name")

    def _new_doc(self, _place: str, row: Row) -> None:
        row.setdefault("name", row["system_name"])
        row.setdefault("published", False)

    def _doc(self, _place: str, row: Row) -> None:
        json.loads(row["body"])
        row["service_id"] = row.get("service_id") or None

    def _new_provider(self, _place: str, row: Row) -> None:
        row.setdefault("published", False)

    # the portal

    def _portal(self) -> None:
        plain = {"end": ".json", "collection": "collection", "envelope": ""}
        self.keep(Kind(CMS + "/sections", **plain, exclusive=("system_name",), new=self._new_section,
                       check=self._section))  # fmt: skip
        self.keep(
            Kind(CMS + "/templates", **plain, new=self._new_template, check=self._template, kept=self._layout_kept)
        )
        self.keep(Kind(CMS + "/files", **plain, exclusive=("path",), check=self._file))
        self.route("PUT", CMS + "/templates/{item}/publish.json", self._publish)
        self.rows[CMS + "/sections"] = [{"id": self.next(), "system_name": "root", "title": "Root", "parent_id": None}]
        for kind, name in (("layout", "main_layout"), ("builtin_page", "login/new"), ("builtin_partial", "users_menu")):
            row = {"id": self.next(), "type": kind, "system_name": name, "published": "{% content %}", "draft": None}
            self.rows.setdefault(CMS + "/templates", []).append(row)

    def _new_section(self, _place: str, row: Row) -> None:
        row.setdefault("parent_id", self.rows[CMS + "/sections"][0]["id"])
        row.setdefault("public", True)

    def _section(self, place: str, row: Row) -> None:
        for other in self.rows[place]:
            if (
                other is not row
                and other["parent_id"] == row["parent_id"]
                and fold(other["title"]) == fold(row["title"])
            ):
                raise taken("title")

    def _new_template(self, _place: str, row: Row) -> None:
        row.setdefault("published", None)
        row.setdefault("draft", None)
        if row["type"] == "page":
            row.setdefault("section_id", self.rows[CMS + "/sections"][0]["id"])

    def _template(self, place: str, row: Row) -> None:
        for name in ("path", "system_name"):
            for other in self.rows[place]:
                if other is not row and row.get(name) and (other["type"], other.get(name)) == (row["type"], row[name]):
                    raise taken(name)
        for name, path in (("layout_id", "templates"), ("section_id", "sections")):
            row[name] = row.get(name) or None
            if row[name] is not None:
                self.find(f"{CMS}/{path}", row[name])

    def _layout_kept(self, place: str, row: Row) -> None:
        if row["type"].startswith("builtin") or any(other.get("layout_id") == row["id"] for other in self.rows[place]):
            raise RefusedError(422, {"errors": {"base": ["is in use"]}})

    def _publish(self, body: Row, query: Row, item: str) -> Any:
        row = self.find(CMS + "/templates", item)
        if row["draft"] is not None:
            row.update(published=row["draft"], draft=None)
        return row

    def _file(self, _place: str, row: Row) -> None:
        files = row.pop("files", None)
        if files:
            row["content"] = bytes(files["attachment"][1]).decode()
        row.setdefault("downloadable", False)


class Master(Model):
    """The master's tenants. One that is deleted stays in the list."""

    def __init__(self) -> None:
        super().__init__()
        self.route("GET", "/admin/api/accounts.json", self._list)
        self.route("GET", "/admin/api/fields_definitions.json", lambda body, query: {"fields_definitions": []})
        self.route("PUT", TENANTS + "/{item}.json", self._update)
        self.route("DELETE", TENANTS + "/{item}.json", self._delete)

    def tenant(self, name: str) -> Row:
        """A tenant as somebody made it."""
        row = {"id": self.next(), "org_name": name, "state": "approved", "annotations": {}}
        self.rows.setdefault(TENANTS, []).append(row)
        return row

    def _list(self, body: Row, query: Row) -> Any:
        first = (int(query["page"]) - 1) * int(query["per_page"])
        rows = self.rows.get(TENANTS, [])[first : first + int(query["per_page"])]
        return {"accounts": [{"account": row} for row in rows]}

    def _update(self, body: Row, query: Row, item: str) -> Any:
        row, values = self.find(TENANTS, item), dict(body["account"])
        event = values.pop("state_event", None)
        ways = {("suspend", "approved"): "suspended", ("resume", "suspended"): "approved",
                ("resume", "scheduled_for_deletion"): "approved"}  # fmt: skip
        if event:
            if (event, row["state"]) not in ways:
                raise RefusedError(422, {"errors": {"state": ["cannot transition"]}})
            row["state"] = ways[(event, row["state"])]
        elif row["state"] == "scheduled_for_deletion":
            raise RefusedError(403, {"status": "Forbidden"})
        row.update(values)
        return {"account": row}

    def _delete(self, body: Row, query: Row, item: str) -> Any:
        self.find(TENANTS, item)["state"] = "scheduled_for_deletion"
        return {}
