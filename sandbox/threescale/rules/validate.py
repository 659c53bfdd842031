# SPDX-License-Identifier: GPL-3.0-or-later
"""Validations with the server's own messages."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ..http.errors import BLANK, INVALID, TAKEN, Errors, ServerError
from ..store import Database
from .names import SYSTEM_NAME


def blank(value: Any) -> bool:
    """nil, false, empty, or white space only."""
    return value is None or value is False or value in ([], {}) or (isinstance(value, str) and not value.strip())


def plural(count: int) -> str:
    """`1 character`, `3 characters`."""
    return f"{count} character" if count == 1 else f"{count} characters"


class Check:
    """Validations of one row (its values after the change). Call them in the server's order, then `done()`."""

    def __init__(self, db: Database, row: dict[str, Any], errors: Errors | None = None) -> None:
        self.db, self.row, self.errors = db, row, errors or Errors()

    def add(self, attribute: str, message: Any) -> None:
        """Add a message of one's own."""
        self.errors.add(attribute, message)

    def done(self) -> None:
        """Raise `Invalid` if anything is wrong."""
        self.errors.check()

    def fits(self, *names: str, bits: int = 32) -> None:
        """Fail as the server does on whole numbers that their columns can't hold; no validation looks at that."""
        for name in names:
            value = self.row.get(name)
            if value is not None and not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
                raise ServerError

    def presence(self, *names: str) -> None:
        """Each must not be blank."""
        for name in names:
            if blank(self.row.get(name)):
                self.add(name, BLANK)

    def longest(self, most: int, *names: str) -> None:
        """At most so many characters."""
        for name in names:
            value = self.row.get(name)
            if isinstance(value, str) and len(value) > most:
                self.add(name, f"is too long (maximum is {plural(most)})")

    def shortest(self, least: int, *names: str) -> None:
        """At least so many characters."""
        for name in names:
            if len(str(self.row.get(name) or "")) < least:
                self.add(name, f"is too short (minimum is {plural(least)})")

    def included(self, name: str, choices: Collection[Any], message: str = "is not included in the list") -> None:
        """One of these."""
        if self.row.get(name) not in choices:
            self.add(name, message)

    def matches(self, name: str, pattern: re.Pattern[str], message: str = INVALID, *, allow_blank: bool = True) -> None:
        """The text must match."""
        value = self.row.get(name)
        if value is None or value == "":
            if not allow_blank:
                self.add(name, message)
        elif not pattern.search(str(value)):
            self.add(name, message)

    def unique(self, table: str, name: str, message: str = TAKEN, **scope: Any) -> bool:
        """No other row of the scope holds this value; returns whether that is so."""
        if self.db.lenient:
            return True
        value = self.row.get(name)
        others = [row for row in self.db.where(table, **scope, **{name: value}) if row["id"] != self.row.get("id")]
        if others:
            self.add(name, message)
        return not others

    def system_name(self, table: str, **scope: Any) -> None:
        """Present, well-formed, at most 255 characters, unique in the scope."""
        name = self.row.get("system_name")
        if blank(name):
            self.add("system_name", BLANK)
            if name is not None:
                self.add("system_name", INVALID)
            return
        if not SYSTEM_NAME.match(str(name)):
            self.add("system_name", INVALID)
        self.unique(table, "system_name", **scope)

    def number(
        self, name: str, *, above: float | None = None, least: float | None = None, raw: Any = ..., whole: bool = False
    ) -> None:
        """A (whole) number, above or not below a bound. `raw` is what was sent, where the column lost it."""
        value = self.row.get(name)
        if value is None or (raw is not ... and not _numeric(raw)):
            self.add(name, "is not a number")
        elif whole and raw is not ... and not re.fullmatch(r"\s*[+-]?\d+\s*", str(raw)):
            self.add(name, "must be an integer")
        elif above is not None and value <= above:
            self.add(name, f"must be greater than {above:g}")
        elif least is not None and value < least:
            self.add(name, f"must be greater than or equal to {least}")


def _numeric(raw: Any) -> bool:
    if isinstance(raw, bool):
        return False
    if isinstance(raw, (int, float)):
        return True
    return isinstance(raw, str) and re.fullmatch(r"\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*", raw) is not None
