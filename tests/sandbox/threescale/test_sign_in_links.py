# SPDX-License-Identifier: GPL-3.0-or-later
"""Links that the Admin API makes, and that sign a developer in to the portal."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import Response

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import DOMAIN, Api, Clock

HERE = f"http://maas.{DOMAIN}"


@pytest.fixture
def portal(api: Api, server: Server) -> Api:
    """The portal of the tenant, open to everybody."""
    api.call("PUT", "/admin/api/provider.json", {"site_access_code": ""})
    return Api(server, "maas", None)


def link(api: Api, **values: Any) -> str:
    body = {"sso_token": {"username": "john", **values}}
    url: str = api.make("/admin/api/sso_tokens.json", body, "sso_token")["sso_url"]
    return url.partition(DOMAIN)[2]


def follow(portal: Api, path: str) -> Response:
    answer: Response = portal.send("GET", path)
    return answer


@pytest.mark.parametrize(
    ("target", "place"),
    [(None, "/"), ("/admin/applications", "/admin/applications"), ("http://elsewhere.io/a?b=c", "/a?b=c")],
)
def test_signs_in_and_stays_on_the_portal(api: Api, portal: Api, target: str | None, place: str) -> None:
    answer = follow(portal, link(api, redirect_url=target))
    assert (answer.status_code, answer.headers["location"]) == (302, HERE + place)
    assert follow(portal, "/admin/applications").status_code == 200


def test_who_is_not_let_in(api: Api, portal: Api, clock: Clock) -> None:
    good, own = link(api), link(api, username="admin")
    assert "Invalid SSO Token" in follow(portal, "/session/create?token=nope&expires_at=1").text
    assert "User not found" in follow(portal, own).text
    assert "Incorrect email or password" in follow(portal, good.replace("expires_at", "other")).text
    api.call("PUT", "/admin/api/accounts/3/reject.json")
    assert "Incorrect email or password" in follow(portal, good).text
    clock.move(601)
    assert "Token Expired" in follow(portal, good).text
    assert follow(portal, "/admin/applications").headers["location"] == f"{HERE}/login"
