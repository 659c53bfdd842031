# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend asked about products with OpenID Connect."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api

SECRET = "secret-of-it"


@pytest.fixture
def ask(api: Api, server: Server, product: dict[str, Any]) -> Any:
    """Asks the backend: (call, parameters) -> (status, body)."""
    api.call("PUT", f"/admin/api/services/{product['id']}.json", {"backend_version": "oidc"})
    plans = f"/admin/api/services/{product['id']}/application_plans.json"
    plan = api.make(plans, {"name": "Plan"}, "application_plan")["id"]
    values = {"plan_id": plan, "name": "app", "application_id": "client", "application_key": SECRET}
    api.make("/admin/api/accounts/3/applications.json", {**values, "redirect_url": "http://a.io/b"}, "application")
    token = server.sandbox.db.first("service_tokens", service_id=product["id"])
    assert token is not None
    backend = Api(server, "backend", None)
    who = f"service_token={token['value']}&service_id={product['id']}&app_id=client"
    return lambda call, rest="": backend.call("GET", f"/transactions/{call}.xml?{who}{rest}")


@pytest.mark.parametrize("call", ["oauth_authrep", "oauth_authorize", "authrep", "authorize"])
@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("", None),
        (f"&app_key={SECRET}", None),
        ("&app_key=wrong", 'application key "wrong" is invalid'),
        ("&app_key=", "application key is missing"),
    ],
)
def test_a_key_need_not_be_sent(ask: Any, call: str, rest: str, reason: str | None) -> None:
    status, body = ask(call, rest)
    assert status == (409 if reason else 200)
    assert reason is None or f"<reason>{reason}</reason>" in body
    shown = f"<application><id>client</id><key>{SECRET}</key><redirect_url>http://a.io/b</redirect_url></application>"
    assert (shown in body) is call.startswith("oauth_")


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("&redirect_url=http://a.io/b", None),
        ("&redirect_uri=", None),
        ("&redirect_url=http://c.io", 'redirect_url "http://c.io" is invalid'),
        ("&redirect_uri=http://c.io", 'redirect_uri "http://c.io" is invalid'),
        ("&redirect_uri=http://c.io&redirect_url=http://a.io/b", None),
    ],
)
def test_the_address_to_come_back_to(ask: Any, rest: str, reason: str | None) -> None:
    status, body = ask("oauth_authorize", rest)
    assert status == (409 if reason else 200)
    assert reason is None or f"<reason>{reason}</reason>" in body
    assert ("<redirect_uri>http://a.io/b</redirect_uri>" in body) is ("redirect_uri" in rest and "url" not in rest)
    assert ask("authorize", rest)[0] == 200
