# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A realm written to files, each in the form in which a module takes it, without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.folder import Folder
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Plan, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import hidden
from ansible_collections.rhai.maas.plugins.module_utils.engine.show import as_yaml
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import info, info_realm
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session

# clients that each realm has from the beginning, and whose roles come with the server
OWN = ("account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console")
TOLD = ("id", "issuer")  # what the modules don't take


def _taken(item: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what its module does not take."""
    return {name: value for name, value in item.items() if name not in TOLD}


def _realm(session: Session, realm: str) -> Any:
    found = info.read_realms(session, {"realms": [realm]})["realms"]
    if not found:
        raise RefusalError(f"realm: there is no realm '{realm}' at {session.client.base}, or it may not be read.")
    return _taken(found[0])


def _clients(session: Session, realm: str) -> Any:
    found = info.read_clients(session, {"realm": realm, "clients": None})["clients"]
    own = sorted((row for row in found if row["client_id"] not in OWN), key=lambda row: str(row["client_id"]))
    return [_taken(row) for row in own]


def _roles(session: Session, realm: str) -> Any:
    owners = [row["client_id"] for row in _clients(session, realm)]
    return info_realm.read_roles(session, {"realm": realm, "clients": owners})["roles"]


def _scopes(session: Session, realm: str) -> Any:
    return info_realm.read_scopes(session, {"realm": realm, "client_scopes": None})["client_scopes"]


def _groups(session: Session, realm: str) -> Any:
    return info_realm.read_groups(session, {"realm": realm, "groups": None, "members": False})["groups"]


def _providers(session: Session, realm: str) -> Any:
    options = {"realm": realm, "identity_providers": None}
    found = info_realm.read_providers(session, options)["identity_providers"]
    if found:
        session.warnings.append(
            "identity_providers.yml: client_secret is left out; add it, such as a variable of your vault, before you "
            "import the file into a realm that has no such identity provider."
        )
    return found


READERS: dict[str, Callable[[Session, str], Any]] = {
    "realm": _realm,
    "client_scopes": _scopes,
    "clients": _clients,
    "roles": _roles,
    "groups": _groups,
    "identity_providers": _providers,
}
OPTIONS: dict[str, Field] = {
    "realm": Field(required=True),
    "path": Field(type="path", required=True),
    "parts": Field(type="list", elements="str", choices=tuple(READERS), default=list(READERS)),
}


def plan_export(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``keycloak_export``: the files that differ from what the realm holds."""
    folder = Folder(str(params["path"]))
    wanted: dict[str, bytes] = {}
    for part in params["parts"]:
        content, places = hidden(READERS[part](session, params["realm"]), part)
        if places:
            session.warnings.append(
                f"{part}.yml: {', '.join(places)} is a secret and was left out; put a variable of your vault in its "
                "place before you import the file."
            )
        wanted[f"{part}.yml"] = as_yaml(content).encode("utf-8")
    plan = Plan(folder.changes(wanted))
    plan.result = {"path": str(folder.root), "files": sorted(wanted)}
    return plan
