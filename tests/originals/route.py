# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster's router as an operator sees it: every host behind TLS. It is reached as a proxy: no name is known here."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
    writer.close()


class Route:
    """Answers CONNECT to any host with its own certificate and hands what comes then to `port`, unencrypted."""

    def __init__(self, port: int, hosts: list[str]) -> None:
        authority = trustme.CA()
        self._port = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*hosts).configure_cert(self._context)

    async def serve(self) -> asyncio.Server:
        """Listens at a free port."""
        return await asyncio.start_server(self._connection, "127.0.0.1", 0)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # a client that does not trust us hangs up
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            await writer.start_tls(self._context)
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self._port)
            await asyncio.gather(_copy(reader, back_writer), _copy(back_reader, writer))


@contextmanager
def route(port: int, hosts: list[str], state: Path) -> Iterator[str]:
    """In force while the block runs; its address. An operator that is started with `state` goes through it."""
    made = Route(port, hosts)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(made.serve(), loop).result()
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    state.mkdir(parents=True)
    (state / "proxy").write_text(address)
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
