# SPDX-License-Identifier: GPL-3.0-or-later
"""State machines: events, from which states they lead where, and the server's answers when they don't."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from ..http.errors import ApiError, Invalid
from ..store import Row
from .validate import Check

if TYPE_CHECKING:
    from ..http.context import Context


class Machine:
    """Events by name: {state before: state after}."""

    def __init__(self, **events: dict[str, str]) -> None:
        self.events = events

    def attribute(self, check: Check, state: str, event: Any) -> str:
        """The state after a `state_event` given as attribute; blank gives none. Adds the server's errors."""
        if event in (None, ""):
            return state
        if not isinstance(event, str) or event not in self.events:
            check.add("state_event", "invalid")
            return state
        if state not in self.events[event]:
            check.add("state_event", f"cannot transition when {state}")
            return state
        return self.events[event][state]

    def fire(self, state: str, event: str) -> str:
        """The state after an event called as an action (`…/suspend`); raises `Invalid` on `state`."""
        if state not in self.events[event]:
            raise Invalid({"state": [f'cannot transition via "{event}"']})
        return self.events[event][state]

    def refuse(
        self,
        ctx: Context,
        row: Row,
        event: str,
        represent: Callable[[Context, Row], dict[str, Any]],
        key: str = "service",
    ) -> NoReturn:
        """422 as for a bang event that is not allowed from the present state."""
        from ..http.context import compact  # noqa: PLC0415 (the context imports rules)

        raise ApiError(
            422,
            {
                "error": {
                    "from": row["state"],
                    "event": event,
                    "error": f'State cannot transition via "{event.replace("_", " ")}"',
                    "object": {key: compact(represent(ctx, row))},
                }
            },
        )
