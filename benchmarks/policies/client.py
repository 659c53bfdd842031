# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that does next to nothing: requests are bytes made before, answers are counted and thrown away."""

from __future__ import annotations

import socket
import time
from types import TracebackType

BODY = b'{"model":"granite","messages":[{"role":"user","content":"Hello, who are you?"}],"temperature":0.2,"stream":%s}'


def _request(host: str, kind: str, connection: str, key: str = "KEY") -> bytes:
    body = BODY % (b"true" if kind.startswith("events") else b"false")
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAuthorization: {key}\r\nX-Bench: {kind}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: {connection}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """A connection that is kept, for answers with a Content-Length."""

    def __init__(self, port: int, host: str) -> None:
        self.port, self.host = port, host
        self.buffer = bytearray(1 << 20)
        self.open()

    def open(self) -> None:
        """Connects; also anew, where the gateway has served enough on a connection and closes it."""
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.socket.close()

    def ask(self, kind: str, key: str = "KEY") -> None:
        """One request; the answer is read to its end."""
        self.socket.sendall(_request(self.host, kind, "keep-alive", key))
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError(f"{self.host}: the gateway closed the connection")
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(f"{self.host}: {head[:200]!r}")
        at = head.lower().index(b"content-length: ") + 16
        missing = int(head[at : head.find(b"\r\n", at) if b"\r\n" in head[at:] else None]) - len(rest)
        while missing > 0:
            missing -= self.socket.recv_into(self.buffer)
        if b"connection: close" in head.lower():
            self.socket.close()
            self.open()

    def timed(self, kind: str) -> float:
        """Seconds of one request."""
        began = time.perf_counter()
        self.ask(kind)
        return time.perf_counter() - began


def once(port: int, host: str, kind: str) -> int:
    """One request on a connection of its own, for answers of any length; how many bytes came."""
    size, buffer = 0, bytearray(1 << 20)
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall(_request(host, kind, "close"))
        while True:
            count = connection.recv_into(buffer)
            if not count:
                return size
            size += count
