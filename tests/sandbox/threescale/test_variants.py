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
