# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows × kinds of faults, many side by side, each in a tenant or a realm of its own."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.cases import Reading, Row
from tests.faults.alone import given_twice
from tests.faults.chains import Case, Step, reading, sound, with_faults
from tests.faults.odd import odd_values
from tests.support.faulty import KILLS, KINDS
from tests.support.forked import Forks, running_forks
from tests.support.keycloak import Keycloak
from tests.support.place import Place, realm_place, tenant_place
from tests.support.standin import Standin, running_standin

SIDE_BY_SIDE = 4
ALONE = "options alone"
ODD = "odd values"
COLUMNS = (*KINDS, ALONE, ODD)
WAITING = 0.02  # how long a retry's pause is, as a part of what it is otherwise


@dataclass(frozen=True)
class Tries:
    """Which faults are tried: each kind at requests that the seeds choose, or a kill before and after each write."""

    seeds: Sequence[int] = (0,)
    kinds: Sequence[str] = KINDS
    each_write: bool = False

    def cases(self, steps: Sequence[Step]) -> list[Case]:
        """The cases for a row with these steps."""
        if self.each_write:
            return [Case(kind, seed) for seed in range(max(step.writes for step in steps)) for kind in KILLS]
        return [Case(kind, seed) for seed in self.seeds for kind in self.kinds]


@dataclass
class Cell:
    """What a module did under one kind of fault: how often it was tried, and what was wrong."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)


class Matrix:
    """The servers, and the table as it grows."""

    def __init__(self, forks: Forks, keycloak: Keycloak | None, folder: Path) -> None:
        self.forks, self.keycloak, self.folder, self._count = forks, keycloak, folder, 0
        self.cells: dict[tuple[str, str], Cell] = defaultdict(Cell)

    @contextmanager
    def place(self, row: Row | Reading, standin: Standin | None) -> Iterator[Place]:
        """A new place for a row."""
        self._count += 1
        folder = self.folder / f"{self._count:05}"
        with ExitStack() as stack:
            if row.module.startswith("keycloak_"):
                assert self.keycloak is not None
                yield stack.enter_context(realm_place(self.forks, self.keycloak, folder))
                return
            server = standin or stack.enter_context(running_standin())
            yield stack.enter_context(tenant_place(self.forks, server, folder, standin is None))

    def keep(self, row: Row, tries: Tries, standin: Standin | None) -> None:
        """Try a row that keeps something, with these faults side by side."""
        server = None if row.alone else standin
        with self.place(row, server) as place:
            steps = sound(place, row)
            cases = tries.cases(steps)
            if row.module.startswith("keycloak_"):
                self._one_by_one(row, steps, cases, place)
                return

        def one(case: Case) -> list[str]:
            with self.place(row, server) as other:
                return tried(other, row, steps, case)

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for case, wrong in zip(cases, pool.map(one, cases), strict=True):
                self._enter(row.name, case.kind, wrong)

    def _one_by_one(self, row: Row, steps: list[Step], cases: Sequence[Case], place: Place) -> None:
        """All in one realm, which takes seconds to make, unless something goes wrong: the last step takes all away."""
        for number, case in enumerate(cases):
            wrong = tried(place, row, steps, case)
            self._enter(row.name, case.kind, wrong)
            if wrong:
                with self.place(row, None) as other:
                    self._one_by_one(row, steps, cases[number + 1 :], other)
                return

    def read(self, row: Reading, kinds: Sequence[str], standin: Standin | None) -> None:
        """Try a row that only reads: each kind of fault at each of its requests, up to ten."""
        with self.place(row, None if row.alone else standin) as place:
            place.prepare(row.given)
            place.line.expect(None)
            found = place.run((row.module, row.options)).data
            assert found.get(row.returns), (row.name, found.get("msg"))
            requests = len(place.line.requests)
            for kind in kinds:
                for at in range(min(requests, 10)):
                    self._enter(row.name, kind, reading(place, row, kind, at, found[row.returns]))

    def alone(self, row: Row, standin: Standin | None) -> None:
        """Give each option of a row's module by itself, twice."""
        with self.place(row, None if row.alone else standin) as place:
            for option, wrong in given_twice(place, row):
                self._enter(row.name, ALONE, [f"{option}: {wrong}"] if wrong else [])

    def odd(self, row: Row, standin: Standin | None) -> None:
        """Give each option, and each name, values that nobody means."""
        with self.place(row, None if row.alone else standin) as place:
            for option, wrong in odd_values(place, row):
                self._enter(row.name, ODD, [f"{option}: {wrong}"] if wrong else [])

    def _enter(self, name: str, kind: str, wrong: Iterable[str]) -> None:
        cell = self.cells[name, kind]
        cell.tried += 1
        cell.wrong += wrong

    def line(self, name: str) -> str:
        """One line of the table: for each kind how often it was tried, or how often it went wrong."""
        cells = [self.cells.get((name, kind), Cell()) for kind in COLUMNS]
        return f"{name:<40}" + "".join(f"{f'{len(c.wrong)} wrong' if c.wrong else c.tried:>16}" for c in cells)

    def faults(self) -> list[str]:
        """All that went wrong."""
        return [f"{name}, {kind}: {words}" for (name, kind), cell in self.cells.items() for words in cell.wrong]


def heading() -> str:
    """The first line of the table."""
    return f"{'module':<40}" + "".join(f"{kind:>16}" for kind in COLUMNS)


def tried(place: Place, row: Row, steps: list[Step], case: Case) -> list[str]:
    """What went wrong, what the row takes for granted included."""
    try:
        return [f"seed {case.seed}: {words}" for words in with_faults(place, row, steps, case)]
    except AssertionError as broken:
        return [f"seed {case.seed}: {broken}"]


@contextmanager
def running_matrix(keycloak: Keycloak | None) -> Iterator[Matrix]:
    """A matrix with the process that runs modules."""
    with tempfile.TemporaryDirectory() as folder, running_forks(WAITING) as forks:
        yield Matrix(forks, keycloak, Path(folder))
