# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for a condition itself. The limit is there to end a test that will never pass, not to measure the machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LIMIT = 180.0


def until(look: Callable[[], T], what: str, seconds: float = LIMIT) -> T:
    """What ``look`` answers, as soon as it is true; fails with ``what`` was waited for and the last answer."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"{what}: not so after {seconds:.0f} s; the last answer was {found!r}"
        time.sleep(0.1)
    return found
