# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies and certificates that the environment names count, though they are looked up once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Client, Connection
from ansible_collections.rhai.maas.plugins.module_utils.engine.version import VERSION

agents: list[str] = []
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(name="asked")
def asked_() -> Iterator[tuple[str, list[str]]]:
    """A server or proxy, and the addresses that it was asked for as they stood in the requests."""
    seen: list[str] = []
    agents.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            seen.append(self.path)
            agents.append(self.headers["User-Agent"])
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_servers_are_told_who_asks(asked: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The collection and its version: what a server's log is searched for."""
    monkeypatch.setenv("no_proxy", "*")
    Client(Connection(asked[0], "token", retries=0)).get("/a")
    assert agents and all(agent.startswith("rhai.maas") and VERSION in agent for agent in agents), agents


@pytest.mark.parametrize(("direct", "path"), [(False, "http://admin.example.com/a"), (True, "/a")])
def test_proxy_and_exception(
    asked: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch, direct: bool, path: str
) -> None:
    """Requests go through the proxy, but for hosts that shall be reached without."""
    server, seen = asked
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("http_proxy", NOBODY if direct else server)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    client = Client(Connection(server if direct else "http://admin.example.com", "token", retries=0))
    for _again in range(2):
        client.get("/a")
    assert seen == [path, path]


@pytest.mark.parametrize(
    ("bundle", "given", "verify"),
    [
        ("", {}, True),
        ("/ca/env.pem", {}, "/ca/env.pem"),
        ("/ca/env.pem", {"ca_path": "/ca/own.pem"}, "/ca/own.pem"),
        ("/ca/env.pem", {"validate_certs": False}, False),
    ],
)
def test_certificates(
    asked: tuple[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
    bundle: str,
    given: dict[str, str | bool],
    verify: str | bool,
) -> None:
    """REQUESTS_CA_BUNDLE counts where neither the play's certificates nor their absence were asked for."""
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    monkeypatch.setenv("no_proxy", "*")
    client = Client(Connection(asked[0], "token", retries=0, **given))  # type: ignore[arg-type]
    client.get("/a")
    assert client._session.verify == verify
