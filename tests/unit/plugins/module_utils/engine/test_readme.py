# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's README says what is there: each file, in an order in which each imports only those above it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

UTILS = Path(__file__).resolve().parents[5] / "plugins/module_utils"
ROWS = re.findall(r"^\| `(\w+\.py)` \| .* \| (yes|no) \| (yes|no) \|$", (UTILS / "README.md").read_text(), re.MULTILINE)
PLACES = {name: place for place, (name, _io, _ansible) in enumerate(ROWS)}
ENGINE = "ansible_collections.rhai.maas.plugins.module_utils."
OUTSIDE = ("requests", "threading", "concurrent", "time")


def imported(name: str) -> Iterator[str]:
    """All that a file imports, by full name."""
    for node in ast.walk(ast.parse((UTILS / "engine" / name).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_file_is_there_once() -> None:
    there = sorted(path.name for path in (UTILS / "engine").glob("*.py") if path.name != "__init__.py")
    assert sorted(name for name, _io, _ansible in ROWS) == there


@pytest.mark.parametrize(("name", "io", "ansible"), ROWS)
def test_a_row_is_true(name: str, io: str, ansible: str) -> None:
    """What stands in the columns, and the order: nothing imports what stands below it, or another system."""
    names = [entry.removeprefix(ENGINE) for entry in imported(name)]
    assert any(entry.startswith("ansible.") for entry in names) is (ansible == "yes")
    for entry in names:
        if entry.startswith("engine."):
            assert PLACES[f"{entry.split('.')[1]}.py"] < PLACES[name], entry
        assert not entry.startswith(("threescale.", "keycloak.", "catalogue.", "cluster.", "controller."))
    if io == "no":
        assert not [entry for entry in names if entry.split(".")[0] in OUTSIDE]
