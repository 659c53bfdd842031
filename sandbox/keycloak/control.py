# SPDX-License-Identifier: GPL-3.0-or-later
"""`/_sandbox/counters` and `/_sandbox/dump` of the real server, on a port beside it."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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
    server = ThreadingHTTPServer((host, port), _handler(counters, base_url, sign_in))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="control").start()
    return server


def _handler(counters: Counters, base_url: str, sign_in: Callable[[], Admin]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """GET and DELETE of the counters, GET of the dump."""

        def do_GET(self) -> None:  # noqa: N802 - http.server's name
            """Counters or dump."""
            try:
                if self.path == "/_sandbox/counters":
                    settle(counters, base_url)
                    self._answer(200, counters.document())
                elif self.path == "/_sandbox/dump":
                    self._answer(200, dump(sign_in()))
                else:
                    self._answer(404, {"error": f"no {self.path} here, only /_sandbox/counters and /_sandbox/dump"})
            except (KeycloakError, OSError) as error:
                self._answer(503, {"error": str(error)})

        def do_DELETE(self) -> None:  # noqa: N802 - http.server's name
            """Counters to 0."""
            if self.path != "/_sandbox/counters":
                self._answer(404, {"error": f"no {self.path} here, only /_sandbox/counters"})
                return
            try:
                settle(counters, base_url)
            except OSError as error:
                self._answer(503, {"error": str(error)})
                return
            counters.clear()
            self._answer(200, counters.document())

        def _answer(self, status: int, document: Any) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Silent: these are not the server's requests."""

    return Handler
