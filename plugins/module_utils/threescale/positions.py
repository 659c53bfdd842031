# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Positions of mapping rules as the server keeps them, played ahead: which number puts a rule where it belongs. Pure.

Positions begin at 1 and need not be dense. A deletion moves everything behind it up by one, an insertion everything
from there on down by one; a move shifts what stands in between, but only where its target is another rule's position.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Line:
    """Rules by a number of the caller's, with their positions."""

    def __init__(self, positions: Mapping[int, int]) -> None:
        self.positions = dict(positions)

    @classmethod
    def of(cls, present: Sequence[Mapping[str, Any]]) -> Line:
        """The rules that are there, in order, numbered from 0; a rule that the server has yet to make is the next."""
        return cls(
            {
                index: index + 1 if rule.get("position") is None else int(rule["position"])
                for index, rule in enumerate(present)
            }
        )

    def ambiguous(self) -> bool:
        """Whether positions leave the order open, or can't be counted from 1."""
        found = list(self.positions.values())
        return len(set(found)) < len(found) or any(position < 1 for position in found)

    def remove(self, index: int) -> None:
        """Delete a rule."""
        gone = self.positions.pop(index)
        self._shift(-1, gone + 1)

    def insert(self, index: int, before: int | None, position: int = 0) -> int:
        """Put a new rule right behind ``before`` (None: first), or at ``position``; 0 when it comes last by itself."""
        if not position:
            behind = self._behind(before)
            if behind is None:
                self.positions[index] = max(self.positions.values(), default=0) + 1
                return 0
            position = self.positions[behind]
        self._shift(1, position)
        self.positions[index] = position
        return position

    def move(self, index: int, before: int | None) -> int:
        """Put a rule right behind ``before``; the position to ask for, 0 when it stands there already."""
        behind = self._behind(before)
        if behind == index:
            return 0
        if before is not None and self.positions[index] < self.positions[before]:
            return self.place(index, self.positions[before])
        return self.place(index, self.positions[behind] if behind is not None else max(self.positions.values()) + 1)

    def place(self, index: int, position: int) -> int:
        """Give a rule a position, as the server does."""
        old = self.positions.pop(index)
        if position in self.positions.values() and position != old:
            if old < position:
                self._shift(-1, old + 1, position)
            else:
                self._shift(1, position, old - 1)
        self.positions[index] = position
        return position

    def _behind(self, before: int | None) -> int | None:
        """The rule that stands right behind another one, or first."""
        floor = 0 if before is None else self.positions[before]
        later = [(position, index) for index, position in self.positions.items() if position > floor]
        return min(later)[1] if later else None

    def _shift(self, by: int, first: int, last: int | None = None) -> None:
        for index, position in self.positions.items():
            if first <= position and (last is None or position <= last):
                self.positions[index] = position + by
