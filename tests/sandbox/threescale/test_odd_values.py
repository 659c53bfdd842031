# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that are empty, null, or of another kind than they should be, and what the real server makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.threescale.conftest import Api

BLANK, INVALID, TAKEN = "can't be blank", "invalid", "has already been taken"


@pytest.mark.parametrize(
    ("sent", "status", "errors"),
    [
        ({"system_name": ""}, 422, {"system_name": [BLANK, INVALID]}),
        ({"system_name": None}, 422, {"system_name": [BLANK]}),
        ({"system_name": "a b"}, 422, {"system_name": [INVALID]}),
        ({"system_name": "api"}, 422, {"system_name": [TAKEN]}),
        ({"system_name": "other"}, 200, None),
        ({"deployment_option": ""}, 422, {"deployment_option": ["is not included in the list", BLANK]}),
        ({"deployment_option": None}, 500, None),
    ],
)
def test_products(api: Api, product: dict[str, Any], sent: dict[str, Any], status: int, errors: Any) -> None:
    path = f"/admin/api/services/{product['id']}.json"
    found, answer = api.call("PUT", path, sent)
    assert (found, answer.get("errors")) == (status, errors)
    assert api.get(path)["service"]["system_name"] == product["system_name"]


@pytest.mark.parametrize(("sent", "status"), [(0, 404), ("", 404), ("x", 404), (None, 422)])
def test_backends_that_are_none(api: Api, product: dict[str, Any], sent: Any, status: int) -> None:
    body = {"backend_api_id": sent, "path": "/other"}
    assert api.call("POST", f"/admin/api/services/{product['id']}/backend_usages.json", body)[0] == status


@pytest.mark.parametrize(("sent", "status"), [("", 422), (None, 200), ("mine", 200)])
def test_the_secret_of_a_proxy(api: Api, product: dict[str, Any], sent: Any, status: int) -> None:
    path = f"/admin/api/services/{product['id']}/proxy.json"
    assert api.call("PUT", path, {"secret_token": sent})[0] == status


def test_prices_of_ranges_that_end_before_they_begin(api: Api) -> None:
    path = "/admin/api/application_plans/7/metrics/6/pricing_rules.json"
    api.make(path, {"cost_per_unit": 1}, "pricing_rule")
    errors = api.call("POST", path, {"cost_per_unit": 1, "min": 1000, "max": 5})[1]["errors"]
    assert errors == {
        "min": ["The 'From' value must be greater than the 'To' values of other existing rules"],
        "max": ["'To' value cannot be less than your 'From' value"],
    }


@pytest.mark.parametrize(("sent", "messages"), [("", [BLANK, INVALID]), (None, [BLANK])])
def test_features_without_a_name(api: Api, sent: Any, messages: list[str]) -> None:
    feature = api.make("/admin/api/services/2/features.json", {"name": "Fast"}, "feature")
    path = f"/admin/api/services/2/features/{feature['id']}.json"
    assert api.call("PUT", path, {"system_name": sent}) == (422, {"errors": {"system_name": messages}})


def test_a_refused_application_leaves_its_subscription(api: Api, product: dict[str, Any]) -> None:
    """docs/threescale-behaviour.md#applications-refused"""
    plan = api.make(f"/admin/api/services/{product['id']}/application_plans.json", {"name": "Gold"}, "application_plan")
    body = {"plan_id": plan["id"], "name": "App", "user_key": "ab+"}
    refused = (422, {"errors": {"user_key": [INVALID]}})
    assert api.call("POST", "/admin/api/accounts/3/applications.json", body) == refused
    rows = api.get("/admin/api/accounts/3/service_subscriptions.json")["service_subscriptions"]
    assert [row["service_subscription"]["service_id"] for row in rows] == [2, product["id"]]


def test_documents_have_names_of_255_characters(api: Api) -> None:
    body = {"name": "d" * 256, "body": '{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{}}'}
    long = ["is too long (maximum is 255 characters)"]
    answer = api.call("POST", "/admin/api/active_docs.json", body)
    assert answer == (422, {"errors": {"name": long, "system_name": long}})
