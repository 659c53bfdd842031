# SPDX-License-Identifier: GPL-3.0-or-later
"""Mapping rules planned as an ordered list, checked by playing the plan on a list; gateway contents compared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import PRODUCT_OWNER
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.config import (
    behind,
    mentioned,
    stable,
    wanted_view,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.rules import plan_rules

METRICS = {(name,): Ref("metric", name, number) for number, name in enumerate(["hits", "chat", "models"], 1)}
PRODUCT = Ref("product", "p", 5)


def rule(name: str, number: int = 0, position: int | None = None, **more: Any) -> dict[str, Any]:
    """A rule named by its pattern; present ones have an id and a position."""
    made = {"http_method": "GET", "pattern": f"/{name}", "metric": "hits", "delta": 1, "last": False, **more}
    return {**made, "id": number, "position": position} if number else made


def plan(wanted: Any, present: Any) -> list[Change]:
    return plan_rules(PRODUCT_OWNER, wanted, present, PRODUCT, METRICS, "").changes


def played(changes: list[Change], present: list[dict[str, Any]]) -> list[str]:
    """The order of patterns after the changes, on a server that keeps rules as acts_as_list does."""
    line = [(entry["id"], entry["pattern"]) for entry in present]
    for change in changes:
        assert change.call is not None
        body = (change.call.body or {}).get("mapping_rule", {})
        if change.action == "create":
            place = body.get("position", len(line) + 1) - 1
            line.insert(place, (-len(line), body["pattern"]))
            continue
        number = change.call.refs["id"].id
        entry = next(item for item in line if item[0] == number)
        if change.action == "delete":
            line.remove(entry)
        elif "position" in body:
            line.remove(entry)
            line.insert(body["position"] - 1, entry)
    return [pattern for _number, pattern in line]


@settings(max_examples=200, deadline=None)
@given(st.permutations("abcdef"), st.permutations("abcdef"), st.integers(0, 6), st.integers(0, 6))
def test_any_order_is_reached(wanted: Any, present: Any, more: int, less: int) -> None:
    """Whatever is there, and in whatever order, the wanted list is what is left; a second plan is empty."""
    want = [rule(name) for name in wanted[:more]]
    have = [rule(name, number, number) for number, name in enumerate(present[:less], 1)]
    changes = plan(want, have)
    assert played(changes, have) == [entry["pattern"] for entry in want]
    after = [rule(name, number, number) for number, name in enumerate(wanted[:more], 1)]
    assert plan(want, after) == []


@pytest.mark.parametrize(
    ("wanted", "present", "actions"),
    [
        (None, [rule("a", 1, 1)], []),
        ([], [rule("a", 1, 1)], ["delete"]),
        ([rule("a"), rule("b")], [rule("a", 1, 3), rule("b", 2, 99)], []),
        ([rule("a", delta=2)], [rule("a", 1, 1)], ["update"]),
        ([rule("a", metric="chat")], [rule("a", 1, 1)], ["update"]),
        ([rule("a"), rule("a", metric="chat")], [rule("a", 1, 1)], ["create"]),
        ([rule("a"), rule("b")], [rule("a", 1, 1), rule("b", 2, 1)], ["update", "update"]),
    ],
)
def test_rules(wanted: Any, present: Any, actions: list[str]) -> None:
    """In place where it can be; equal positions leave the order open and are written anew."""
    assert [change.action for change in plan(wanted, present)] == actions


def test_unknown_metric_is_refused() -> None:
    with pytest.raises(RefusalError, match="names a metric or method that is not there. There are: chat, hits, models"):
        plan([rule("a", metric="nix")], [])


def content(**proxy: Any) -> dict[str, Any]:
    """What the server puts into a configuration (cut down from a real one)."""
    base = {
        "auth_user_key": "Authorization",
        "endpoint": "https://p-apicast-production.example.com:443",
        "api_backend": "http://model:80",
        "policy_chain": [{"name": "cors", "version": "builtin", "configuration": {"a": 1}},
                         {"name": "apicast", "version": "builtin", "configuration": {}}],
        "proxy_rules": [
            {"http_method": "GET", "pattern": "/v1", "metric_id": 2, "metric_system_name": "chat", "delta": 1,
             "last": False, "owner_type": "Proxy"},
            {"http_method": "GET", "pattern": "/own", "metric_id": 9, "metric_system_name": "x.4", "delta": 1,
             "last": False, "owner_type": "BackendApi"},
        ],
    }  # fmt: skip
    return {"name": "P", "description": None, "default_service_plan_id": 3, "proxy": {**base, **proxy}}


WANTED = {
    "name": "P",
    "description": "",
    "annotations": {"managed_by": "x"},
    "proxy": {"auth_user_key": "Authorization", "endpoint": "https://p-apicast-production.example.com"},
    "policies": [{"name": "cors", "configuration": {"a": 1}}, {"name": "off", "enabled": False}],
    "mapping_rules": [rule("v1", metric="chat")],
}
BACKEND_RULES = [{"http_method": "GET", "pattern": "/own", "metric_id": 9, "delta": 1, "last": False}]
USAGES = [{"path": "/", "private_endpoint": "http://model", "rules": BACKEND_RULES}]


def test_nothing_is_behind() -> None:
    view = wanted_view(WANTED, USAGES, {"default_service_plan_id": 3})
    assert behind(view, content()) == []


@pytest.mark.parametrize(
    ("wanted", "usages", "shown", "names"),
    [
        ({"name": "Q"}, None, content(), ["name"]),
        ({"proxy": {"auth_user_key": "key"}}, None, content(), ["proxy.auth_user_key"]),
        ({"policies": [{"name": "apicast"}]}, None, content(), ["policies"]),
        ({"mapping_rules": []}, None, content(), ["mapping rules"]),
        ({}, [{**USAGES[0], "private_endpoint": "http://other"}], content(), ["backends"]),
        ({}, [{**USAGES[0], "rules": []}], content(), ["backend rules"]),
        ({}, None, {}, ["everything"]),
    ],
)
def test_what_is_behind(wanted: Any, usages: Any, shown: Any, names: list[str]) -> None:
    """Each managed thing that a configuration shows otherwise is named."""
    assert behind(wanted_view(wanted, usages, {}), shown) == names


@pytest.mark.parametrize("value", ["^(/sub/.*|/sub/?)", "/sub/.*|/sub/?"])
def test_backends_below_paths(value: str) -> None:
    """The generated routing policy tells backends and paths."""
    rules = [
        {"url": "https://b:443", "condition": {"operations": [{"value": value}]}},
        {"url": "http://model:80", "condition": {"operations": [{"value": "/.*"}]}},
    ]
    routing = {"name": "routing", "version": "builtin", "configuration": {"rules": rules}}
    shown = content(api_backend=None, policy_chain=[routing, {"name": "apicast", "version": "builtin"}])
    usages = [{"path": "/", "private_endpoint": "http://model"}, {"path": "sub", "private_endpoint": "https://b"}]
    assert behind(wanted_view({}, usages, {}), shown) == []
    assert behind(wanted_view({}, usages[:1], {}), shown) == ["backends"]


def test_stable_and_mentioned() -> None:
    left = {"a": [{"updated_at": 1, "b": 2}], "lock_version": 3}
    assert stable(left) == stable({"a": [{"updated_at": 9, "b": 2}], "lock_version": 4}) == {"a": [{"b": 2}]}
    assert mentioned(content()) == {"chat"}
