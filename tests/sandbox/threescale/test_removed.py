# SPDX-License-Identifier: GPL-3.0-or-later
"""Products and backends between their removal and their purge."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api, Clock

PERSON = {"org_name": "o", "username": "late", "email": "late@example.com", "password": "a-Long-passw0rd!"}


@pytest.fixture
def removed(api: Api, product: dict[str, Any]) -> int:
    """The sample product, whose default plan gives every sign-up an application, is removed; its id."""
    assert product["id"] != 2
    assert api.call("DELETE", "/admin/api/services/2.json") == (200, "")
    return 2


def applications_in_store(server: Server, account: int) -> list[int]:
    rows = server.sandbox.db.where("applications", user_account_id=account)
    return [row["service_id"] for row in rows]


def test_sign_ups_still_get_an_application(api: Api, server: Server, removed: int) -> None:
    account = api.make("/admin/api/signup.json", PERSON, "account")["id"]
    assert applications_in_store(server, account) == [removed]
    assert api.get(f"/admin/api/accounts/{account}/applications.json") == {"applications": []}
    assert api.get("/admin/api/applications.json") == {"applications": []}
    row = server.sandbox.db.where("applications", user_account_id=account)[0]
    assert api.call("GET", f"/admin/api/accounts/{account}/applications/{row['id']}.json")[0] == 404
    assert row["state"] == "live"


def test_until_the_purge(api: Api, server: Server, clock: Clock, removed: int) -> None:
    taken = {"errors": {"system_name": ["has already been taken"]}}
    assert api.call("POST", "/admin/api/services.json", {"name": "API"}) == (422, taken)
    account = api.make("/admin/api/signup.json", PERSON, "account")["id"]
    clock.move(299)
    assert api.call("POST", "/admin/api/services.json", {"name": "API"}) == (422, taken)
    assert api.call("POST", "/_sandbox/purge")[0] == 204
    assert applications_in_store(server, account) == []
    other = {**PERSON, "username": "later", "email": "later@example.com"}
    account = api.make("/admin/api/signup.json", other, "account")["id"]
    assert applications_in_store(server, account) == []
    assert api.call("POST", "/admin/api/services.json", {"name": "API"})[0] == 201


def test_none_where_applications_and_plans_went_first(api: Api, server: Server, product: dict[str, Any]) -> None:
    for item in api.get("/admin/api/applications.json")["applications"]:
        row = item["application"]
        path = f"/admin/api/accounts/{row['account_id']}/applications/{row['id']}.json"
        assert api.call("DELETE", path) == (200, "")
    for item in api.get("/admin/api/services/2/application_plans.json")["plans"]:
        plan = item["application_plan"]["id"]
        assert api.call("DELETE", f"/admin/api/services/2/application_plans/{plan}.json") == (200, "")
    assert api.call("DELETE", "/admin/api/services/2.json") == (200, "")
    account = api.make("/admin/api/signup.json", PERSON, "account")["id"]
    assert applications_in_store(server, account) == []


def test_a_plan_with_applications_stays(api: Api) -> None:
    plan = api.get("/admin/api/services/2/application_plans.json")["plans"][0]["application_plan"]["id"]
    veto = "This application plan cannot be deleted! At least one application depends on it."
    refusal = {"errors": {"base": [veto]}}
    assert api.call("DELETE", f"/admin/api/services/2/application_plans/{plan}.json") == (403, refusal)
