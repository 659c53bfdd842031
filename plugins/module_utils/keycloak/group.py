# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keycloak's groups, by their path, and the roles that their members get."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Change,
    Field,
    Find,
    Plan,
    Ref,
    RefusalError,
    Resource,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import assign
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.assign import Owned, Roles
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.plan import (
    asked_for,
    create,
    delete,
    overlaid,
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.realm import STATE
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment

FIELDS = {
    "path": Field(required=True, local=True, form="path"),
    "state": STATE,
    "attributes": Field("dict", api="attributes", form="text_lists"),
    "roles": Field("list", elements="dict", options=assign.ROLE_FIELDS, local=True),
    "prune_roles": Field("bool", default=False, local=True),
    "force": Field("bool", default=False, local=True),
}
GROUP = Resource("group", "/admin/realms/{realm}/groups", "", "", "", ("path",), FIELDS)


def plan_group(session: Session, params: Mapping[str, Any]) -> Plan:
    """Read what is needed and plan one group. Raises ``ApiError`` and :class:`RefusalError`."""
    realm, path = params["realm"], normal.path(params["path"])
    if path == "/" or "//" in path:
        raise RefusalError(f"path: '{params['path']}' must be a path such as /developers/europe.")
    roles = Roles(session, realm)
    planned = session.below_realm(realm, "client-scopes") is None  # the realm itself
    raw = None if planned else _read(session, realm, path)
    label = f"{realm} / {path[1:]}"
    ref = Ref("group", path, raw["id"] if raw else None)
    result = Plan(result={"group": {}})
    if params["state"] == "absent":
        result.changes = _absent(session, roles, raw, ref, label, params["force"])
        return result
    session.made[("group", realm, path)] = ref
    if raw is None:
        result.changes.append(_create(session, roles, params, path, ref, label))
    else:
        changed = update(GROUP, params, raw, ref, roles.parents, label, without=("subGroups", "access"))
        result.changes += [changed] if changed else []
    result.changes += _roles(session, roles, raw, ref, params, label)
    present = GROUP.from_api(raw) if raw else {}
    final = {**present, **overlaid(GROUP, asked_for(GROUP, params), present), "path": path}
    result.result = {"group": {**final, "id": ref}}
    return result


def _read(session: Session, realm: str, path: str) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = session.read(f"{realm_path(realm)}/group-by-path/{quote(path[1:], safe='/')}")
    return found


def _create(session: Session, roles: Roles, params: Mapping[str, Any], path: str, ref: Ref, label: str) -> Change:
    above, _slash, name = path.rpartition("/")
    refs, place = dict(roles.parents), GROUP.path
    query: dict[str, Any] = {"max": 100000}  # children come ten at a time unless told otherwise
    if above:
        refs["group"] = _parent(session, roles.realm, above, path)
        place += "/{group}/children"
    there = dataclasses.replace(GROUP, path=place)
    change = create(there, params, ref, refs, label, extra={"name": name}, query=query)
    # a list of groups names them without their path
    return dataclasses.replace(change, find=Find(place, refs, "", "", {"name": name}, query=query))


def _parent(session: Session, realm: str, above: str, path: str) -> Ref:
    """The group above: one that this run makes, or one that is there."""
    made: Ref | None = session.made.get(("group", realm, above))
    if made is not None:
        return made
    raw = _read(session, realm, above)
    if raw is None and not session.check:
        raise RefusalError(f"path: there is no group '{above}' for '{path}'. List it first.")
    return Ref("group", above, raw["id"] if raw else None)


def _absent(
    session: Session, roles: Roles, raw: Mapping[str, Any] | None, ref: Ref, label: str, force: bool
) -> list[Change]:
    if raw is None:
        return []
    below = session.read(f"{realm_path(roles.realm)}/groups/{segment(raw['id'])}/children") or []
    if below and not force:
        names = ", ".join(sorted(str(item["name"]) for item in below))
        raise RefusalError(
            f"force: group '{ref.key}' would be removed with the groups in it ({names}). Set force: true if that is "
            "meant."
        )
    return [delete(GROUP, raw, ref, roles.parents, label)]


def _roles(
    session: Session, roles: Roles, raw: Mapping[str, Any] | None, ref: Ref, params: Mapping[str, Any], label: str
) -> list[Change]:
    wanted = params.get("roles")
    if wanted is None:
        return []
    base = f"{realm_path(roles.realm)}/groups/{ref.id}/role-mappings"
    held = (session.read(base) if raw else None) or {}
    rows = [
        *held.get("realmMappings", []),
        *(r for c in held.get("clientMappings", {}).values() for r in c["mappings"]),
    ]
    for role in assign.asked(wanted):
        if not session.check and roles.read(role, "roles") is None:
            raise RefusalError(f"roles: realm '{roles.realm}' has no role '{role.label()}'. Create it first.")

    def place(role: Owned) -> tuple[str, dict[str, Ref]]:
        path = GROUP.path + "/{group}/role-mappings/" + ("clients/{client}" if role.client else "realm")
        refs = {**roles.parents, "group": ref}
        return path, {**refs, "client": roles.client(role.client, "roles")} if role.client else refs

    now = roles.named(rows)
    return assign.changes(roles, assign.asked(wanted), now, place, label, "roles", params["prune_roles"])
