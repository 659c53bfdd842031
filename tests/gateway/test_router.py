# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-router: one product over several models."""

from __future__ import annotations

import filecmp
import json
from typing import Any

import pytest

from tests.gateway.conftest import CHAT, EVENTS, World, policy
from tests.gateway.test_counting import COUNTED, LAST, WHOLE, body
from tests.sandbox.gateway.conftest import SHIPPED
from tests.sandbox.gateway.fakes import Verdict

MODELS: list[dict[str, Any]] = [
    {"name": "granite", "path": "/granite", "aliases": ["gpt-4o", 'a"b'], "owned_by": "ibm", "created": 7},
    {"name": "org/nomic", "path": "/nomic", "served_name": "nomic-embed"},
    {"name": "gone", "path": "/gone"},
]
ROUTER = policy("llm-router", models=MODELS)
OFF = Verdict(409, {"3scale-rejection-reason": "limits_exceeded", "3scale-limit-max-value": "0"})
USED_UP = Verdict(409, {"3scale-rejection-reason": "limits_exceeded", "3scale-limit-max-value": "50"})


def serve(world: World, *chain: dict[str, Any]) -> str:
    """A product over three backends, with the routing that 3scale puts before `apicast`."""
    rules: list[tuple[Any, ...]] = [("POST", "/", "hits")]
    targets = []
    for number, (model, base) in enumerate(zip(MODELS, ("", "/base", "")), 41):
        owner = {"owner_type": "BackendApi", "owner_id": number}
        rules.append(("POST", f"{model['path']}/v1/", f"hits.{number}", owner))
        condition = {
            "operations": [{"match": "path", "op": "matches", "value": f"^({model['path']}/.*|{model['path']}/?)"}]
        }
        replace = "{{uri | remove_first: '" + model["path"] + "'}}"
        targets.append(
            {"url": world.model.url + base, "owner_id": number, "condition": condition, "replace_path": replace}
        )
    entries = [*chain, policy("routing", rules=targets), policy("apicast")]
    return world.serve(*entries, rules=rules, api_backend=None)


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return serve(running, policy("api-key"), ROUTER, policy("llm-usage", backend_metrics=True, check=["total"]))


def named(model: str, **more: Any) -> bytes:
    return json.dumps({"messages": [], "model": model, **more}).encode()


@pytest.mark.parametrize(
    ("sent", "path", "expected", "number"),
    [
        (named("granite"), CHAT, named("granite"), 41),
        (named("org/nomic"), "/base" + CHAT, named("nomic-embed"), 42),
        (named("gpt-4o", n=1.0), CHAT, named("granite", n=1.0), 41),
        (named('a"b'), CHAT, named("granite"), 41),
        (rb'{"a":"\"model\":\"x\"","mod\u0065l" : "gr\u0061nite" }', CHAT, None, 41),
        (b'{"model":"gone","model":"granite"}', CHAT, None, 41),
        (
            b'{"big":"' + b"{\\\\" * 60000 + b'","model":"gpt-4o"}',
            CHAT,
            b'{"big":"' + b"{\\\\" * 60000 + b'","model":"granite"}',
            41,
        ),
    ],
)
def test_model_chooses_the_backend(
    world: World, host: str, sent: bytes, path: str, expected: bytes | None, number: int
) -> None:
    key = world.key()
    answer, request = world.call(host, key, body(), sent)
    assert (answer.status, answer.body) == (200, body())
    assert request is not None and (request.path, request.body) == (path, expected or sent)
    usage = {"hits": "1", f"hits.{number}": "1", "total_tokens": "0", f"total_tokens.{number}": "0"}
    assert world.backend.calls[0].usage == usage
    counted = {**COUNTED, **{f"{name}.{number}": count for name, count in COUNTED.items()}}
    assert world.backend.report_of(key) == counted


def test_query_and_stream_and_alias_together(world: World, host: str) -> None:
    key, sent = world.key(), named("gpt-4o", stream=True)
    answer, request = world.call(host, key, WHOLE, sent, CHAT + "?a=b%20c", headers=EVENTS)
    wish = b', "stream": true,"stream_options":{"include_usage":true}}'
    assert request is not None and request.path == CHAT + "?a=b%20c"
    assert request.body == named("granite")[:-1] + wish
    assert answer.body == WHOLE.replace(LAST, b"")


def form(model: str, sound: bytes, first: bool) -> bytes:
    name = f'--b0\r\nContent-Disposition: form-data; name="model"\r\n\r\n{model}\r\n'.encode()
    file = b'--b0\r\nContent-Disposition: form-data; name="file"; filename="model"\r\n\r\n' + sound + b"\r\n"
    return (name + file if first else file + name) + b"--b0--\r\n"


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("size", [10, 300000, 3_000_000])
@pytest.mark.parametrize(("sent", "served"), [("granite", "granite"), ("gpt-4o", "granite")])
def test_uploads(world: World, host: str, first: bool, size: int, sent: str, served: str) -> None:
    sound = (b'\r\n--b\r\n\r\nname="model"\r\n\r\ngone' * (size // 30 + 1))[:size]
    upload = {"Content-Type": 'multipart/form-data; boundary="b0"'}
    path = "/v1/audio/transcriptions"
    answer, request = world.call(host, world.key(), b"{}", form(sent, sound, first), path, send=upload)
    assert answer.status == 200
    assert request is not None and (request.path, request.body) == (path, form(served, sound, first))


@pytest.mark.parametrize(
    ("sent", "status", "code", "words"),
    [
        (named("gpt-5"), 404, "model_not_found", "`gpt-5` does not exist. There is granite, org/nomic, gone."),
        (b'{"messages":[]}', 400, None, "must name a model. There is granite,"),
        (b'{"model":7}', 400, None, "must name a model"),
        (b"", 400, None, "must name a model"),
        (b'{"model":"granite"', 400, None, "must name a model"),
    ],
)
def test_no_such_model(world: World, host: str, sent: bytes, status: int, code: str | None, words: str) -> None:
    key = world.key()
    answer, request = world.call(host, key, b"{}", sent)
    error = json.loads(answer.body)["error"]
    assert (answer.status, answer.headers["content-type"], request) == (status, "application/json", None)
    assert (error["code"], error["param"], error["type"]) == (code, "model", "invalid_request_error")
    assert words in error["message"]
    assert all(call.path == "/transactions/authorize.xml" for call in world.backend.calls)
    stranger, _request = world.call(host, "stranger", b"{}", sent)
    assert (stranger.status, b"granite" in stranger.body) == (403, False)


def test_default_model(world: World) -> None:
    host = serve(world, policy("api-key"), policy("llm-router", models=MODELS, default_model="org/nomic"))
    _answer, request = world.call(host, world.key(), b"{}", b'{"messages":[]}')
    assert request is not None and request.path == "/base" + CHAT


def test_backend_in_the_path(world: World, host: str) -> None:
    _answer, request = world.call(host, world.key(), b"{}", named("nonsense"), "/granite" + CHAT)
    assert request is not None and (request.path, request.body) == (CHAT, named("nonsense"))


@pytest.mark.parametrize("path", [CHAT, "/nomic" + CHAT])
def test_headers_of_one_model(world: World, path: str) -> None:
    own = [{"header": "Authorization", "value": "Bearer PARTNER"}, {"header": "X-Team", "value": ""}]
    models = [MODELS[0], {**MODELS[1], "headers": own}]
    for keys in ([policy("api-key")], []):  # with a policy that takes the developer's key away, and without
        host = serve(world, *keys, policy("llm-router", models=models))
        _answer, request = world.call(host, world.key(), b"{}", named("org/nomic"), path, send={"X-Team": "blue"})
        assert request is not None and request.headers["authorization"] == ["Bearer PARTNER"]
        assert "x-team" not in request.headers
        key = world.key()
        _answer, request = world.call(host, key, b"{}", named("granite"), send={"X-Team": "blue"})
        assert request is not None and request.headers["x-team"] == ["blue"]
        assert request.headers.get("authorization", [key]) == [key]
        refused, request = world.call(host, "stranger", b"{}", named("org/nomic"), path)
        assert (refused.status, request) == (403, None)


GRANITE = {"id": "granite", "object": "model", "created": 7, "owned_by": "ibm"}
NOMIC = {"id": "org/nomic", "object": "model", "created": 0, "owned_by": "3scale"}


def test_list_of_the_plan(world: World, host: str) -> None:
    key = world.key()
    world.backend.metrics["hits.43"] = OFF
    for _ in range(2):
        answer, request = world.call(host, key, path="/v1/models", method="GET")
        assert (answer.status, request, answer.headers["content-type"]) == (200, None, "application/json")
        assert json.loads(answer.body) == {"object": "list", "data": [GRANITE, NOMIC]}
    paths = [call.path for call in world.backend.calls]
    assert paths == ["/transactions/authorize.xml"] * 5  # the plan is asked about once
    refused, _request = world.call(host, key, path="/v1/models/gone", method="GET")
    assert (refused.status, json.loads(refused.body)["error"]["code"]) == (404, "model_not_found")
    other, _request = world.call(host, world.key(), path="/v1/models", method="GET")
    assert len(json.loads(other.body)["data"]) == 2
    world.backend.metrics.clear()
    third, _request = world.call(host, world.key(), path="/v1/models", method="GET")
    assert len(json.loads(third.body)["data"]) == 3


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/models/granite", GRANITE),
        ("/v1/models/gpt-4o", GRANITE),
        ("/v1/models/org/nomic", NOMIC),
        ("/v1/models/org%2Fnomic/", NOMIC),
    ],
)
def test_one_model(world: World, host: str, path: str, shown: dict[str, Any]) -> None:
    answer, _request = world.call(host, world.key(), path=path, method="GET")
    assert (answer.status, json.loads(answer.body)) == (200, shown)


def test_list_without_content(world: World, host: str) -> None:
    answer, _request = world.call(host, world.key(), path="/v1/models", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    empty = serve(world, policy("api-key"), policy("llm-router", models=[]))
    answer, _request = world.call(empty, world.key(), path="/v1/models", method="GET")
    assert json.loads(answer.body) == {"object": "list", "data": []}


def test_list_is_for_keys(world: World, host: str) -> None:
    answer, _request = world.call(host, "stranger", path="/v1/models", method="GET")
    assert (answer.status, answer.body) == (403, b"Authentication failed")
    answer, _request = world.call(host, "", path="/v1/models", method="GET")
    assert answer.body == b"Authentication parameters missing"
    world.backend.verdicts["used-up"] = USED_UP
    answer, _request = world.call(host, "used-up", path="/v1/models", method="GET")
    assert answer.status == 200


def test_model_that_the_plan_switches_off(world: World, host: str) -> None:
    world.backend.metrics["hits.43"] = OFF
    answer, request = world.call(host, world.key(), b"{}", named("gone"))
    assert (answer.status, request) == (403, None)


def test_shared_file_is_the_same() -> None:
    one, other = (SHIPPED / name / "1.0" / "json_members.lua" for name in ("llm-usage", "llm-router"))
    assert filecmp.cmp(one, other, shallow=False)
