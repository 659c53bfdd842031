# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-usage: what answers of all kinds count, and that the client gets them as the model sent them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.gateway.conftest import CHAT, EVENTS, JSON, World, policy
from tests.gateway.fakes import Piece

USAGE = policy("llm-usage")
COUNTED = {"total_tokens": 18, "prompt_tokens": 10, "completion_tokens": 8}
OPENAI: dict[str, Any] = {"prompt_tokens": 10, "completion_tokens": 8, "total_tokens": 18}
STREAM = b'{"model":"m","stream":true,"stream_options":{"include_usage":true}}'


@pytest.fixture(scope="module")
def host(running: World) -> str:
    """A product that counts tokens, with the policy's defaults."""
    return running.serve(USAGE)


def event(value: Any, end: str = "\n") -> bytes:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"data: {text}{end}{end}".encode()


def delta(text: str, **more: Any) -> dict[str, Any]:
    return {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}], **more}


WORDS = [event(delta(text)) for text in ("Grüße", " aus", ' dem "usage"', " \\Tal\n", " 🦙")]
LAST = event({"id": "c", "choices": [], "usage": OPENAI})
DONE = event("[DONE]")
WHOLE = b"".join([*WORDS, LAST, DONE])


def body(usage: Any = OPENAI, **more: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": 'He said \\"usage\\": {"usage": 3} "usage"'}}
    return json.dumps({"id": "c", "choices": [choice], "usage": usage, **more}).encode()


def pieces_of(data: bytes, size: int, pause: float = 0.0005) -> list[Piece]:
    cut: list[Piece] = []
    for start in range(0, len(data), size):
        cut += [data[start : start + size], pause]
    return cut


def named(*values: dict[str, Any]) -> bytes:
    """Events that are named as their type says."""
    return b"".join(b"event: " + str(one["type"]).encode() + b"\n" + event(one) for one in values)


ANTHROPIC = named(
    {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 10, "output_tokens": 1}}},
    {"type": "ping"},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 8}},
    {"type": "message_stop"},
)
RESPONSES = named(
    {"type": "response.created", "response": {"id": "r", "usage": None}},
    {"type": "response.output_text.delta", "delta": "Hi"},
    {
        "type": "response.completed",
        "response": {
            "output": [{"text": "x" * 9000}],
            "usage": {"input_tokens": 10, "output_tokens": 8, "total_tokens": 18},
        },
    },
)
FILLED = body(data=[{"embedding": [0.25, -1e-3] * 60000, "index": 0}])
RUNNING = b"".join(
    event(delta("x", usage={"prompt_tokens": 10, "completion_tokens": done, "total_tokens": 10 + done}))
    for done in range(1, 9)
)
TWO_LINES = b'data: {"choices":[],\ndata: "usage":' + json.dumps(OPENAI).encode() + b"}\n\n"
NO_SPACE = WHOLE.replace(b"data: ", b"data:")

STREAMS: dict[str, bytes | list[Piece]] = {
    "plain": WHOLE,
    "events one by one": [*WORDS, 0.01, LAST, 0.01, DONE],
    "cut every 37 bytes": pieces_of(WHOLE, 37),
    "byte by byte": pieces_of(WHOLE, 1, 0.0),
    "inside data:": [WHOLE[:2], 0.02, WHOLE[2:]],
    "CRLF": WHOLE.replace(b"\n", b"\r\n"),
    "CRLF byte by byte": pieces_of(WHOLE.replace(b"\n", b"\r\n"), 1, 0.0),
    "comments": b": ping\n\n" + WHOLE.replace(LAST, b": ping\n\n" + LAST),
    "named events and ids": WHOLE.replace(b"data:", b"event: chunk\nid: 7\nretry: 5\ndata:"),
    "no space": NO_SPACE,
    "two data lines": b"".join([*WORDS, TWO_LINES, DONE]),
    "no [DONE]": b"".join([*WORDS, LAST]),
    "no blank line at the end": b"".join([*WORDS, LAST[:-1]]),
    "no newline at the end": b"".join([*WORDS, LAST[:-2]]),
    "usage with the last choice": b"".join([*WORDS, event(delta("", usage=OPENAI)), DONE]),
    "running usage": RUNNING + DONE,
    "null before": b"".join([*(event(delta("x", usage=None)) for _ in range(4)), LAST, DONE]),
    "error in the middle": b"".join([WORDS[0], b"event: error\n", event({"error": {"message": "x"}}), LAST]),
    "broken event before": b"".join([event('{"usage": {"total_tokens": 5'), LAST, DONE]),
    "array and number": b"".join([event("[1]"), event("7"), event('"usage"'), LAST]),
    "Anthropic": ANTHROPIC,
    "Anthropic in pieces": pieces_of(ANTHROPIC, 11),
    "responses": RESPONSES,
    "responses in pieces": pieces_of(RESPONSES, 1000),
}


@pytest.mark.parametrize("case", STREAMS)
def test_stream(world: World, host: str, case: str) -> None:
    key, sent = world.key(), STREAMS[case]
    answer, _request = world.call(host, key, sent, STREAM, headers=EVENTS)
    whole = sent if isinstance(sent, bytes) else b"".join(one for one in sent if isinstance(one, bytes))
    assert (answer.status, answer.body, answer.cut) == (200, whole, False)
    assert world.backend.report_of(key) == COUNTED


def details(cached: int) -> dict[str, Any]:
    return {**OPENAI, "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": None}}


INPUT = {"input_tokens": 10, "output_tokens": 8}
OBJECTS: dict[str, tuple[bytes, dict[str, int]]] = {
    "usage last": (body(), COUNTED),
    "usage first": (
        b'{"usage":' + json.dumps(OPENAI).encode() + b',"results":[{"usage":{"total_tokens":3}}]}',
        COUNTED,
    ),
    "white space": (json.dumps(json.loads(body()), indent=3).encode(), COUNTED),
    "three megabytes": (body(filler=["ä" * 500] * 3000), COUNTED),
    "an embedding": (FILLED, COUNTED),
    "decoys inside": (
        b'{"a":{"usage":{"total_tokens":999}},"b":"\\"usage\\":{\\"total_tokens\\":5}","usage":'
        + json.dumps(OPENAI).encode()
        + b',"c":[{"usage":{"total_tokens":7}}],"d":"}\\\\"}',
        COUNTED,
    ),
    "fractions": (body({"prompt_tokens": 10.0, "completion_tokens": 7.5, "total_tokens": 18.0}), COUNTED),
    "texts": (body({"prompt_tokens": "10", "completion_tokens": "8", "total_tokens": "18"}), COUNTED),
    "exponents": (body().replace(b"18", b"1.8e1").replace(b"10", b"1e+1"), COUNTED),
    "nonsense in the total": (body({**OPENAI, "total_tokens": 1e15}), COUNTED),
    "negative": (body({**OPENAI, "total_tokens": -3}), COUNTED),
    "null in it": (body({**OPENAI, "total_tokens": None, "prompt_tokens_details": None}), COUNTED),
    "cached": (body(details(4)), {**COUNTED, "cached_tokens": 4}),
    "embeddings": (body({"prompt_tokens": 9, "total_tokens": 9}), {"total_tokens": 9, "prompt_tokens": 9}),
    "rerank": (b'{"results":[],"usage":{"total_tokens":9}}', {"total_tokens": 9, "prompt_tokens": 9}),
    "Cohere": (b'{"results":[],"meta":{"billed_units":{"input_tokens":9}}}', {"total_tokens": 9, "prompt_tokens": 9}),
    "responses": (body(INPUT), COUNTED),
    "messages with a cache": (
        body({**INPUT, "input_tokens": 3, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 2}),
        {**COUNTED, "cached_tokens": 5},
    ),
    "transcription": (b'{"text":"hi","usage":{"type":"tokens","input_tokens":10,"output_tokens":8}}', COUNTED),
    "breaks off behind": (body()[:-1] + b', "x": [1, {', COUNTED),
}


@pytest.mark.parametrize("case", OBJECTS)
def test_object(world: World, host: str, case: str) -> None:
    key, (sent, counted) = world.key(), OBJECTS[case]
    answer, _request = world.call(host, key, sent, headers=JSON, length=len(sent))
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, sent, str(len(sent)))
    assert world.backend.report_of(key) == counted


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/problem+json", "text/plain", ""])
def test_object_in_pieces_of_any_type(world: World, host: str, kind: str) -> None:
    key, headers = world.key(), {"Content-Type": kind} if kind else {}
    answer, _request = world.call(host, key, pieces_of(body(), 7), headers=headers)
    assert answer.body == body()
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize("kind", ["text/event-stream; charset=utf-8", "TEXT/EVENT-STREAM", ""])
def test_stream_of_any_type(world: World, host: str, kind: str) -> None:
    key, headers = world.key(), {"Content-Type": kind} if kind else {}
    answer, _request = world.call(host, key, WHOLE, STREAM, headers=headers)
    assert answer.body == WHOLE
    assert world.backend.report_of(key) == COUNTED


COMPRESSED: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("encoding", COMPRESSED)
@pytest.mark.parametrize(("whole", "headers"), [(body(), JSON), (WHOLE, EVENTS)], ids=["object", "stream"])
def test_compressed_all_the_same(world: World, host: str, encoding: str, whole: bytes, headers: dict[str, str]) -> None:
    key, sent = world.key(), COMPRESSED[encoding](whole)
    answer, request = world.call(
        host,
        key,
        pieces_of(sent, 23),
        STREAM,
        headers={**headers, "Content-Encoding": encoding},
        send={"Accept-Encoding": "gzip"},
    )
    assert answer.body == sent
    assert request is not None and request.headers["accept-encoding"] == ["identity"]
    assert world.backend.report_of(key) == COUNTED


def test_two_versions_side_by_side(world: World) -> None:
    """A product moves to a new version while others are served by the old one."""
    for version in ("1.1", "1.0", "1.1"):
        key, host = world.key(), world.serve({**USAGE, "version": version})
        sent = gzip.compress(body())
        answer, _request = world.call(host, key, sent, headers={**JSON, "Content-Encoding": "gzip"})
        assert (answer.status, answer.body) == (200, sent)
        assert world.backend.report_of(key) == COUNTED
    assert "failed to load policy: llm-usage" not in world.logged()


def test_tokens_in_a_header(world: World, host: str) -> None:
    key = world.key()
    world.call(host, key, b"[[1]]", path="/embed", headers={**JSON, "x-compute-tokens": "18"})
    assert world.backend.report_of(key) == {"total_tokens": 18, "prompt_tokens": 18}


def test_seconds_of_sound(world: World, host: str) -> None:
    key, upload = world.key(), {"Content-Type": "multipart/form-data; boundary=x"}
    sent = b'{"text":"Hello","usage":{"type":"duration","seconds":3}}'
    sound = bytes(range(256)) * 900
    _answer, request = world.call(host, key, sent, sound, path="/v1/audio/transcriptions", send=upload)
    assert request is not None and request.body == sound
    usage = world.backend.report_of(key)
    assert (usage["prompt_tokens"], usage["estimated_tokens"]) == (30, usage["total_tokens"])


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "500 Internal", "302 Found", "204 No Content"])
def test_errors_and_empty_answers_count_nothing(world: World, host: str, status: str) -> None:
    key, sent = world.key(), b"" if "204" in status else body()
    answer, _request = world.call(host, key, sent, status=status, length=len(sent))
    assert answer.body == sent
    assert_counts_nothing(world, host, key)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/models"), ("HEAD", CHAT), ("POST", "/tokenize"), ("POST", CHAT + "/x"), ("GET", CHAT)],
)
def test_what_spends_no_tokens(world: World, host: str, method: str, path: str) -> None:
    key = world.key()
    answer, request = world.call(host, key, body(), b"", path, method, send={"Accept-Encoding": "gzip"})
    assert request is not None and request.headers["accept-encoding"] == ["gzip"]
    assert answer.body == (b"" if method == "HEAD" else body())
    assert all(call.usage == {"hits": "1"} for call in world.backend.calls)
    assert_counts_nothing(world, host, key)


def assert_counts_nothing(world: World, host: str, key: str) -> None:
    """A later call of the same key is the only one that is reported."""
    world.call(host, key, body())
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize(
    "path", ["/v1/completions", "/v1/chat/completions/", "//v1//messages", "/x/v1/res%70onses?a=b"]
)
def test_paths_that_spend_tokens(world: World, host: str, path: str) -> None:
    key = world.key()
    _answer, request = world.call(host, key, body(), path=path)
    assert request is not None
    assert world.backend.report_of(key) == COUNTED


def test_what_the_gateway_refuses_counts_nothing(world: World, host: str) -> None:
    answer, request = world.call(host, "wrong")
    assert (answer.status, request) == (403, None)
    assert world.backend.settled("wrong") == []


def test_a_model_that_is_not_there(world: World) -> None:
    host, key = world.serve(USAGE, api_backend="http://127.0.0.1:9"), world.key()
    answer, _request = world.call(host, key)
    assert answer.status == 502
    world.call(world.serve(USAGE), key, body())
    assert world.backend.report_of(key) == COUNTED
