# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the documentation about the automation platform say what it gets."""

from __future__ import annotations

from tools.platform_tables import FILE, PLACE, written
from tools.platform_tables.tables import TABLES


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    before, after = "a\n<!-- artifacts, by make platform-tables -->\n", "<!-- end -->\nb\n<!-- end -->\n"
    made = written(f"{before}what was there\n{after}")
    assert made.startswith(before) and made.endswith(after)
    assert "what was there" not in made and "| `maas_report` | `period`, `metrics`, " in made and written(made) == made


def test_every_table_stands_somewhere_and_is_current() -> None:
    text = FILE.read_text()
    assert sorted(place[1] for place in PLACE.findall(text)) == sorted(TABLES)
    assert text == written(text), "run `make platform-tables`"
