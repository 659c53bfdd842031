# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-usage and llm-router: requests as no client should send them, and as some do."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import time

import pytest

from tests.gateway.conftest import CHAT, EVENTS, World, policy, read_answer
from tests.gateway.fakes import Script
from tests.gateway.test_counting import COUNTED, LAST, OPENAI, USAGE, WHOLE, body
from tests.gateway.test_router import MODELS, named, serve
from tests.gateway.test_usage_request import WISH

ASKED = b'{"stream":true,' + WISH + b"}"


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(USAGE)


def chunked(data: bytes, size: int) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


BODIES: dict[str, tuple[bytes, bytes]] = {
    "mark of UTF-8": (b'\xef\xbb\xbf{"stream":true}', b"\xef\xbb\xbf" + ASKED),
    "white space around": (b' \r\n\t{"stream":true}\n\n', b" \r\n\t" + ASKED + b"\n\n"),
    "something behind": (b'{"stream":true}{"stream":false}', ASKED + b'{"stream":false}'),
    "spaces before the value": (b'{"stream"  :\n true}', b'{"stream"  :\n true,' + WISH + b"}"),
    "an escaped name": (rb'{"\u0073tream":true}', rb'{"\u0073tream":true,' + WISH + b"}"),
    "an escaped name of options": (
        rb'{"stream":true,"stream\u005foptions":{"include_usage":false}}',
        rb'{"stream":true,"stream\u005foptions":{"include_usage":true}}',
    ),
    "an escaped wish": (
        rb'{"stream":true,"stream_options":{"include\u005fusage":false}}',
        rb'{"stream":true,"stream_options":{"include\u005fusage":true}}',
    ),
    "a stream of 1": (b'{"stream":1}', b'{"stream":1,' + WISH + b"}"),
    "a stream of yes": (b'{"stream": "Yes"}', b'{"stream": "Yes",' + WISH + b"}"),
    "a wish of 0": (
        b'{"stream":true,"stream_options":{"include_usage":0}}',
        b'{"stream":true,"stream_options":{"include_usage":true}}',
    ),
    "a wish of null": (
        b'{"stream":true,"stream_options":{"include_usage": null , "x":{}}}',
        b'{"stream":true,"stream_options":{"include_usage": true , "x":{}}}',
    ),
    "options twice": (
        b'{"stream_options":{"include_usage":true},"stream":true,"stream_options":null}',
        b'{"stream_options":{"include_usage":true},"stream":true,"stream_options":{"include_usage":true}}',
    ),
    "false, then true": (
        b'{"stream":false,"x":[],"stream":true}',
        b'{"stream":false,"x":[],"stream":true,' + WISH + b"}",
    ),
    "decoys": (
        b'{"messages":[{"content":"\\"stream\\":false}","stream":false}],"tools":[{"stream":false}],"stream":true}',
        b'{"messages":[{"content":"\\"stream\\":false}","stream":false}],"tools":[{"stream":false}],"stream":true,'
        + WISH
        + b"}",
    ),
    "deep": (
        b'{"x":' + b"[" * 3000 + b"]" * 3000 + b',"stream":true}',
        b'{"x":' + b"[" * 3000 + b"]" * 3000 + b',"stream":true,' + WISH + b"}",
    ),
    "many, and not too many": (
        b'{"x":[' + b"{}," * 450_000 + b'{}],"stream":true}',
        b'{"x":[' + b"{}," * 450_000 + b'{}],"stream":true,' + WISH + b"}",
    ),
    "large on disk": (
        b'{"stream":true,"messages":["' + b"x" * 2_000_000 + b'"]}',
        b'{"stream":true,"messages":["' + b"x" * 2_000_000 + b'"],' + WISH + b"}",
    ),
}


@pytest.mark.parametrize("case", BODIES)
@pytest.mark.parametrize("in_chunks", [False, True], ids=["with a length", "in chunks"])
def test_wish_for_usage(world: World, host: str, case: str, in_chunks: bool) -> None:
    key, (sent, expected) = world.key(), BODIES[case]
    more = {"Content-Length": "", "Transfer-Encoding": "chunked"} if in_chunks else {}
    wire = chunked(sent, 70_000) if in_chunks else sent
    answer, request = world.call(host, key, WHOLE, wire, headers=EVENTS, send=more)
    assert request is not None and request.body == expected
    assert request.headers["content-length"] == [str(len(expected))]
    assert "transfer-encoding" not in request.headers
    assert answer.body == WHOLE.replace(LAST, b"")
    assert world.backend.report_of(key) == COUNTED


def test_a_body_that_would_keep_the_worker_busy(world: World, host: str) -> None:
    """Nobody has checked the key yet: it is passed on as it came, and the answer estimated where it has to be."""
    key, sent = world.key(), b'{"stream":true,"x":[' + b"{}," * 520_000 + b"{}]}"
    answer, request = world.call(host, key, WHOLE, sent, headers=EVENTS)
    assert request is not None and request.body == sent
    assert answer.body == WHOLE
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize("case", ["spaces before the value", "large on disk"])
def test_a_client_that_asks_before_it_sends(world: World, host: str, case: str) -> None:
    key, (sent, expected) = world.key(), BODIES[case]
    world.model.scripts[key] = Script([WHOLE], headers=EVENTS)
    head = (
        f"POST {CHAT} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {key}\r\nX-Script: {key}\r\n"
        f"Content-Length: {len(sent)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", world.port), timeout=30) as client:
        client.sendall(head.encode())
        told = client.recv(1000)
        client.sendall(sent)
        answer = read_answer(client)
    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert world.model.seen[key].body == expected
    assert "expect" not in world.model.seen[key].headers
    assert answer.body == WHOLE.replace(LAST, b"")
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "text/plain", "APPLICATION/JSON", "application/x-y", ""]
)
def test_wish_whatever_the_type(world: World, host: str, kind: str) -> None:
    key = world.key()
    _answer, request = world.call(host, key, WHOLE, b'{"stream":true}', headers=EVENTS, send={"Content-Type": kind})
    assert request is not None and request.body == ASKED
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize("encoding", ["identity", "br"])
def test_an_encoding_that_is_none(world: World, host: str, encoding: str) -> None:
    """Model servers don't look at the header either."""
    key, plain = world.key(), {"Content-Encoding": encoding}
    _answer, request = world.call(host, key, WHOLE, b'{"stream":true}', headers=EVENTS, send=plain)
    assert request is not None and request.body == ASKED
    assert world.backend.report_of(key) == COUNTED


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_estimate_for_a_compressed_request(world: World, host: str, encoding: str) -> None:
    key, sent = world.key(), gzip.compress(bytes(range(256)) * 8)
    _answer, request = world.call(host, key, body(None), sent, send={"Content-Encoding": encoding})
    assert request is not None and request.body == sent
    assert world.backend.report_of(key)["prompt_tokens"] == -(-len(sent) // 4)


@pytest.mark.parametrize(
    "sent",
    [
        b'{"stream":true,"stream_options":{"include_usage":true,"x":null}}',
        b'{"stream":true,"stream_options":{"include_usage":"yes"}}',
        b'{"stream":0}',
        b'{"stream":"true"x}',
        b"{",
        b"\xff\xfe{",
    ],
)
def test_untouched(world: World, host: str, sent: bytes) -> None:
    key = world.key()
    answer, request = world.call(host, key, WHOLE, sent, headers=EVENTS)
    assert request is not None and request.body == sent
    assert answer.body == WHOLE
    assert world.backend.report_of(key) == COUNTED


def test_two_requests_on_one_connection(world: World, host: str) -> None:
    """The second finds nothing of the first."""
    key = world.key()
    world.model.scripts["first"], world.model.scripts["second"] = (world_script(WHOLE), world_script(WHOLE))
    client = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
    got = []
    for name, sent in (("first", b'{"stream":true}'), ("second", b'{"stream":true,' + WISH + b"}")):
        client.request("POST", CHAT, sent, {"Host": host, "Authorization": key, "X-Script": name})
        got.append(client.getresponse().read())
    client.close()
    assert got == [WHOLE.replace(LAST, b""), WHOLE]
    totals = [usage["total_tokens"] for usage in wait_for_reports(world, key, 2 * OPENAI["total_tokens"])]
    assert sum(totals) == 2 * OPENAI["total_tokens"]


def world_script(whole: bytes) -> Script:
    return Script([whole], headers=EVENTS)


def wait_for_reports(world: World, key: str, total: int) -> list[dict[str, int]]:
    deadline = time.monotonic() + 10
    while sum(one["total_tokens"] for one in world.backend.settled(key)) < total and time.monotonic() < deadline:
        time.sleep(0.01)
    return world.backend.settled(key)


ROUTED: dict[str, bytes] = {
    "mark of UTF-8": b"\xef\xbb\xbf" + named("org/nomic"),
    "white space around": b"\n " + named("org/nomic") + b"\n",
    "escaped": rb'{"mod\u0065l":"org\/nomic"}',
    "named twice": b'{"model":"granite","model":"org/nomic"}',
    "inside too": b'{"x":{"model":"granite"},"model":"org/nomic","y":"\\"model\\":\\"granite\\""}',
    "large on disk": b'{"messages":["' + b"x" * 2_000_000 + b'"],"model":"org/nomic"}',
}


@pytest.mark.parametrize("case", ROUTED)
@pytest.mark.parametrize("in_chunks", [False, True], ids=["with a length", "in chunks"])
def test_model_chooses_the_backend(world: World, case: str, in_chunks: bool) -> None:
    host, key, sent = serve(world, policy("api-key"), policy("llm-router", models=MODELS)), world.key(), ROUTED[case]
    more = {"Content-Length": "", "Transfer-Encoding": "chunked"} if in_chunks else {}
    _answer, request = world.call(host, key, body(), chunked(sent, 70_000) if in_chunks else sent, send=more)
    assert request is not None and request.path == "/base" + CHAT
    assert json.loads(request.body.decode("utf-8-sig"))["model"] == "nomic-embed"


def test_a_path_that_no_server_has(world: World) -> None:
    host = serve(world, policy("openai-errors"), policy("api-key"), policy("llm-router", models=MODELS))
    answer, request = world.call(host, world.key(), body(), named("granite"), "/v1/chat%0acompletions")
    assert (answer.status, request) == (404, None)


@pytest.mark.parametrize("path", [CHAT + "%3Fx", "/granite" + CHAT + "%3F"])
def test_a_question_mark_in_the_path(world: World, path: str) -> None:
    """3scale's routing takes it for the beginning of the query, and the model works."""
    host = serve(world, policy("api-key"), policy("llm-router", models=MODELS), USAGE)
    key = world.key()
    _answer, request = world.call(host, key, WHOLE, b'{"model":"granite","stream":true}', path, headers=EVENTS)
    assert request is not None and request.path.split("?")[0] == CHAT
    assert world.backend.report_of(key) == COUNTED
