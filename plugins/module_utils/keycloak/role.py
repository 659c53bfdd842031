# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keycloak's roles, of a realm or of a client, and the roles that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import all_after
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Plan, Ref, Resource
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import assign
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.assign import Owned, Roles
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.plan import (
    asked_for,
    create,
    delete,
    overlaid,
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.realm import STATE, text
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session

FIELDS = {
    "name": Field(required=True, form="text"),
    "client_id": Field(local=True),
    "state": STATE,
    "description": text("description"),
    "attributes": Field("dict", api="attributes", form="text_lists"),
    "composites": Field("list", elements="dict", options=assign.ROLE_FIELDS, local=True),
    "prune_composites": Field("bool", default=False, local=True),
}
ROLE = Resource("role", "/admin/realms/{realm}/roles-by-id", "", "", "", ("name",), FIELDS)
ROLES = replace(ROLE, key=("name", "client_id"))  # entries of a list differ by both


def plan_role(session: Session, params: Mapping[str, Any]) -> Plan:
    """Read what is needed and plan one role. Raises ``ApiError`` and ``RefusalError``."""
    realm = params["realm"]
    role = Owned(params["name"], params.get("client_id") or "")
    roles = Roles(session, realm)
    planned = session.below_realm(realm, "client-scopes") is None  # the realm itself
    raw = None if planned else roles.read(role, "client_id")
    label = f"{realm} / {role.label()}"
    result = Plan(result={"role": {}})
    ref = Ref("role", role.label(), raw["id"] if raw else None)
    if params["state"] == "absent":
        result.changes = [delete(ROLE, raw, ref, roles.parents, label)] if raw else []
        return result
    if raw is None:
        path, refs = roles.path(role, "client_id")
        # the answer tells the name in place of the id
        result.changes.append(create(replace(ROLE, path=path), params, ref, refs, label, pick="name"))
    else:
        changed = update(ROLE, params, raw, ref, roles.parents, label)
        result.changes += [changed] if changed else []
    result.changes += _composites(session, roles, role, raw, params, label)
    present = ROLE.from_api(raw) if raw else {}
    final = {**present, **overlaid(ROLE, asked_for(ROLE, params), present), "client_id": role.client or None}
    result.result = {"role": {**final, "id": raw["id"] if raw else roles.later(role, "client_id")}}
    return result


def finish(whole: Plan) -> None:
    """Roles are put together when all are made."""
    all_after(
        [change for change in whole.changes if change.noun == "composites"],
        [change for change in whole.changes if change.noun == "role"],
    )


def _composites(
    session: Session, roles: Roles, role: Owned, raw: Mapping[str, Any] | None, params: Mapping[str, Any], label: str
) -> list[Any]:
    wanted = params.get("composites")
    if wanted is None:
        return []
    held = session.read(f"/admin/realms/{roles.parents['realm'].id}/roles-by-id/{raw['id']}/composites") if raw else []
    own = Ref("role", role.label(), raw["id"]) if raw else roles.ref(role, "client_id")
    place = ("/admin/realms/{realm}/roles-by-id/{role}/composites", {**roles.parents, "role": own})
    return assign.changes(
        roles, assign.asked(wanted), roles.named(held or []), lambda _role: place, label, "composites",
        params["prune_composites"],
    )  # fmt: skip
