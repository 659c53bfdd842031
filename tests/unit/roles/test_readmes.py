# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role's README has a row for every variable of its argument specs, and for no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROLES = sorted((Path(__file__).resolve().parents[3] / "roles").iterdir())


def rows(text: str) -> list[str]:
    """Names in the first column of the tables of variables; several may share a row."""
    found: list[str] = []
    inside = False
    for line in text.splitlines():
        inside = line.startswith("|") and (inside or line.startswith("| variable |"))
        if inside:
            found += re.findall(r"`(\w+)`", line.split("|")[1])
    return found


@pytest.mark.parametrize("role", ROLES, ids=[role.name for role in ROLES])
def test_every_variable_has_a_row(role: Path) -> None:
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    named = rows((role / "README.md").read_text())
    wanted = {name for spec in specs.values() for name in spec["options"]}
    assert sorted(wanted - set(named)) == []
    assert sorted(set(named) - wanted) == []
    assert len(named) == len(set(named)), "a variable is listed twice"
