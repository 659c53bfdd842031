# SPDX-License-Identifier: GPL-3.0-or-later
"""A 3scale and a model server small enough to misbehave on command; what the gateway asks and passes on is kept."""

from __future__ import annotations

import http.server
import itertools
import json
import socket
import ssl
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

SUPERDOMAIN = "apps.example.com"
IDS = itertools.count(3)  # the key cache remembers keys by product


@dataclass
class Seen:
    """One request as a fake got it. Header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def usage(self) -> dict[str, str]:
        """`usage[metric]` parameters of a call of the backend."""
        return {name[6:-1]: value for name, value in self.query.items() if name.startswith("usage[")}


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    owner: Any

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the tests."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        split = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.owner.answer(self, Seen(self.command, split.path, query, headers, body))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = _handle  # noqa: N815

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        """One whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


class _Fake:
    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.owner = self
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
            self.url = f"https://localhost:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Verdict:
    """What the backend says to a key. headers: 3scale-… headers."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class FakeThreeScale(_Fake):
    """Proxy configurations by host, and a backend that says what `verdicts` holds for a key (403 to any other)."""

    def __init__(self) -> None:
        super().__init__()
        self.configurations: dict[tuple[str, str], dict[str, Any]] = {}
        self.verdicts: dict[str, Verdict] = {"KEY": Verdict()}
        self.calls: list[Seen] = []
        self.down = False
        self.fetches: list[str] = []
        self.newest_product_before = 0  # reports that the test before has left behind are not this one's

    def answer(self, handler: _Handler, seen: Seen) -> None:
        """One request of the gateway."""
        if seen.path.startswith("/transactions"):
            self._backend(handler, seen)
            return
        environment = seen.path.rsplit("/", 1)[-1].removesuffix(".json")
        self.fetches.append(environment)
        if seen.headers.get("authorization") != "Basic OlRPS0VO":  # :TOKEN
            handler.send(403, b'{"error":"Access denied"}')
            return
        host = seen.query.get("host")
        there = {content["id"]: content for (where, name), content in self.configurations.items()
                 if where == environment and host in (None, name)}  # fmt: skip
        found = [{"proxy_config": {"version": 1, "content": content}} for content in there.values()]
        handler.send(200, json.dumps({"proxy_configs": found}).encode(), Content_Type="application/json")

    def _backend(self, handler: _Handler, seen: Seen) -> None:
        if int(seen.query["service_id"]) > self.newest_product_before:
            self.calls.append(seen)
        if self.down:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        verdict = self.verdicts.get(seen.query.get("user_key", ""), Verdict(403))
        handler.send(verdict.status, b"", **{name.replace("-", "_"): text for name, text in verdict.headers.items()})

    def wait_for_calls(self, count: int) -> list[Seen]:
        """The calls of the backend, when there are so many (reports come after the client has its answer)."""
        deadline = time.monotonic() + 60
        while len(self.calls) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.calls


class FakeModel(_Fake):
    """Answers with what it was sent; `/stream` sends events as `release` lets it; `/cut` breaks off; `/slow` waits."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.seen: list[Seen] = []
        self.release = threading.Semaphore(0)
        self.broken = threading.Event()

    def answer(self, handler: _Handler, seen: Seen) -> None:
        """One request that the gateway passed on."""
        self.seen.append(seen)
        if seen.path.endswith("/stream"):
            self._stream(handler)
        elif seen.path.endswith("/slow"):
            time.sleep(3)
            handler.send(200, b"late")
        elif seen.path.endswith("/moved"):
            handler.send(307, b"", Location=f"{self.url}/moved/")
        else:
            shown = {"method": seen.method, "path": handler.path, "headers": seen.headers, "size": len(seen.body)}
            handler.send(200, json.dumps(shown).encode(), Content_Type="application/json", X_Model="yes")

    def _stream(self, handler: _Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        try:
            for number in range(4):
                if not self.release.acquire(timeout=10):
                    break
                event = f"data: {number}\n\n".encode()
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
                handler.wfile.flush()
            handler.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.broken.set()


def product(model_url: str, name: str, **proxy: Any) -> dict[str, Any]:
    """The content of a proxy configuration, as a fresh product with one backend has it."""
    hosts = [f"{name}-production.{SUPERDOMAIN}", f"{name}-staging.{SUPERDOMAIN}"]
    rules = proxy.pop("rules", [("GET", "/", "hits")])
    return {
        "id": next(IDS),
        "system_name": name,
        "backend_version": proxy.pop("backend_version", "1"),
        "backend_authentication_type": "service_token",
        "backend_authentication_value": "SERVICE-TOKEN",
        "proxy": {
            "endpoint": f"https://{hosts[0]}:443",
            "sandbox_endpoint": f"https://{hosts[1]}:443",
            "hosts": hosts,
            "auth_user_key": "user_key",
            "auth_app_id": "app_id",
            "auth_app_key": "app_key",
            "credentials_location": "query",
            "error_auth_failed": "Authentication failed",
            "error_auth_missing": "Authentication parameters missing",
            "error_status_auth_failed": 403,
            "error_headers_auth_failed": "text/plain; charset=us-ascii",
            "error_status_auth_missing": 403,
            "error_headers_auth_missing": "text/plain; charset=us-ascii",
            "error_no_match": "No Mapping Rule matched",
            "error_status_no_match": 404,
            "error_headers_no_match": "text/plain; charset=us-ascii",
            "error_limits_exceeded": "Usage limit exceeded",
            "error_status_limits_exceeded": 429,
            "error_headers_limits_exceeded": "text/plain; charset=us-ascii",
            "secret_token": "SHARED",
            "hostname_rewrite": None,
            "authentication_method": proxy.pop("authentication_method", "1"),
            "api_backend": model_url,
            "policy_chain": [{"name": "apicast", "version": "builtin", "configuration": {}}],
            "proxy_rules": [_rule(position, rule) for position, rule in enumerate(rules, 1)],
            **proxy,
        },
    }


def _rule(position: int, rule: tuple[Any, ...]) -> dict[str, Any]:
    method, pattern, metric, *more = rule
    options: dict[str, Any] = more[0] if more else {}
    _, _, query = pattern.partition("?")
    arguments = dict(urllib.parse.parse_qsl(query.rstrip("$")))
    return {
        "http_method": method,
        "pattern": pattern,
        "metric_system_name": metric,
        "delta": 1,
        "position": position,
        "last": False,
        "owner_type": "Proxy",
        "owner_id": 3,
        "parameters": [],
        "querystring_parameters": arguments,
        **options,
    }
