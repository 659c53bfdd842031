# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials, scopes, permission, roles, formats, hosts."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import TOKEN, Api, Clock

SERVICES = "/admin/api/services.json"
DENIED = {"error": "Access denied"}
WRONG = {"error": "Your access token does not have the correct permissions"}
AREAS = {
    SERVICES: {"account_management"},
    "/admin/api/cms/sections.json": {"account_management", "cms"},
    "/admin/api/registry/policies.json": {"policy_registry"},
    "/admin/api/services/2/proxy/policies.json": {"account_management", "policy_registry"},
    "/api/invoices.json": {"account_management", "finance"},
    "/stats/services/2/usage.json?metric_name=hits&period=day": {"stats"},
}


def token(api: Api, **values: Any) -> str:
    body = {"name": "t", "permission": "rw", "scopes": ["account_management"], **values}
    value: str = api.make("/admin/api/personal/access_tokens.json", body, "access_token")["value"]
    return value


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"auth": ("", TOKEN)}, 200),
        ({"auth": (TOKEN, "")}, 200),
        ({"auth": ("x", TOKEN)}, 403),
        ({"auth": ("", "0" * 64)}, 403),
        ({"auth": None}, 403),
        ({"auth": None, "params": {"access_token": TOKEN}}, 200),
        ({"auth": None, "params": {"access_token": "nope"}}, 403),
        (
            {"auth": None, "headers": {"Authorization": "Bearer " + base64.b64encode(f":{TOKEN}".encode()).decode()}},
            200,
        ),
        ({"auth": None, "headers": {"Authorization": "Bearer abcd"}}, 500),
    ],
)
def test_credentials(api: Api, options: dict[str, Any], status: int) -> None:
    response = api.send("GET", SERVICES, **options)
    assert response.status_code == status
    if status == 403:
        assert response.json() == DENIED


@pytest.mark.parametrize("scope", ["account_management", "cms", "finance", "policy_registry", "stats"])
def test_scopes(api: Api, server: Server, scope: str) -> None:
    narrow = Api(server, "maas-admin", token(api, scopes=[scope]))
    for path, scopes in AREAS.items():
        status, body = narrow.call("GET", path)
        assert (status == 200) is (scope in scopes), path
        assert status == 200 or body == WRONG


def test_a_read_only_token_is_refused_when_it_comes_to_writing(api: Api, server: Server) -> None:
    reader = Api(server, "maas-admin", token(api, permission="ro"))
    assert reader.call("GET", SERVICES)[0] == 200
    assert reader.call("POST", SERVICES, {"name": "New"}) == (403, WRONG)
    assert reader.call("POST", SERVICES, {"name": ""})[0] == 422, "the validation comes before the write"
    assert reader.call("PUT", "/admin/api/webhooks.json", {})[0] == 200, "nothing to write"
    assert reader.call("PUT", "/admin/api/services/2.json", {"name": "API"})[0] == 500, "as the real one does"
    assert len(api.get(SERVICES)["services"]) == 1


def test_a_token_expires(api: Api, server: Server, clock: Clock) -> None:
    short = Api(server, "maas-admin", token(api, expires_at="2026-09-21T14:14:00Z"))
    assert short.call("GET", SERVICES)[0] == 200
    clock.move(60)
    assert short.call("GET", SERVICES) == (403, DENIED)


def test_the_value_of_a_token_is_shown_once_and_finds_it(api: Api) -> None:
    value = token(api)
    shown = api.get(f"/admin/api/personal/access_tokens/{value}.json")["access_token"]
    assert "value" not in shown
    assert api.call("DELETE", f"/admin/api/personal/access_tokens/{value}.json") == (200, "")
    assert api.call("GET", f"/admin/api/personal/access_tokens/{shown['id']}.json")[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "services/{id}.json", None, 200),
        ("GET", "services/2.json", None, 404),
        ("PUT", "services/{id}.json", {"description": "d"}, 200),
        ("POST", "services.json", {"name": "New"}, 403),
        ("POST", "backend_apis.json", {"name": "New", "private_endpoint": "http://x.io"}, 403),
        ("DELETE", "services/{id}.json", None, 403),
        ("GET", "objects/status.json?object_type=service&object_id=2", None, 403),
        ("GET", "accounts.json", None, 200),
        ("PUT", "settings.json", {"public_search": True}, 200),
    ],
)
def test_a_member_of_partners(
    api: Api, server: Server, product: dict[str, Any], method: str, path: str, body: Any, status: int
) -> None:
    user = api.make("/admin/api/users.json", {"username": "member", "email": "member@x.io", "password": "p"}, "user")[
        "id"
    ]
    key = Api(server, "maas-admin", server.sandbox.db.rows["accounts"][2]["provider_key"])
    values = {"name": "t", "permission": "rw", "scopes": ["account_management"]}
    member = Api(
        server, "maas-admin", key.make(f"/admin/api/users/{user}/access_tokens.json", values, "access_token")["value"]
    )
    assert member.call("GET", SERVICES) == (403, WRONG), "without the section partners"
    allowed = {"allowed_sections": ["partners"], "allowed_service_ids": [product["id"]]}
    assert api.call("PUT", f"/admin/api/users/{user}/permissions.json", allowed)[0] == 200
    assert member.call(method, "/admin/api/" + path.format(id=product["id"]), body)[0] == status


@pytest.mark.parametrize(
    "path",
    [
        "/admin/api/services/2/backend_usages.json",
        "/admin/api/personal/access_tokens.json",
        "/admin/api/registry/policies.json",
        "/admin/api/objects/status.json?object_type=service&object_id=2",
    ],
)
def test_the_provider_key_is_refused_where_a_user_is_wanted(server: Server, path: str) -> None:
    key = Api(server, "maas-admin", server.sandbox.db.rows["accounts"][2]["provider_key"])
    assert key.call("GET", SERVICES)[0] == 200
    assert key.call("GET", path) == (403, {"status": "Forbidden"})


@pytest.mark.parametrize(
    ("path", "status", "media_type", "start"),
    [
        ("services/2.json", 200, "application/json", '{"service":{"id":2,'),
        ("services/2", 200, "application/xml", '<?xml version="1.0" encoding="UTF-8"?><service><id>2</id>'),
        ("services/99", 404, "application/xml", ""),
        ("services/99.json", 404, "application/json", '{"status":"Not found"}'),
        ("settings", 406, "application/xml", '<?xml version="1.0" encoding="UTF-8"?><error>The server does not'),
        ("backend_apis", 200, "application/json", '{"backend_apis":['),
        (
            "backend_apis.xml",
            406,
            "application/xml",
            '<?xml version="1.0" encoding="UTF-8"?><error>The server does not',
        ),
        ("nonsense.json", 404, "text/html", "<!DOCTYPE html>"),
        ("webhooks.json", 404, "text/html", "<!DOCTYPE html>"),
        ("services/2/proxy/policies", 500, "application/xml", ""),
    ],
)
def test_the_suffix_chooses_the_format(api: Api, path: str, status: int, media_type: str, start: str) -> None:
    response = api.send("GET", f"/admin/api/{path}")
    assert (response.status_code, response.headers["content-type"].split(";")[0]) == (status, media_type)
    assert response.text.startswith(start)


def test_accounts_as_xml_hold_users_and_plans(api: Api) -> None:
    text = api.send("GET", "/admin/api/accounts.xml").text
    for part in (
        "<org_name>Developer</org_name>",
        "<username>john</username>",
        '<plan default="true"><id>',
        "<type>account_plan</type>",
        "<type>application_plan</type>",
    ):
        assert part in text


def test_headers_location_etag_and_head(api: Api) -> None:
    made = api.send("POST", f"{SERVICES}?access_token={TOKEN}", {"name": "A <b> & c"}, auth=None)
    new = made.json()["service"]["id"]
    assert (
        made.headers["location"]
        == f"http://maas-admin.apps.example.com/admin/api/services?access_token={TOKEN}&id={new}"
    )
    assert b"A \\u003cb\\u003e \\u0026 c" in made.content
    shown = api.send("GET", f"/admin/api/services/{new}.json")
    assert shown.headers["cache-control"] == "max-age=0, private, must-revalidate"
    again = api.send("GET", f"/admin/api/services/{new}.json", headers={"If-None-Match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert api.send("HEAD", f"/admin/api/services/{new}.json").status_code == 204
    deleted = api.send("DELETE", f"/admin/api/services/{new}.json")
    assert (deleted.status_code, deleted.content, deleted.headers["content-type"]) == (
        200,
        b"",
        "application/json; charset=utf-8",
    )


def test_a_parameter_goes_before_the_header_and_the_provider_key_after_a_token(api: Api, server: Server) -> None:
    key = server.sandbox.db.rows["accounts"][2]["provider_key"]
    assert api.call("GET", SERVICES, params={"access_token": ""}) == (403, DENIED)
    assert api.call("GET", SERVICES, auth=None, params={"access_token": "nope", "provider_key": key})[0] == 200
    assert api.call("GET", SERVICES, auth=("", key), params={"access_token": "nope"})[0] == 200
    assert api.call("GET", SERVICES, auth=("", key), params={"provider_key": "nope"}) == (403, DENIED)


CONFIGS = (
    "/admin/api/services/{id}/proxy/configs/sandbox.json",
    "/admin/api/services/{id}/proxy/configs/sandbox/latest.json",
    "/admin/api/services/proxy/configs/sandbox.json?host=h",
    "/admin/api/account/proxy_configs/sandbox.json",
)


@pytest.mark.parametrize("path", CONFIGS)
def test_an_sso_token_reads_configurations(
    api: Api, master: Api, server: Server, product: dict[str, Any], clock: Clock, path: str
) -> None:
    api.call("POST", f"/admin/api/services/{product['id']}/proxy/deploy.json")
    made = master.call("POST", "/admin/api/sso_tokens/provider_create.json", {"provider_id": 2, "expires_in": 60})
    good = made[1]["sso_token"]["token"]
    reader = Api(server, "maas-admin", None)
    path = path.format(id=product["id"])
    assert reader.call("GET", path + ("&" if "?" in path else "?") + f"token={good}")[0] == 200
    invalid = (403, {"error": "Your token is invalid"})
    for wrong in ("nope", ""):
        assert api.call("GET", path, params={"token": wrong}) == invalid
    assert reader.call("GET", SERVICES, params={"token": good}) == (403, DENIED)
    clock.move(61)
    assert reader.call("GET", path, params={"token": good}) == invalid
