# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows kept in a SQLite file: one row of (table, id, JSON) for each, written after every request that changed it."""

from __future__ import annotations

import base64
import json
import sqlite3
from pathlib import Path
from typing import Any

from .database import Database
from .table import Row

_BYTES = "__bytes__"


def _encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__} can't be kept")


def _decode(value: dict[str, Any]) -> Any:
    return base64.b64decode(value[_BYTES]) if _BYTES in value and len(value) == 1 else value


class StateFile:
    """A journal for `Database` on disk. A crash of the process loses nothing; one of the machine the last moments."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS rows (tab TEXT, id INTEGER, body TEXT, PRIMARY KEY (tab, id)) WITHOUT ROWID"
        )
        self._connection.execute("CREATE TABLE IF NOT EXISTS sequences (tab TEXT PRIMARY KEY, next INTEGER)")

    def load_into(self, database: Database) -> int:
        """Load all kept rows; returns how many."""
        loaded = 0
        decode = json.JSONDecoder(object_hook=_decode).decode
        for table, body in self._connection.execute("SELECT tab, body FROM rows ORDER BY tab, id"):
            database.load(table, decode(body) if _BYTES in body else json.loads(body))
            loaded += 1
        for table, next_id in self._connection.execute("SELECT tab, next FROM sequences"):
            database.reserve(table, next_id)
        return loaded

    def save(self, changes: list[tuple[str, int, Row | None]], sequences: dict[str, int]) -> None:
        """Write changed rows in one transaction of SQLite's."""
        kept = [(table, row_id, json.dumps(row, default=_encode)) for table, row_id, row in changes if row is not None]
        gone = [(table, row_id) for table, row_id, row in changes if row is None]
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", kept)
        self._connection.executemany("DELETE FROM rows WHERE tab = ? AND id = ?", gone)
        self._connection.executemany("INSERT OR REPLACE INTO sequences VALUES (?, ?)", list(sequences.items()))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
