# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings about limits."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..templating.drop import attribute
from ..templating.values import SafeText
from .rows import RowDrop


class AlertDrop(RowDrop):
    """A warning that an application comes near a limit, or has passed it."""

    @attribute()
    def level(self) -> Any:
        return self.row["level"]

    @attribute()
    def message(self) -> Any:
        return self.row["message"]

    @attribute("unread?")
    def unread(self) -> bool:
        return bool(self.row["state"] == "unread")

    @attribute()
    def state(self) -> Any:
        return self.row["state"]

    @attribute()
    def utilization(self) -> Any:
        return self.row["utilization"]

    @attribute()
    def timestamp(self) -> datetime:
        return datetime.fromtimestamp(self.row["timestamp"], timezone.utc)

    @attribute()
    def dom_level(self) -> str:
        return f"above-{self.row['level']}"

    @attribute()
    def formatted_level(self) -> SafeText:
        return SafeText(f"&ge;&nbsp;{self.row['level']}&nbsp;%")

    @attribute()
    def delete_alert_url(self) -> str:
        return f"/admin/applications/{self.row['application_id']}/alerts/{self.row['id']}"

    @attribute()
    def read_alert_url(self) -> str:
        return f"{self.delete_alert_url()}/read"
