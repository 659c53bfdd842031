# SPDX-License-Identifier: GPL-3.0-or-later
"""``make faults``: print the matrix as it grows, then what went wrong."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

from tests.cases import Reading, Row, keycloak, readings, threescale
from tests.faults.matrix import Matrix, Tries, heading, running_matrix
from tests.support.faulty import KILLS, KINDS
from tests.support.keycloak import running_keycloak
from tests.support.standin import running_standin


def parse() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description="Each module under each kind of fault.")
    parser.add_argument("--only", default="", help="part of the names of the modules")
    parser.add_argument("--seeds", type=int, default=6, help="how often each kind is tried at another request")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kills", action="store_true", help="kill before and after each write of each row, instead")
    parser.add_argument("--odd", action="store_true", help="give each option odd values, instead")
    parser.add_argument("--options", action="store_true", help="give each option by itself twice, too")
    return parser.parse_args()


def fill(matrix: Matrix, rows: list[Row | Reading], tries: Tries, asked: argparse.Namespace) -> None:
    """Try all rows; each line is printed when it is whole."""
    for row in rows:
        with running_standin() if row.module.startswith("threescale_") else contextlib.nullcontext() as standin:
            if asked.odd:
                if isinstance(row, Row):
                    matrix.odd(row, standin)
            elif isinstance(row, Reading):
                matrix.read(row, tries.kinds, standin)
            else:
                matrix.keep(row, tries, standin)
                if asked.options:
                    matrix.alone(row, standin)
        print(matrix.line(row.name), flush=True)


def main() -> int:
    """0 when nothing went wrong."""
    asked = parse()
    every: list[Row | Reading] = [*threescale.ROWS, *keycloak.ROWS, *readings.READINGS]
    rows = [row for row in every if asked.only in row.name]
    seeds = range(asked.first, asked.first + asked.seeds)
    with contextlib.ExitStack() as stack:
        server = None
        if any(row.module.startswith("keycloak_") for row in rows):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            server = stack.enter_context(running_keycloak(folder))
        matrix = stack.enter_context(running_matrix(server))
        print(f"seeds {seeds.start} to {seeds.stop - 1}; a number says how often the kind was tried\n{heading()}")
        fill(matrix, rows, Tries(seeds, KILLS if asked.kills else KINDS, asked.kills), asked)
    for words in matrix.faults():
        print(words)
    return 1 if matrix.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
