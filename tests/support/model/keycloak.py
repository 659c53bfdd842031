# SPDX-License-Identifier: GPL-3.0-or-later
"""Keycloak as far as plans deal with it: a PUT replaces, names are unique, a scope is in one list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tests.support.model.server import Kind, Model, RefusedError, Row

REALMS = "/admin/realms"
REALM = REALMS + "/{realm}"
SCOPES = ("basic", "email", "phone", "profile")
LISTS = {"default": "defaultClientScopes", "optional": "optionalClientScopes"}
MASK = "**********"


class Keycloak(Model):
    """One realm ``maas`` with its scopes and a few roles, and whatever is made in it."""

    def __init__(self) -> None:
        super().__init__()
        self.realms: dict[str, Row] = {}
        self.profile: dict[str, Row] = {}
        self.route("POST", REALMS, self._new_realm)
        self.route("GET", REALM, lambda body, query, realm: self.realm(realm))
        self.route("PUT", REALM, lambda body, query, realm: self.realm(realm).update(body))
        self.route("DELETE", REALM, lambda body, query, realm: self.realms.pop(realm))
        self._clients()
        self._scopes()
        self._roles()
        self._groups()
        self._providers()
        self._keep(Kind(REALM + "/users", "", "", exclusive=("username", "email")), ())
        self.route("PUT", REALM + "/users/{item}/reset-password", lambda body, query, realm, item: {})
        self.route("GET", REALM + "/users/profile", lambda body, query, realm: self.profile[realm])
        self.route("PUT", REALM + "/users/profile", lambda body, query, realm: self.profile.update({realm: body}))

    def _keep(self, kind: Kind, stays: tuple[str, ...]) -> Kind:
        """A kind whose PUT replaces all but ``stays``; its list may be asked for some values."""
        kind = Kind(**{**vars(kind), "end": ""})
        self.keep(kind)

        def listed(body: Row, query: Row, **parents: str) -> Any:
            asked = {n: v for n, v in query.items() if n not in ("exact", "max", "search")}
            return [r for r in self.rows.get(kind.path.format(**parents), []) if asked.items() <= r.items()]

        def replace(body: Row, query: Row, item: str, **parents: str) -> Any:
            row = self.find(kind.path.format(**parents), item)
            kept = {name: row[name] for name in ("id", *stays) if name in row}
            row.clear()
            row.update({**body, **kept})
            self._check(kind, kind.path.format(**parents), row)
            return {}

        self.route("GET", kind.path, listed)
        self.route("PUT", kind.path + "/{item}", replace)
        return kind

    def realm(self, name: str) -> Row:
        """A realm, or 404."""
        if name not in self.realms:
            raise RefusedError(404, {})
        return self.realms[name]

    def _new_realm(self, body: Row, query: Row) -> Any:
        name = body["realm"]
        self.realms[name] = {"id": f"id-{name}", "smtpServer": {}, **body}
        self.profile[name] = {"attributes": [{"name": "username"}]}
        self.rows[f"{REALMS}/{name}/client-scopes"] = [
            {"id": self.next(), "name": scope, "protocol": "openid-connect"} for scope in SCOPES
        ]
        self.rows[f"{REALMS}/{name}/roles"] = [
            {"id": self.next(), "name": role, "containerId": f"id-{name}"} for role in ("reader", "writer", "owner")
        ]
        return {"id": name}

    # clients and scopes

    def _clients(self) -> None:
        path = REALM + "/clients"
        self._keep(
            Kind(path, "", "", exclusive=("clientId",), new=self._new_client), ("protocolMappers", *LISTS.values())
        )
        self.route("GET", path + "/{client}/client-secret", self._secret)
        self._mappers(path, "client")
        for kind, attribute in LISTS.items():
            other = next(name for name in LISTS.values() if name != attribute)
            place = f"{path}/{{client}}/{kind}-client-scopes/{{scope}}"
            self.route("PUT", place, self._join(attribute, other))
            self.route("DELETE", place, self._leave(attribute))

    def _new_client(self, place: str, row: Row) -> None:
        for mapper in row.setdefault("protocolMappers", []):
            mapper["id"] = self.next()
        row.setdefault("defaultClientScopes", ["basic", "profile"])
        row.setdefault("optionalClientScopes", ["phone"])
        row.setdefault("secret", f"made-{row['id']}")

    def _secret(self, body: Row, query: Row, realm: str, client: str) -> Any:
        return {"value": self.find(f"{REALMS}/{realm}/clients", client)["secret"]}

    def _scope(self, realm: str, scope: str) -> str:
        return str(self.find(f"{REALMS}/{realm}/client-scopes", scope)["name"])

    def _join(self, attribute: str, other: str) -> Any:
        def handler(body: Row, query: Row, realm: str, client: str, scope: str) -> Any:
            row, name = self.find(f"{REALMS}/{realm}/clients", client), self._scope(realm, scope)
            if name in row[other]:
                raise RefusedError(409, {"error": "is in the other list"})
            row[attribute] = sorted({*row[attribute], name})
            return {}

        return handler

    def _leave(self, attribute: str) -> Any:
        def handler(body: Row, query: Row, realm: str, client: str, scope: str) -> Any:
            row, name = self.find(f"{REALMS}/{realm}/clients", client), self._scope(realm, scope)
            row[attribute] = [entry for entry in row[attribute] if entry != name]
            return {}

        return handler

    def _mappers(self, path: str, owner: str) -> None:
        models = f"{path}/{{owner}}/protocol-mappers/models"

        def mappers(realm: str, number: str) -> list[Row]:
            found: list[Row] = self.find(path.format(realm=realm), number).setdefault("protocolMappers", [])
            return found

        def create(body: Row, query: Row, realm: str, owner: str) -> Any:
            if any(row["name"] == body["name"] for row in mappers(realm, owner)):
                raise RefusedError(409, {"errorMessage": "exists"})
            mappers(realm, owner).append({"id": self.next(), **body})
            return {"id": self.number}

        def update(body: Row, query: Row, realm: str, owner: str, item: str) -> Any:
            row = next(row for row in mappers(realm, owner) if str(row["id"]) == item)
            number = row["id"]
            row.clear()
            row.update({**body, "id": number})
            return {}

        def delete(body: Row, query: Row, realm: str, owner: str, item: str) -> Any:
            rows = mappers(realm, owner)
            rows[:] = [row for row in rows if str(row["id"]) != item]
            return {}

        self.route("POST", models, create)
        self.route("PUT", models + "/{item}", update)
        self.route("DELETE", models + "/{item}", delete)

    def _scopes(self) -> None:
        path = REALM + "/client-scopes"
        self._keep(Kind(path, "", "", exclusive=("name",)), ("protocolMappers",))
        self._mappers(path, "scope")
        for kind in LISTS:
            place = f"{REALM}/default-{kind}-client-scopes"
            self.route("GET", place, lambda body, query, realm, kind=kind: self._offered(realm, kind))
            self.route("PUT", place + "/{scope}", self._offer(kind, True))
            self.route("DELETE", place + "/{scope}", self._offer(kind, False))

    def _offered(self, realm: str, kind: str) -> Any:
        return [row for row in self.rows[f"{REALMS}/{realm}/client-scopes"] if row.get("offered") == kind]

    def _offer(self, kind: str, joins: bool) -> Any:
        def handler(body: Row, query: Row, realm: str, scope: str) -> Any:
            row = self.find(f"{REALMS}/{realm}/client-scopes", scope)
            if joins and row.get("offered") not in (None, kind):
                raise RefusedError(409, {"error": "is in the other list"})
            row["offered"] = kind if joins else None
            return {}

        return handler

    # roles and groups

    def _roles(self) -> None:
        for path in (REALM + "/roles", REALM + "/clients/{client}/roles"):
            self._keep(Kind(path, "", "", exclusive=("name",), new=self._new_role), ())
            self.route("GET", path + "/{item}", self._role_by_name)
        by_id = REALM + "/roles-by-id/{item}"
        self.route("PUT", by_id, self._change_role)
        self.route("DELETE", by_id, self._drop_role)
        self._holds(by_id + "/composites")

    def _new_role(self, place: str, row: Row) -> None:
        if "/clients/" in place:
            row.update(clientRole=True, containerId=place.split("/")[-2])

    def _role_by_name(self, body: Row, query: Row, realm: str, item: str, client: str = "") -> Any:
        place = f"{REALMS}/{realm}/clients/{client}/roles" if client else f"{REALMS}/{realm}/roles"
        found = [row for row in self.rows.get(place, []) if row["name"] == unquote(item)]
        if not found:
            raise RefusedError(404, {})
        return found[0]

    def role(self, number: Any) -> tuple[list[Row], Row]:
        """A role by its id, and the list in which it is."""
        for path, rows in self.rows.items():
            for row in rows if path.endswith("/roles") else []:
                if str(row["id"]) == str(number):
                    return rows, row
        raise RefusedError(404, {})

    def _change_role(self, body: Row, query: Row, realm: str, item: str) -> Any:
        _rows, row = self.role(item)
        row.update(body)
        return {}

    def _drop_role(self, body: Row, query: Row, realm: str, item: str) -> Any:
        rows, row = self.role(item)
        rows.remove(row)
        return {}

    def _holds(self, path: str) -> None:
        """Roles that something holds, added and removed as lists."""

        def place(parts: Mapping[str, str]) -> str:
            return path.format(**parts)

        def held(body: Row, query: Row, **parts: str) -> Any:
            return self.rows.get(place(parts), [])

        def add(body: list[Row], query: Row, **parts: str) -> Any:
            rows = self.rows.setdefault(place(parts), [])
            rows += [self.role(entry["id"])[1] for entry in body]
            return {}

        def drop(body: list[Row], query: Row, **parts: str) -> Any:
            gone = {str(entry["id"]) for entry in body}
            self.rows[place(parts)] = [row for row in self.rows.get(place(parts), []) if str(row["id"]) not in gone]
            return {}

        for method, handler in (("GET", held), ("POST", add), ("DELETE", drop)):
            self.route(method, path, handler)

    def _groups(self) -> None:
        path = REALM + "/groups"
        self._keep(Kind(path, "", "", exclusive=("name",), new=self._new_group), ("path",))
        self.route("GET", REALM + "/group-by-path/{first}", self._by_path)
        self.route("GET", REALM + "/group-by-path/{first}/{second}", self._by_path)
        self.route("GET", path + "/{group}/children", self._children)
        self.route("POST", path + "/{group}/children", self._new_child)
        self.route("GET", path + "/{group}/role-mappings", self._mappings)
        self._holds(path + "/{group}/role-mappings/realm")

    def _new_group(self, place: str, row: Row) -> None:
        row.setdefault("path", f"/{row['name']}")

    def _by_path(self, body: Row, query: Row, realm: str, first: str, second: str = "") -> Any:
        wanted = f"/{first}/{second}".rstrip("/")
        found = [row for row in self.rows.get(f"{REALMS}/{realm}/groups", []) if row["path"] == wanted]
        if not found:
            raise RefusedError(404, {})
        return found[0]

    def _children(self, body: Row, query: Row, realm: str, group: str) -> Any:
        above = self.find(f"{REALMS}/{realm}/groups", group)["path"] + "/"
        return [row for row in self.rows[f"{REALMS}/{realm}/groups"] if row["path"].startswith(above)]

    def _new_child(self, body: Row, query: Row, realm: str, group: str) -> Any:
        place = f"{REALMS}/{realm}/groups"
        above = self.find(place, group)["path"]
        row = {"id": self.next(), **body, "path": f"{above}/{body['name']}"}
        self.rows[place].append(row)
        return {"id": row["id"]}

    def _mappings(self, body: Row, query: Row, realm: str, group: str) -> Any:
        return {"realmMappings": self.rows.get(f"{REALMS}/{realm}/groups/{group}/role-mappings/realm", [])}

    def _providers(self) -> None:
        path = REALM + "/identity-provider/instances"
        kind = self._keep(Kind(path, "", "", exclusive=("alias",), new=self._new_provider), ("internalId",))
        self._keep(Kind(path + "/{provider}/mappers", "", "", exclusive=("name",)), ())

        def update(body: Row, query: Row, realm: str, item: str) -> Any:
            row = self.find(kind.path.format(realm=realm), item)
            secret = body.get("config", {}).get("clientSecret")
            if secret == MASK:
                body["config"]["clientSecret"] = row["secret"]
            number, internal = row["id"], row["internalId"]
            row.clear()
            row.update({**body, "id": number, "internalId": internal})
            self._hide(row)
            return {}

        self.route("PUT", path + "/{item}", update)

    def _new_provider(self, place: str, row: Row) -> None:
        row.update(internalId=row["id"], id=row["alias"])
        self._hide(row)

    def _hide(self, row: Row) -> None:
        if "clientSecret" in row.get("config", {}):
            row["secret"] = row["config"]["clientSecret"]
            row["config"]["clientSecret"] = MASK
