# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps a table of the cluster up to date by the API server's watches."""

from __future__ import annotations

import asyncio

from sandbox.kubernetes.rest import Client
from sandbox.names.table import KINDS, Table


class Follower:
    """Watches each kind of the table from its making on, until it is ended."""

    def __init__(self, client: Client, table: Table) -> None:
        self._known = {kind: asyncio.Event() for kind in KINDS}
        self._tasks = [asyncio.create_task(_follow(client, table, kind, event)) for kind, event in self._known.items()]

    async def ready(self) -> None:
        """Until each kind was read once."""
        for event in self._known.values():
            await event.wait()

    def end(self) -> None:
        """No more watching."""
        for task in self._tasks:
            task.cancel()


async def _follow(client: Client, table: Table, kind: str, first: asyncio.Event) -> None:
    """Keeps one kind of the table up to date, for ever."""
    async for event, item in client.watch(KINDS[kind]):
        table.change(kind, event, item)
        if event == "RESYNC":
            for entry in item["items"]:
                table.change(kind, "ADDED", entry)
            first.set()
