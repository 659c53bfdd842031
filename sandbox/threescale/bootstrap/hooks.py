# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made for every new tenant, in the order of registration; other modules add theirs.

@at_once
def sections(sandbox: Sandbox, tenant: Row) -> None: …   # inside the request that makes the tenant

@afterwards
def layout(sandbox: Sandbox, tenant: Row) -> None: …     # in the background, `setup_seconds` later
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..store import Row

if TYPE_CHECKING:
    from ..sandbox import Sandbox

Step = Callable[["Sandbox", Row], None]
AT_ONCE: list[Step] = []
AFTERWARDS: list[Step] = []


def at_once(step: Step) -> Step:
    """Register a step for the creation of a tenant."""
    AT_ONCE.append(step)
    return step


def afterwards(step: Step) -> Step:
    """Register a step for the background work after the creation of a tenant."""
    AFTERWARDS.append(step)
    return step
