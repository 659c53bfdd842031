# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-usage: answers as no server should send them, and as some do."""

from __future__ import annotations

import gzip
import json
import socket
import time
import zlib
from typing import Any

import pytest

from tests.gateway.conftest import CHAT, EVENTS, JSON, World, read_answer
from tests.gateway.fakes import CUT, Piece, Script
from tests.gateway.test_counting import (
    COUNTED,
    DONE,
    INPUT,
    LAST,
    OPENAI,
    STREAM,
    TWO_LINES,
    USAGE,
    WHOLE,
    WORDS,
    body,
    delta,
    event,
    pieces_of,
)

MANY = body(filler=['He said "so". ' * 40] * 3_000)
RETURNS = WHOLE.replace(b"\n", b"\r")
MIXED = WORDS[0] + WORDS[1].replace(b"\n", b"\r\n") + LAST.replace(b"\n", b"\r") + DONE


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(USAGE)


def whole_of(pieces: list[Piece]) -> bytes:
    return b"".join(one for one in pieces if isinstance(one, bytes))


STREAMS: dict[str, list[Piece]] = {
    "ends of lines are returns": [RETURNS],
    "returns, byte by byte": pieces_of(RETURNS, 1, 0.0),
    "all ends of lines": [MIXED],
    "all ends of lines, byte by byte": pieces_of(MIXED, 1, 0.0),
    "mark of UTF-8": [b"\xef\xbb\xbf" + LAST + DONE],
    "blank lines first": [b"\n\n\r\n", 0.01, WHOLE],
    "two lines and returns": [WORDS[0], TWO_LINES.replace(b"\n", b"\r\n"), DONE],
    "several choices": [
        event({"choices": [{"index": n, "delta": {"content": "x"}} for n in range(3)], "usage": OPENAI}),
        DONE,
    ],
    "called tools speak of usage": [
        event(delta("", tool_calls=[{"function": {"arguments": '{"usage": {"total_tokens": 9999}}'}}])),
        event({"choices": [{"delta": {"usage": {"total_tokens": 777}, "tool_calls": []}}], "usage": None}),
        LAST,
    ],
    "nothing counted before": [event(delta("x", usage=dict.fromkeys(OPENAI, 0))), LAST, DONE],
    "nothing counted behind": [*WORDS, LAST, event(delta("", usage=dict.fromkeys(OPENAI, 0))), DONE],
    "named twice": [event('{"choices":[],"usage":{"total_tokens":3},"usage":' + json.dumps(OPENAI) + "}")],
    "with other words": [WHOLE.replace(b"data:", b"id:\ndata:").replace(LAST, b"junk\n" + LAST)],
}


def message(start: dict[str, Any], *deltas: dict[str, Any]) -> bytes:
    """Anthropic's events that tell usage, alone."""
    told = [{"type": "message_start", "message": {"usage": start}}]
    return b"".join(event(one) for one in [*told, *({"type": "message_delta", "usage": usage} for usage in deltas)])


MESSAGES: dict[str, bytes] = {
    "all in the end": message({"input_tokens": 0, "output_tokens": 0}, INPUT),
    "a 0 in the end": message({"input_tokens": 10, "output_tokens": 1}, {"input_tokens": 0, "output_tokens": 8}),
    "several": message({"input_tokens": 10, "output_tokens": 1}, {"output_tokens": 3}, {"output_tokens": 8}),
    "cached, told twice": message(
        {"input_tokens": 3, "cache_read_input_tokens": 7, "output_tokens": 1},
        {"input_tokens": 3, "cache_read_input_tokens": 7, "output_tokens": 8},
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_messages(world: World, host: str, case: str) -> None:
    key, sent = world.key(), MESSAGES[case]
    answer, _request = world.call(host, key, sent, STREAM, path="/v1/messages", headers=EVENTS)
    assert answer.body == sent
    assert world.backend.report_of(key) == {**COUNTED, **({"cached_tokens": 7} if "cached" in case else {})}


@pytest.mark.parametrize("case", STREAMS)
@pytest.mark.parametrize("hidden", [False, True], ids=["asked", "hidden"])
def test_stream(world: World, host: str, case: str, hidden: bool) -> None:
    key, pieces = world.key(), STREAMS[case]
    answer, _request = world.call(host, key, pieces, b'{"stream":true}' if hidden else STREAM, headers=EVENTS)
    assert (answer.status, answer.cut) == (200, False)
    if hidden and "choices" not in case and "twice" not in case:
        assert b'"total_tokens": 18' not in answer.body
        assert answer.body.count(b"[DONE]") == whole_of(pieces).count(b"[DONE]")
    elif not hidden:
        assert answer.body == whole_of(pieces)
    assert world.backend.report_of(key) == COUNTED


WRONG: dict[str, tuple[list[Piece], dict[str, str]]] = {
    "events called JSON": ([WHOLE], JSON),
    "events called JSON, byte by byte": (pieces_of(WHOLE, 1, 0.0), JSON),
    "events called text": (pieces_of(WHOLE, 3, 0.0), {"Content-Type": "text/plain; charset=utf-8"}),
    "events without a type": (pieces_of(WHOLE, 1, 0.0), {}),
    "a comment first": ([b": ping\n\n", 0.01, WHOLE], {}),
    "white space first": ([b"\n", 0.01, b" \n", 0.01, WHOLE], JSON),
    "JSON called events": ([body()], EVENTS),
    "JSON called events, in pieces": (pieces_of(b"\n " + body(), 2, 0.0), EVENTS),
    "JSON called HTML": ([body()], {"Content-Type": "text/html"}),
    "mark of UTF-8": ([b"\xef\xbb\xbf" + body()], JSON),
    "several objects": ([b'{"a":1}\n', body(), b"\n"], {"Content-Type": "application/x-ndjson"}),
    "several objects, in pieces": (pieces_of(b'{"a":1}{"usage":{"total_tokens":2}}' + body() + b"\n", 5), JSON),
    "an object after the usage": ([body(), b'\n{"done":true}\n'], JSON),
    "garbage behind": ([body(), b"\n<!-- served by x -->"], JSON),
}


@pytest.mark.parametrize("case", WRONG)
def test_not_of_its_type(world: World, host: str, case: str) -> None:
    key, (pieces, headers) = world.key(), WRONG[case]
    answer, _request = world.call(host, key, pieces, STREAM, headers=headers)
    assert (answer.status, answer.body, answer.cut) == (200, whole_of(pieces), False)
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize("length", [None, len(WHOLE)], ids=["chunked", "with a length"])
def test_usage_is_hidden_in_events_of_another_type(world: World, host: str, length: int | None) -> None:
    key = world.key()
    answer, _request = world.call(host, key, pieces_of(WHOLE, 4), b'{"stream":true}', headers=JSON, length=length)
    assert (answer.body, answer.cut) == (WHOLE if length else WHOLE.replace(LAST, b""), False)
    assert world.backend.report_of(key) == COUNTED


def test_a_word_that_is_held_back_is_sent_in_the_end(world: World, host: str) -> None:
    key = world.key()
    answer, _request = world.call(host, key, [b"da", 0.01, b"ta"], STREAM, headers={"Content-Type": "text/plain"})
    assert (answer.body, answer.cut) == (b"data", False)


def bare(data: bytes) -> bytes:
    """Deflate without zlib's head, as many servers send it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


COMPRESSED: dict[str, tuple[bytes, bytes, dict[str, str]]] = {
    "bare deflate": (bare(body()), body(), {**JSON, "Content-Encoding": "deflate"}),
    "bare deflate, events": (bare(WHOLE), WHOLE, {**EVENTS, "Content-Encoding": "deflate"}),
    "gzip called deflate": (gzip.compress(body()), body(), {**JSON, "Content-Encoding": "deflate"}),
    "several parts": (
        b"".join(gzip.compress(WHOLE[at : at + 50]) for at in range(0, len(WHOLE), 50)),
        WHOLE,
        {**EVENTS, "Content-Encoding": "gzip"},
    ),
    "x-gzip, type in capitals": (
        gzip.compress(body()),
        body(),
        {"Content-Type": "Application/JSON", "Content-Encoding": "X-GZip"},
    ),
    "garbage behind": (gzip.compress(body()) + b"\0\0", body(), {**JSON, "Content-Encoding": "gzip"}),
    "not compressed": (body(), body(), {**JSON, "Content-Encoding": "identity"}),
}


@pytest.mark.parametrize("case", COMPRESSED)
@pytest.mark.parametrize("size", [1, 1000])
def test_compressed(world: World, host: str, case: str, size: int) -> None:
    key, (sent, _text, headers) = world.key(), COMPRESSED[case]
    answer, _request = world.call(host, key, pieces_of(sent, size, 0.0), STREAM, headers=headers)
    assert answer.body == sent
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize("case", ["bare deflate, events", "several parts"])
def test_usage_is_hidden_in_what_is_compressed(world: World, host: str, case: str) -> None:
    key, (sent, text, headers) = world.key(), COMPRESSED[case]
    answer, _request = world.call(host, key, pieces_of(sent, 7), b'{"stream":true}', headers=headers)
    assert (answer.body, "content-encoding" in answer.headers) == (text.replace(LAST, b""), False)
    assert world.backend.report_of(key) == COUNTED


USAGES: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "Anthropic's numbers beside OpenAI's": (
        {**OPENAI, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 2},
        {**COUNTED, "cached_tokens": 4},
    ),
    "Anthropic's, none cached": (
        {**INPUT, "cache_read_input_tokens": 0, "cache_creation_input_tokens": None},
        COUNTED,
    ),
    "responses with details": (
        {**INPUT, "total_tokens": 18, "input_tokens_details": {"cached_tokens": 4}, "output_tokens_details": {}},
        {**COUNTED, "cached_tokens": 4},
    ),
    "more cached than asked": ({**OPENAI, "prompt_cache_hit_tokens": 4000}, {**COUNTED, "cached_tokens": 10}),
    "too large for a count": ({**OPENAI, "total_tokens": 10**30}, COUNTED),
    "true and lists": ({**OPENAI, "total_tokens": True, "completion_tokens_details": [1]}, COUNTED),
    "thought but not shown": ({**OPENAI, "completion_tokens": 5}, {**COUNTED, "completion_tokens": 5}),
}


@pytest.mark.parametrize("case", USAGES)
def test_usage(world: World, host: str, case: str) -> None:
    key, (usage, counted) = world.key(), USAGES[case]
    world.call(host, key, body(usage))
    assert world.backend.report_of(key) == counted


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r"])
def test_cut_off_behind_the_usage(world: World, host: str, ending: bytes) -> None:
    key = world.key()
    answer, _request = world.call(host, key, [*WORDS, LAST[:-2] + ending, 0.05, CUT], STREAM, headers=EVENTS)
    assert answer.cut
    assert world.backend.report_of(key) == COUNTED


def test_client_that_leaves_behind_the_usage(world: World, host: str) -> None:
    key = world.key()
    world.call(host, key, [*WORDS, LAST[:-1], 20.0, DONE], STREAM, headers=EVENTS, leave_after=LAST[-9:-1])
    assert world.backend.report_of(key) == COUNTED


def test_client_that_leaves_before_anything_came(world: World, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model has begun to work all the same."""
    key, head = world.key(), b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    monkeypatch.setattr("tests.gateway.fakes.Script.head", lambda _script: b"")
    with pytest.raises(TimeoutError):
        world.call(host, key, [1.0, head + body()], patience=0.3, length=-1)
    assert world.backend.report_of(key)["total_tokens"] >= 1


@pytest.mark.parametrize(("stream", "headers"), [(body(), JSON), (WHOLE, EVENTS)], ids=["object", "stream"])
def test_client_of_http_1_0(world: World, host: str, stream: bytes, headers: dict[str, str]) -> None:
    key = world.key()
    answer, _request = world.call(host, key, stream, b'{"stream":true}', headers=headers, version="1.0")
    assert (answer.status, answer.body) == (200, stream.replace(LAST, b""))
    assert "transfer-encoding" not in answer.headers
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize(("sent", "headers"), [(MANY, JSON), (WORDS[0] * 12_000 + LAST + DONE, EVENTS)])
def test_client_that_reads_slowly(world: World, host: str, sent: bytes, headers: dict[str, str]) -> None:
    """What it has not read yet waits in a file of the gateway's."""
    key = world.key()
    world.model.scripts[key] = Script([sent], headers=headers)
    asked = b'{"stream":true}'
    head = (
        f"POST {CHAT} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {key}\r\nX-Script: {key}\r\n"
        f"Content-Length: {len(asked)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", world.port), timeout=30) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(head.encode() + asked)
        time.sleep(0.5)
        answer = read_answer(client)
    assert (answer.body == sent.replace(LAST, b""), answer.cut) == (True, False)
    assert world.backend.report_of(key) == COUNTED


def test_many_headers(world: World, host: str) -> None:
    key, many = world.key(), {f"X-Many-{n}": "x" for n in range(120)}
    sent = gzip.compress(WHOLE)
    headers = {**many, **EVENTS, "Content-Encoding": "gzip"}
    answer, _request = world.call(host, key, sent, b'{"stream":true}', headers=headers, send=many)
    assert answer.body == WHOLE.replace(LAST, b"")
    assert world.backend.report_of(key) == COUNTED
