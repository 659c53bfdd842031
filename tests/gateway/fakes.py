# SPDX-License-Identifier: GPL-3.0-or-later
"""A model server that plays scripts byte for byte, and a backend that keeps what it is asked and told."""

from __future__ import annotations

import socket
import threading
import time
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.gateway.fakes import FakeThreeScale, Seen, Verdict, _Handler

Piece = bytes | float  # bytes to send at once, or seconds to wait
CUT = -1.0  # break the connection off


@dataclass
class Script:
    """One answer. length: with Content-Length instead of chunks (-1: neither, the end of the connection ends it)."""

    pieces: Sequence[Piece] = ()
    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    length: int | None = None

    def head(self) -> bytes:
        """Status line and headers."""
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {value}" for name, value in self.headers.items())]
        if self.length is None:
            lines.append("Transfer-Encoding: chunked")
        elif self.length >= 0:
            lines.append(f"Content-Length: {self.length}")
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


@dataclass
class Request:
    """What reached the model. Header names in lower case; body as it came."""

    method: str
    path: str
    headers: dict[str, list[str]]
    body: bytes


class ScriptedModel:
    """Answers each request with the script that its X-Script header names."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.seen: dict[str, Request] = {}
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                request = read_request(connection)
                name = request.headers.get("x-script", [""])[0]
                self.seen[name] = request
                self._play(connection, self.scripts[name], request.method)
            except OSError:
                return

    @staticmethod
    def _play(connection: socket.socket, script: Script, method: str) -> None:
        connection.sendall(script.head())
        for piece in script.pieces if method != "HEAD" else ():
            if isinstance(piece, float):
                if piece == CUT:
                    return
                time.sleep(piece)
            elif piece:
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if script.length is None else piece)
        if script.length is None and method != "HEAD":
            connection.sendall(b"0\r\n\r\n")

    def close(self) -> None:
        """Stops listening."""
        self.socket.close()


def read_request(connection: socket.socket) -> Request:
    """One request with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise ConnectionResetError
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _colon, value = line.partition(":")
        headers.setdefault(name.lower(), []).append(value.strip())
    missing = int(headers.get("content-length", ["0"])[0]) - len(body)
    while missing > 0:
        more = connection.recv(min(missing, 1 << 20))
        if not more:
            break
        body += more
        missing -= len(more)
    method, path, _version = first.split(" ")
    return Request(method, path, headers, body)


class FakeBackend(FakeThreeScale):
    """Proxy configurations, and a backend that tells authorizations from reports."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[tuple[str, dict[str, int]]] = []  # (user_key, usage)
        self.attempts = 0
        self.order: list[tuple[str, str]] = []  # (user_key, path) of every call and report
        self.report_takes = 0.0  # seconds
        self.refusals: list[int] = []  # status codes for the next reports, instead of 202
        self.metrics: dict[str, Verdict] = {}  # what is said to a call that names a metric
        self.foretold: dict[str, Verdict] = {}  # the same for calls that only ask

    def _backend(self, handler: _Handler, seen: Seen) -> None:
        form = dict(urllib.parse.parse_qsl(seen.body.decode()))
        self.order.append((seen.query.get("user_key", form.get("transactions[0][user_key]", "")), seen.path))
        if seen.method == "POST":
            time.sleep(self.report_takes)
            self._report(handler, seen)
            return
        said = {**self.metrics, **(self.foretold if seen.path.endswith("/authorize.xml") else {})}
        for metric, verdict in said.items():
            if metric in seen.usage and not self.down:
                self.calls.append(seen)
                names = {name.replace("-", "_"): text for name, text in verdict.headers.items()}
                handler.send(verdict.status, b"", **names)
                return
        super()._backend(handler, seen)

    def _report(self, handler: _Handler, seen: Seen) -> None:
        form: dict[str, Any] = dict(urllib.parse.parse_qsl(seen.body.decode(), keep_blank_values=True))
        self.attempts += 1
        status = self.refusals.pop(0) if self.refusals else 202
        handler.send(status)
        if status == 202:
            start = "transactions[0][usage]["
            usage = {name[len(start) : -1]: int(value) for name, value in form.items() if name.startswith(start)}
            self.reports.append((form["transactions[0][user_key]"], usage))

    def report_of(self, key: str, seconds: float = 10) -> dict[str, int]:
        """The usage reported for a key, when it is there; fails if there is more than one or none."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = [usage for name, usage in self.reports if name == key]
            if found:
                assert len(found) == 1
                return found[0]
            time.sleep(0.005)
        raise AssertionError(f"no report for {key}")

    def settled(self, key: str) -> list[dict[str, int]]:
        """All reports for a key; call it when something that comes later is known to have come."""
        return [usage for name, usage in self.reports if name == key]
