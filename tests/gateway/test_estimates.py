# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-usage: answers that do not tell their usage are counted by what was seen, and marked."""

from __future__ import annotations

import pytest

from tests.gateway.conftest import EVENTS, JSON, World, policy
from tests.gateway.fakes import CUT, Piece
from tests.gateway.test_counting import ANTHROPIC, DONE, LAST, OPENAI, USAGE, WORDS, body


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(USAGE)


ASKED = b'{"messages":[{"role":"user","content":"' + b"How are you today? " * 10 + b'"}]}'
SEEN: dict[str, tuple[list[Piece], dict[str, str]]] = {
    "no usage": ([body(None)], JSON),
    "no usage in a stream": ([*WORDS, DONE], EVENTS),
    "zeros": ([body(dict.fromkeys(OPENAI, 0))], JSON),
    "nothing that can be used": ([body({"total_tokens": "many", "prompt_tokens": -1})], JSON),
    "empty": ([], JSON),
    "broken": ([b'{"choices":[{"mess'], JSON),
    "text": ([b"Hello there, how are you?"], {"Content-Type": "text/plain"}),
    "not what its header says": ([b"no gzip at all"], {**JSON, "Content-Encoding": "gzip"}),
    "an unknown encoding": ([b"\x1b\x03\x00"], {**JSON, "Content-Encoding": "br"}),
    "cut off": ([*WORDS, 0.05, CUT], EVENTS),
    "cut off behind the beginning": ([ANTHROPIC[: ANTHROPIC.index(b"event: message_delta")], 0.05, CUT], EVENTS),
}


@pytest.mark.parametrize("case", SEEN)
def test_estimate(world: World, host: str, case: str) -> None:
    key, (pieces, headers) = world.key(), SEEN[case]
    answer, _request = world.call(host, key, pieces, ASKED, headers=headers)
    assert answer.body == b"".join(one for one in pieces if isinstance(one, bytes))
    assert answer.cut == (CUT in pieces)
    usage = world.backend.report_of(key)
    assert usage["total_tokens"] == usage["estimated_tokens"]
    if "beginning" in case:
        assert (usage["prompt_tokens"], usage["total_tokens"] > 11) == (10, True)
    else:
        assert usage["prompt_tokens"] == -(-len(ASKED) // 4)
        assert (usage.get("completion_tokens", 0) > 0) == (case != "empty")


def test_estimate_of_what_was_seen_alone(world: World) -> None:
    host, key = world.serve(policy("llm-usage", missing_usage="seen")), world.key()
    world.call(host, key, [*WORDS, DONE], ASKED, headers=EVENTS)
    usage = world.backend.report_of(key)
    assert "prompt_tokens" not in usage
    assert usage["completion_tokens"] == usage["total_tokens"] == usage["estimated_tokens"] >= len(WORDS)


def test_client_that_leaves(world: World, host: str) -> None:
    key = world.key()
    world.call(host, key, [*WORDS, 3.0, LAST], ASKED, headers=EVENTS, leave_after=b"Tal")
    usage = world.backend.report_of(key)
    assert usage["estimated_tokens"] == usage["total_tokens"] >= -(-len(ASKED) // 4) + 4


def test_estimates_of_embeddings_leave_the_answer_out(world: World, host: str) -> None:
    key, asked = world.key(), b'{"input":"0123456789"}'
    world.call(host, key, b"[[" + b"0.25," * 5000 + b"1]]", asked, path="/embed")
    assert world.backend.report_of(key) == {"total_tokens": 6, "prompt_tokens": 6, "estimated_tokens": 6}
