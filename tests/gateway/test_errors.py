# SPDX-License-Identifier: GPL-3.0-or-later
"""openai-errors: refusals, limits and redirects as OpenAI's clients understand them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gateway.conftest import CHAT, Answer, World, policy
from tests.gateway.fakes import CUT
from tests.gateway.test_counting import USAGE
from tests.gateway.test_router import MODELS, serve
from tests.sandbox.gateway.fakes import Verdict

PORTAL = "https://maas.example.com"
PATHS = [CHAT, "/v1/models"]
ERRORS = policy("openai-errors", portal=PORTAL, paths=PATHS)
CHAIN = [ERRORS, policy("api-key"), USAGE]
JSON_TEXT = '{"error": {"message": "the product\'s own"}}'


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(*CHAIN, rules=[("POST", "/v1/", "hits"), ("GET", "/v1/", "hits"), ("HEAD", "/", "hits")])


def refused(reset: str = "60", limit: str = "5", reason: str = "limits_exceeded") -> Verdict:
    return Verdict(
        409,
        {
            "3scale-rejection-reason": reason,
            "3scale-limit-remaining": "0",
            "3scale-limit-max-value": limit,
            "3scale-limit-reset": reset,
        },
    )


def error_of(answer: Answer) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert "x-request-id" in answer.headers
    error: dict[str, Any] = json.loads(answer.body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


VERDICTS: dict[str, tuple[Verdict, int, str, str | None]] = {
    "wrong key": (Verdict(403, {"3scale-rejection-reason": "user_key_invalid"}), 401, "invalid_api_key", None),
    "deleted": (Verdict(404, {"3scale-rejection-reason": "application_not_found"}), 401, "invalid_api_key", None),
    "suspended": (refused(reason="application_not_active"), 403, "application_suspended", None),
    "a minute's limit": (refused("42"), 429, "rate_limit_exceeded", "42"),
    "a day's limit": (refused("40000"), 429, "insufficient_quota", "40000"),
    "for ever": (refused("-1"), 429, "insufficient_quota", None),
    "not in the plan": (refused("60", limit="0"), 403, "model_not_in_plan", None),
    "backend broken": (Verdict(503), 503, "service_unavailable", "5"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_refusal_by_the_backend(world: World, host: str, case: str) -> None:
    key, (verdict, status, code, retry) = world.key(), VERDICTS[case]
    world.backend.verdicts[key] = verdict
    answer, request = world.call(host, key)
    error = error_of(answer)
    assert (answer.status, error["code"], request) == (status, code, None)
    assert answer.headers.get("retry-after") == retry
    assert answer.headers.get("x-should-retry") == ("false" if code == "insufficient_quota" else None)
    assert PORTAL in error["message"] or status == 503
    assert key not in error["message"]


def test_backend_down(world: World, host: str) -> None:
    world.backend.down = True
    answer, _request = world.call(host, world.key())
    assert (answer.status, error_of(answer)["code"]) == (503, "service_unavailable")


def test_no_key(world: World, host: str) -> None:
    for path in (CHAT, "/nowhere"):
        answer, _request = world.call(host, "", path=path)
        assert (answer.status, error_of(answer)["code"]) == (401, "invalid_api_key")
        assert "did not provide" in error_of(answer)["message"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nowhere", f"Unknown path /nowhere. There is {CHAT}, /v1/models."),
        ("/chat/completions?a=b", "Add /v1 to the base address."),
    ],
)
def test_unknown_path(world: World, host: str, path: str, words: str) -> None:
    answer, _request = world.call(host, world.key(), path=path)
    error = error_of(answer)
    assert (answer.status, error["code"]) == (404, "unknown_url")
    assert words in error["message"]


def test_path_of_no_backend(world: World) -> None:
    host = serve(world, ERRORS, policy("api-key"))
    answer, request = world.call(host, world.key(), path="/v1/x")
    assert (answer.status, error_of(answer)["code"], request) == (404, "unknown_url", None)


def test_no_content_for_head(world: World, host: str) -> None:
    answer, _request = world.call(host, "stranger", method="HEAD", path="/v1/models")
    assert (answer.status, answer.body) == (401, b"")


def test_the_products_own_texts_stay(world: World) -> None:
    own: dict[str, Any] = {
        "error_auth_failed": JSON_TEXT,
        "error_headers_auth_failed": "application/json",
        "error_status_auth_failed": 401,
    }
    host = world.serve(*CHAIN, **own)
    answer, _request = world.call(host, "stranger")
    assert (answer.status, answer.body.decode()) == (401, JSON_TEXT)
    world.backend.down = True  # but not where they would not be true
    answer, _request = world.call(host, world.key())
    assert answer.status == 503


def test_refusals_of_other_policies(world: World) -> None:
    host = world.serve(*CHAIN, policy("maintenance_mode", status=403, message="Closed"))
    answer, _request = world.call(host, world.key())
    assert (answer.status, error_of(answer)["code"]) == (403, None)


def test_a_policy_that_fails(world: World) -> None:
    host = world.serve(*CHAIN, policy("headers", request=[{"op": "nonsense", "header": "X", "value": "y"}]))
    answer, request = world.call(host, world.key())
    assert (answer.status, error_of(answer)["code"], request) == (503, "service_unavailable", None)


def test_a_model_that_is_not_there(world: World) -> None:
    host = world.serve(*CHAIN, api_backend="http://127.0.0.1:9")
    answer, _request = world.call(host, world.key())
    assert (answer.status, error_of(answer)["code"]) == (502, "model_unreachable")


def test_a_model_that_breaks_off_at_once(world: World, host: str) -> None:
    key = world.key()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.gateway.fakes.Script.head", lambda _script: b"")
        answer, _request = world.call(host, key, [CUT])
    assert (answer.status, error_of(answer)["code"]) == (502, "model_unreachable")


def test_a_model_that_is_too_slow(world: World) -> None:
    host = world.serve(ERRORS, policy("api-key"), policy("upstream_connection", read_timeout=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.gateway.fakes.Script.head", lambda _script: b"")
        answer, _request = world.call(host, world.key(), [2.0])
    assert (answer.status, error_of(answer)["code"]) == (504, "model_timeout")


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "401 Unauthorized", "404 Not Found", "429 Slow", "502 Bad", "503 Busy"]
)
def test_errors_of_the_model_pass(world: World, host: str, status: str) -> None:
    answer, _request = world.call(
        host, world.key(), b"<b>mine</b>", status=status, headers={"Content-Type": "text/html"}
    )
    assert (answer.status, answer.body) == (int(status[:3]), b"<b>mine</b>")
    assert answer.headers["content-type"] == "text/html"


def test_errors_of_the_router_pass(world: World) -> None:
    host = serve(world, ERRORS, policy("api-key"), policy("llm-router", models=MODELS))
    answer, _request = world.call(host, world.key(), body=b'{"model":"x"}')
    assert (answer.status, error_of(answer)["code"]) == (404, "model_not_found")
    answer, _request = world.call(host, "stranger", path="/v1/models", method="GET")
    assert (answer.status, error_of(answer)["code"]) == (401, "invalid_api_key")


def test_request_id(world: World, host: str) -> None:
    answer, request = world.call(host, world.key())
    assert request is not None and request.headers["x-request-id"] == [answer.headers["x-request-id"]]
    answer, request = world.call(host, world.key(), send={"X-Request-Id": "mine"})
    assert request is not None and request.headers["x-request-id"] == ["mine"]
    answer, _request = world.call(host, world.key(), headers={"X-Request-Id": "theirs"})
    assert answer.headers["x-request-id"] == "theirs"


REDIRECTS = [
    ("{model}/v1/x/?a=b", "/v1/x/?a=b"),
    ("http://10.0.0.7:8080/v1/x/", "/v1/x/"),
    ("https://granite.llm-hosting.svc.cluster.local/v1/x/", "/v1/x/"),
    ("http://granite:8080", "/"),
    ("//granite.ns.svc/v1/x/", "/v1/x/"),
    ("http://[fd00::1]:80/y", "/y"),
    ("/v1/x/", "/v1/x/"),
    ("x/", "x/"),
    ("https://docs.example.com/v1/x/", "https://docs.example.com/v1/x/"),
]


@pytest.mark.parametrize(("location", "shown"), REDIRECTS)
def test_redirects(world: World, host: str, location: str, shown: str) -> None:
    headers = {"Location": location.format(model=world.model.url)}
    answer, _request = world.call(
        host, world.key(), b"", path="/v1/x", status="307 Temporary", headers=headers, length=0
    )
    assert (answer.status, answer.headers["location"]) == (307, shown)


def test_redirect_of_a_backend_with_a_path(world: World) -> None:
    host = serve(world, ERRORS, policy("api-key"), policy("llm-router", models=MODELS))
    headers = {"Location": f"{world.model.url}/base/v1/chat/completions/"}
    answer, _request = world.call(
        host, world.key(), b"", b'{"model":"org/nomic"}', status="308 Permanent", headers=headers, length=0
    )
    assert answer.headers["location"] == "/v1/chat/completions/"
