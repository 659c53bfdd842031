# SPDX-License-Identifier: GPL-3.0-or-later
"""What a table is: columns with defaults, indexes, unique keys and references."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Ref:
    """Column COLUMN holds the id of a row of TABLE; WHEN narrows a polymorphic reference to (column, value).

    ON_DELETE says what becomes of this row when that one goes: "cascade", "null" or "keep".
    """

    column: str
    table: str
    on_delete: str = "cascade"
    when: tuple[str, str] | None = None


@dataclass
class Table:
    """A table. COLUMNS maps each column to its default; `id` stands in every table and need not be listed.

    UNIQUE keys are guarded as the real database guards them: a second row raises `UniqueViolation`, unless one of the
    columns is None. Every unique key is an index too. SEQUENCE: whence ids come; tables may share one.
    """

    name: str
    columns: dict[str, Any]
    indexes: list[tuple[str, ...]] = field(default_factory=list)
    unique: list[tuple[str, ...]] = field(default_factory=list)
    refs: list[Ref] = field(default_factory=list)
    sequence: str = ""

    def __post_init__(self) -> None:
        self.sequence = self.sequence or self.name

    def all_indexes(self) -> list[tuple[str, ...]]:
        """All indexes, each once: declared ones, unique keys, columns of references."""
        wanted = [*self.indexes, *self.unique]
        for ref in self.refs:
            wanted.append((ref.when[0], ref.column) if ref.when else (ref.column,))
        return list(dict.fromkeys(wanted))


def columns(names: str, **defaults: Any) -> dict[str, Any]:
    """Columns from a string of names (default None) and keywords (name=default)."""
    return {**dict.fromkeys(names.split()), **defaults}
