# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keycloak's identity providers with their mappers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Change,
    Field,
    Plan,
    Ref,
    RefusalError,
    Resource,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.plan import (
    asked_for,
    create,
    delete,
    overlaid,
    plan_children,
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.realm import STATE, flag, text
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.secret import without_secrets
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment

MAPPER = Resource(
    noun="identity provider mapper",
    path="/admin/realms/{realm}/identity-provider/instances/{provider}/mappers",
    wrapper="",
    envelope="",
    collection="",
    key=("name",),
    fields={
        "name": Field(required=True, form="text"),
        "identity_provider_mapper": Field(required=True, api="identityProviderMapper", form="text"),
        "config": Field("dict", form="texts"),
    },
)
# options that stand in the API's config, and their names there
IN_CONFIG = {
    "client_id": "clientId",
    "authorization_url": "authorizationUrl",
    "token_url": "tokenUrl",
    "user_info_url": "userInfoUrl",
    "logout_url": "logoutUrl",
    "jwks_url": "jwksUrl",
    "issuer": "issuer",
    "default_scope": "defaultScope",
    "sync_mode": "syncMode",
}
PROVIDER = Resource(
    noun="identity provider",
    path="/admin/realms/{realm}/identity-provider/instances",
    wrapper="",
    envelope="",
    collection="",
    key=("alias",),
    fields={
        "alias": Field(required=True, form="text"),
        "state": STATE,
        "provider_id": Field(api="providerId", default="oidc", form="text"),
        "display_name": text("displayName"),
        "enabled": flag("enabled"),
        "trust_email": flag("trustEmail"),
        "store_token": Field("bool", api="storeToken", form="flag", harmless=True),
        "add_read_token_role_on_create": Field("bool", api="addReadTokenRoleOnCreate", form="flag", harmless=True),
        "link_only": flag("linkOnly"),
        "first_broker_login_flow_alias": text("firstBrokerLoginFlowAlias"),
        "post_broker_login_flow_alias": text("postBrokerLoginFlowAlias"),
        "discovery_url": Field(local=True),
        "client_id": Field(local=True),
        "client_secret": Field(secret=True, local=True),
        "update_secret": Field(choices=("on_create", "always"), default="on_create", local=True, harmless=True),
        "authorization_url": Field(local=True),
        "token_url": Field(local=True, harmless=True),
        "user_info_url": Field(local=True),
        "logout_url": Field(local=True),
        "jwks_url": Field(local=True),
        "issuer": Field(local=True),
        "default_scope": Field(local=True),
        "sync_mode": Field(choices=("import", "force", "legacy"), local=True),
        "config": Field("dict", form="texts"),
        "mappers": Field("list", elements="dict", options=MAPPER.fields, local=True),
        "prune_mappers": Field("bool", default=False, local=True),
    },
)


def plan_identity_provider(session: Session, params: Mapping[str, Any]) -> Plan:
    """Read what is needed and plan one identity provider. Raises ``ApiError`` and ``RefusalError``."""
    realm, alias = params["realm"], params["alias"]
    refuse_twins(MAPPER, params.get("mappers"), "mappers")
    found = session.below_realm(realm, "identity-provider/instances", {"search": alias})
    raw = next((item for item in found or [] if item.get("alias") == alias), None)
    base = f"{realm_path(realm)}/identity-provider"
    if params["state"] == "absent":
        return plan(params, raw, [], {})
    mappers: list[Mapping[str, Any]] = []
    if raw is not None and params.get("mappers") is not None:
        mappers = session.read(f"{base}/instances/{segment(alias)}/mappers") or []
    discovered = _discover(session, base, params) if found is not None else {}
    return plan(params, raw, mappers, discovered)


def _discover(session: Session, base: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The provider's addresses, read by Keycloak itself from the discovery document; nothing is stored."""
    if not params.get("discovery_url"):
        return {}
    body = {"providerId": params["provider_id"], "fromUrl": params["discovery_url"]}
    try:
        return session.ask(f"{base}/import-config", body) or {}
    except ApiError as error:
        error.reasons = [f"discovery_url {params['discovery_url']} can't be used", *error.reasons]
        error.hint = (
            "Keycloak itself must reach that address and trust its certificate; else give the single addresses."
        )
        raise


def plan(
    params: Mapping[str, Any],
    raw: Mapping[str, Any] | None,
    raw_mappers: Sequence[Mapping[str, Any]],
    discovered: Mapping[str, Any],
) -> Plan:
    """The plan of one identity provider, from what was read (``raw`` None: not there)."""
    params = _with_secret(params)
    realm, alias = params["realm"], params["alias"]
    label = f"{realm} / {alias}"
    parents = {"realm": Ref("realm", realm, segment(realm))}
    ref = Ref("identity provider", alias, segment(alias) if raw else None)
    result = Plan(result={"identity_provider": {}})
    if params["state"] == "absent":
        result.changes = [delete(PROVIDER, raw, ref, parents, label)] if raw else []
        return result
    wanted = {**params, "config": _config(params, discovered)}
    result.changes += _own_changes(params, wanted, raw, ref, parents, label)
    mappers = plan_children(
        MAPPER,
        params.get("mappers"),
        raw_mappers,
        {**parents, "provider": ref},
        label,
        params["prune_mappers"],
        extra={"identityProviderAlias": alias},
    )
    result.changes += mappers.all()
    result.result = {"identity_provider": _final(wanted, raw, mappers.final)}
    return result


def _with_secret(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options with a secret in ``config`` as ``client_secret``: it can't be read, so it can't be compared."""
    config = dict(params.get("config") or {})
    inner = config.pop("clientSecret", None)
    if inner is None:
        return params
    if params.get("client_secret") not in (None, inner):
        raise RefusalError("config.clientSecret and client_secret differ: give one of them.")
    return {**params, "config": config, "client_secret": inner}


def _own_changes(
    params: Mapping[str, Any],
    wanted: Mapping[str, Any],
    raw: Mapping[str, Any] | None,
    ref: Ref,
    parents: Mapping[str, Ref],
    label: str,
) -> list[Change]:
    """The provider's own change, if any. Its secret can't be read, so it can't be compared."""
    send = raw is None or params["update_secret"] == "always"
    secret = params.get("client_secret") if send else None
    hidden = {"client_secret": secret} if secret is not None else None
    extra = {"config": {"clientSecret": secret}} if secret is not None else {}
    if raw is not None:
        change = update(PROVIDER, wanted, raw, ref, parents, label, hidden=hidden, extra=extra)
        return [change] if change else []
    body = {"config": {**wanted["config"], **extra.get("config", {})}}
    return [create(PROVIDER, wanted, ref, parents, label, hidden=hidden, extra=body, pick="alias")]


def _final(wanted: Mapping[str, Any], raw: Mapping[str, Any] | None, mappers: list[dict[str, Any]]) -> dict[str, Any]:
    """The provider as it is after the run, without its secret."""
    present = PROVIDER.from_api(raw) if raw else {}
    values = {**present, **overlaid(PROVIDER, asked_for(PROVIDER, wanted), present), "mappers": mappers}
    values["config"] = without_secrets(values.get("config"))
    return {**values, "id": (raw or {}).get("internalId")}


def _config(params: Mapping[str, Any], discovered: Mapping[str, Any]) -> dict[str, str]:
    """The API's config: what the discovery document says, over it the single options, over these ``config``."""
    single = {api: params[option] for option, api in IN_CONFIG.items() if params.get(option) is not None}
    if "syncMode" in single:
        single["syncMode"] = str(single["syncMode"]).upper()
    found = discovered
    if params.get("discovery_url") and not discovered:  # only planned: nobody could be asked
        found = {"metadataDescriptorUrl": params["discovery_url"]}
    return {**normal.texts(found), **normal.texts(single), **normal.texts(params.get("config"))}
