# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions of mapping rules; rules are named by their patterns, `first` being the `GET /` of a new product."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.threescale.conftest import Api

Step = tuple[str, str, int | None]

TABLE: list[tuple[list[Step], dict[str, int]]] = [
    ([("add", "/a", None), ("add", "/b", None)], {"/": 1, "/a": 2, "/b": 3}),
    ([("add", "/a", 1)], {"/a": 1, "/": 2}),
    ([("add", "/a", 99)], {"/": 1, "/a": 99}),
    ([("add", "/a", 99), ("add", "/b", None)], {"/": 1, "/a": 99, "/b": 100}),
    ([("add", "/a", 0)], {"/a": 0, "/": 2}),
    ([("add", "/a", -1)], {"/a": -1, "/": 2}),
    ([("add", "/a", None), ("add", "/b", None), ("move", "/b", 1)], {"/b": 1, "/": 2, "/a": 3}),
    ([("add", "/a", None), ("add", "/b", None), ("move", "/", 3)], {"/a": 1, "/b": 2, "/": 3}),
    ([("add", "/a", None), ("move", "/", 50)], {"/a": 2, "/": 50}),
    ([("add", "/a", None), ("move", "/a", 0)], {"/a": 1, "/": 2}),
    ([("add", "/a", None), ("move", "/a", 2)], {"/": 1, "/a": 2}),
    ([("add", "/a", None), ("add", "/b", None), ("drop", "/a", None)], {"/": 1, "/b": 2}),
    ([("add", "/a", 9), ("add", "/b", 20), ("drop", "/a", None)], {"/": 1, "/b": 19}),
    ([("drop", "/", None), ("add", "/a", None)], {"/a": 1}),
]


@pytest.mark.parametrize(("steps", "positions"), TABLE)
def test_positions(api: Api, product: dict[str, Any], steps: list[Step], positions: dict[str, int]) -> None:
    service = f"/admin/api/services/{product['id']}"
    path = f"{service}/proxy/mapping_rules"
    hits = api.get(f"{service}/metrics.json")["metrics"][0]["metric"]["id"]
    ids = {"/": api.get(path + ".json")["mapping_rules"][0]["mapping_rule"]["id"]}
    for what, pattern, position in steps:
        wanted = {} if position is None else {"position": position}
        if what == "add":
            rule = {"http_method": "GET", "pattern": pattern, "delta": 1, "metric_id": hits, **wanted}
            ids[pattern] = api.make(path + ".json", rule, "mapping_rule")["id"]
        elif what == "move":
            assert api.call("PUT", f"{path}/{ids[pattern]}.json", wanted)[0] == 200
        else:
            assert api.call("DELETE", f"{path}/{ids[pattern]}.json") == (200, "")
    rules = [item["mapping_rule"] for item in api.get(path + ".json")["mapping_rules"]]
    assert [(rule["pattern"], rule["position"]) for rule in rules] == list(positions.items())


def test_rules_of_a_backend_start_at_one_and_are_listed_by_id(api: Api) -> None:
    path = "/admin/api/backend_apis/2/mapping_rules"
    hits = api.get("/admin/api/backend_apis/2/metrics.json")["metrics"][0]["metric"]["id"]
    for pattern, position in (("/a", None), ("/b", 0)):
        body = {"http_method": "GET", "pattern": pattern, "delta": 1, "metric_id": hits, "position": position}
        api.make(path + ".json", body, "mapping_rule")
    rules = [item["mapping_rule"] for item in api.get(path)["mapping_rules"]]
    assert [(rule["pattern"], rule["position"]) for rule in rules] == [("/a", 2), ("/b", 1)]


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        ("/v1/chat$", 201),
        ("/{a}/{b}", 201),
        ("/x?k={v}", 201),
        ("//x", 201),
        ("/x%20y", 201),
        ("/x;y", 201),
        ("nope", 422),
        ("", 422),
        ("/x y", 422),
        ("/x#y", 422),
        ("/é", 422),
        ("/x$y", 422),
        ("/{a}/{a}", 422),
        ("/x?{k}=v", 422),
        ("/" + "x" * 255, 422),
    ],
)
def test_patterns(api: Api, product: dict[str, Any], pattern: str, status: int) -> None:
    service = f"/admin/api/services/{product['id']}"
    hits = api.get(f"{service}/metrics.json")["metrics"][0]["metric"]["id"]
    body = {"http_method": "GET", "pattern": pattern, "delta": 1, "metric_id": hits}
    assert api.call("POST", f"{service}/proxy/mapping_rules.json", body)[0] == status
