# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keycloak's clients with their protocol mappers and client scopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Later,
    Plan,
    Ref,
    RefusalError,
    Resource,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import hide
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import rotation, service_account
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.plan import (
    asked_for,
    create,
    delete,
    overlaid,
    plan_children,
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.realm import STATE, flag, text
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.rotation import Rotation
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.secret import MASK, without_secrets
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment

MAPPER = Resource(
    noun="protocol mapper",
    path="/admin/realms/{realm}/clients/{client}/protocol-mappers/models",
    wrapper="",
    envelope="",
    collection="",
    key=("name",),
    fields={
        "name": Field(required=True, form="text"),
        "protocol": Field(choices=("openid-connect", "saml"), default="openid-connect", form="text"),
        "protocol_mapper": Field(required=True, api="protocolMapper", form="text"),
        "config": Field("dict", form="texts"),
    },
)


BASIC = "basic"  # the scope that puts sub and auth_time into tokens, since Keycloak 25
SERVICE_ACCOUNT = "service_account"  # the one that Keycloak itself gives to clients with service accounts, since 25


def uris(api: str) -> Field:
    """A list of addresses whose order doesn't count."""
    return Field("list", elements="str", api=api, form="once")


CLIENT = Resource(
    noun="client",
    path="/admin/realms/{realm}/clients",
    wrapper="",
    envelope="",
    collection="",
    key=("client_id",),
    fields={
        "client_id": Field(required=True, api="clientId", form="text"),
        "state": STATE,
        "name": text("name"),
        "description": text("description"),
        "enabled": flag("enabled"),
        "protocol": Field(choices=("openid-connect", "saml"), api="protocol", form="text"),
        "public_client": flag("publicClient"),
        "bearer_only": flag("bearerOnly"),
        "client_authenticator_type": text("clientAuthenticatorType"),
        "secret": Field(api="secret", secret=True, form="text"),
        "return_secret": Field("bool", default=False, local=True, harmless=True),
        "standard_flow_enabled": flag("standardFlowEnabled"),
        "implicit_flow_enabled": flag("implicitFlowEnabled"),
        "direct_access_grants_enabled": flag("directAccessGrantsEnabled"),
        "service_accounts_enabled": flag("serviceAccountsEnabled"),
        "consent_required": flag("consentRequired"),
        "full_scope_allowed": flag("fullScopeAllowed"),
        "frontchannel_logout": flag("frontchannelLogout"),
        "root_url": text("rootUrl"),
        "base_url": text("baseUrl"),
        "admin_url": text("adminUrl"),
        "redirect_uris": uris("redirectUris"),
        "web_origins": uris("webOrigins"),
        "attributes": Field("dict", api="attributes", form="joined_texts"),
        "default_client_scopes": Field("list", elements="str", local=True),
        "optional_client_scopes": Field("list", elements="str", local=True),
        "keep_basic_scope": Field("bool", default=True, local=True),
        "protocol_mappers": Field("list", elements="dict", options=MAPPER.fields, local=True),
        "prune_protocol_mappers": Field("bool", default=False, local=True),
        **service_account.FIELDS,
        **rotation.FIELDS,
    },
)
SCOPE_LISTS = {"default_client_scopes": "defaultClientScopes", "optional_client_scopes": "optionalClientScopes"}
# these have requests of their own, or are the server's
NOT_IN_PUT = ("protocolMappers", "access", *SCOPE_LISTS.values())


def plan_client(session: Session, params: Mapping[str, Any]) -> Plan:
    """Read what is needed and plan one client. Raises ``ApiError`` and :class:`RefusalError`."""
    realm, name = params["realm"], params["client_id"]
    refuse_twins(MAPPER, params.get("protocol_mappers"), "protocol_mappers")
    found = session.below_realm(realm, "clients", {"clientId": name})
    raw = next((item for item in found or [] if item.get("clientId") == name), None)
    secret = params.get("secret") is not None or params.get("secret_not_before") is not None
    if raw is not None and secret and raw.get("secret") in (None, MASK):
        raw = {**raw, "secret": _secret(session, realm, raw["id"])}
    scopes: Sequence[Mapping[str, Any]] | None = None
    if found is not None and any(params.get(option) is not None for option in SCOPE_LISTS):
        scopes = session.below_realm(realm, "client-scopes")
    turned = rotation.plan_rotation(session, params, raw) if params["state"] == "present" else Rotation()
    result = plan(params, raw, scopes, turned)
    if params["state"] == "present":
        result.changes += service_account.plan_roles(session, params, raw, result.changes[:])
    if params["return_secret"] and params["state"] == "present":
        refs = {"realm": Ref("realm", realm, segment(realm)), "client": result.result["client"]["id"]}
        path = CLIENT.path + "/{client}/client-secret"
        planned = session.check and turned.secret  # the present one is not what would be there
        result.result = {**result.result, "secret": None if planned else Later(path, refs, "value")}
    return result


def _secret(session: Session, realm: str, identifier: str) -> str | None:
    answer = session.read(f"{realm_path(realm)}/clients/{segment(identifier)}/client-secret")
    return answer.get("value") if isinstance(answer, Mapping) else None


def plan(
    params: Mapping[str, Any],
    raw: Mapping[str, Any] | None,
    scopes: Sequence[Mapping[str, Any]] | None,
    turned: Rotation = Rotation(),  # noqa: B008 - frozen
) -> Plan:
    """The plan of one client from what was read. ``scopes``: the realm's, None when not known."""
    params = {**params, "secret": turned.secret or params.get("secret")}
    realm, name = params["realm"], params["client_id"]
    label = f"{realm} / {name}"
    parents = {"realm": Ref("realm", realm, segment(realm))}
    ref = Ref("client", name, raw["id"] if raw else None)
    result = Plan(result={"client": {}})
    if params["state"] == "absent":
        result.changes = [delete(CLIENT, raw, ref, parents, label)] if raw else []
        return result
    wanted_scopes = _wanted_scopes(params, raw, scopes)
    _check_scopes(realm, wanted_scopes, scopes)
    if raw is None:
        result.changes.append(_create(params, ref, parents, label, wanted_scopes, turned))
        raw_mappers: Sequence[Mapping[str, Any]] = []
    else:
        result.changes += _own_changes(params, raw, ref, parents, label, turned)
        result.changes += _scope_changes(wanted_scopes, raw, scopes or [], {**parents, "client": ref}, label)
        raw_mappers = raw.get("protocolMappers") or []
    mappers = plan_children(
        MAPPER,
        params.get("protocol_mappers"),
        raw_mappers,
        {**parents, "client": ref},
        label,
        params["prune_protocol_mappers"],
    )
    result.changes += mappers.all()
    final = _final(params, raw, ref, mappers.final, wanted_scopes)
    result.result = {"client": {**final, "old_secret_valid_until": rotation.valid_until(raw, turned, params)}}
    return result


def _own_changes(
    params: Mapping[str, Any],
    raw: Mapping[str, Any],
    ref: Ref,
    parents: Mapping[str, Ref],
    label: str,
    turned: Rotation,
) -> list[Change]:
    """The client's own change, if any, and the end of its old secret."""
    extra = {"attributes": turned.attributes} if turned.attributes else None
    change = update(CLIENT, params, raw, ref, parents, label, without=NOT_IN_PUT, extra=extra)
    gone = rotation.removal(raw, params, {**parents, "client": ref}, label)
    if change:
        rotation.mark(change, turned)
    if change and gone:
        gone.needs = [change]
    return [found for found in (change, gone) if found]


def _create(
    params: Mapping[str, Any],
    ref: Ref,
    parents: Mapping[str, Ref],
    label: str,
    scopes: Mapping[str, Sequence[str]],
    turned: Rotation,
) -> Change:
    extra: dict[str, Any] = {SCOPE_LISTS[option]: list(names) for option, names in scopes.items()}
    if turned.attributes:
        extra["attributes"] = {**CLIENT.fields["attributes"].normal(params.get("attributes")), **turned.attributes}
    change = create(CLIENT, params, ref, parents, label, extra=extra, query={"clientId": params["client_id"]})
    change.after = {**(change.after or {}), **{option: normal.once(names) for option, names in scopes.items()}}
    return change


def _wanted_scopes(
    params: Mapping[str, Any], raw: Mapping[str, Any] | None, scopes: Sequence[Mapping[str, Any]] | None
) -> dict[str, Sequence[str]]:
    """The lists that are asked for, with those default scopes that stay although nobody names them."""
    wanted = {option: params[option] for option in SCOPE_LISTS if params.get(option) is not None}
    named = {name for names in wanted.values() for name in names}
    there = {str(item["name"]) for item in scopes or []}
    if "default_client_scopes" in wanted:
        kept = [name for name in _kept(params, raw or {}) if name in there and name not in named]
        wanted["default_client_scopes"] = [*kept, *wanted["default_client_scopes"]]
    return wanted


def _kept(params: Mapping[str, Any], raw: Mapping[str, Any]) -> list[str]:
    """``basic``, without which tokens lose ``sub``, and what Keycloak gives to clients with service accounts."""
    if (params.get("protocol") or raw.get("protocol")) == "saml":
        return []
    basic = [BASIC] if params["keep_basic_scope"] else []
    asked = params.get("service_accounts_enabled")
    accounts = raw.get("serviceAccountsEnabled") if asked is None else asked
    return [*basic, *([SERVICE_ACCOUNT] if accounts else [])]


def _check_scopes(realm: str, wanted: Mapping[str, Sequence[str]], scopes: Sequence[Mapping[str, Any]] | None) -> None:
    """Refuse scopes that the realm doesn't have, or that are both default and optional."""
    twice = set(wanted.get("default_client_scopes", [])) & set(wanted.get("optional_client_scopes", []))
    if twice:
        raise RefusalError(f"optional_client_scopes: {', '.join(sorted(twice))} can't be both default and optional.")
    if scopes is None:
        return
    there = {str(item["name"]) for item in scopes}
    for option, names in wanted.items():
        missing = sorted(set(names) - there)
        if missing:
            raise RefusalError(
                f"{option}: realm '{realm}' has no client scope {', '.join(missing)}. "
                f"There are: {', '.join(sorted(there))}."
            )


def _scope_changes(
    wanted: Mapping[str, Sequence[str]],
    raw: Mapping[str, Any],
    scopes: Sequence[Mapping[str, Any]],
    refs: Mapping[str, Ref],
    label: str,
) -> list[Change]:
    """One request for each scope that comes or goes; what goes goes first, since no scope can be in both lists."""
    ids = {str(item["name"]): item["id"] for item in scopes}
    gone: list[Change] = []
    come: list[Change] = []
    for option, names in wanted.items():
        now = set(raw.get(SCOPE_LISTS[option]) or [])
        path = "/admin/realms/{realm}/clients/{client}/" + option.replace("_", "-") + "/{scope}"
        noun = option.replace("_", " ")[:-1]
        for name in [*sorted(now - set(names)), *sorted(set(names) - now)]:
            method, action, bucket = ("DELETE", "delete", gone) if name in now else ("PUT", "create", come)
            call = Call(method, path, {**refs, "scope": Ref("client scope", name, ids.get(name))})
            side = {"name": name}
            before, after = (side, None) if name in now else (None, side)
            bucket.append(Change(action, noun, f"{label} / {name}", before, after, call, lane=f"scopes of {label}"))
    return gone + come


def _final(
    params: Mapping[str, Any],
    raw: Mapping[str, Any] | None,
    ref: Ref,
    mappers: list[dict[str, Any]],
    scopes: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """The client as it is after the run, without its secret."""
    present = CLIENT.from_api(raw) if raw else {}
    lists = {option: (raw or {}).get(api) or [] for option, api in SCOPE_LISTS.items()}
    values = {**present, **overlaid(CLIENT, asked_for(CLIENT, params), present), **lists, **scopes}
    values.pop("secret", None)
    values["attributes"] = without_secrets(values.get("attributes"))
    return {**hide(values), "id": ref, "protocol_mappers": mappers}
