# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-usage: the wish for usage in streams, checks before the call, and the report after it."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.gateway.conftest import CHAT, EVENTS, World, policy
from tests.gateway.fakes import Piece
from tests.gateway.test_counting import COUNTED, DONE, LAST, OPENAI, USAGE, WHOLE, WORDS, body, delta, event, pieces_of
from tests.sandbox.gateway.fakes import Verdict

WISH = b'"stream_options":{"include_usage":true}'
ODD = rb' { "stop":[], "n":12345678901234567890, "t":1.0, "a":"\"stream\":0,}{", "x":{"stream":false}, "stream" : true '
BODIES: dict[str, tuple[bytes, bytes]] = {
    "nothing asked": (b'{"stream":true}', b'{"stream":true,' + WISH + b"}"),
    "an odd body": (ODD + b"}\n", ODD + b"," + WISH + b"}\n"),
    "empty options": (
        b'{"stream_options":{ },"stream":true}',
        b'{"stream_options":{"include_usage":true },"stream":true}',
    ),
    "null": (b'{"stream":true,"stream_options": null}', b'{"stream":true,"stream_options": {"include_usage":true}}'),
    "other options": (
        b'{"stream_options":{"x":[1]},"stream":true}',
        b'{"stream_options":{"include_usage":true,"x":[1]},"stream":true}',
    ),
    "not wanted": (
        b'{"stream_options":{"x":1, "include_usage": false},"stream":true}',
        b'{"stream_options":{"x":1, "include_usage": true},"stream":true}',
    ),
    "twice": (
        b'{"stream":false,"stream_options":{"a":1},"stream":true,"stream_options":{}}',
        b'{"stream":false,"stream_options":{"a":1},"stream":true,"stream_options":{"include_usage":true}}',
    ),
    "escaped name": (rb'{"str\u0065am":true}', rb'{"str\u0065am":true,' + WISH + b"}"),
    "beyond memory": (
        b'{"messages":["' + b'\\\\ \\"{' * 60000 + b'"],"stream":true}',
        b'{"messages":["' + b'\\\\ \\"{' * 60000 + b'"],"stream":true,' + WISH + b"}",
    ),
}
UNTOUCHED = [
    b'{"stream":true,"stream_options":{"include_usage":true}}',
    b'{"stream":false}',
    b'{"stream":true,"stream":false}',
    b'{"stream":"maybe"}',
    b'{"a":{"stream":true}}',
    b'{"a":"\\"stream\\":true"}',
    b'{"stream":true,"stream_options":"x"}',
    b'{"stream":true',
    b'["stream",true]',
    b"stream=true",
    b"",
]


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(USAGE)


@pytest.mark.parametrize("case", BODIES)
def test_wish_for_usage(world: World, host: str, case: str) -> None:
    key, (sent, expected) = world.key(), BODIES[case]
    answer, request = world.call(host, key, WHOLE, sent, headers=EVENTS)
    assert request is not None and request.body == expected
    assert request.headers["content-length"] == [str(len(expected))]
    assert answer.body == WHOLE.replace(LAST, b"")
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize("sent", UNTOUCHED)
def test_body_untouched(world: World, host: str, sent: bytes) -> None:
    key = world.key()
    answer, request = world.call(host, key, WHOLE, sent, headers=EVENTS)
    assert request is not None and request.body == sent
    assert answer.body == WHOLE


def test_compressed_body_untouched(world: World, host: str) -> None:
    key, sent = world.key(), gzip.compress(b'{"stream":true}')
    _answer, request = world.call(host, key, WHOLE, sent, headers=EVENTS, send={"Content-Encoding": "gzip"})
    assert request is not None and request.body == sent


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/messages", "/v1/embeddings"])
def test_paths_that_need_no_wish(world: World, host: str, path: str) -> None:
    key, sent = world.key(), b'{"stream":true}'
    answer, request = world.call(host, key, WHOLE, sent, path=path, headers=EVENTS)
    assert request is not None and request.body == sent
    assert answer.body == WHOLE


def test_wish_switched_off(world: World) -> None:
    key, sent = world.key(), b'{"stream":true}'
    host = world.serve(policy("llm-usage", include_usage=False))
    _answer, request = world.call(host, key, WHOLE, sent, headers=EVENTS)
    assert request is not None and request.body == sent


HIDDEN: dict[str, list[Piece]] = {
    "byte by byte": pieces_of(WHOLE, 1, 0.0),
    "every 50 bytes": pieces_of(WHOLE, 50),
    "CRLF": pieces_of(WHOLE.replace(b"\n", b"\r\n"), 19),
    "null before": [event(delta("x", usage=None)), 0.01, LAST, 0.01, DONE],
    "with a choice": [event(delta("x", usage=OPENAI)), DONE],
    "named": [WORDS[0], 0.01, b"event: usage\n" + LAST, DONE],
    "behind a comment": [WORDS[0], 0.02, b": pi", 0.02, b"ng\n", 0.02, LAST[:9], 0.02, LAST[9:], DONE],
    "last and cut": [WORDS[0], 0.01, LAST[:-2]],
    "filter results": [event({"choices": [], "prompt_filter_results": []}), LAST, DONE],
}


@pytest.mark.parametrize("case", HIDDEN)
def test_event_of_usage_is_taken_out(world: World, host: str, case: str) -> None:
    key, pieces = world.key(), HIDDEN[case]
    answer, _request = world.call(host, key, pieces, b'{"stream":true}', headers=EVENTS)
    whole = b"".join(one for one in pieces if isinstance(one, bytes))
    for last in (b"event: usage\n" + LAST, LAST, LAST.replace(b"\n", b"\r\n"), LAST[:-2]):
        whole = whole.replace(last, b"")
    assert (answer.body, answer.cut) == (whole, False)
    assert world.backend.report_of(key) == COUNTED


def test_event_of_usage_is_taken_out_of_a_compressed_stream(world: World, host: str) -> None:
    key, sent = world.key(), gzip.compress(WHOLE)
    headers = {**EVENTS, "Content-Encoding": "gzip"}
    answer, _request = world.call(host, key, pieces_of(sent, 9), b'{"stream":true}', headers=headers)
    assert answer.body == WHOLE.replace(LAST, b"")
    assert "content-encoding" not in answer.headers
    assert world.backend.report_of(key) == COUNTED


def test_nothing_is_held_back(world: World, host: str) -> None:
    key, begun = world.key(), WORDS[0][:-10]
    pieces: list[Piece] = [b": wait", 0.2, b"\n\n", begun, 20.0, WORDS[0][-10:]]
    answer, _request = world.call(host, key, pieces, b'{"stream":true}', headers=EVENTS, leave_after=begun[-8:])
    assert begun in answer.body


def test_stream_with_a_length(world: World, host: str) -> None:
    key = world.key()
    answer, _request = world.call(host, key, WHOLE, b'{"stream":true}', headers=EVENTS, length=len(WHOLE))
    assert (answer.body, answer.cut) == (WHOLE.replace(LAST, b""), False)


def test_check_before_the_call(world: World, host: str) -> None:
    key = world.key()
    world.call(host, key, body())
    zero = {"total_tokens": "0", "prompt_tokens": "0", "completion_tokens": "0"}
    assert world.backend.calls[0].usage == {"hits": "1", **zero}
    world.backend.metrics["total_tokens"] = Verdict(
        409, {"3scale-rejection-reason": "limits_exceeded", "3scale-limit-reset": "60", "3scale-limit-max-value": "50"}
    )
    key = world.key()
    answer, request = world.call(host, key, body())
    assert (answer.status, answer.headers["retry-after"], request) == (429, "60", None)
    answer, request = world.call(host, key, b'{"data":[]}', b"", "/v1/models", "GET")
    assert (answer.status, answer.body) == (200, b'{"data":[]}')


def test_an_unknown_path_stays_one(world: World) -> None:
    host, key = world.serve(USAGE, rules=[("GET", "/", "hits")]), world.key()
    answer, request = world.call(host, key, body())
    assert (answer.status, request) == (404, None)


def test_names_of_metrics(world: World) -> None:
    names = {"total": "all", "prompt": "in", "completion": "", "cached": "", "estimated": ""}
    more = [{"metric": "shadow_all", "counts": "total"}, {"metric": "answers", "counts": "requests"}]
    host = world.serve(policy("llm-usage", metrics=names, check=["total"], report=more))
    key = world.key()
    world.call(host, key, body())
    assert world.backend.calls[0].usage == {"hits": "1", "all": "0"}
    assert world.backend.report_of(key) == {"all": 18, "in": 10, "shadow_all": 18, "answers": 1}


@pytest.mark.parametrize(
    ("weights", "total"),
    [
        ({"input": 0.1, "output": 0.1}, 2),
        ({"input": 2, "output": 3}, 44),
        ({"input": 1, "output": 2, "cached": 0.5}, 24),
        ({"input": 0, "output": 1}, 8),
        ({"input": 0.01, "output": 0}, 1),
    ],
)
def test_weights(world: World, weights: dict[str, float], total: int) -> None:
    host, key = world.serve(policy("llm-usage", weights=weights)), world.key()
    world.call(host, key, body({**OPENAI, "prompt_tokens_details": {"cached_tokens": 4}}))
    assert world.backend.report_of(key) == {**COUNTED, "total_tokens": total, "cached_tokens": 4}


def test_weights_of_a_model(world: World) -> None:
    host = world.serve(policy("llm-usage", weights={"output": 2}, model_weights=[{"model": "big/ü", "input": 10}]))
    for model, total in (("big/ü", 108), ("small", 26)):
        key = world.key()
        world.call(host, key, body(), json.dumps({"model": model}).encode())
        assert world.backend.report_of(key)["total_tokens"] == total


BACKEND: dict[str, Any] = {"owner_type": "BackendApi", "owner_id": 42}


def test_metrics_of_the_backend(world: World) -> None:
    rules = [("POST", "/", "hits"), ("POST", "/v1/", "hits.42", BACKEND)]
    host, key = world.serve(policy("llm-usage", backend_metrics=True, check=["total"]), rules=rules), world.key()
    world.call(host, key, body())
    assert world.backend.calls[0].usage == {"hits": "1", "hits.42": "1", "total_tokens": "0", "total_tokens.42": "0"}
    assert world.backend.report_of(key) == {**COUNTED, **{f"{name}.42": count for name, count in COUNTED.items()}}


def test_shadows_of_the_backend(world: World) -> None:
    rules = [("POST", "/", "hits"), ("POST", "/v1/", "requests.42", BACKEND)]
    more = [{"metric": "shadow_total_tokens", "counts": "total", "of": "backend"}]
    host, key = world.serve(policy("llm-usage", check=["total"], report=more), rules=rules), world.key()
    world.call(host, key, body())
    assert world.backend.calls[0].usage == {"hits": "1", "requests.42": "1", "total_tokens": "0"}
    assert world.backend.report_of(key) == {**COUNTED, "shadow_total_tokens.42": 18}


@pytest.mark.parametrize("status", ["200 OK", "500 Internal"])
def test_count_good_answers_of_the_backend_only(world: World, status: str) -> None:
    rules = [("POST", "/", "chat"), ("POST", "/v1/", "requests.42", BACKEND), ("POST", "/v1/", "other.42", BACKEND)]
    chain = policy("llm-usage", backend_metrics=True, check=[], successful_only=["chat", "requests"])
    host, key = world.serve(chain, rules=rules), world.key()
    world.call(host, key, body(), status=status)
    assert world.backend.calls[0].usage == {"chat": "0", "requests.42": "0", "other.42": "1"}
    world.call(host, key, body({"total_tokens": 1}), status="200 OK" if "500" in status else "500 x")
    usage = world.backend.report_of(key)
    assert (usage["chat"], usage["requests.42"]) == (1, 1)


@pytest.mark.parametrize("status", ["200 OK", "500 Internal", "400 Bad Request"])
@pytest.mark.parametrize(("method", "path"), [("POST", CHAT), ("GET", "/v1/models")])
def test_count_good_answers_only(world: World, status: str, method: str, path: str) -> None:
    host = world.serve(policy("llm-usage", successful_only=["hits"]))
    key = world.key()
    world.call(host, key, body(), path=path, method=method, status=status)
    assert world.backend.calls[0].usage["hits"] == "0"
    good = COUNTED if method == "POST" else {}
    if "200" in status:
        assert world.backend.report_of(key) == {**good, "hits": 1}
    else:
        world.call(host, key, body())
        assert world.backend.report_of(key) == {**COUNTED, "hits": 1}
