# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of the documentation about the automation platform, written from what the platform gets.

They stand between ``<!-- NAME, by make platform-tables -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re

from tools.platform_tables.artifacts import ROOT
from tools.platform_tables.tables import TABLES

FILE = ROOT / "docs" / "automation-platform.md"
PLACE = re.compile(r"(<!-- ([a-z ]+), by make platform-tables -->\n).*?(<!-- end -->\n)", re.DOTALL)


def written(text: str) -> str:
    """A text with its tables as they should be.

    :raises KeyError: for a name that is no table
    """
    return PLACE.sub(lambda place: f"{place[1]}{table(*TABLES[place[2]]())}{place[3]}", text)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown, with empty lines around it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines).replace("|  |", "| |") + "\n"
