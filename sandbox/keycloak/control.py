# SPDX-License-Identifier: GPL-3.0-or-later
"""`/_sandbox/counters` and `/_sandbox/dump` of the real server, on a port beside it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from typing import Any

from sandbox.common import beside
from sandbox.keycloak.admin import Admin
from sandbox.keycloak.counters import HEADER, Counters
from sandbox.keycloak.error import KeycloakError

SYNC_SECONDS = 3.0


def settle(counters: Counters, base_url: str) -> None:
    """Waits until what was answered before this call stands in the log."""
    name, event = counters.mark()
    request = urllib.request.Request(f"{base_url}/realms/master", headers={HEADER: name})
    with urllib.request.urlopen(request, timeout=SYNC_SECONDS):
        event.wait(SYNC_SECONDS)


def ordered(node: Any) -> Any:
    """The same document with its lists in a stable order, whatever the database's was."""
    if isinstance(node, dict):
        return {key: ordered(node[key]) for key in sorted(node)}
    if isinstance(node, list):
        return sorted((ordered(item) for item in node), key=_name)
    return node


def _name(item: Any) -> str:
    if isinstance(item, dict):
        for key in ("realm", "clientId", "alias", "username", "name", "providerId"):
            if key in item:
                return f"{key} {item[key]} {json.dumps(item, sort_keys=True)}"
    return json.dumps(item, sort_keys=True)


def dump(admin: Admin) -> list[Any]:
    """Every realm with its clients, roles, groups, providers and users; the server masks the secrets."""
    realms = []
    for realm in admin.get(""):
        name = realm["realm"]
        whole = admin.ask(f"/{name}/partial-export?exportClients=true&exportGroupsAndRoles=true")
        realms.append({**whole, "users": admin.get(f"/{name}/users", max="10000")})
    found: list[Any] = ordered(realms)
    return found


def serve(counters: Counters, base_url: str, sign_in: Callable[[], Admin], host: str, port: int) -> ThreadingHTTPServer:
    """Answers in a thread of its own; raises OSError when the port can't be had."""

    def count() -> object:
        settle(counters, base_url)
        return counters.document()

    def reset() -> None:
        settle(counters, base_url)
        counters.clear()

    return beside.serve(beside.Answers(count, reset, lambda: dump(sign_in()), (KeycloakError, OSError)), host, port)
