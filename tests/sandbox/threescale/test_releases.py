# SPDX-License-Identifier: GPL-3.0-or-later
"""What 2.15 does otherwise, beyond what its recordings hold; each case on both releases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.threescale.release import RELEASES
from tests.sandbox.threescale.conftest import TOKEN, Api, Clock, make_server

MANAGED = {"annotations": {"managed_by": "x"}}
OPENAPI = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}}


@pytest.fixture(params=["2.15", "2.16"])
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def api(release: str) -> Api:
    return Api(make_server(Clock(), release=RELEASES[release]), "maas-admin", TOKEN)


def both(release: str, old: Any, new: Any) -> Any:
    return old if release == "2.15" else new


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("services", {"name": "Noted", **MANAGED}, "service"),
        ("services", {"service": {"name": "Noted", **MANAGED}}, "service"),
        ("backend_apis", {"name": "Noted", "private_endpoint": "https://x.example.com", **MANAGED}, "backend_api"),
        ("signup", {"org_name": "o", "username": "dev", "email": "d@example.com", **MANAGED}, "account"),
    ],
)
def test_annotations_are_dropped(api: Api, release: str, path: str, body: Any, key: str) -> None:
    made = api.make(f"/admin/api/{path}.json", body, key)
    assert made.get("annotations") == both(release, None, MANAGED["annotations"])
    if key != "account":
        here = f"/admin/api/{path}/{made['id']}.json"
        assert api.call("PUT", here, MANAGED)[0] == both(release, 400, 200)
        wrong = {"name": "Noted", "annotations": {"owner": "x"}}
        assert api.call("PUT", here, wrong)[0] == both(release, 200, 422)
    assert both(release, "<annotations>" not in api.get("/admin/api/services.xml"), True)


def test_subscriptions_have_an_older_address_only(api: Api, release: str) -> None:
    path = "/admin/api/accounts/3/service_{}.json"
    missing = {"status": 404, "error": "Not Found"}
    found = api.call("GET", path.format("subscriptions"), headers={"Accept": "application/json"})
    assert both(release, found == (404, missing), found[0] == 200)
    listed = api.get(path.format("contracts"))["service_contracts"][0]["service_contract"]
    assert {"id", "plan_id", "service_id", "state"} <= listed.keys()
    one = path.format("contracts").replace(".json", f"/{listed['id']}.json")
    veto = {"errors": {"base": ["There is 1 unsuspended application subscribed to the service"]}}
    assert api.call("DELETE", one) == (403, veto)


def test_approval_is_switched_off_by_any_other_setting(api: Api, release: str) -> None:
    settings = "/admin/api/settings.json"
    api.call("PUT", settings, {"account_approval_required": True})
    changed = api.call("PUT", settings, {"signups_enabled": False, "enforce_sso": True})
    assert both(release, changed[0] == 200, changed[0] == 422)
    api.call("PUT", settings, {"signups_enabled": False})
    assert api.get(settings)["settings"]["account_approval_required"] is both(release, False, True)
    assert both(release, "enforce_sso" not in api.get(settings)["settings"], True)
    api.make("/admin/api/account_plans.json", {"name": "Second"}, "account_plan")
    plan = api.get("/admin/api/account_plans.json")["plans"][0]["account_plan"]["id"]
    api.call("PUT", f"/admin/api/account_plans/{plan}.json", {"approval_required": True})
    api.call("PUT", settings, {"account_approval_required": False})
    assert api.get(settings)["settings"]["account_approval_required"] is True


def test_openapi_31_is_not_known(api: Api, release: str) -> None:
    document = {"name": "Doc", "body": json.dumps(OPENAPI)}
    refusal = {"errors": {"body": ["Invalid Swagger version"]}}
    found = api.call("POST", "/admin/api/active_docs.json", document)
    assert both(release, found == (422, refusal), found[0] == 201)
    skipped = {**document, "system_name": "other", "skip_swagger_validations": True}
    assert api.call("POST", "/admin/api/active_docs.json", skipped)[0] == 201


def test_limits_outlive_the_usage_of_their_backend(api: Api, release: str) -> None:
    backend = api.make(
        "/admin/api/backend_apis.json",
        {"name": "B", "system_name": "bb", "private_endpoint": "https://b.example.com"},
        "backend_api",
    )
    usages = "/admin/api/services/2/backend_usages"
    link = {"backend_api_id": backend["id"], "path": "/b"}
    usage = api.make(f"{usages}.json", link, "backend_usage")
    metric = api.get(f"/admin/api/backend_apis/{backend['id']}/metrics.json")["metrics"][0]["metric"]["id"]
    plan = api.get("/admin/api/services/2/application_plans.json")["plans"][0]["application_plan"]["id"]
    limits = f"/admin/api/application_plans/{plan}/metrics/{metric}/limits"
    limit = api.make(f"{limits}.json", {"period": "day", "value": 5}, "limit")
    api.call("DELETE", f"{usages}/{usage['id']}.json")
    left = api.get(f"/admin/api/application_plans/{plan}/limits.json")["limits"]
    assert [row["limit"]["id"] for row in left] == both(release, [limit["id"]], [])
    assert api.call("DELETE", f"{limits}/{limit['id']}.json")[0] == 404
    api.make(f"{usages}.json", link, "backend_usage")
    assert api.call("DELETE", f"{limits}/{limit['id']}.json")[0] == both(release, 200, 404)


def test_tokens(api: Api, release: str) -> None:
    given = {"name": "t", "permission": "rw", "scopes": ["policy_registry"], "expires_at": "2030-01-01T00:00:00Z"}
    token = api.make("/admin/api/personal/access_tokens.json", {"token": given}, "access_token")
    assert ("expires_at" in token, len(token["value"])) == both(release, (False, 96), (True, 64))
    chain = api.call("GET", "/admin/api/services/2/proxy/policies.json", auth=("", token["value"]))
    assert chain[0] == both(release, 403, 200)


def test_a_providers_address_has_another_name(api: Api, release: str) -> None:
    provider = {"kind": "keycloak", "client_id": "a", "client_secret": "b", "site": "https://kc.example.com/a b"}
    status, found = api.call("POST", "/admin/api/authentication_providers.json", provider)
    old, new = {"realm": ["Please, remove any white space."]}, {"site": ["can't contain whitespaces"]}
    assert (status, found["errors"]) == (422, both(release, old, new))


def test_refused_accounts_name_their_billing_address(api: Api, release: str) -> None:
    errors = api.call("PUT", "/admin/api/accounts/3.json", {"org_name": ""})[1]["errors"]
    assert [name for name in errors if name.startswith("billing_address_")] == both(
        release, [f"billing_address_{part}" for part in ("name", "address1", "city", "country")], []
    )
    assert all(errors[name] == [] for name in errors if name != "org_name")
