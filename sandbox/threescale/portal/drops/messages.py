# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ...store import Row
from ..templating.drop import attribute
from .rows import RowDrop
from .world import World


class MessageDrop(RowDrop):
    """A message, received or sent."""

    dom_name = "message"

    def __init__(self, world: World, row: Row, received: bool = False) -> None:
        super().__init__(world, row)
        self.received = received

    @attribute()
    def id(self) -> Any:  # noqa: A003
        return self.row.get("id")

    @attribute()
    def subject(self) -> str:
        body = str(self.row.get("body") or "")
        if not (self.row.get("subject") or body.strip()):
            return "(no subject)"
        return self.row.get("subject") or (body if len(body) <= 15 else f"{body[:12]}...")

    @attribute()
    def body(self) -> Any:
        return self.row.get("body")

    @attribute()
    def created_at(self) -> datetime:
        return datetime.fromtimestamp(self.row.get("created_at") or 0, timezone.utc)

    @attribute()
    def url(self) -> str:
        hidden = self.row["recipient_hidden_at"] if self.received else self.row["hidden_at"]
        folder = "trash" if hidden else "received" if self.received else "sent"
        return f"/admin/messages/{folder}/{self.row['id']}"

    @attribute()
    def state(self) -> Any:
        return self.row["recipient_state"] if self.received else self.row["state"]

    @attribute()
    def sender(self) -> Any:
        row = self.world.db.get("accounts", self.row.get("sender_id"))
        return row["org_name"] if row else None

    @attribute("to", "recipients")
    def to(self) -> Any:
        row = self.world.db.get("accounts", self.row.get("recipient_id"))
        return row["org_name"] if row else ""
