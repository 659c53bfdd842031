# SPDX-License-Identifier: GPL-3.0-or-later
"""Builtin policies that limit, route and rewrite."""

from __future__ import annotations

from typing import Any

from tests.sandbox.gateway.conftest import Gateway
from tests.sandbox.gateway.test_policies import APICAST, policy


def test_rate_limit_fixed_window(gateway: Gateway) -> None:
    limit = policy(
        "rate_limit", fixed_window_limiters=[{"key": {"name": "all", "scope": "service"}, "count": 2, "window": 60}]
    )
    host = gateway.serve(policy_chain=[limit, APICAST])
    assert [gateway.send(host).status_code for _ in range(4)] == [200, 200, 429, 429]
    keyed = policy(
        "rate_limit",
        fixed_window_limiters=[
            {
                "key": {"name": "{{ headers['x-user'] }}", "name_type": "liquid"},
                "count": 1,
                "window": 60,
                "condition": {
                    "operations": [{"left": "{{uri}}", "left_type": "liquid", "op": "matches", "right": "^/v1"}]
                },
            }
        ],
        limits_exceeded_error={"status_code": 420},
    )
    host = gateway.serve(policy_chain=[keyed, APICAST])

    def send(path: str, user: str) -> int:
        return gateway.send(host, f"{path}?user_key=KEY", headers={"X-User": user}).status_code

    assert [send("/v1", "a"), send("/v1", "a"), send("/v1", "b"), send("/v2", "a")] == [200, 420, 200, 200]


def test_rate_limit_leaky_bucket_and_connections(gateway: Gateway) -> None:
    bucket = policy("rate_limit", leaky_bucket_limiters=[{"key": {"name": "x"}, "rate": 1, "burst": 0}])
    host = gateway.serve(policy_chain=[bucket, APICAST])
    assert [gateway.send(host).status_code for _ in range(2)] == [200, 429]
    one = policy("rate_limit", connection_limiters=[{"key": {"name": "y"}, "conn": 1, "burst": 0, "delay": 1}])
    host = gateway.serve(policy_chain=[one, APICAST])
    assert [gateway.send(host).status_code for _ in range(3)] == [200, 200, 200]


def routing_rules(gateway: Gateway) -> dict[str, Any]:
    def rule(path: str, owner: int) -> dict[str, Any]:
        return {
            "url": f"{gateway.model.url}/backend{owner}",
            "owner_id": owner,
            "owner_type": "BackendApi",
            "condition": {"operations": [{"match": "path", "op": "matches", "value": f"^({path}/.*|{path}/?)$"}]},
            "replace_path": "{{uri | remove_first: '" + path + "'}}",
        }

    return policy("routing", rules=[rule("/one", 1), rule("/two", 2)])


def test_routing_to_backends_by_path(gateway: Gateway) -> None:
    rules = [
        ("GET", "/", "hits"),
        ("GET", "/one", "hits.1", {"owner_type": "BackendApi", "owner_id": 1}),
        ("GET", "/o", "hits.2", {"owner_type": "BackendApi", "owner_id": 2}),
    ]
    host = gateway.serve(rules=rules, api_backend=None, policy_chain=[routing_rules(gateway), APICAST])
    assert gateway.send(host, "/one/v1/models?user_key=KEY").json()["path"] == "/backend1/v1/models?user_key=KEY"
    assert gateway.threescale.calls[0].usage == {"hits": "1", "hits.1": "1"}
    assert gateway.send(host, "/two?user_key=KEY").json()["path"].startswith("/backend2")
    assert gateway.send(host, "/three?user_key=KEY").status_code == 404


def test_upstream_url_rewriting_and_timeouts(gateway: Gateway) -> None:
    chain = [
        policy("url_rewriting", commands=[{"op": "sub", "regex": "^/api", "replace": ""}],
               query_args_commands=[{"op": "set", "arg": "x", "value": "1"}]),
        policy("upstream", rules=[{"regex": "^/v1", "url": f"{gateway.model.url}/other"}]),
        APICAST,
    ]  # fmt: skip
    got = gateway.send(gateway.serve(policy_chain=chain), "/api/v1/models?user_key=KEY").json()
    assert got["path"].startswith("/other/v1/models?") and "x=1" in got["path"]
    slow = gateway.serve(policy_chain=[policy("upstream_connection", read_timeout=1), APICAST])
    assert gateway.send(slow, "/slow?user_key=KEY").status_code == 504
    echo = gateway.serve(policy_chain=[policy("echo"), APICAST])
    assert gateway.send(echo, "/x?user_key=KEY").text == "GET /x?user_key=KEY HTTP/1.1\n"
