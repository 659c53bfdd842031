# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of lists, and what a search found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...store import Row
from ..templating.drop import Collection, Drop, TextDrop, attribute
from .rows import RowDrop
from .world import World


class PartDrop(TextDrop):
    """One entry of the bar below a list."""

    ruby_name = "Part"

    def __init__(self, words: str, link: str | None = None, relation: str | None = None) -> None:
        self.words, self.link, self.relation = words, link, relation

    @attribute()
    def title(self) -> str:
        return self.words

    @attribute()
    def url(self) -> str | None:
        return self.link

    @attribute()
    def rel(self) -> str | None:
        return self.relation

    @attribute()
    def is_link(self) -> bool:
        return bool(self.link)

    @attribute()
    def current_p(self) -> bool:
        return False

    def to_text(self) -> str:
        return self.words


class PaginationDrop(Drop):
    """The pages of a list: TOTAL entries, SIZE on a page, NUMBER of the current page, addresses by LINK(number)."""

    def __init__(self, total: int, size: int, number: int, link: Callable[[int], str]) -> None:
        self.total, self.size, self.number, self.link = total, size, number, link

    @attribute()
    def page_size(self) -> int:
        return self.size

    @attribute()
    def current_page(self) -> int:
        return self.number

    @attribute()
    def current_offset(self) -> int:
        return (self.number - 1) * self.size

    @attribute()
    def pages(self) -> int:
        return max(-(-self.total // self.size), 1)

    @attribute()
    def items(self) -> int:
        return self.total

    @attribute()
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @attribute()
    def next(self) -> int | None:  # noqa: A003
        return self.number + 1 if self.number < self.pages() else None

    @attribute()
    def parts(self) -> Collection:
        before, after = self.previous(), self.next()
        shown: list[PartDrop] = [
            PartDrop("Previous", self.link(before), "previous") if before else PartDrop("Previous")
        ]
        last = 0
        for number in self._numbers():
            if number > last + 1:
                shown.append(PartDrop("…", None, "gap"))
            shown.append(self._number(number))
            last = number
        shown.append(PartDrop("Next", self.link(after), "next") if after else PartDrop("Next"))
        return Collection(shown)

    def _number(self, number: int) -> PartDrop:
        if number == self.number:
            return PartDrop(str(number))
        relation = {self.number - 1: "prev", self.number + 1: "next"}.get(number)
        return PartDrop(str(number), self.link(number), relation)

    def _numbers(self) -> list[int]:
        """The current page with four at each side, and the first and last two."""
        pages = self.pages()
        low, high = self.number - 4, self.number + 4
        if high > pages:
            low, high = low - (high - pages), pages
        if low < 1:
            low, high = 1, min(high + 1 - low, pages)
        chosen = {*range(max(low, 1), high + 1), *range(1, min(2, pages) + 1), *range(max(pages - 1, 1), pages + 1)}
        for gap in (3, pages - 2):
            if gap - 1 in chosen and gap + 1 in chosen and 1 <= gap <= pages:
                chosen.add(gap)
        return sorted(chosen)


class SearchResultDrop(RowDrop):
    """A page that was found."""

    ruby_name = "Search::Result::Page"

    @attribute()
    def title(self) -> Any:
        return self.row["title"]

    @attribute()
    def kind(self) -> str:
        return "page"

    @attribute()
    def url(self) -> Any:
        return self.row["path"]

    @attribute()
    def description(self) -> Any:
        return (self.row["published"] or "")[:200]


class SearchDrop(Drop):
    """What was sought and found."""

    def __init__(self, world: World, word: str, rows: list[Row]) -> None:
        self.world, self.word, self.rows = world, word, rows

    @attribute("query", "token")
    def query(self) -> str:
        return self.word

    @attribute()
    def total_found(self) -> int:
        return len(self.rows)

    @attribute()
    def results(self) -> Collection:
        return Collection(SearchResultDrop(self.world, row) for row in self.rows)
