# SPDX-License-Identifier: GPL-3.0-or-later
"""Formats, verbs and conditions: what is no format, which PATCH is a PUT, what is not sent again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.threescale.conftest import Api

SERVICES = "/admin/api/services"


@pytest.mark.parametrize(
    ("suffix", "status", "kind"),
    [
        ("json", 200, "application/json"),
        ("xml", 200, "application/xml"),
        ("csv", 406, "text/plain"),
        ("html", 406, "text/plain"),
        ("txt", 406, "text/plain"),
    ],
)
def test_formats_that_are_offered(api: Api, suffix: str, status: int, kind: str) -> None:
    response = api.send("GET", f"{SERVICES}.{suffix}")
    assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (status, kind)
    if status == 406:
        assert response.text == f'The server does not understand "{suffix}" request.'


@pytest.mark.parametrize("key", ["secret.csv", "secret.html", "se.cr.et"])
def test_a_key_may_look_like_a_file(api: Api, key: str) -> None:
    plan = api.make(f"{SERVICES}/2/application_plans.json", {"name": "Gold"}, "application_plan")["id"]
    made = api.make("/admin/api/accounts/3/applications.json", {"plan_id": plan, "name": "app"}, "application")
    keys = f"/admin/api/accounts/3/applications/{made['id']}/keys"
    api.make(f"{keys}.json", {"key": key}, "application")
    assert api.call("DELETE", f"{keys}/{key}.json")[0] == 200
    api.make(f"{keys}.json", {"key": key}, "application")
    assert api.call("DELETE", f"{keys}/{key}")[0] == 200
    api.make(f"{keys}.json", {"key": key}, "application")
    assert api.call("DELETE", f"{keys}/whatever.json", params={"key": key})[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{SERVICES}/2.json", {"description": "new"}, 200),
        (f"{SERVICES}/2/proxy.json", {"auth_user_key": "key"}, 200),
        (f"{SERVICES}/2/proxy/oidc_configuration.json", {"implicit_flow_enabled": True}, 200),
        ("/admin/api/provider.json", {"site_access_code": "x"}, 200),
        ("/admin/api/settings.json", {"useraccountarea_enabled": True}, 200),
        (f"{SERVICES}/2/proxy/policies.json", {"policies_config": []}, 404),
        ("/admin/api/accounts/3/approve.json", {}, 404),
    ],
)
def test_patch_is_a_put_only_where_a_record_is_updated(api: Api, path: str, body: dict[str, Any], status: int) -> None:
    assert api.call("PATCH", path, body)[0] == status


def test_a_list_says_when_its_latest_record_changed(api: Api, product: dict[str, Any]) -> None:
    response = api.send("GET", f"{SERVICES}.json")
    changed = response.headers["last-modified"]
    assert changed == "Mon, 21 Sep 2026 14:13:20 GMT"
    assert "last-modified" not in api.send("GET", f"{SERVICES}/{product['id']}.json").headers
    assert "last-modified" in api.send("GET", "/admin/api/cms/sections.json").headers
    for headers, status in (
        ({"If-Modified-Since": changed}, 304),
        ({"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "nonsense"}, 200),
        ({"If-Modified-Since": changed, "If-None-Match": response.headers["etag"]}, 304),
        ({"If-Modified-Since": changed, "If-None-Match": 'W/"other"'}, 200),
    ):
        assert api.send("GET", f"{SERVICES}.json", headers=headers).status_code == status, headers


@pytest.mark.parametrize(
    "path", ["//admin/api/services.json", "/admin/api//services/2.json", "/admin/api/services.json/"]
)
def test_slashes_in_a_row_or_at_the_end_mean_nothing(api: Api, path: str) -> None:
    request = api.client.build_request("GET", "http://maas-admin.apps.example.com" + path)
    request.headers["Authorization"] = api.send("GET", f"{SERVICES}.json").request.headers["Authorization"]
    assert api.client.send(request).status_code == 200
