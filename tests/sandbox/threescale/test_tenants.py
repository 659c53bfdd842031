# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants: made, found by host or prefix, suspended, deleted; they share nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import MASTER, TOKEN, Api, Clock, make_server

PROVIDERS = "/master/api/providers"
OWNER = {"org_name": "Tenant two", "username": "owner", "email": "owner@two.io", "password": "p"}


@pytest.fixture
def second(master: Api, server: Server) -> tuple[int, Api]:
    """A tenant of the master API: its id and its Admin API."""
    signup = master.make(f"{PROVIDERS}.json", OWNER, "signup")
    return signup["account"]["id"], Api(server, "tenant-two-admin", signup["access_token"]["value"])


def test_sample_content_follows(second: tuple[int, Api], clock: Clock) -> None:
    api = second[1]
    assert api.call("GET", "/admin/api/settings.json") == (404, {"status": "Not found"})
    signup = {"org_name": "o", "username": "dev", "email": "d@x.io", "password": "p"}
    assert api.call("POST", "/admin/api/signup.json", signup) == (404, {"status": "Not found"})
    assert [item["service"]["system_name"] for item in api.get("/admin/api/services.json")["services"]] == ["api"]
    assert api.get("/admin/api/account_plans.json") == {"plans": []}
    clock.move(30)
    assert api.call("GET", "/admin/api/settings.json")[0] == 200
    assert [item["application_plan"]["name"] for item in api.get("/admin/api/application_plans.json")["plans"]] == [
        "Basic",
        "Unlimited",
    ]
    assert [item["user"]["state"] for item in api.get("/admin/api/users.json")["users"]] == ["pending"]


def test_own_account_plan_is_kept(second: tuple[int, Api], clock: Clock) -> None:
    api = second[1]
    api.make("/admin/api/account_plans.json", {"name": "Mine"}, "account_plan")
    clock.move(30)
    assert [item["account_plan"]["name"] for item in api.get("/admin/api/account_plans.json")["plans"]] == ["Mine"]


def test_tenants_share_nothing(api: Api, second: tuple[int, Api], server: Server) -> None:
    other = second[1]
    mine = api.get("/admin/api/services.json")["services"][0]["service"]["id"]
    for path in (
        f"services/{mine}.json",
        f"services/{mine}/proxy.json",
        "backend_apis/2.json",
        "accounts/3.json",
        "application_plans/7/limits.json",
        "accounts/3/applications.json",
        "users/2.json",
    ):
        assert api.call("GET", f"/admin/api/{path}")[0] == 200, path
        assert other.call("GET", f"/admin/api/{path}") == (404, {"status": "Not found"}), path
    assert Api(server, "tenant-two-admin", TOKEN).call("GET", "/admin/api/services.json")[0] == 403
    query = {"object_type": "service", "object_id": mine}
    assert other.call("GET", "/admin/api/objects/status.json", params=query) == (403, {"status": "Forbidden"})
    usage = {"backend_api_id": 2, "path": "/x"}
    theirs = other.get("/admin/api/services.json")["services"][0]["service"]["id"]
    assert other.call("POST", f"/admin/api/services/{theirs}/backend_usages.json", usage)[0] == 404


def test_states(master: Api, second: tuple[int, Api]) -> None:
    number, api = second
    path = f"{PROVIDERS}/{number}.json"
    for event, state, status in (("suspend", "suspended", 403), ("resume", "approved", 200)):
        assert master.call("PUT", path, {"state_event": event})[1]["signup"]["account"]["state"] == state
        assert api.send("GET", "/admin/api/services.json").status_code == status
    assert master.call("DELETE", path) == (200, "")
    gone = api.send("GET", "/admin/api/services.json")
    assert (gone.status_code, gone.text, gone.headers["content-type"].split(";")[0]) == (403, "", "text/html")
    assert master.call("DELETE", path)[0] == 404
    assert "deletion_date" in master.get(path)["signup"]["account"]
    assert master.call("PUT", path, {"state_event": "resume"})[0] == 200
    assert api.send("GET", "/admin/api/services.json").status_code == 200


def test_a_name_taken_gets_a_number(master: Api) -> None:
    hosts = [master.make(f"{PROVIDERS}.json", OWNER, "signup")["account"]["admin_domain"] for _ in range(3)]
    assert hosts == [f"tenant-two{end}-admin.apps.example.com" for end in ("", "-2", "-3")]


def test_time_zone_is_the_tenants(master: Api, second: tuple[int, Api], api: Api) -> None:
    number, other = second
    assert master.call("PUT", f"{PROVIDERS}/{number}.json", {"timezone": "Madrid"})[0] == 200
    assert other.get("/admin/api/provider.json")["account"]["created_at"] == "2026-09-21T16:13:20+02:00"
    assert api.get("/admin/api/provider.json")["account"]["created_at"] == "2026-09-21T14:13:20Z"
    wrong = {"errors": {"account": ["Time Zone Timezone Nowhere is not allowed"]}}
    assert master.call("PUT", f"{PROVIDERS}/{number}.json", {"timezone": "Nowhere"}) == (422, wrong)


def test_hosts_and_prefixes(server: Server) -> None:
    odd = Api(server, "127", TOKEN)
    assert odd.get("/_host/maas-admin/admin/api/services/2.json")["service"]["id"] == 2
    assert odd.get("/_host/maas-admin.apps.example.com/admin/api/services/2.json")["service"]["id"] == 2
    assert odd.call("GET", "/admin/api/services/2.json")[0] == 404
    assert Api(server, "maas-admin", TOKEN).call("GET", "/master/api/providers/2.json")[0] == 404
    assert Api(server, "master", "wrong").call("GET", "/master/api/providers/2.json") == (401, "unauthorized")


def test_the_operators_seed_is_complete_at_once_and_may_repeat(server: Server) -> None:
    seed = {"name": "third", "token": "t" * 64, "admin_user": "boss", "admin_password": "p"}
    plain = Api(server, "anything", None)
    assert plain.call("PUT", "/_sandbox/tenants", seed)[0] == 401
    assert [plain.call("PUT", "/_sandbox/tenants", seed, auth=("", MASTER))[0] for _ in range(2)] == [201, 200]
    assert plain.call("PUT", "/_sandbox/tenants", {"name": "x"}, auth=("", MASTER))[0] == 422
    api = Api(server, "third-admin", "t" * 64)
    assert api.call("GET", "/admin/api/settings.json")[0] == 200
    user = api.get("/admin/api/users.json")["users"][0]["user"]
    assert (user["username"], user["email"], user["state"]) == ("boss", "boss@third.apps.example.com", "active")


def test_state_survives_a_restart(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "state.db"
    first = Api(make_server(clock, file), "maas-admin", TOKEN)
    made: dict[str, Any] = first.make("/admin/api/services.json", {"name": "Kept"}, "service")
    first.call("POST", "/admin/api/services.json", {"name": ""})
    before = first.call("GET", "/_sandbox/dump")[1]
    second = Api(make_server(clock, file), "maas-admin", TOKEN)
    assert second.get(f"/admin/api/services/{made['id']}.json")["service"] == made
    assert second.call("GET", "/_sandbox/dump")[1] == before


def test_tenants_are_forgotten_with_their_databases(api: Api, second: tuple[int, Api], server: Server) -> None:
    """Then the next that is seeded is the first again, with a token of its own and none of the old content."""
    api.make("/admin/api/services.json", {"name": "Granite", "system_name": "granite"}, "service")
    control = Api(server, "master", MASTER)
    assert control.call("DELETE", "/_sandbox/tenants")[0] == 204
    assert {"maas", "tenant-two"} & {row["name"] for row in control.get("/_sandbox/endpoints")["tenants"]} == set()
    left = [row for rows in control.get("/_sandbox/dump").values() for row in rows]
    assert not [row for row in left if row.get("tenant_id") and row["tenant_id"] != 1]
    seed = {"name": "maas", "token": "another-token", "admin_user": "admin", "admin_password": "a-password"}
    assert control.call("PUT", "/_sandbox/tenants", seed)[0] == 201
    again = Api(server, "maas-admin", "another-token")
    assert [item["service"]["system_name"] for item in again.get("/admin/api/services.json")["services"]] == ["api"]
    assert api.call("GET", "/admin/api/services.json")[0] == 403
    assert Api(server, "master", "not-the-master").call("DELETE", "/_sandbox/tenants")[0] == 401


def test_settings_take_effect_before_they_can_be_read(second: tuple[int, Api], clock: Clock) -> None:
    """A tenant of the master API has no account plan for a while: 404 for what was done all the same."""
    api, path = second[1], "/admin/api/settings.json"
    assert api.call("PUT", path, {"public_search": True}) == (404, {"status": "Not found"})
    assert api.call("PUT", path, {"change_account_plan_permission": "no"})[0] == 422
    clock.move(14)
    assert api.call("GET", path)[0] == 404
    portal = Api(api.client.app, "tenant-two", None)  # type: ignore[arg-type]
    assert portal.call("GET", "/signup/success")[0] == 404 or "access_code" in portal.call("GET", "/signup/success")[1]
    clock.move(14)
    found = api.get(path)["settings"]
    assert (found["public_search"], found["change_account_plan_permission"]) == (True, "request")


def test_products_of_tenants_are_not_deleted_by_the_master(master: Api, server: Server) -> None:
    """The call knows the master's key alone, and is shut where 3scale is installed by oneself."""
    path = "/master/api/providers/2/services/2.json"
    assert master.call("DELETE", path) == (401, "unauthorized")
    key = server.sandbox.db.rows["accounts"][1]["provider_key"]
    nobody = Api(server, "master", None)
    assert nobody.call("DELETE", f"{path}?api_key={key}") == (403, {"status": "Forbidden"})
    assert nobody.call("GET", f"/master/api/providers/2.json?api_key={key}")[0] == 200
    assert nobody.call("GET", f"/master/api/providers/2.json?provider_key={key}") == (401, "unauthorized")
