# SPDX-License-Identifier: GPL-3.0-or-later
"""Models behind a proxy for HTTPS, as partners' often are: APIcast asks these by sockets of its own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from tests.gateway.conftest import EVENTS, World, policy
from tests.gateway.fakes import ScriptedModel
from tests.gateway.test_counting import COUNTED, LAST, USAGE, WHOLE, body

CHAIN = [policy("openai-errors", paths=["/v1/chat/completions"]), policy("api-key"), USAGE]
DATE = {"Date": "Mon, 30 Nov 2026 04:15:31 GMT"}  # as every server with a clock sends it
CERTIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
trustme.CA().issue_cert("127.0.0.1").configure_cert(CERTIFIED)


class SecureModel(ScriptedModel):
    """The scripted model over TLS."""

    def _serve(self, connection: socket.socket) -> None:
        super()._serve(CERTIFIED.wrap_socket(connection, server_side=True))


def pump(source: socket.socket, target: socket.socket) -> None:
    """Passes on what comes until it ends."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Tunnel:
    """A proxy that knows nothing but CONNECT."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                client, _address = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    @staticmethod
    def _serve(client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        host, port = head.split()[1].decode().rsplit(":", 1)
        try:
            there = socket.create_connection((host, int(port)))
        except OSError:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            client.close()
            return
        with client, there:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=pump, args=(client, there), daemon=True).start()
            pump(there, client)


@pytest.fixture
def secure(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world with a model that speaks TLS."""
    model = SecureModel()
    monkeypatch.setattr(world, "model", model)
    yield world
    model.close()


@pytest.fixture
def proxied(secure: World) -> Iterator[list[dict[str, Any]]]:
    """A chain by which requests take the tunnel."""
    tunnel = Tunnel()
    yield [*CHAIN, policy("http_proxy", https_proxy=tunnel.url)]
    tunnel.socket.close()


def address(world: World) -> str:
    return f"https://127.0.0.1:{world.model.port}"


@pytest.mark.parametrize("large", [False, True])
def test_tokens_are_counted(secure: World, proxied: list[dict[str, Any]], large: bool) -> None:
    host, key = secure.serve(*proxied, api_backend=address(secure)), secure.key()
    sent = b'{"stream":true,"x":"' + b"y" * (300_000 if large else 0) + b'"}'
    answer, request = secure.call(host, key, WHOLE, sent, headers={**EVENTS, **DATE})
    assert request is not None and b'"include_usage":true' in request.body
    assert not {"authorization", "x-3scale-proxy-secret-token"} & set(request.headers)
    assert answer.body == WHOLE.replace(LAST, b"")
    assert secure.backend.report_of(key) == COUNTED


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "404 Not Found", "429 Slow", "500 x", "503 y"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_errors_of_the_model_pass(secure: World, proxied: list[dict[str, Any]], status: str, kind: str) -> None:
    host, key = secure.serve(*proxied, api_backend=address(secure)), secure.key()
    headers = {"Content-Type": kind, **DATE}
    answer, _request = secure.call(host, key, b'{"object":"error"}', status=status, headers=headers)
    assert (answer.status, answer.body) == (int(status[:3]), b'{"object":"error"}')


def test_redirects_hide_the_address(secure: World, proxied: list[dict[str, Any]]) -> None:
    host, headers = (
        secure.serve(*proxied, api_backend=address(secure)),
        {"Location": address(secure) + "/v1/x/", **DATE},
    )
    answer, _request = secure.call(host, secure.key(), b"", status="307 Moved", headers=headers, length=0)
    assert (answer.status, answer.headers["location"]) == (307, "/v1/x/")


@pytest.mark.parametrize("port", ["proxy", "model"])
def test_nobody_there(secure: World, proxied: list[dict[str, Any]], port: str) -> None:
    chain = [*CHAIN, policy("http_proxy", https_proxy="http://127.0.0.1:9")] if port == "proxy" else proxied
    answer, request = secure.call(secure.serve(*chain, api_backend="https://127.0.0.1:9"), secure.key())
    assert request is None and answer.status in {502, 503}
    assert b'"server_error"' in answer.body


def test_a_body_that_was_read_can_not_come_as_it_comes(secure: World, proxied: list[dict[str, Any]]) -> None:
    chain = [*proxied, policy("request_unbuffered")]
    host, key = secure.serve(*chain, api_backend=address(secure)), secure.key()
    answer, _request = secure.call(host, key, body(), b'{"stream":false}', headers={**DATE})
    assert (answer.status, answer.body) == (200, body())
    assert secure.backend.report_of(key) == COUNTED
