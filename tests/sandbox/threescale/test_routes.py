# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that few clients use: older names, load balancers, the way to the admin portal."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api

CONTRACTS = "/admin/api/accounts/3/service_contracts"


@pytest.mark.parametrize("host", ["maas-admin", "master", "maas", "backend", "elsewhere"])
def test_load_balancers_ask_any_host(server: Server, host: str) -> None:
    response = Api(server, host, None).send("GET", "/check.txt")
    assert (response.status_code, response.text) == (200, "ok")


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [("/", 301, "/p/admin"), ("/admin", 301, "/p/admin"), ("/p/admin", 302, "/p/login"), ("/p/login", 200, None)],
)
@pytest.mark.parametrize("host", ["maas-admin", "master"])
def test_the_way_to_the_admin_portal(server: Server, host: str, path: str, status: int, location: str | None) -> None:
    response = Api(server, host, None).send("GET", path)
    assert response.status_code == status
    assert response.headers.get("location") == (location and f"http://{host}.apps.example.com{location}")


@pytest.mark.parametrize(
    ("path", "place"), [("/admin/messages", "/admin/messages/received"), ("/p/admin/dashboard", "/admin")]
)
def test_pages_of_the_portal_that_have_moved(server: Server, path: str, place: str) -> None:
    response = Api(server, "maas", None).send("GET", path)
    assert (response.status_code, response.headers["location"]) == (301, f"http://maas.apps.example.com{place}")


def test_the_master_tells_its_status(server: Server, api: Api) -> None:
    assert Api(server, "master", None).get("/status")["status"] is True
    assert api.call("GET", "/status")[0] == 404


def test_service_contracts_are_subscriptions(api: Api) -> None:
    listed = api.get(f"{CONTRACTS}.json")["service_contracts"]
    same = api.get("/admin/api/accounts/3/service_subscriptions.json")["service_subscriptions"]
    assert [item["service_contract"] for item in listed] == [item["service_subscription"] for item in same] != []
    path = f"{CONTRACTS}/{listed[0]['service_contract']['id']}.json"
    status, answer = api.call("DELETE", path)
    assert (status, list(answer["errors"])) == (403, ["base"])
    applications = api.get("/admin/api/accounts/3/applications.json")["applications"]
    for item in applications:
        api.call("DELETE", f"/admin/api/accounts/3/applications/{item['application']['id']}.json")
    assert api.call("DELETE", path) == (200, "")
    assert api.call("DELETE", path)[0] == 404


def test_a_customised_plan_is_not_for_sale(api: Api) -> None:
    application = api.get("/admin/api/accounts/3/applications.json")["applications"][0]["application"]
    path = f"/admin/api/accounts/3/applications/{application['id']}/customize_plan.json"
    plan = api.call("PUT", path)[1]["application_plan"]["id"]
    assert api.call("POST", f"/admin/api/accounts/3/application_plans/{plan}/buy.json")[0] == 404
    assert api.call("POST", f"/admin/api/accounts/3/application_plans/{application['plan_id']}/buy.json")[0] == 201


def test_gateways_of_the_first_kind_find_nothing(api: Api, server: Server) -> None:
    assert api.call("GET", "/admin/api/nginx/spec.json") == (404, {"status": "Not found"})
    assert Api(server, "maas-admin", None).call("GET", "/admin/api/nginx/spec.json")[0] == 403


def test_a_partner_is_changed_with_a_plan_of_the_masters(master: Api) -> None:
    path = "/master/api/providers/2/change_partner"
    for body in ({}, {"application_plan": "nope"}):
        assert master.call("POST", path, body) == (404, {"status": "Not found"})
    assert master.call("POST", "/master/api/providers/99/change_partner", {})[0] == 404
    plan: dict[str, Any] = master.get("/admin/api/application_plans.json")["plans"][-1]["application_plan"]
    status, answer = master.call("POST", path, {"application_plan": plan["system_name"]})
    assert (status, answer["account"]["id"], answer["account"]["bought_cinstance"]["plan_id"]) == (200, 2, plan["id"])
