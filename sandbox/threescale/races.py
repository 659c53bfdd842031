# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real server gets wrong under concurrent writers, on demand: `{"do": "races", "from": 0.01, "to": 0.05}`.

Every write then waits a moment, and one that another write to the same list or row has overtaken meanwhile meets what
the real server's database makes of it:

| overtaken write | what happens |
| --- | --- |
| PUT proxy or policies of one product | 409 `{"status":409,"error":"Conflict"}`, nothing changed |
| DELETE of a mapping rule, metric or method | every second time 500 after a second, nothing changed (deadlock) |
| POST of a mapping rule | made, with the position of another one |
| POST deploy | one more version of equal content |
| POST signup of the same user | 422 without `users: ["invalid"]`; an approved account with a pending user is left |
| POST promote | a second row of the same version |
| POST of what has a unique index | 409, empty |
| POST of what has none (plan, page, ActiveDoc, feature, price, user key …) | a second row of the same name |
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections import Counter, defaultdict

_ROW = re.compile(r"/(services/\d+/proxy)(?:/policies)?(?:\.json|\.xml)?$")
_LIST = re.compile(r"(?:/\d+)?(?:\.json|\.xml)?$")
_DEADLOCK = re.compile(r"/(mapping_rules|metrics|methods)/\d+(\.json|\.xml)?$")


class Races:
    """Which write was overtaken by which."""

    def __init__(self) -> None:
        self._moment = itertools.count(1)
        self._written: dict[str, int] = {}
        self._met: Counter[str] = Counter()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def arrive(self) -> int:
        """The moment at which a request came in."""
        return next(self._moment)

    async def together(self, host: str, path: str, size: int) -> None:
        """Wait until so many writes to the same list or row have come, this one among them."""
        place = _place(host, path)
        self._met[place] += 1
        whole = -(-self._met[place] // size) * size
        while self._met[place] < whole:
            await asyncio.sleep(0.005)

    def turn(self, host: str, path: str) -> asyncio.Lock:
        """What a write holds from the look whether it was overtaken until it is done."""
        return self._turns[_place(host, path)]

    def overtaken(self, host: str, path: str, arrived: int) -> bool:
        """Whether another write to the same list or row was done since."""
        return self._written.get(_place(host, path), 0) > arrived

    def written(self, host: str, path: str) -> None:
        """A write is done."""
        self._written[_place(host, path)] = next(self._moment)


def outcome(method: str, path: str) -> str:
    """What becomes of an overtaken write: "conflict", "deadlock", or "lenient" (done without looking for others)."""
    if method in ("PUT", "PATCH") and _ROW.search(path):
        return "conflict"
    if method == "DELETE" and _DEADLOCK.search(path):
        return "deadlock" if random.random() < 0.5 else "none"
    return "lenient" if method == "POST" else "none"


def _place(host: str, path: str) -> str:
    row = _ROW.search(path)
    return f"{host}/{row[1]}" if row else host + _LIST.sub("", path)
