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


def played(changes: list[Change], present: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Patterns and positions after the changes, on a server that keeps positions as the real one does."""
    line = {entry["id"]: (entry["pattern"], entry["position"]) for entry in present}

    def shift(by: int, first: int, last: int = 10**6, but: int = 0) -> None:
        for number, (pattern, position) in line.items():
            if number != but and first <= position <= last:
                line[number] = (pattern, position + by)

    for change in changes:
        assert change.call is not None
        body = (change.call.body or {}).get("mapping_rule", {})
        if change.action == "create":
            last = max((position for _pattern, position in line.values()), default=0)
            position = body.get("position", last + 1)
            shift(1, position)
            line[1000 + len(line)] = (body["pattern"], position)
            continue
        number = change.call.refs["id"].id
        pattern, old = line[number]
        if change.action == "delete":
            del line[number]
            shift(-1, old + 1)
        elif "position" in body:
            position = max(1, body["position"])
            line[number] = (pattern, position)
            if any(other == position for key, (_pattern, other) in line.items() if key != number):
                if old < position:
                    shift(-1, old + 1, position, number)
                else:
                    shift(1, position, old - 1, number)
    return sorted(line.values(), key=lambda entry: entry[1])


POSITIONS = st.lists(st.integers(-1, 60), min_size=6, max_size=6)


@settings(max_examples=400, deadline=None)
@given(st.permutations("abcdef"), st.permutations("abcdef"), st.integers(0, 6), st.integers(0, 6), POSITIONS)
def test_any_order_is_reached(wanted: Any, present: Any, more: int, less: int, positions: Any) -> None:
    """Whatever is there, in whatever order and at whatever positions, the wanted list is what is left."""
    want = [rule(name) for name in wanted[:more]]
    there = sorted(zip(sorted(positions[:less]), range(1, less + 1)))
    have = [rule(present[number - 1], number, position) for position, number in there]
    after = played(plan(want, have), have)
    assert [pattern for pattern, _position in after] == [entry["pattern"] for entry in want]
    again = [rule(pattern[1:], number, position) for number, (pattern, position) in enumerate(after, 1)]
    dense = len({position for _pattern, position in after}) == len(after) and all(p > 0 for _pattern, p in after)
    assert not dense or plan(want, again) == []


def test_rule_between_far_positions() -> None:
    """One request, at the position of its successor; nobody else moves."""
    have = [rule(name, number, position) for number, (name, position) in enumerate(zip("abcd", (1, 50, 99, 150)), 1)]
    changes = plan([rule(name) for name in "abcxd"], have)
    assert [
        (change.action, (change.call.body or {})["mapping_rule"]["position"]) for change in changes if change.call
    ] == [("create", 150)]
    assert [pattern for pattern, _position in played(changes, have)] == ["/a", "/b", "/c", "/x", "/d"]


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


def test_rule_of_a_new_product_becomes_the_first_that_lacks() -> None:
    """One request less than its removal and a creation; where nobody wants any rule, it goes."""
    made = {**rule(""), "ref": Ref("mapping rule", "/", 7)}
    first, second = plan([rule("b", http_method="POST", metric="chat"), rule("a")], [made])
    assert first.call is not None and (first.action, first.call.method, second.action) == ("update", "PUT", "create")
    body = {"http_method": "POST", "pattern": "/b", "metric_id": METRICS[("chat",)]}
    assert (first.call.refs["id"], first.call.body) == (made["ref"], {"mapping_rule": body})
    assert first.before == {"http_method": "GET", "pattern": "/", "metric": "hits"}
    (adopted,) = plan([rule("a"), rule("", delta=2)], [made])[1:]
    assert adopted.action == "update" and adopted.after == {"delta": 2}
    assert [change.action for change in plan([], [made])] == ["delete"]


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
