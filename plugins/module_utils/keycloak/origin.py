# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Since when something differs, and who did it, from the admin events that a realm keeps (where it keeps them)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment

_BEFORE = "/admin/realms/"


def origin(session: Session, change: Change) -> Mapping[str, str]:
    """The last admin event of the object that a change is about: ``since`` (UTC), ``by`` (a user's name)."""
    call = change.call
    if call is None or any(ref.id is None for ref in call.refs.values()):
        return {}
    path = call.path.format(**{name: ref.id for name, ref in call.refs.items()}) if call.refs else call.path
    if not path.startswith(_BEFORE):
        return {}
    realm, _slash, below = path.removeprefix(_BEFORE).partition("/")
    query: dict[str, Any] = {"max": 1, **({"resourcePath": below} if below else {"resourceTypes": "REALM"})}
    if call.method == "POST":  # somebody removed it, so only the kind is known
        query = {"operationTypes": "DELETE", "max": 1, "resourcePath": f"{below}/*"}
    answer = session.client.get(f"{_BEFORE}{realm}/admin-events", query, missing=(404,))
    events = answer.json if answer.status != 404 else None
    return told(events[0], _name(session, events[0])) if events else {}


def told(event: Mapping[str, Any], name: str) -> dict[str, str]:
    """What an admin event says. Pure. ``time`` is in milliseconds since 1970."""
    moment = datetime.fromtimestamp(int(event["time"]) / 1000, timezone.utc)
    return {"since": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), **({"by": name} if name else {})}


def _name(session: Session, event: Mapping[str, Any]) -> str:
    """The user's name: the event has ids alone, and the user may be one of another realm, or gone."""
    who = event.get("authDetails") or {}
    user = who.get("userId")
    if not user:
        return ""
    try:
        found = session.read(f"{realm_path(_realm(session, who))}/users/{segment(user)}") or {}
    except ApiError:  # of a realm that this administrator may not read
        found = {}
    return str(found.get("username") or user)


def _realm(session: Session, who: Mapping[str, Any]) -> str:
    """The name of the user's realm. The event has its id, and only the list of realms tells whose that is."""
    if who.get("realmName"):
        return str(who["realmName"])
    listed = session.client.get("/admin/realms", {"briefRepresentation": "true"}).json or []
    return next((str(realm["realm"]) for realm in listed if realm["id"] == who.get("realmId")), str(who.get("realmId")))
