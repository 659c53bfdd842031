# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-usage: random streams, cut at random places: tokens counted are tokens sent, bytes delivered are bytes sent."""

from __future__ import annotations

import gzip
import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.conftest import EVENTS, JSON, World, policy
from tests.gateway.fakes import Piece

ALPHABET = [
    "a",
    " ",
    "ü",
    "🦙",
    "\\",
    '"',
    "\n",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "usage",
    '"usage":',
    "data: ",
    "\u2028",
    "\r",
]
STREAMS = 300
OBJECTS = 120


class Case:
    """One answer, made from its seed: the bytes, what of them the client may see, the counts, and the pieces."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.asked = self.random.random() < 0.5
        self.usage = self._usage()
        self.hidden = b""

    def _usage(self) -> dict[str, int]:
        prompt, completion = self.random.randint(1, 9000), self.random.randint(1, 90000)
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    def text(self) -> str:
        return "".join(self.random.choice(ALPHABET) for _ in range(self.random.randint(0, 40)))

    def dump(self, value: object) -> str:
        spaced = self.random.random() < 0.3
        separators = (", ", ": ") if spaced else (",", ":")
        return json.dumps(value, ensure_ascii=self.random.random() < 0.5, separators=separators)

    def event(self, value: object, end: bytes) -> bytes:
        lines = [b": " + self.random.choice([b"ping", b"data: x"])] if self.random.random() < 0.1 else []
        if self.random.random() < 0.1:
            lines.append(b"event: chunk")
        data = self.dump(value).encode()
        first = b"data: " if self.random.random() < 0.8 else b"data:"
        if self.random.random() < 0.1 and b", " in data[:40]:
            before, after = data.split(b", ", 1)
            lines += [first + before + b",", first + after]
        else:
            lines.append(first + data)
        return end.join(lines) + end + end

    def stream(self) -> bytes:
        end = self.random.choice([b"\n", b"\n", b"\n", b"\r\n", b"\r"])
        running, null = self.random.random() < 0.2, self.random.random() < 0.5
        events = []
        for _ in range(self.random.randint(1, 25)):
            chunk: dict[str, object] = {"id": "c", "choices": [{"index": 0, "delta": {"content": self.text()}}]}
            if running:
                chunk["usage"] = self._usage()
            elif null:
                chunk["usage"] = None
            events.append(self.event(chunk, end))
        last = self.event({"id": "c", "choices": [], "usage": self.usage, "x": self.text()}, end)
        self.hidden = b"" if self.asked else last[last.index(end) + len(end) :] if last.startswith(b":") else last
        done = b"data: [DONE]" + end + end if self.random.random() < 0.8 else b""
        return b"".join([*events, last, done])

    def nested(self, depth: int = 0) -> object:
        if depth > 3 or self.random.random() < 0.3:
            return self.random.choice([self.text(), self.random.random(), None, True, -3, {}, []])
        if self.random.random() < 0.5:
            return [self.nested(depth + 1) for _ in range(self.random.randint(0, 5))]
        names = ["usage", "a", self.text(), "total_tokens"]
        return {name: self.nested(depth + 1) for name in self.random.sample(names, self.random.randint(0, 4))}

    def object(self) -> bytes:
        members = [(self.text() + "x", self.nested()) for _ in range(self.random.randint(0, 6))] + [
            ("usage", self.usage)
        ]
        self.random.shuffle(members)
        text = json.dumps(dict(members), ensure_ascii=False, indent=self.random.choice([None, 1, 4]))
        return text.encode()

    def pieces(self, data: bytes) -> list[Piece]:
        cuts = sorted(self.random.sample(range(len(data) + 1), min(self.random.randint(0, 40), len(data))))
        pieces: list[Piece] = []
        for start, stop in zip([0, *cuts], [*cuts, len(data)]):
            pieces.append(data[start:stop])
            if self.random.random() < 0.5:
                pieces.append(0.001)
        return pieces

    def headers(self, kind: dict[str, str]) -> dict[str, str]:
        """Mostly those of its kind; some servers say something else."""
        return (
            kind
            if self.random.random() < 0.8
            else self.random.choice([JSON, EVENTS, {"Content-Type": "text/plain"}, {}])
        )

    @property
    def request(self) -> bytes:
        return b'{"stream":true,"stream_options":{"include_usage":true}}' if self.asked else b'{"stream":true}'


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(policy("llm-usage"))


def check(world: World, host: str, seed: int, streams: bool) -> str | None:
    case, key = Case(seed), world.key()
    whole = case.stream() if streams else case.object()
    request, headers = (case.request, case.headers(EVENTS)) if streams else (b"{}", case.headers(JSON))
    sent, seen = whole, whole.replace(case.hidden, b"", 1)
    if case.random.random() < 0.1:  # then nothing is hidden but where the type says that it is a stream
        sent = gzip.compress(whole)
        seen = seen if headers == EVENTS and not case.asked and streams else sent
        headers = {**headers, "Content-Encoding": "gzip"}
    answer, _request = world.call(host, key, case.pieces(sent), request, headers=headers)
    if answer.body != seen or answer.cut:
        return f"seed {seed}: other bytes than the model sent"
    counted = world.backend.report_of(key)
    return None if counted == case.usage else f"seed {seed}: {counted} counted, {case.usage} sent"


@pytest.mark.parametrize(("streams", "number"), [(True, STREAMS), (False, OBJECTS)], ids=["streams", "objects"])
def test_tokens_counted_are_tokens_sent(world: World, host: str, streams: bool, number: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        faults = list(pool.map(lambda seed: check(world, host, seed, streams), range(number)))
    assert [fault for fault in faults if fault] == []
