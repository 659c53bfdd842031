# SPDX-License-Identifier: GPL-3.0-or-later
"""A download's progress with an estimate: one line rewritten on a terminal, a line each quarter in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MEGABYTE = 1_000_000


def text(name: str, done: int, total: int, seconds: float) -> str:
    """The line for `done` of `total` bytes after `seconds`, with the time that is left at the speed so far."""
    left = f", about {seconds * (total - done) / done:.0f} s left" if 0 < done < total else ""
    return f"keycloak: {name}: {done // MEGABYTE} of {total // MEGABYTE} MB ({100 * done // total} %){left}"


@contextmanager
def shown(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yields a function to be called with the number of bytes that have just come."""
    start, done, last = time.monotonic(), 0, -1
    steps, end = (100, "\r") if sys.stdout.isatty() else (4, "\n")

    def more(count: int) -> None:
        nonlocal done, last
        done += count
        if done * steps // total > last:
            last = done * steps // total
            print(text(name, done, total, time.monotonic() - start), end=end, flush=True)

    yield more
    if end == "\r":
        print()
