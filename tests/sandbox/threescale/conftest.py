# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in inside the test's own process, through its front door: a client with the Host header of a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from sandbox.threescale.bootstrap.master import ensure_master
from sandbox.threescale.bootstrap.tenants import TenantSeed, ensure_tenant
from sandbox.threescale.config import Config
from sandbox.threescale.sandbox import Sandbox
from sandbox.threescale.server import Server

DOMAIN = "apps.example.com"
TOKEN = "a" * 64
MASTER = "m" * 64


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        """Later by so many seconds."""
        self.now += seconds


class Api:
    """One server of the stand-in. `call` answers (status, JSON or text)."""

    def __init__(self, server: Server, host: str, token: str | None) -> None:
        self.client = TestClient(server, base_url=f"http://{host}.{DOMAIN}", raise_server_exceptions=False)
        self.token = token

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request with the token by Basic; BODY goes as JSON."""
        if self.token is not None and "auth" not in options:
            options["auth"] = ("", self.token)
        if body is not None:
            options["json"] = body
        return self.client.request(method, path, follow_redirects=False, **options)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        """Status and body of an answer."""
        response = self.send(method, path, body, **options)
        try:
            return response.status_code, response.json()
        except ValueError:
            return response.status_code, response.text

    def make(self, path: str, body: Any, key: str) -> dict[str, Any]:
        """POST that must succeed; the object under its key."""
        status, answer = self.call("POST", path, body)
        assert status == 201, answer
        made: dict[str, Any] = answer[key]
        return made

    def get(self, path: str) -> Any:
        """GET that must succeed."""
        status, answer = self.call("GET", path)
        assert status == 200, answer
        return answer


def make_server(clock: Clock, state: Path | None = None, **config: Any) -> Server:
    """A server with master and the tenant `maas`."""
    sandbox = Sandbox(Config(DOMAIN, MASTER, **config), state, clock)
    with sandbox.db.transaction():
        ensure_master(sandbox)
        ensure_tenant(sandbox, TenantSeed("maas", TOKEN))
    return Server(sandbox)


@pytest.fixture
def clock() -> Clock:
    """The server's clock."""
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[Server]:
    """A fresh server."""
    yield make_server(clock)


@pytest.fixture
def api(server: Server) -> Api:
    """The tenant's Admin API."""
    return Api(server, "maas-admin", TOKEN)


@pytest.fixture
def master(server: Server) -> Api:
    """The master API."""
    return Api(server, "master", MASTER)


@pytest.fixture
def product(api: Api) -> dict[str, Any]:
    """A product with a backend at `/`."""
    service = api.make("/admin/api/services.json", {"name": "Granite"}, "service")
    backend = api.make(
        "/admin/api/backend_apis.json", {"name": "Granite", "private_endpoint": "https://g.example.com"}, "backend_api"
    )
    api.make(
        f"/admin/api/services/{service['id']}/backend_usages.json",
        {"backend_api_id": backend["id"], "path": "/"},
        "backend_usage",
    )
    return service
