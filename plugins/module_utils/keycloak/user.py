# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keycloak's users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
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
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.realm import STATE, flag, text
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment

USER = Resource(
    noun="user",
    path="/admin/realms/{realm}/users",
    wrapper="",
    envelope="",
    collection="",
    key=("username",),
    fields={
        "username": Field(required=True, form="small"),
        "state": STATE,
        "email": Field(api="email", form="small"),
        "email_verified": flag("emailVerified"),
        "first_name": text("firstName"),
        "last_name": text("lastName"),
        "enabled": flag("enabled"),
        "required_actions": Field("list", elements="str", api="requiredActions", form="once"),
        "attributes": Field("dict", api="attributes", form="text_lists"),
        "password": Field(secret=True, local=True),
        "temporary_password": Field("bool", default=False, local=True, harmless=True),
        "update_password": Field(choices=("on_create", "always"), default="on_create", local=True, harmless=True),
    },
)
# computed by the server, refused or ignored when sent back
NOT_IN_PUT = ("userProfileMetadata", "access", "disableableCredentialTypes", "createdTimestamp", "totp")


def plan_user(session: Session, params: Mapping[str, Any]) -> Plan:
    """Read what is needed and plan one user. Raises ``ApiError`` and :class:`RefusalError`."""
    realm, name = params["realm"], params["username"]
    found = _called(session, realm, name)
    if not found:
        params = _renamed(session, realm, params) if found is not None else params
        if params["username"] != name:
            found = _called(session, realm, params["username"])
    raw = found[0] if found else None
    if params["state"] == "present" and params.get("attributes") and found is not None:
        refuse_lost_attributes(params["attributes"], session.read(f"{realm_path(realm)}/users/profile"))
    return plan(params, raw)


def _called(session: Session, realm: str, name: str) -> list[dict[str, Any]] | None:
    """The user of that name, whole, in a list; None when the realm is only planned."""
    found = session.below_realm(realm, "users", {"username": name, "exact": "true"})
    wanted = normal.small(name)
    return None if found is None else [item for item in found if normal.small(item.get("username")) == wanted]


def _renamed(session: Session, realm: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options with the e-mail address as user name, where the realm has that: Keycloak drops the given name."""
    name = str(params["username"])
    if not (session.read(realm_path(realm)) or {}).get("registrationEmailAsUsername"):
        return params
    mail = params.get("email") or (name if "@" in name else None)
    if mail is None and params["state"] == "present":
        raise RefusalError(f"email: users of realm '{realm}' have their e-mail address as user name; give it.")
    return {**params, "username": mail or name, "email": mail}


def refuse_lost_attributes(attributes: Mapping[str, Any], profile: Mapping[str, Any] | None) -> None:
    """Since Keycloak 24 a user keeps only attributes of the realm's user profile, and drops others without a word."""
    if profile is None or profile.get("unmanagedAttributePolicy") in ("ENABLED", "ADMIN_EDIT"):
        return
    known = {str(item.get("name")) for item in profile.get("attributes") or []}
    lost = sorted(set(map(str, attributes)) - known)
    if lost:
        raise RefusalError(
            f"attributes: the realm's user profile doesn't know {', '.join(lost)}, so Keycloak would drop it. "
            "Add it to the profile, or set unmanaged_attribute_policy of rhai.maas.keycloak_realm to enabled."
        )


def plan(params: Mapping[str, Any], raw: Mapping[str, Any] | None) -> Plan:
    """The plan of one user, from what was read (None: not there)."""
    realm, name = params["realm"], params["username"]
    label = f"{realm} / {name}"
    parents = {"realm": Ref("realm", realm, segment(realm))}
    ref = Ref("user", name, raw["id"] if raw else None)
    result = Plan(result={"user": {}})
    if params["state"] == "absent":
        result.changes = [delete(USER, raw, ref, parents, label)] if raw else []
        return result
    password = params.get("password")
    credential = {"type": "password", "value": password, "temporary": params["temporary_password"]}
    wanted = asked_for(USER, params)
    if raw is None:
        wanted = {"enabled": True, **wanted}
        hidden = {"password": password} if password is not None else None
        extra = {"credentials": [credential]} if password is not None else None
        query = {"username": name, "exact": "true"}
        result.changes.append(create(USER, wanted, ref, parents, label, hidden=hidden, extra=extra, query=query))
    else:
        change = update(USER, wanted, raw, ref, parents, label, without=NOT_IN_PUT)
        result.changes += [change] if change else []
        if password is not None and params["update_password"] == "always":
            result.changes.append(_reset(parents, ref, label, credential))
    present = USER.from_api(raw) if raw else {}
    final = {**present, **overlaid(USER, wanted, present)}
    result.result = {"user": {**final, "id": ref}}
    return result


def _reset(parents: Mapping[str, Ref], ref: Ref, label: str, credential: Mapping[str, Any]) -> Change:
    call = Call("PUT", USER.path + "/{id}/reset-password", {**parents, "id": ref}, credential)
    after = {"password": credential["value"], "temporary_password": credential["temporary"]}
    return Change("update", "password of user", label, {}, after, call, secrets=frozenset({"password"}))
