# SPDX-License-Identifier: GPL-3.0-or-later
"""One row of a table, taken through create, change and delete: once on a sound line, then with a fault at each step."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.cases import Options, Reading, Row
from tests.cases.planted import secrets_of
from tests.support.faulty import KILLS, Fault
from tests.support.forked import Outcome
from tests.support.place import Place

LONGEST = 700  # characters of a sentence
#: Seconds that a client waits for an answer that stalls, and how much longer the answer is silent.
#: What is asked before it must be answered in time on a busy machine too.
PATIENCE = {"threescale": 3, "keycloak": 5}
LONGER = 0.3
FOR_GOOD = 1_000_000


@dataclass(frozen=True)
class Step:
    """What a step of a row does on a sound line: its requests, its writes, what the server holds afterwards."""

    requests: int
    writes: int
    state: list[str]
    data: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A kind of fault, and where: the seed chooses the request, how patient the client is, and how long it lasts."""

    kind: str
    seed: int

    def fault(self, phase: str, step: Step) -> tuple[Fault, int]:
        """The fault of one phase, and the client's retries."""
        chance = random.Random(f"{self.kind} {self.seed} {phase}")
        begin = random.Random(f"{self.kind} {phase}").randrange(1000)  # one seed after the other tries all requests
        at = (begin + self.seed) % max(1, step.writes)
        times = chance.choice((1, 1, 1, FOR_GOOD)) if self.kind not in KILLS else 1
        return Fault(self.kind, at, step.writes > 0, times), chance.choice((0, 2))


def sound(place: Place, row: Row) -> list[Step]:
    """The row's steps without a fault: what all others are held against."""
    place.prepare(row.given)
    steps = []
    for name, options in row.phases:
        place.line.expect(None)
        outcome = place.run((row.module, options))
        assert not outcome.data.get("failed"), (row.name, name, outcome.data["msg"])
        requests, writes = len(place.line.requests), place.line.writes
        steps.append(Step(requests, writes, place.state(), outcome.data))
    return steps


def with_faults(place: Place, row: Row, steps: list[Step], case: Case) -> Iterator[str]:
    """What is wrong with the row under this fault, one text each; nothing is how it should be."""
    place.prepare(row.given)
    lost = ""
    for (name, options), step in zip(row.phases, steps, strict=True):
        fault, retries = case.fault(name, step)
        where = f"{name}, request {fault.at}{' for good' if fault.times > 1 else ''}, {retries} retries"
        found = []
        struck = strike(place, row.module, options, fault, retries)
        if not place.line.struck:
            found.append("no request came to this point")
        found += _told(struck)
        found += [f"tells a secret: {text}" for text in secrets_of(row.module, options) if text in struck.output]
        if not struck.killed and not struck.data.get("failed"):
            found += [f"said to be done: {words}" for words in differences(step.state, place.state(), lost)]
        else:
            lost = row.lost
        found += _afterwards(place, row.module, options, step, lost)
        yield from (f"{where}: {words}" for words in found)
        if found:
            return  # what follows would only repeat it


def strike(place: Place, module: str, options: Options, fault: Fault, retries: int) -> Outcome:
    """Run a module into a fault."""
    running: list[int] = []
    fault.kill = lambda: os.kill(running[0], signal.SIGKILL)
    waits = PATIENCE[module.partition("_")[0]]
    fault.stall = waits + LONGER
    place.line.expect(fault)
    patience = {"retries": retries, **({_timeout(module): waits} if fault.kind == "stalled" else {})}
    return place.run((module, options), connection=patience, started=running.append)


def _timeout(module: str) -> str:
    return "connection_timeout" if module.startswith("keycloak_") else "timeout"


def _afterwards(place: Place, module: str, options: Options, step: Step, lost: str) -> Iterator[str]:
    """The next clean run finishes what was begun, and the one after that has nothing to do."""
    place.line.expect(None)
    clean = place.run((module, options))
    if clean.data.get("failed"):
        yield f"the next run fails: {clean.data['msg']}"
        return
    yield from differences(step.state, place.state(), lost)
    place.line.expect(None)
    again = place.run((module, options))
    if again.data.get("changed") or again.data.get("failed") or place.line.writes:
        yield f"the run after the next: {again.data.get('msg') or again.data.get('changes')}"


def differences(wanted: list[str], held: list[str], lost: str = "") -> Iterator[str]:
    """Where two states differ, but for what begins with ``lost``: nobody can bring it back after a lost answer."""
    left = list(held)
    for row in wanted:
        if row in left:
            left.remove(row)
        elif not lost or not row.startswith(lost):
            yield f"missing: {row[:400]}"
    yield from (f"too much: {row[:400]}" for row in left)


def reading(place: Place, row: Reading, kind: str, at: int, wanted: Any) -> Iterator[str]:
    """What is wrong with a module that only reads, when its request number ``at`` fails."""
    fault = Fault(kind, at, writes=False, times=random.Random(at).choice((1, FOR_GOOD)))
    outcome = strike(place, row.module, row.options, fault, at % 2)
    yield from _told(outcome)
    if not outcome.killed and not outcome.data.get("failed") and outcome.data[row.returns] != wanted:
        yield f"request {at}: something else is read than without the fault"


def _told(outcome: Outcome) -> Iterator[str]:
    """What is wrong with what a run said of itself."""
    if outcome.killed:
        return
    if "Traceback" in outcome.output or outcome.stderr:
        yield f"a traceback: {outcome.output[-1500:]}"
        return
    data = outcome.data
    if not data.get("failed"):
        return
    said = str(data["msg"])
    if not said or "\n" in said or len(said) > LONGEST or said[-1] not in ".)" or " object at 0x" in said:
        yield f"not one sentence: {said}"
