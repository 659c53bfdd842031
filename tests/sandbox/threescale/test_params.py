# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters: nesting, and flat, wrapped, missing or wrong attributes as the real server takes them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.threescale.http.params import MalformedBody, nest, pairs_of, query_of
from tests.sandbox.threescale.conftest import TOKEN, Api

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
        ([("a[][b][c]", "1"), ("a[][b][d]", "2")], {"a": [{"b": {"c": "1", "d": "2"}}]}),
        ([("a[b]", "1"), ("a", "2")], {"a": "2"}),
        ([("a", None), ("a[b]", "1")], {"a": {"b": "1"}}),
        ([("[a]", "1"), ("", "2"), ("b[", "3"), ("c]", "4")], {"a": "1", "b[": "3", "c": "4"}),
    ],
)
def test_brackets_nest(pairs: list[tuple[str, str]], nested: dict[str, Any]) -> None:
    assert nest(pairs) == nested


@pytest.mark.parametrize(
    "pairs", [[("a", "1"), ("a[b]", "2")], [("a", "1"), ("a[]", "2")], [("a[]", "1"), ("a[b]", "2")]]
)
def test_a_name_is_of_one_kind(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(MalformedBody):
        nest(pairs)


def test_pairs_of_queries_and_forms() -> None:
    assert query_of("a=1;b=2&c&d=x+y%21=z") == {"a": "1", "b": "2", "c": None, "d": "x y!=z"}
    assert pairs_of("a=text/plain; charset=utf-8&b=2", query=False) == [("a", "text/plain; charset=utf-8"), ("b", "2")]


BAD = (400, {"status": 400, "error": "Bad Request"})


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("?a=%", {}),
        ("?a=1&a[b]=2", {}),
        ("", {"content": b"name=100%", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}),
        ("", {"content": b'{"name": NaN}', "headers": {"Content-Type": "application/json"}}),
    ],
)
def test_what_can_not_be_read(api: Api, query: str, sent: dict[str, Any]) -> None:
    headers = {"Accept": "application/json", **sent.pop("headers", {})}
    assert api.call("POST", SERVICES + query, headers=headers, **sent) == BAD


def test_other_names_of_json_and_no_name_at_all(api: Api) -> None:
    headers = {"Content-Type": "application/vnd.api+json"}
    assert api.call("POST", SERVICES, content=b'{"name": "Json"}', headers=headers)[0] == 201
    signup = b"org_name=Org&username=someone&email=someone@x.io"
    request = api.client.build_request("POST", "/admin/api/signup.json", content=signup, headers={})
    request.headers["Authorization"] = "Basic " + base64.b64encode(f":{TOKEN}".encode()).decode()
    assert api.client.send(request).status_code == 201
    request = api.client.build_request("POST", SERVICES, content=b"name=x", headers=request.headers)
    request.headers["Content-Length"] = "6"
    answer = api.client.send(request)
    assert (answer.status_code, answer.text) == MISSING


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
