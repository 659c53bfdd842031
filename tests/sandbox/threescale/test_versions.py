# SPDX-License-Identifier: GPL-3.0-or-later
"""When a deployment makes a new version, and how promotion numbers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api, Clock

PUT, DEPLOY, OTHER = "put", "deploy", "other user deploys"

# what is done one after the other, nothing else being changed, and the versions in staging afterwards
QUIET = [
    ([DEPLOY], 1),
    ([DEPLOY, DEPLOY, DEPLOY], 1),
    ([PUT, PUT, PUT], 1),
    ([PUT, DEPLOY], 2),
    ([PUT, DEPLOY, PUT, DEPLOY], 4),
    ([PUT, DEPLOY, DEPLOY, PUT, PUT], 3),
    ([DEPLOY, OTHER], 2),
    ([DEPLOY, OTHER, DEPLOY, OTHER], 2),
]


def versions(api: Api, service: dict[str, Any], environment: str = "sandbox") -> list[int]:
    configs = api.get(f"/admin/api/services/{service['id']}/proxy/configs/{environment}.json")["proxy_configs"]
    return [item["proxy_config"]["version"] for item in configs]


def deploy(api: Api, service: dict[str, Any]) -> None:
    assert api.call("POST", f"/admin/api/services/{service['id']}/proxy/deploy.json")[0] == 201


@pytest.fixture
def other(api: Api, server: Server) -> Api:
    """A second admin user of the tenant."""
    user = api.make("/admin/api/users.json", {"username": "second", "email": "second@x.io", "password": "p"}, "user")
    assert api.call("PUT", f"/admin/api/users/{user['id']}/admin.json")[0] == 200
    key = server.sandbox.db.rows["accounts"][2]["provider_key"]
    token = {"name": "t", "permission": "rw", "scopes": ["account_management"]}
    made = Api(server, "maas-admin", key).make(
        f"/admin/api/users/{user['id']}/access_tokens.json", token, "access_token"
    )
    return Api(server, "maas-admin", made["value"])


@pytest.mark.parametrize(("steps", "count"), QUIET)
def test_order_of_put_and_deploy(
    api: Api, other: Api, product: dict[str, Any], clock: Clock, steps: list[str], count: int
) -> None:
    path = f"/admin/api/services/{product['id']}/proxy.json"
    api.call("PUT", path, {"auth_user_key": "user_key"})  # writes out the ports
    db = api.client.app.sandbox.db  # type: ignore[attr-defined]
    with db.transaction():
        for row in db.where("proxy_configs"):
            db.delete("proxy_configs", row)
    for step in steps:
        clock.move(5)
        if step == PUT:
            assert api.call("PUT", path, {"auth_user_key": "user_key"})[0] == 200
        else:
            deploy(other if step == OTHER else api, product)
    assert versions(api, product) == list(range(1, count + 1))


def _backend(api: Api) -> str:
    return f"/admin/api/backend_apis/{api.get('/admin/api/backend_apis.json')['backend_apis'][-1]['backend_api']['id']}"


def _hits(api: Api, owner: str) -> int:
    found: int = api.get(f"{owner}/metrics.json")["metrics"][0]["metric"]["id"]
    return found


def _rule(api: Api, owner: str) -> dict[str, Any]:
    return {"http_method": "GET", "pattern": "/new", "delta": 1, "metric_id": _hits(api, owner)}


CHANGES: dict[str, tuple[bool, Callable[[Api, str], tuple[int, Any]]]] = {
    "product attribute": (True, lambda api, s: api.call("PUT", f"{s}.json", {"description": "new"})),
    "mapping rule": (True, lambda api, s: api.call("POST", f"{s}/proxy/mapping_rules.json", _rule(api, s))),
    "metric": (True, lambda api, s: api.call("POST", f"{s}/metrics.json", {"friendly_name": "Tokens", "unit": "t"})),
    "private endpoint": (
        True,
        lambda api, _: api.call("PUT", f"{_backend(api)}.json", {"private_endpoint": "http://n.io"}),
    ),
    "rule of the backend": (
        True,
        lambda api, _: api.call("POST", f"{_backend(api)}/mapping_rules.json", _rule(api, _backend(api))),
    ),
    "default service plan": (True, lambda api, s: api.call("PUT", f"{s}/service_plans/{_plan(api, s)}/default.json")),
    "plan": (False, lambda api, s: api.call("POST", f"{s}/application_plans.json", {"name": "Standard"})),
    "limit": (
        False,
        lambda api, _: api.call(
            "POST",
            f"/admin/api/application_plans/7/metrics/{_hits(api, '/admin/api/services/2')}/limits.json",
            {"period": "day", "value": 1},
        ),
    ),
    "description of the backend": (
        False,
        lambda api, _: api.call("PUT", f"{_backend(api)}.json", {"description": "new"}),
    ),
    "OIDC flows": (
        False,
        lambda api, s: api.call("PUT", f"{s}/proxy/oidc_configuration.json", {"implicit_flow_enabled": True}),
    ),
}


def _plan(api: Api, service: str) -> int:
    found: int = api.get(f"{service}/service_plans.json")["plans"][0]["service_plan"]["id"]
    return found


@pytest.mark.parametrize("name", CHANGES)
def test_what_makes_the_next_deploy_a_new_version(api: Api, product: dict[str, Any], clock: Clock, name: str) -> None:
    new, change = CHANGES[name]
    deploy(api, product)
    clock.move(5)
    status, answer = change(api, f"/admin/api/services/{product['id']}")
    assert status in (200, 201), answer
    clock.move(5)
    deploy(api, product)
    assert versions(api, product) == ([1, 2] if new else [1])


def test_nothing_to_deploy_without_backend(api: Api) -> None:
    service = api.make("/admin/api/services.json", {"name": "Bare"}, "service")
    deploy(api, service)
    assert versions(api, service) == []
    assert api.call("GET", f"/admin/api/services/{service['id']}/proxy/configs/sandbox/latest.json")[0] == 404


def test_promotion_keeps_the_number_and_latest_is_the_highest(api: Api, product: dict[str, Any], clock: Clock) -> None:
    path = f"/admin/api/services/{product['id']}/proxy"
    for word in ("one", "two", "three"):
        clock.move(5)
        api.call("PUT", f"{path}.json", {"auth_user_key": word})
    answers = [
        api.call("POST", f"{path}/configs/{env}/{version}/promote.json", {"to": "production"})
        for env, version in (("sandbox", 3), ("staging", 1), ("sandbox", 1), ("sandbox", 9))
    ]
    assert [status for status, _body in answers] == [201, 201, 422, 404]
    assert answers[2][1] == {"errors": {"version": ["has already been taken"]}}
    assert versions(api, product, "production") == [3, 1]
    latest = api.get(f"{path}/configs/production/latest.json")["proxy_config"]
    assert (latest["version"], latest["content"]["proxy"]["auth_user_key"]) == (3, "three")


def test_a_stored_configuration_never_changes(api: Api, product: dict[str, Any]) -> None:
    deploy(api, product)
    path = f"/admin/api/services/{product['id']}"
    before = api.get(f"{path}/proxy/configs/sandbox/1.json")
    api.call("PUT", f"{path}.json", {"name": "Renamed"})
    api.call("PUT", f"{path}/proxy.json", {"auth_user_key": "other"})
    assert api.get(f"{path}/proxy/configs/sandbox/1.json") == before


def test_a_metric_in_the_latest_configuration_stays(api: Api, product: dict[str, Any], clock: Clock) -> None:
    path = f"/admin/api/services/{product['id']}"
    hits = _hits(api, path)
    method = api.make(f"{path}/metrics/{hits}/methods.json", {"friendly_name": "Chat"}, "method")["id"]
    rule = api.make(
        f"{path}/proxy/mapping_rules.json",
        {"http_method": "POST", "pattern": "/chat", "delta": 1, "metric_id": method},
        "mapping_rule",
    )["id"]
    deploy(api, product)
    gone = f"{path}/metrics/{hits}/methods/{method}.json"
    assert api.call("DELETE", gone) == (
        403,
        {"errors": {"base": ["Method is used by the latest gateway configuration and cannot be deleted"]}},
    )
    api.call("DELETE", f"{path}/proxy/mapping_rules/{rule}.json")
    clock.move(5)
    deploy(api, product)
    assert api.call("DELETE", gone) == (200, "")


def test_a_sub_path_routes_and_prefixes(api: Api, product: dict[str, Any]) -> None:
    backend = api.make(
        "/admin/api/backend_apis.json", {"name": "Sub", "private_endpoint": "http://sub.io"}, "backend_api"
    )
    hits = _hits(api, f"/admin/api/backend_apis/{backend['id']}")
    api.make(
        f"/admin/api/backend_apis/{backend['id']}/mapping_rules.json",
        {"http_method": "GET", "pattern": "/ping", "delta": 2, "metric_id": hits},
        "mapping_rule",
    )
    path = f"/admin/api/services/{product['id']}"
    api.make(f"{path}/backend_usages.json", {"backend_api_id": backend["id"], "path": "sub/"}, "backend_usage")
    deploy(api, product)
    proxy = api.get(f"{path}/proxy/configs/sandbox/latest.json")["proxy_config"]["content"]["proxy"]
    assert proxy["api_backend"] is None
    assert [policy["name"] for policy in proxy["policy_chain"]] == ["routing", "apicast"]
    assert [
        rule["condition"]["operations"][0]["value"] for rule in proxy["policy_chain"][0]["configuration"]["rules"]
    ] == ["^(/sub/.*|/sub/?)", "^(/.*)"]
    assert [rule["pattern"] for rule in proxy["proxy_rules"]] == ["/", "/sub/ping"]


def test_a_disabled_apicast_with_a_sub_path_breaks_every_deploy_but_is_stored(
    api: Api, product: dict[str, Any]
) -> None:
    path = f"/admin/api/services/{product['id']}"
    usage = api.get(f"{path}/backend_usages.json")[0]["backend_usage"]["id"]
    api.call("PUT", f"{path}/backend_usages/{usage}.json", {"path": "/sub"})
    chain = [{"name": "apicast", "version": "builtin", "configuration": {}, "enabled": False}]
    broken = (500, {"status": 500, "error": "Internal Server Error"})
    assert api.call("PUT", f"{path}/proxy/policies.json", {"policies_config": chain}) == broken
    assert api.get(f"{path}/proxy/policies.json") == {"policies_config": chain}
    assert api.call("POST", f"{path}/proxy/deploy.json") == broken
