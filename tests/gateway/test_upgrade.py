# SPDX-License-Identifier: GPL-3.0-or-later
"""A new version of a policy beside the old one: clients that call all the time lose no request, and no token."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.conftest import EVENTS, JSON, Answer, World, gateway, policy
from tests.gateway.fakes import Piece
from tests.gateway.test_counting import COUNTED, STREAM, WHOLE, body

NEW = {**policy("llm-usage", report=[{"metric": "by_the_new_one", "counts": "requests"}]), "version": "2.0"}
OLD = policy("llm-usage")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gateway of its own, which reads promoted configurations every second."""
    with gateway(tmp_path, production_cache=1) as made:
        yield made


class Caller:
    """Calls a host again and again, with answers that take a moment, and keeps what it gets."""

    def __init__(self, world: World, host: str, pieces: list[Piece], request: bytes, headers: dict[str, str]) -> None:
        self.world, self.host, self.key = world, host, world.key()
        self.pieces, self.request, self.headers = pieces, request, headers
        self.answers: list[Answer | BaseException] = []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.done.is_set():
            try:
                answer, _ = self.world.call(self.host, self.key, self.pieces, self.request, headers=self.headers)
                self.answers.append(answer)
            except BaseException as problem:
                self.answers.append(problem)

    def lost(self) -> list[Answer | BaseException]:
        """What was no whole answer."""
        wanted = b"".join(piece for piece in self.pieces if isinstance(piece, bytes))
        return [
            one for one in self.answers if isinstance(one, BaseException) or (one.status, one.body) != (200, wanted)
        ]

    def counted(self) -> dict[str, int]:
        """All that was reported for it."""
        found: dict[str, int] = {}
        for usage in self.world.backend.settled(self.key):
            for metric, amount in usage.items():
                found[metric] = found.get(metric, 0) + amount
        return found


@contextmanager
def calling(*callers: Caller) -> Iterator[None]:
    """Has them call."""
    for caller in callers:
        caller.thread.start()
    try:
        yield
    finally:
        for caller in callers:
            caller.done.set()
            caller.thread.join()


def wait_for(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def answered_by(world: World, entry: dict[str, Any]) -> bool:
    """Whether the gateway has a policy: a product with one that is missing answers 503."""
    answer, _request = world.call(world.serve(entry), world.key(), body())
    return answer.status == 200


def roll_out(folder: Path, version: str) -> None:
    """A version as the gateways get it: whole, at one moment."""
    beside = folder.parent / "new"
    shutil.copytree(folder / "1.0", beside)
    manifest = beside / "apicast-policy.json"
    manifest.write_text(manifest.read_text().replace('"version": "1.0"', f'"version": "{version}"'))
    beside.rename(folder / version)


def promote(world: World, name: str, environment: str, entry: dict[str, Any]) -> None:
    world.serve(policy("on_failed"), entry, name=name, environment=environment)


def test_a_new_version_is_rolled_out_beside_the_old_one(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "policies" / "llm-usage"
    staging, production = "shop-staging.apps.example.com", "shop-production.apps.example.com"
    for environment in ("sandbox", "production"):
        promote(world, "shop", environment, OLD)
    callers = [
        Caller(world, staging, [0.02, body()], b"{}", JSON),
        Caller(world, production, [0.02, body()], b"{}", JSON),
        Caller(world, production, [WHOLE[:99], 0.3, WHOLE[99:]], STREAM, EVENTS),
    ]
    with calling(*callers):
        roll_out(folder, "2.0")
        wait_for(lambda: answered_by(world, NEW), "the gateway does not take the new version")
        promote(world, "shop", "sandbox", NEW)
        wait_for(lambda: "by_the_new_one" in callers[0].counted(), "staging does not move")
        assert "by_the_new_one" not in callers[1].counted()
        promote(world, "shop", "production", NEW)
        for caller in callers[1:]:
            wait_for(lambda caller=caller: "by_the_new_one" in caller.counted(), "production does not move")  # type: ignore[misc]
        (folder / "1.0").rename(tmp_path / "gone")
        wait_for(lambda: not answered_by(world, OLD), "the old version stays")
        calls = len(callers[2].answers)
        wait_for(lambda: len(callers[2].answers) > calls + 1, "the calls end")
    for caller in callers:
        assert caller.lost() == []
        tokens = COUNTED["total_tokens"] * len(caller.answers)
        wait_for(lambda caller=caller, tokens=tokens: caller.counted()["total_tokens"] >= tokens, "tokens are lost")  # type: ignore[misc]
        assert caller.counted()["total_tokens"] == tokens
