# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What is in a realm besides its clients, read in the form that the modules take, without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError, Resource
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import provider, scope
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.assign import Owned, Roles, owned
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.group import GROUP
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.role import ROLE
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.secret import without_secrets
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.user import USER

REALM = Field(required=True)
SCOPE_OPTIONS = {"realm": REALM, "client_scopes": Field("list", elements="str")}
ROLE_OPTIONS = {"realm": REALM, "clients": Field("list", elements="str")}
GROUP_OPTIONS = {
    "realm": REALM,
    "groups": Field("list", elements="str", form="same"),
    "members": Field("bool", default=False),
}
USER_OPTIONS = {"realm": REALM, "users": Field("list", elements="str"), "groups": Field("bool", default=False)}
PROVIDER_OPTIONS = {"realm": REALM, "identity_providers": Field("list", elements="str")}
PAGE = 500
_WHOLE = {"briefRepresentation": "false"}
Raw = Mapping[str, Any]


def read_scopes(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """The client scopes that are asked for, or all, each with its mappers and whether new clients get it."""
    realm, wanted = params["realm"], params["client_scopes"]
    found = listed(session, realm, "client-scopes")
    lists = {kind: {item["name"] for item in listed(session, realm, path)} for kind, path in scope.LISTS.items()}
    scopes = []
    for raw in sorted(found, key=lambda item: str(item["name"])):
        if wanted is None or raw["name"] in wanted:
            given = next((kind for kind, names in lists.items() if raw["name"] in names), "no")
            mappers = [_values(scope.MAPPER, item) for item in raw.get("protocolMappers") or []]
            scopes.append({**_values(scope.SCOPE, raw), "for_new_clients": given, "protocol_mappers": _sorted(mappers)})
    return {"client_scopes": scopes}


def read_roles(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """The roles of the realm and of the clients that are asked for, each with the roles in it."""
    realm = params["realm"]
    roles = Roles(session, realm)
    found = [("", raw) for raw in listed(session, realm, "roles", _WHOLE)]
    for client in params["clients"] or []:
        owner = roles.client(client, "clients")
        if owner.id is None:
            raise RefusalError(f"clients: realm '{realm}' has no client '{client}'.")
        found += [(client, raw) for raw in listed(session, realm, f"clients/{owner.id}/roles", _WHOLE)]
    return {"roles": [_role(roles, client, raw) for client, raw in sorted(found, key=_by_names)]}


def _by_names(entry: tuple[str, Raw]) -> tuple[str, str]:
    return entry[0], str(entry[1]["name"])


def _role(roles: Roles, client: str, raw: Raw) -> dict[str, Any]:
    held: Any = []
    if raw.get("composite"):
        held = roles.session.read(f"{realm_path(roles.realm)}/roles-by-id/{raw['id']}/composites")
    return {
        **_values(ROLE, raw),
        **({"client_id": client} if client else {}),
        "composites": owned(roles.named(held or [])),
    }


def read_groups(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """The groups that are asked for, or all, those above first; with ``members`` their own members' names."""
    realm = params["realm"]
    wanted = None if params["groups"] is None else {"/" + path.strip("/") for path in params["groups"]}
    groups = []
    for raw in _below(session, realm, listed(session, realm, "groups", _WHOLE)):
        if wanted is None or raw["path"] in wanted:
            groups.append(_group(session, realm, raw, params["members"]))
    return {"groups": groups}


def _below(session: Session, realm: str, groups: list[dict[str, Any]]) -> Iterator[Raw]:
    """Groups with all those in them (docs/threescale-behaviour.md#keycloak-pages)."""
    for raw in sorted(groups, key=lambda item: str(item["name"])):
        yield raw
        inner = raw.get("subGroups") or []
        if raw.get("subGroupCount"):
            inner = listed(session, realm, f"groups/{raw['id']}/children", _WHOLE)
        yield from _below(session, realm, inner)


def _group(session: Session, realm: str, raw: Raw, members: bool) -> dict[str, Any]:
    held = [Owned(name) for name in raw.get("realmRoles") or []]
    held += [Owned(name, client) for client, names in (raw.get("clientRoles") or {}).items() for name in names]
    group = {**_values(GROUP, raw), "path": raw["path"], "roles": owned(held)}
    if members:
        found = listed(session, realm, f"groups/{raw['id']}/members", {"briefRepresentation": "true"})
        group["members"] = [
            {"username": item["username"], "email": item.get("email") or "", "enabled": bool(item.get("enabled"))}
            for item in found
        ]
    return group


def read_users(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """The users that are asked for by name, or all; with ``groups`` the paths of their groups."""
    realm = params["realm"]
    if params["users"] is None:
        found = listed(session, realm, "users", _WHOLE)
    else:
        found = []
        for name in params["users"]:
            found += listed(session, realm, "users", {"username": name, "exact": "true"})
    users = []
    for raw in found:
        groups = {}
        if params["groups"]:
            groups["groups"] = sorted(item["path"] for item in listed(session, realm, f"users/{raw['id']}/groups"))
        users.append({**_values(USER, raw), **groups, "id": raw["id"]})
    return {"users": users}


def read_providers(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """The identity providers that are asked for, or all, with their mappers."""
    realm, wanted = params["realm"], params["identity_providers"]
    place = "identity-provider/instances"
    providers = []
    for brief in sorted(listed(session, realm, place), key=lambda item: str(item["alias"])):
        if wanted is None or brief["alias"] in wanted:
            path = f"{realm_path(realm)}/{place}/{segment(brief['alias'])}"
            raw = session.read(path) or brief
            mappers = [_values(provider.MAPPER, item) for item in session.read(f"{path}/mappers") or []]
            providers.append({**_values(provider.PROVIDER, raw), "mappers": _sorted(mappers)})
            providers[-1]["config"] = without_secrets(providers[-1].get("config"))
    return {"identity_providers": providers}


def _values(resource: Resource, raw: Raw) -> dict[str, Any]:
    """An object as the module takes it: what is not set is left out, and so is the server's id."""
    return {name: value for name, value in resource.from_api(raw).items() if value is not None and name != "id"}


def _sorted(mappers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(mappers, key=lambda item: str(item["name"]))


def listed(
    session: Session, realm: str, collection: str, query: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """A whole list below a realm, page by page (docs/threescale-behaviour.md#keycloak-pages).

    Raises :class:`RefusalError` where there is no such realm.
    """
    whole: dict[Any, dict[str, Any]] = {}
    while True:
        found = session.below_realm(realm, collection, {**(query or {}), "first": len(whole), "max": PAGE})
        if found is None:
            raise RefusalError(f"realm: there is no realm '{realm}' at {session.client.base}.")
        before = len(whole)
        whole.update({item.get("id") or item.get("internalId"): item for item in found})
        if len(found) < PAGE or len(whole) == before:
            return list(whole.values())
