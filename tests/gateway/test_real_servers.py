# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-usage: answers in the shapes of real servers, and the ways in which connections fail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gateway.conftest import EVENTS, JSON, World, policy
from tests.gateway.fakes import CUT, Piece
from tests.gateway.test_counting import (
    COUNTED,
    DONE,
    INPUT,
    LAST,
    OPENAI,
    STREAM,
    USAGE,
    WHOLE,
    WORDS,
    body,
    delta,
    event,
    named,
    pieces_of,
)

TOLD = json.dumps(OPENAI)
RESPONSE = {**INPUT, "total_tokens": 18, "output_tokens_details": {"reasoning_tokens": 4}}
HALF = "\\ud83d"  # of a character that JSON writes in two parts


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(USAGE)


def running_usage(done: int) -> dict[str, Any]:
    """vLLM's with continuous_usage_stats."""
    told = {"prompt_tokens": 10, "total_tokens": 10 + done, "completion_tokens": done, "prompt_tokens_details": None}
    return delta("x", usage=told)


STREAMS: dict[str, bytes] = {
    "vLLM, usage all along": b"".join([*(event(running_usage(done)) for done in range(9)), LAST, DONE]),
    "vLLM, reasoning": b"".join(
        [
            event({"choices": [{"index": 0, "delta": {"reasoning_content": "hm"}}]}),
            event({"choices": [], "usage": {**OPENAI, "completion_tokens_details": {"reasoning_tokens": 6}}}),
            DONE,
        ]
    ),
    "llama.cpp": b"".join(
        [*WORDS, event({"choices": [{"delta": {}}], "usage": OPENAI, "timings": {"usage": 3}}), DONE]
    ),
    "response.incomplete": named({"type": "response.incomplete", "response": {"usage": RESPONSE}}),
    "response.failed": named({"type": "response.failed", "response": {"error": {"code": "x"}, "usage": RESPONSE}}),
    "transcript.text.done": named(
        {"type": "transcript.text.delta", "delta": "x"},
        {"type": "transcript.text.done", "usage": {"type": "tokens", **INPUT, "input_token_details": {}}},
    ),
    "half a character beside the usage": event(
        '{"choices":[{"delta":{"content":"' + HALF + '"}}],"usage":' + TOLD + "}"
    ),
    "half a character in a response": event(
        '{"type":"response.completed","response":{"output":[{"text":"a' + HALF + '"}],"usage":' + TOLD + "}}"
    ),
    "very deep": event('{"choices":[{"delta":' + "[" * 1500 + "]" * 1500 + '}],"usage":' + TOLD + "}"),
    "no blank lines": WHOLE.replace(b"\n\n", b"\n"),
    "no blank lines, CRLF": WHOLE.replace(b"\n\n", b"\r\n"),
    "one blank line at the end": WHOLE.replace(b"\n\n", b"\n") + b"\n",
    "over many lines": b"data: "
    + json.dumps({"choices": [], "usage": OPENAI}, indent=1).replace("\n", "\ndata: ").encode(),
    "a comment that speaks of usage": b': {"usage": {"total_tokens": 9}}\n\n'
    + LAST
    + b': {"usage": {"total_tokens": 9}}\n\n',
    "total of 0": event({"choices": [], "usage": {**OPENAI, "total_tokens": 0}}) + DONE,
}


@pytest.mark.parametrize("case", STREAMS)
@pytest.mark.parametrize("size", [7, 100_000], ids=["in pieces", "at once"])
def test_stream(world: World, host: str, case: str, size: int) -> None:
    key, sent = world.key(), STREAMS[case]
    answer, _request = world.call(host, key, pieces_of(sent, size, 0.0), STREAM, headers=EVENTS)
    assert (answer.body, answer.cut) == (sent, False)
    assert world.backend.report_of(key) == COUNTED


def test_very_long_event(world: World, host: str) -> None:
    """Such as one with pictures in it."""
    output = [{"type": "image_generation_call", "result": "A" * 5_000_000}]
    key, sent = world.key(), named({"type": "response.completed", "response": {"output": output, "usage": RESPONSE}})
    answer, _request = world.call(host, key, sent, STREAM, path="/v1/responses", headers=EVENTS)
    assert answer.body == sent
    assert world.backend.report_of(key) == COUNTED


def test_long_stream_without_blank_lines(world: World, host: str) -> None:
    """Each piece is looked at once, however long the one event has become."""
    key, lines = world.key(), WORDS[0][:-1] * 20
    sent: list[Piece] = [lines] * 2000
    answer, _request = world.call(host, key, [*sent, LAST[:-1]], STREAM, headers=EVENTS, patience=10)
    assert answer.body == lines * 2000 + LAST[:-1]
    assert world.backend.report_of(key) == COUNTED


CACHED = {**COUNTED, "cached_tokens": 2}
PROMPT = {"total_tokens": 18, "prompt_tokens": 18}
OBJECTS: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "total of 0": ({"usage": {**OPENAI, "total_tokens": 0}}, COUNTED),
    "nothing but a total": ({"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 18}}, PROMPT),
    "vLLM, score": (
        {
            "data": [],
            "usage": {"prompt_tokens": 18, "total_tokens": 18, "completion_tokens": 0, "prompt_tokens_details": None},
        },
        PROMPT,
    ),
    "Anthropic, cache": (
        {
            "usage": {
                "input_tokens": 3,
                "cache_creation_input_tokens": 5,
                "cache_read_input_tokens": 2,
                "output_tokens": 8,
                "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 0},
            }
        },
        CACHED,
    ),
    "realtime": ({"usage": {**INPUT, "total_tokens": 18, "input_token_details": {"cached_tokens": 2}}}, CACHED),
    "Cohere, tokens": ({"meta": {"billed_units": {"search_units": 1}, "tokens": INPUT}}, COUNTED),
}


@pytest.mark.parametrize("case", OBJECTS)
def test_object(world: World, host: str, case: str) -> None:
    key, (sent, counted) = world.key(), OBJECTS[case]
    world.call(host, key, json.dumps(sent).encode())
    assert world.backend.report_of(key) == counted


def test_embeddings_in_binary(world: World, host: str) -> None:
    key, told = world.key(), {"usage": {"prompt_tokens": 18, "total_tokens": 18}, "data": [{"index": 0, "end": 4}]}
    headers = {"Content-Type": "application/octet-stream", "metadata": json.dumps(told)}
    answer, _request = world.call(host, key, b'{"\x00\xff', path="/v1/embeddings", headers=headers)
    assert answer.body == b'{"\x00\xff'
    assert world.backend.report_of(key) == PROMPT


def answered(first: str, *headers: str) -> bytes:
    """The head of an answer."""
    return "\r\n".join([first, *headers, "", ""]).encode()


TYPE, SIZE = "Content-Type: application/json", len(body())
IN_CHUNKS = b'%x;a=b;c="d"\r\n%s\r\n0;x\r\nX-T: 1\r\n\r\n' % (SIZE, body())
RAW: dict[str, bytes] = {
    "extensions and a trailer": answered("HTTP/1.1 200 OK", TYPE, "Transfer-Encoding: chunked") + IN_CHUNKS,
    "HTTP/1.0": answered("HTTP/1.0 200 OK", TYPE) + body(),
    "odd case": answered("HTTP/1.1 200", 'content-TYPE:application/JSON;charset="UTF-8"', f"cOnTent-lenGth: {SIZE}")
    + body(),
    "created": answered("HTTP/1.1 201 Created", TYPE, f"Content-Length: {SIZE}") + body(),
}


@pytest.fixture
def no_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script is all that the model sends, its head included."""
    monkeypatch.setattr("tests.gateway.fakes.Script.head", lambda _script: b"")


@pytest.mark.usefixtures("no_head")
@pytest.mark.parametrize("case", RAW)
def test_wire(world: World, host: str, case: str) -> None:
    key = world.key()
    answer, _request = world.call(host, key, [RAW[case]], length=-1)
    assert answer.body == body()
    assert world.backend.report_of(key) == COUNTED


ESTIMATED = {"total_tokens": 10, "prompt_tokens": 10, "estimated_tokens": 10}


@pytest.mark.usefixtures("no_head")
@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Ty"], ids=["nothing", "half a head"])
def test_model_that_breaks_off_before_it_answers(world: World, host: str, begun: bytes) -> None:
    key = world.key()
    answer, _request = world.call(host, key, [begun, CUT], b"x" * 40, length=-1)
    assert answer.status == 502
    assert world.backend.report_of(key) == ESTIMATED


@pytest.mark.usefixtures("no_head")
def test_model_that_does_not_answer_in_time(world: World) -> None:
    host = world.serve(policy("openai-errors"), policy("upstream_connection", read_timeout=1), USAGE)
    key = world.key()
    answer, _request = world.call(host, key, [3.0], b"x" * 40, length=-1)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (504, "model_timeout")
    assert world.backend.report_of(key) == ESTIMATED


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Unavailable", "504 Timeout"])
def test_error_of_the_model_itself(world: World, host: str, status: str) -> None:
    key = world.key()
    world.call(host, key, b"{}", status=status, headers=JSON)
    world.call(host, key, body())
    assert world.backend.report_of(key) == COUNTED
