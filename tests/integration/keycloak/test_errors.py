# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong is told in one sentence that names the option, and nothing is written."""

from __future__ import annotations

import datetime
import http.server
import re
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.keycloak.conftest import Runner, Step
from tests.support.ports import free_port


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "untrusted.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


class Page(http.server.BaseHTTPRequestHandler):
    """A sign-in page in place of every answer."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><html><head><title>Log in</title></head></html>")

    def log_message(self, *_words: object) -> None: ...


@pytest.fixture
def page() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_a_page_in_place_of_a_token(run: Runner, page: str) -> None:
    (failed,) = run(Step("keycloak_realm", {"retries": 0, "realm": "master", "auth_keycloak_url": page}))
    for words in ("POST /realms/", "the answer holds no token", "Check auth_keycloak_url: something else answers"):
        assert words in failed.message, failed.message


def test_connection(run: Runner, untrusted: str) -> None:
    quick = {"retries": 0, "realm": "master"}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"auth_password": "wrong-password"}, "Invalid user credentials .*Check auth_username, auth_password"),
        ({"auth_realm": "nosuch"}, "Realm does not exist .*auth_keycloak_url"),
        ({"auth_keycloak_url": f"{run.keycloak.url}/auth"}, "404: .*RH-SSO 7.6 it ends with /auth"),
        ({"auth_keycloak_url": "https://nosuch.invalid"}, "nosuch.invalid can't be reached .*Check auth_keycloak_url"),
        ({"auth_keycloak_url": f"http://127.0.0.1:{free_port()}"}, "can't be reached .*Check auth_keycloak_url"),
        ({"auth_keycloak_url": untrusted}, "certificate of https://127.0.0.1:.* is not trusted .*ca_path"),
        ({"auth_keycloak_url": "sso.example.com"}, "auth_keycloak_url must be an address like https://"),
        ({"token": "no-token-at-all", "auth_username": "", "auth_password": ""}, "answered 401: .*Check token"),
        ({"auth_username": "", "auth_password": ""}, "missing: auth_username with auth_password"),
        ({"connection_timeout": 0}, "connection_timeout must be above 0"),
    ]
    results = run(*(Step("keycloak_realm", {**quick, **options}) for options, _ in cases))
    for (options, words), result in zip(cases, results, strict=True):
        assert result.failed and result.writes == 0, options
        assert re.search(words, result.message), result.message
        assert "\n" not in result.message and "wrong-password" not in result.message


def test_wishes_that_can_t_be(run: Runner) -> None:
    run.done(Step("keycloak_realm", {"realm": "wishes"}))
    scopes = {"default_client_scopes": ["basic", "nosuch"]}
    twice = {"default_client_scopes": ["basic"], "optional_client_scopes": ["basic"]}
    twins = {"protocol_mappers": [{"name": "a", "protocol_mapper": "x"}, {"name": "a", "protocol_mapper": "y"}]}
    kind = {"protocol_mappers": [{"name": "a", "protocol_mapper": "nosuch"}]}
    cases: list[tuple[str, dict[str, Any], str, int]] = [
        ("keycloak_client", {"realm": "nosuch", "client_id": "c"}, "realm: there is no realm 'nosuch' at ", 0),
        ("keycloak_user", {"realm": "nosuch", "username": "user"}, "realm: there is no realm 'nosuch' at ", 0),
        (
            "keycloak_client",
            {"realm": "wishes", "client_id": "c", **scopes},
            "has no client scope nosuch. There are: ",
            0,
        ),
        (
            "keycloak_client",
            {"realm": "wishes", "client_id": "c", **twice},
            "basic can't be both default and optional",
            0,
        ),
        ("keycloak_client", {"realm": "wishes", "client_id": "c", **twins}, "protocol_mappers[1]: ", 0),
        ("keycloak_client", {"realm": "wishes", "client_id": "c", **kind}, "ProtocolMapper provider not found", 2),
        (
            "keycloak_user",
            {"realm": "wishes", "username": "u", "email": "no address"},
            "username: error-invalid-length (3,",
            1,
        ),
        ("keycloak_user", {"realm": "wishes", "username": "user", "attributes": {"x": "y"}}, "doesn't know x", 0),
        (
            "keycloak_identity_provider",
            {"realm": "wishes", "alias": "i", "discovery_url": f"http://127.0.0.1:{free_port()}/"},
            "Keycloak itself must reach that address",
            0,
        ),
    ]
    results = run(*(Step(module, options) for module, options, _, _ in cases))
    for (_, options, words, writes), result in zip(cases, results, strict=True):
        assert result.failed and words in result.message, (options, result.message)
        assert result.writes == writes, options
