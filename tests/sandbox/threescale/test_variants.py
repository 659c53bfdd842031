# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd requests to single resources, and what the real server makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api

SPEC = '{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{}}'
FIELDS = "/admin/api/fields_definitions.json"


def test_the_last_product_is_not_marked_as_deleted(api: Api) -> None:
    stays = (422, {"errors": {"state_event": ["cannot transition when incomplete"]}})
    assert api.call("PUT", "/admin/api/services/2.json", {"state_event": "mark_as_deleted"}) == stays
    other = api.make("/admin/api/services.json", {"name": "Other"}, "service")["id"]
    assert api.call("PUT", f"/admin/api/services/{other}.json", {"state_event": "mark_as_deleted"})[0] == 200
    assert api.call("GET", f"/admin/api/services/{other}.json")[0] == 404


def test_a_document_comes_as_a_file_too(api: Api) -> None:
    response = api.send(
        "POST", "/admin/api/active_docs.json", files={"body": ("spec.json", SPEC)}, data={"name": "Doc"}
    )
    assert (response.status_code, response.json()["api_doc"]["body"]) == (201, SPEC)


def test_a_document_of_no_product(api: Api, server: Server) -> None:
    body = {"name": "Doc", "body": SPEC, "service_id": 99}
    assert api.call("POST", "/admin/api/active_docs.json", body) == (422, {"error": "Service not found"})
    key = Api(server, "maas-admin", server.sandbox.db.rows["accounts"][2]["provider_key"])
    assert key.call("POST", "/admin/api/active_docs.json", body) == (422, {"errors": {"service": ["not found"]}})
    long = {"name": "Doc", "body": SPEC, "description": "a" * 65536}
    assert api.call("POST", "/admin/api/active_docs.json", long) == (
        422,
        {"errors": {"description": ["is too long (maximum is 65535 characters)"]}},
    )


def test_a_message_needs_its_wrapper(api: Api) -> None:
    path = "/admin/api/accounts/3/messages.json"
    assert api.call("POST", path)[0] == 500
    assert api.call("POST", path, {"nothing": "known"})[1]["error"]["error"] == "Subject can't be blank"
    assert api.call("POST", path, {"message": {"subject": "Hello"}})[0] == 201


def test_only_a_form_asks_flat_for_an_sso_token(api: Api) -> None:
    path = "/admin/api/sso_tokens.json"
    missing = (400, "Required parameter missing: sso_token")
    assert api.call("POST", path, {"username": "john"}) == missing
    assert api.call("POST", path, files={"username": (None, "john")}) == missing
    assert api.call("POST", path, data={"username": "john"})[0] == 201
    assert api.call("POST", path, {"sso_token": {"username": "john"}})[0] == 201


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"target": "User", "name": "salt"}, {"name": ["Field name is not allowed"]}),
        ({"target": "Account", "name": "partner_id"}, {"name": ["Field name is not allowed"]}),
        ({"target": "Cinstance", "name": "accepted_at"}, {"name": ["Field name is not allowed"]}),
        ({"target": "Account", "name": "vat_rate"}, {"choices": ["are not allowed for decimal fields"]}),
        ({"target": "Account", "name": "country"}, {"choices": ["are not allowed for this type of fields"]}),
        ({"target": "Account", "name": "salt"}, None),
        ({"target": "User", "name": "job_role"}, None),
    ],
)
def test_names_that_are_no_fields(api: Api, values: dict[str, Any], errors: dict[str, Any] | None) -> None:
    status, answer = api.call("POST", FIELDS, {"label": "Label", "choices": ["a", "b"], **values})
    assert (status, answer.get("errors")) == (422 if errors else 201, errors)


SCHEMA = {"name": "Mine", "summary": "s", "version": "1.0", "configuration": {}}


@pytest.mark.parametrize(
    ("path", "body", "location"),
    [
        ("services.json?a=b", {"name": "New"}, "http://maas-admin.apps.example.com/admin/api/services?a=b&id=3"),
        ("cms/sections.json", {"title": "New"}, "/admin/api/cms/sections.{id}"),
        ("registry/policies.json", {"name": "mine", "version": "1.0", "schema": SCHEMA}, "{here}?id=1"),
        ("accounts/3/applications/5/keys.json", {"key": "abcdef"}, "{here}?id=1"),
        ("accounts/3/applications/5/referrer_filters.json", {"referrer_filter": "x.io"}, "{here}?id=1"),
        ("services/2/proxy/deploy.json", {}, "{here}?id=2"),
    ],
)
def test_where_what_was_made_is_said_to_be(api: Api, path: str, body: dict[str, Any], location: str) -> None:
    response = api.send("POST", f"/admin/api/{path}", body)
    assert response.status_code == 201, response.text
    here = f"http://maas-admin.apps.example.com/admin/api/{path.removesuffix('.json')}"
    assert response.headers["location"] == location.format(id=response.json().get("id"), here=here)


@pytest.mark.parametrize(("sent", "shown"), [(1.23456, 1.2346), ("0.00005", 0.0001), ("0.00004", 0.0), (7, 7.0)])
def test_fees_have_four_decimals(api: Api, sent: Any, shown: float) -> None:
    body = {"name": "Gold", "setup_fee": sent, "cost_per_month": sent}
    plan = api.make("/admin/api/services/2/application_plans.json", body, "application_plan")
    assert plan["setup_fee"] == plan["cost_per_month"] == shown


@pytest.mark.parametrize(
    ("path", "body", "most"),
    [
        ("services/2/proxy/mapping_rules", {"http_method": "GET", "pattern": "/a", "metric_id": 6, "delta": 0}, 2**31),
        ("services/2/application_plans", {"name": "Gold", "trial_period_days": 0}, 2**31),
        ("services/2/application_plans", {"name": "Gold", "setup_fee": 0}, 10**16),
        ("application_plans/7/metrics/6/limits", {"period": "day", "value": 0}, 2**63),
        ("application_plans/7/metrics/6/pricing_rules", {"min": 1, "cost_per_unit": 1, "max": 0}, 2**63),
    ],
)
def test_numbers_that_columns_can_not_hold(api: Api, path: str, body: dict[str, Any], most: int) -> None:
    name = list(body)[-1]
    assert api.call("POST", f"/admin/api/{path}.json", {**body, name: most})[0] == 500
    assert api.call("POST", f"/admin/api/{path}.json", {**body, name: most // 2})[0] == 201


def test_a_link_to_a_tenant_says_when_it_ends(master: Api, server: Server) -> None:
    path = "/admin/api/sso_tokens/provider_create.json"
    response = master.send("POST", path, {"provider_id": 2, "expires_in": 60})
    assert (response.status_code, response.headers["expires"]) == (201, "Mon, 21 Sep 2026 14:14:20 GMT")
    db = server.sandbox.db
    with db.transaction():
        db.delete("users", next(row for row in db.where("users", account_id=2) if row["username"] == "3scaleadmin"))
    assert master.call("POST", path, {"provider_id": 2}) == (422, {"errors": {"username": ["invalid"]}})


@pytest.mark.parametrize(("sent", "shown"), [(21, "21.0"), ("7.755", "7.76"), ("0.1", "0.1"), ("nonsense", "0.0")])
def test_a_vat_rate_is_shown_as_text(api: Api, sent: Any, shown: str) -> None:
    api.make(FIELDS, {"target": "Account", "name": "vat_rate", "label": "VAT"}, "fields_definition")
    assert "vat_rate" not in api.get("/admin/api/accounts/3.json")["account"]
    assert api.call("PUT", "/admin/api/accounts/3.json", {"vat_rate": sent})[1]["account"]["vat_rate"] == shown
    assert f"<vat_rate>{shown}</vat_rate>" in api.get("/admin/api/accounts/3.xml")


def test_a_user_with_other_identities_shows_them(api: Api) -> None:
    users = "/admin/api/accounts/3/users.json"
    body = {"username": "other", "email": "other@x.io"}
    assert "open_id" not in api.make(users, body, "user")
    both = {"cas_identifier": "cas", "open_id": "open"}
    made = api.make(users, {"username": "third", "email": "third@x.io", **both}, "user")
    assert (made["cas_identifier"], made["open_id"]) == ("cas", "open")
