# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keycloak's client scopes with their mappers, and whether new clients of the realm get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.field import SHOWN
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import all_after, refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Plan,
    Ref,
    RefusalError,
    Resource,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.shape import SHAPES
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.client import MAPPER as CLIENT_MAPPER
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.plan import (
    asked_for,
    create,
    delete,
    overlaid,
    plan_children,
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.realm import STATE, text
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment

MAPPER = replace(CLIENT_MAPPER, path="/admin/realms/{realm}/client-scopes/{scope}/protocol-mappers/models")
SCOPE = Resource(
    noun="client scope",
    path="/admin/realms/{realm}/client-scopes",
    wrapper="",
    envelope="",
    collection="",
    key=("name",),
    fields={
        "name": Field(required=True, form="text"),
        "state": STATE,
        "description": text("description"),
        "protocol": Field(choices=("openid-connect", "saml"), default="openid-connect", api="protocol", form="text"),
        "attributes": Field("dict", api="attributes", form="texts"),
        "for_new_clients": Field(choices=("default", "optional", "no"), local=True),
        "protocol_mappers": Field("list", elements="dict", options=MAPPER.fields, local=True),
        "prune_protocol_mappers": Field("bool", default=False, local=True),
    },
)
LISTS = {"default": "default-default-client-scopes", "optional": "default-optional-client-scopes"}


def plan_scope(session: Session, params: Mapping[str, Any]) -> Plan:
    """Read what is needed and plan one client scope. Raises ``ApiError`` and ``RefusalError``."""
    realm, name = params["realm"], params["name"]
    refuse_twins(MAPPER, params.get("protocol_mappers"), "protocol_mappers")
    found = session.below_realm(realm, "client-scopes")
    raw = next((item for item in found or [] if item.get("name") == name), None)
    now = None
    if raw is not None and params.get("for_new_clients") is not None:
        lists = {kind: session.read(f"{realm_path(realm)}/{path}") or [] for kind, path in LISTS.items()}
        now = next((kind for kind, items in lists.items() if any(item["name"] == name for item in items)), None)
    return plan(params, raw, now)


def plan(params: Mapping[str, Any], raw: Mapping[str, Any] | None, now: str | None) -> Plan:
    """The plan of one scope from what was read. ``now``: which of the realm's lists holds it."""
    realm, name = params["realm"], params["name"]
    label = f"{realm} / {name}"
    parents = {"realm": Ref("realm", realm, segment(realm))}
    ref = Ref("client scope", name, raw["id"] if raw else None)
    result = Plan(result={"client_scope": {}})
    if params["state"] == "absent":
        result.changes = [delete(SCOPE, raw, ref, parents, label)] if raw else []
        return result
    if raw is None:
        _refuse_name(name)
        result.changes.append(create(SCOPE, params, ref, parents, label))
    else:
        changed = update(SCOPE, params, raw, ref, parents, label, without=("protocolMappers",))
        result.changes += [changed] if changed else []
    below = {**parents, "scope": ref}
    there: Sequence[Mapping[str, Any]] = (raw or {}).get("protocolMappers") or []
    prune = params["prune_protocol_mappers"]
    mappers = plan_children(MAPPER, params.get("protocol_mappers"), there, below, label, prune)
    moves = _moves(params.get("for_new_clients"), now, below, label)
    all_after(moves, list(result.changes))
    result.changes += [*mappers.all(), *moves]
    present = SCOPE.from_api(raw) if raw else {}
    final = {**present, **overlaid(SCOPE, asked_for(SCOPE, params), present), "protocol_mappers": mappers.final}
    result.result = {"client_scope": {**final, "id": ref}}
    return result


def _refuse_name(name: str) -> None:
    """Refuse what a new scope can't be called (an imported one may be). Raises :class:`RefusalError`."""
    fault = SHAPES["scope name"].fault(name)
    if fault:
        raise RefusalError(f"name: the new client scope '{name[:SHOWN]}' {fault}")


def _moves(wanted: str | None, now: str | None, refs: Mapping[str, Ref], label: str) -> list[Change]:
    """The requests by which the scope leaves one of the realm's lists and joins another."""
    if wanted is None or wanted == (now or "no"):
        return []
    sides = {"for_new_clients": now or "no"}, {"for_new_clients": wanted}
    steps = [("DELETE", now)] if now else []
    steps += [("PUT", wanted)] if wanted != "no" else []
    return [
        Change(
            "update", "client scope", label, *sides,
            Call(method, "/admin/realms/{realm}/" + LISTS[kind] + "/{scope}", refs), lane=f"scopes of {label}",
            quiet=place > 0,
        )
        for place, (method, kind) in enumerate(steps)
    ]  # fmt: skip
