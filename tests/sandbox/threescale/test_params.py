# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters: nesting, and flat, wrapped, missing or wrong attributes as the real server takes them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.threescale.http.params import nest
from tests.sandbox.threescale.conftest import Api

SERVICES = "/admin/api/services.json"
MISSING = (400, "Required parameter missing: service")
WRONG = (422, "Wrong type for parameter: service")


@pytest.mark.parametrize(
    ("pairs", "nested"),
    [
        ([("a", "1"), ("a", "2")], {"a": "2"}),
        ([("a[b]", "1"), ("a[c][d]", "2")], {"a": {"b": "1", "c": {"d": "2"}}}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("a[][b]", "1"), ("a[][c]", "2"), ("a[][b]", "3")], {"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
        ([("usage[hits]", "1"), ("x", "")], {"usage": {"hits": "1"}, "x": ""}),
    ],
)
def test_brackets_nest(pairs: list[tuple[str, str]], nested: dict[str, Any]) -> None:
    assert nest(pairs) == nested


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ({"json": {"name": "Flat"}}, "Flat"),
        ({"json": {"service": {"name": "Wrapped"}}}, "Wrapped"),
        ({"json": {"name": "dropped", "service": {"name": "Wrapper wins"}}}, "Wrapper wins"),
        ({"data": {"name": "Form"}}, "Form"),
        ({"data": {"service[name]": "Form wrapped"}}, "Form wrapped"),
        ({"files": {"name": (None, "Multipart")}}, "Multipart"),
        ({"params": {"service[name]": "Query"}}, "Query"),
        ({"params": {"service[name]": "Query"}, "json": {"description": "x"}}, "Query"),
        ({"json": {"name": 5}}, "5"),
        ({"params": {"name": "never wrapped"}}, MISSING),
        ({"json": {}}, MISSING),
        ({"json": {"nonsense": 1}}, MISSING),
        ({"json": [1]}, MISSING),
        ({"json": 5}, MISSING),
        ({"content": "name=x", "headers": {"Content-Type": "text/plain"}}, MISSING),
        ({"json": {"service": None}}, MISSING),
        ({"json": {"service": 5}}, WRONG),
        ({"data": {"service": ""}}, WRONG),
    ],
)
def test_attributes_of_a_product(api: Api, sent: dict[str, Any], answer: str | tuple[int, str]) -> None:
    body = (
        {"system_name": "made_here"}
        if isinstance(answer, str) and "json" in sent and "service" not in sent["json"]
        else {}
    )
    if body and "params" not in sent:
        sent = {"json": {**sent["json"], **body}}
    response = api.send("POST", SERVICES, **sent)
    if isinstance(answer, tuple):
        assert (response.status_code, response.text) == answer
    else:
        assert response.status_code == 201, response.text
        assert response.json()["service"]["name"] == answer


@pytest.mark.parametrize(
    ("accept", "status", "media_type", "body"),
    [
        ("*/*", 400, "text/html", ""),
        ("application/json", 400, "application/json", '{"status":400,"error":"Bad Request"}'),
    ],
)
def test_malformed_json_is_answered_by_accept(api: Api, accept: str, status: int, media_type: str, body: str) -> None:
    headers = {"Content-Type": "application/json", "Accept": accept}
    response = api.send("POST", SERVICES, content='{"name": ', headers=headers)
    assert (response.status_code, response.headers["content-type"].split(";")[0], response.text) == (
        status,
        media_type,
        body,
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [(True, True), (False, False), ("true", True), ("false", False), ("1", True), (0, False), (None, None), ("", None)],
)
def test_booleans(api: Api, value: Any, kept: bool | None) -> None:
    status, answer = api.call("PUT", "/admin/api/services/2.json", {"buyer_can_select_plan": value})
    assert status == 200
    assert answer["service"].get("buyer_can_select_plan") is kept
