# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: N818 (named after what happened)
"""Rows in memory with indexes, foreign keys, transactions with an undo log, and a journal for the disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from .table import Ref, Row, Table


class UniqueViolation(Exception):
    """A unique index was hit; the real server answers 409 with an empty body."""


class ReadOnlyViolation(Exception):
    """A write was tried in a read-only transaction (a token of permission `ro`)."""


class Journal(Protocol):
    """Where committed changes go."""

    def save(self, changes: list[tuple[str, int, Row | None]], sequences: dict[str, int]) -> None:
        """Keep the rows (None: deleted) and the next id of each table."""


class _Index:
    """Rows by the values of some columns: value tuple -> {id: row}."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.buckets: dict[tuple[Any, ...], dict[int, Row]] = {}

    def key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.names)

    def add(self, row: Row) -> None:
        self.buckets.setdefault(self.key(row), {})[row["id"]] = row

    def remove(self, row: Row) -> None:
        key = self.key(row)
        bucket = self.buckets.get(key)
        if bucket is not None:
            bucket.pop(row["id"], None)
            if not bucket:
                del self.buckets[key]


class Database:
    """All tables. Rows handed out are the live ones: read them, change them only by `update`.

    Writes need a transaction (`with db.transaction():`); when its block ends by an exception everything is undone.
    """

    def __init__(
        self, tables: Iterable[Table], journal: Journal | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.tables = {table.name: table for table in tables}
        self.rows: dict[str, dict[int, Row]] = {name: {} for name in self.tables}
        self.clock = clock
        self.journal = journal
        self._sequence = {name: table.sequence for name, table in self.tables.items()}
        self._next_id = dict.fromkeys(self._sequence.values(), 1)
        self._indexes = {name: [_Index(names) for names in table.all_indexes()] for name, table in self.tables.items()}
        self._unique = {name: set(table.unique) for name, table in self.tables.items()}
        self._choice: dict[tuple[str, frozenset[str]], _Index | None] = {}
        self._children: dict[str, list[tuple[Table, Ref]]] = {}
        for table in self.tables.values():
            for ref in table.refs:
                self._children.setdefault(ref.table, []).append((table, ref))
        self._watchers: dict[str, list[Callable[[Row], None]]] = {}
        self._undo: list[Callable[[], None]] = []
        self._changed: dict[tuple[str, int], None] = {}
        self._depth = 0
        self._read_only = False
        self.lenient = False  # see `leniency`

    # -- reading

    def get(self, table: str, row_id: Any) -> Row | None:
        """The row of this id, or None."""
        return self.rows[table].get(row_id) if isinstance(row_id, int) else None

    def where(self, table: str, **criteria: Any) -> list[Row]:
        """The rows that hold these values, by id."""
        found = self._select(table, criteria)
        return [found[row_id] for row_id in sorted(found)]

    def first(self, table: str, **criteria: Any) -> Row | None:
        """The row of the lowest id that holds these values, or None."""
        found = self._select(table, criteria)
        return found[min(found)] if found else None

    def count(self, table: str, **criteria: Any) -> int:
        """How many rows hold these values."""
        return len(self._select(table, criteria))

    def _select(self, table: str, criteria: dict[str, Any]) -> dict[int, Row]:
        if not criteria:
            return self.rows[table]
        index = self._index_for(table, frozenset(criteria))
        if index is None:
            pool, rest = self.rows[table], criteria
        else:
            pool = index.buckets.get(tuple(criteria[name] for name in index.names), {})
            rest = {name: value for name, value in criteria.items() if name not in index.names}
        if not rest:
            return pool
        return {row_id: row for row_id, row in pool.items() if all(row[name] == value for name, value in rest.items())}

    def _index_for(self, table: str, names: frozenset[str]) -> _Index | None:
        choice = self._choice.get((table, names), False)
        if choice is False:
            fitting = [index for index in self._indexes[table] if names.issuperset(index.names)]
            choice = max(fitting, key=lambda index: len(index.names), default=None)
            self._choice[(table, names)] = choice
        assert choice is None or isinstance(choice, _Index)
        return choice

    # -- transactions

    @contextmanager
    def transaction(self, read_only: bool = False) -> Iterator[None]:
        """A transaction; inside another one, a savepoint."""
        mark, outer_read_only = len(self._undo), self._read_only
        self._depth += 1
        self._read_only = self._read_only or read_only
        try:
            yield
        except BaseException:
            while len(self._undo) > mark:
                self._undo.pop()()
            raise
        finally:
            self._depth -= 1
            self._read_only = outer_read_only
            if self._depth == 0:
                self._commit()

    @contextmanager
    def leniency(self, wanted: bool) -> Iterator[None]:
        """While it lasts validations don't look for other rows: as when two requests pass each other unseen."""
        outer, self.lenient = self.lenient, wanted
        try:
            yield
        finally:
            self.lenient = outer

    def _commit(self) -> None:
        if self._undo and self.journal is not None:
            changes = [(table, row_id, self.rows[table].get(row_id)) for table, row_id in self._changed]
            self.journal.save(
                changes, {table: self._next_id[self._sequence[table]] for table, _row_id in self._changed}
            )
        self._undo.clear()
        self._changed.clear()

    def _writing(self, table: str, row_id: int) -> None:
        if self._depth == 0:
            raise RuntimeError(f"write to {table} outside of a transaction")
        if self._read_only:
            raise ReadOnlyViolation
        self._changed[(table, row_id)] = None

    # -- writing

    def insert(self, table: str, **values: Any) -> Row:
        """A new row: defaults of the table, `created_at` and `updated_at` of now, and these values."""
        definition = self.tables[table]
        row_id = values.pop("id", None) or self._next_id[definition.sequence]
        self._writing(table, row_id)
        unknown = values.keys() - definition.columns.keys()
        if unknown:
            raise KeyError(f"table {table} has no column {', '.join(sorted(unknown))}")
        row: Row = {"id": row_id}
        for name, default in definition.columns.items():
            row[name] = default() if callable(default) else default
        now = self.clock()
        for name in ("created_at", "updated_at"):
            if name in row:
                row[name] = now
        row.update(values)
        self._check_unique(table, row)
        self._next_id[definition.sequence] = max(self._next_id[definition.sequence], row_id + 1)
        self._put(table, row)
        self._undo.append(lambda: self._drop(table, row))
        return row

    def update(self, table: str, row: Row, touch: Any = True, **changes: Any) -> set[str]:
        """Change a row; returns the names of the columns that really changed, and then `updated_at` is now."""
        changed = {name for name, value in changes.items() if not _same(row[name], value)}
        if not changed:
            return changed
        self._writing(table, row["id"])
        before = dict(row)
        after = {name: changes[name] for name in changed}
        if touch and "updated_at" in row and "updated_at" not in changes:
            after["updated_at"] = self.clock()
        self._check_unique(table, {**row, **after}, changed)
        self._replace(table, row, after)
        self._undo.append(lambda: self._replace(table, row, before))
        return changed

    def touch(self, table: str, row: Row) -> None:
        """Set `updated_at` to now."""
        self.update(table, row, updated_at=self.clock())

    def delete(self, table: str, row: Row) -> None:
        """Delete a row and, as the references say, what hangs on it."""
        if row["id"] not in self.rows[table]:
            return
        self._writing(table, row["id"])
        self._drop(table, row)
        self._undo.append(lambda: self._put(table, row))
        for watcher in self._watchers.get(table, []):
            watcher(row)
        for child, ref in self._children.get(table, []):
            if ref.on_delete == "keep":
                continue
            criteria = {ref.column: row["id"], **({ref.when[0]: ref.when[1]} if ref.when else {})}
            for hanging in self.where(child.name, **criteria):
                if ref.on_delete == "null":
                    self.update(child.name, hanging, touch=False, **{ref.column: None})
                else:
                    self.delete(child.name, hanging)

    def on_delete(self, table: str, watcher: Callable[[Row], None]) -> None:
        """Have a function called, in the same transaction, for each row of the table that goes."""
        self._watchers.setdefault(table, []).append(watcher)

    def load(self, table: str, row: Row) -> None:
        """Take in a row as it was kept: no checks, no journal. For opening a state file."""
        if table not in self.tables:
            return
        kept = {"id": row["id"]}
        for name, default in self.tables[table].columns.items():
            kept[name] = row[name] if name in row else default() if callable(default) else default
        self.reserve(table, row["id"] + 1)
        self._put(table, kept)

    def reserve(self, table: str, next_id: int) -> None:
        """See to it that the next row of the table, and of those that share its ids, gets at least this one."""
        if table in self.tables:
            sequence = self._sequence[table]
            self._next_id[sequence] = max(self._next_id[sequence], next_id)

    def _check_unique(self, table: str, row: Row, changed: set[str] | None = None) -> None:
        for index in self._indexes[table]:
            if index.names not in self._unique[table] or (
                changed is not None and not changed.intersection(index.names)
            ):
                continue
            key = index.key(row)
            if None not in key and index.buckets.get(key, {}).keys() - {row["id"]}:
                raise UniqueViolation(f"{table}: {dict(zip(index.names, key, strict=True))}")

    def _put(self, table: str, row: Row) -> None:
        self.rows[table][row["id"]] = row
        for index in self._indexes[table]:
            index.add(row)

    def _drop(self, table: str, row: Row) -> None:
        self.rows[table].pop(row["id"], None)
        for index in self._indexes[table]:
            index.remove(row)

    def _replace(self, table: str, row: Row, values: Row) -> None:
        moved = [index for index in self._indexes[table] if any(name in values for name in index.names)]
        for index in moved:
            index.remove(row)
        row.update(values)
        for index in moved:
            index.add(row)


def _same(one: Any, other: Any) -> bool:
    """Equal and of one type (True is not 1; 1.0 may stand for 1)."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
