# SPDX-License-Identifier: GPL-3.0-or-later
"""A provider of identities that says what it was told to say, for what no real one can be brought to."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

#: of addresses that send a browser on: the parameter that says where to, and what is added to it
_ONWARD = {"auth": ("redirect_uri", "code=c"), "logout": ("post_logout_redirect_uri", "")}


class Provider(ThreadingHTTPServer):
    """Says what it was told to say, by the last part of the path, and remembers what it was asked.

    A browser that comes to sign in or out is sent back at once. What is to be said is a status and a JSON body; with
    None the connection ends without an answer.
    """

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[int, Any] | None] = {
            "token": (200, {"access_token": "A", "token_type": "Bearer"})
        }
        self.calls: list[dict[str, Any]] = []
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.server_address[1]}/realms/maas"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self) -> None:
        """It is there no more."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.calls.append(
            {"path": self.path, "form": dict(parse_qsl(body)), "authorization": self.headers.get("Authorization")}
        )
        asked = urlsplit(self.path)
        name = asked.path.rpartition("/")[2]
        if name in _ONWARD:
            self._send_on(parse_qs(asked.query), *_ONWARD[name])
            return
        said = self.server.answers.get(name, (404, {}))
        if said is None:
            self.close_connection = True
            return
        self._say(said[0], {"Content-Type": "application/json"}, json.dumps(said[1]).encode())

    def _send_on(self, query: dict[str, list[str]], where: str, more: str) -> None:
        target = query[where][0]
        self._say(302, {"Location": target + ("&" if "?" in target else "?") * bool(more) + more}, b"")

    def _say(self, status: int, headers: dict[str, str], data: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""
