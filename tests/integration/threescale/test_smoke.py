# SPDX-License-Identifier: GPL-3.0-or-later
"""A request that staging must answer before production is touched, and production afterwards; else back to what was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from tests.integration.threescale.conftest import Runner, Step
from tests.support.standin import Standin

KEY = "smoke-key-0815-of-the-test"


class Gateway(ThreadingHTTPServer):
    """Staging and production behind two ports; ``broken`` ones answer 500 to everybody."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.broken = False
        self.asked: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://0.0.0.0:{self.server_port}"  # the server refuses localhost as a gateway's address


class Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("x-api-key")))
        self.send_response(500 if self.server.broken else 200)
        self.end_headers()
        self.wfile.write(b"no upstream" if self.server.broken else b"models")

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@pytest.fixture
def gateways() -> Iterator[tuple[Gateway, Gateway]]:
    both = Gateway(), Gateway()
    for server in both:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield both
    for server in both:
        server.shutdown()
        server.server_close()


def test_smoke(standin: Standin, run: Runner, gateways: tuple[Gateway, Gateway]) -> None:
    """Good: promoted. Staging fails: production untouched. Production fails: what it served before is back."""
    staging, production = gateways
    backend = {"system_name": "smoked", "private_endpoint": "http://smoked.example.com"}

    def wanted(name: str, *policies: dict[str, Any]) -> dict[str, Any]:
        smoke = {"path": "/v1/models?of=all", "headers": {"X-Api-Key": KEY}, "timeout": 0}
        rules = [{"http_method": "GET", "pattern": f"/{name}"}]
        own = {"system_name": "smoked", "promotion": "production", "backend_usages": [{"backend": "smoked"}]}
        proxy = {"endpoint": production.url, "sandbox_endpoint": staging.url}
        chain = [*policies, {"name": "apicast"}]
        return {"products": [{**own, "mapping_rules": rules, "policies": chain, "proxy": proxy, "smoke": smoke}]}

    def live() -> dict[str, Any]:
        path = f"{standin.admin_url}/admin/api/account/proxy_configs/production.json"
        rows = requests.get(path, params={"version": "latest"}, auth=("", standin.token), timeout=30).json()
        configs = [row["proxy_config"] for row in rows["proxy_configs"]]
        return next(config for config in configs if config["content"]["system_name"] == "smoked")

    _backend, good, same = run.done(
        Step("threescale_backend", backend),
        Step("threescale_product", wanted("first")),
        Step("threescale_product", wanted("first")),
    )
    assert good.actions[-1] == "promote product smoked" and not same.changed
    assert staging.asked == production.asked == [("/v1/models?of=all", KEY)]
    before = live()

    staging.broken = True
    (kept,) = run(Step("threescale_product", wanted("second", {"name": "cors"})))
    assert kept.message.startswith("Cannot try staging of product 'smoked': GET http")
    assert "answered 500: no upstream" in kept.message
    assert live()["version"] == before["version"] and len(production.asked) == 1

    staging.broken, production.broken = False, True
    (back,) = run(Step("threescale_product", wanted("third", {"name": "cors"})))
    after = live()
    assert f"What production served before (version {before['version']}) is back, as a new version" in back.message
    assert after["version"] > before["version"]
    for name in ("policy_chain", "api_backend"):
        assert after["content"]["proxy"][name] == before["content"]["proxy"][name]
    assert [rule["pattern"] for rule in after["content"]["proxy"]["proxy_rules"]] == ["/first"]
    assert KEY not in run.output
