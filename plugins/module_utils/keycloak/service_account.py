# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Roles of a client that signs in by itself: they belong to a user that Keycloak makes for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Field, Find, Ref, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import assign
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.assign import Owned, Roles
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment

FIELDS = {
    "service_account_roles": Field("list", elements="dict", options=assign.ROLE_FIELDS, local=True),
    "prune_service_account_roles": Field("bool", default=False, local=True),
}
USERS = "/admin/realms/{realm}/users"


def plan_roles(
    session: Session, params: Mapping[str, Any], raw: Mapping[str, Any] | None, before: list[Change]
) -> list[Change]:
    """The role changes of one client's account. ``raw``: the client as it is; ``before``: what makes or changes it."""
    wanted = params.get("service_account_roles")
    if wanted is None:
        return []
    enabled = params.get("service_accounts_enabled")
    if not (enabled if enabled is not None else (raw or {}).get("serviceAccountsEnabled")):
        raise RefusalError("service_account_roles: the client has no account; say service_accounts_enabled: true.")
    roles = Roles(session, params["realm"])
    for role in assign.asked(wanted):
        if not session.check and roles.read(role, "service_account_roles") is None:
            raise RefusalError(
                f"service_account_roles: realm '{roles.realm}' has no role '{role.label()}'. Create it first."
            )
    user = _user(session, params, raw, roles)

    def place(role: Owned) -> tuple[str, dict[str, Ref]]:
        path = USERS + "/{user}/role-mappings/" + ("clients/{client}" if role.client else "realm")
        refs = {**roles.parents, "user": user}
        return path, {**refs, "client": roles.client(role.client, "service_account_roles")} if role.client else refs

    label, prune = f"{params['realm']} / {params['client_id']}", params["prune_service_account_roles"]
    now = _held(session, roles, user.id)
    asked = [role for role in assign.asked(wanted) if role != _given(roles.realm)]
    found = assign.changes(roles, asked, now, place, label, "service account role", prune)
    for change in found:
        change.needs = list(before)
    return found


def read_roles(session: Session, realm: str, raw: Mapping[str, Any]) -> list[Owned]:
    """The roles that the account of a client as the server has it holds, in a stable order."""
    roles = Roles(session, realm)
    user = _user(session, {"realm": realm, "client_id": raw["clientId"]}, raw, roles)
    return sorted(_held(session, roles, user.id), key=lambda role: (role.client, role.name))


def _held(session: Session, roles: Roles, user: Any) -> dict[Owned, Any]:
    """The roles that a user holds beside that which every user has, with their ids."""
    held = session.read(f"{realm_path(roles.realm)}/users/{segment(user)}/role-mappings") if user else {}
    rows = [
        *(held or {}).get("realmMappings", []),
        *(row for client in (held or {}).get("clientMappings", {}).values() for row in client["mappings"]),
    ]
    return {role: number for role, number in roles.named(rows).items() if role != _given(roles.realm)}


def _given(realm: str) -> Owned:
    """The role that the server gives to every user."""
    return Owned(f"default-roles-{realm.lower()}")


def _user(session: Session, params: Mapping[str, Any], raw: Mapping[str, Any] | None, roles: Roles) -> Ref:
    """The account's user: the server's, or the one that it makes together with the client."""
    name = f"service-account-{params['client_id']}".lower()
    if raw is not None and raw.get("serviceAccountsEnabled"):
        path = f"{realm_path(roles.realm)}/clients/{segment(raw['id'])}/service-account-user"
        return Ref("user", name, (session.read(path) or {}).get("id"))
    query = {"username": name, "exact": "true"}
    return Ref("user", name, None, Find(USERS, roles.parents, "", "", {"username": name}, query=query))
