# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pod's address towards others: whoever a network policy closes it to is turned away, others reach the process.

On a cluster the network drops what a policy forbids. Here all processes share one, so a process listens at an address
that nobody is told, and what comes to the Pod's own address passes here. A process of no Pod is the machine itself,
which no policy stops; the gateway is one of those, and is told apart by the names that it asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sandbox.kubernetes.kubelet.callers import End, pod_at

PIECE = 1 << 16


class Door:
    """One port of one Pod."""

    def __init__(self, outside: End, inside: End, lets_in: Callable[[str], bool]) -> None:
        """:param lets_in: whether the Pod of this UID may come in"""
        self._outside, self._inside, self._lets_in = outside, inside, lets_in
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begins to listen. Raises OSError where the port is taken."""
        self._server = await asyncio.start_server(self._come, *self._outside)

    def close(self) -> None:
        """Ends listening; connections end with the process behind."""
        if self._server is not None:
            self._server.close()

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = pod_at(writer.get_extra_info("peername"), self._outside)
        if caller is not None and not self._lets_in(caller):
            writer.transport.abort()
            return
        try:
            theirs, ours = await asyncio.open_connection(*self._inside)
        except OSError:
            writer.transport.abort()
            return
        try:
            await asyncio.gather(_pass(reader, ours), _pass(theirs, writer))
        except OSError:  # one side broke off: so does the other
            ours.transport.abort()
            writer.transport.abort()
        finally:
            ours.close()
            writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """All pieces as they come, then the end."""
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
    writer.write_eof()
