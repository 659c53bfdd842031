# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keycloak read: realms and clients in the form that the modules take, without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import service_account
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.assign import owned
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.client import CLIENT, MAPPER, SCOPE_LISTS
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.client_policies import unwrapped
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.realm import POLICIES, REALM
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.secret import without_secrets
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, segment

REALM_OPTIONS = {"realms": Field("list", elements="str")}
CLIENT_OPTIONS = {"realm": Field(required=True), "clients": Field("list", elements="str")}


def read_realms(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """The realms that are asked for, or all that may be seen; those not there are left out."""
    found = session.read("/admin/realms") or []
    wanted = params["realms"]
    realms = []
    for raw in found:
        name = raw["realm"]
        if wanted is None or name in wanted:
            profile = session.read(f"/admin/realms/{segment(name)}/users/profile")
            realms.append(realm(raw, session.client.base, profile))
    return {"realms": realms}


def realm(raw: Mapping[str, Any], base: str, profile: Mapping[str, Any] | None) -> dict[str, Any]:
    """One realm as the module takes it, with its issuer. ``profile`` None: the server has no user profiles."""
    values = {name: value for name, value in REALM.from_api(unwrapped(raw)).items() if value is not None}
    if profile is not None:
        policy = profile.get("unmanagedAttributePolicy")
        values["unmanaged_attribute_policy"] = next(name for name, api in POLICIES.items() if api == policy)
    return {**values, "issuer": f"{base}/realms/{segment(raw['realm'])}"}


def read_clients(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """The clients of a realm that are asked for, or all; those not there are left out."""
    found = session.below_realm(params["realm"], "clients")
    if found is None:
        raise RefusalError(f"realm: there is no realm '{params['realm']}' at {session.client.base}.")
    wanted = params["clients"]
    asked = [raw for raw in found if wanted is None or raw["clientId"] in wanted]
    return {"clients": [{**client(raw), **_account(session, params["realm"], raw)} for raw in asked]}


def _account(session: Session, realm: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What the account of a client holds that signs in by itself."""
    if not raw.get("serviceAccountsEnabled"):
        return {}
    return {"service_account_roles": owned(service_account.read_roles(session, realm, raw))}


def client(raw: Mapping[str, Any]) -> dict[str, Any]:
    """One client as the module takes it, without its secret."""
    values = {name: value for name, value in CLIENT.from_api(raw).items() if value is not None and name != "secret"}
    attributes = without_secrets(values.get("attributes"))
    # the times of secrets are the server's: handed back later, they would be those of another secret
    values["attributes"] = {name: value for name, value in attributes.items() if not name.startswith("client.secret.")}
    lists = {option: raw.get(api) or [] for option, api in SCOPE_LISTS.items()}
    mappers = [
        {name: value for name, value in MAPPER.from_api(item).items() if name != "id"}
        for item in raw.get("protocolMappers") or []
    ]
    return {**values, **lists, "protocol_mappers": mappers}
