# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of the fault matrix: some modules × all kinds of faults. ``make faults`` tries all modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import Row
from tests.cases.developers import ACCOUNT, APPLICATION_KEYS
from tests.cases.product import PRODUCTS
from tests.cases.readings import READINGS
from tests.faults.matrix import Matrix, Tries
from tests.support.faulty import KINDS
from tests.support.forked import Forks
from tests.support.standin import Standin

SEED = 2
SOME = [ACCOUNT, APPLICATION_KEYS, PRODUCTS[0]]


@pytest.mark.parametrize("row", SOME, ids=[row.name for row in SOME])
def test_kept_in_spite_of_faults(forks: Forks, standin: Standin, tmp_path: Path, row: Row) -> None:
    """After any fault the next run ends in exactly the wanted state, and the one after that changes nothing."""
    matrix = Matrix(forks, None, tmp_path)
    matrix.keep(row, Tries((SEED,)), standin)
    assert sum(cell.tried for cell in matrix.cells.values()) == len(KINDS) and not matrix.faults()


def test_read_or_refused(forks: Forks, standin: Standin, tmp_path: Path) -> None:
    """A list that breaks off is never taken for a shorter one."""
    matrix = Matrix(forks, None, tmp_path)
    row = next(row for row in READINGS if row.module == "threescale_product_info")
    matrix.read(row, KINDS, standin)
    assert sum(cell.tried for cell in matrix.cells.values()) > 50 and not matrix.faults()
