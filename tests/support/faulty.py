# SPDX-License-Identifier: GPL-3.0-or-later
"""A line on which things go wrong: a proxy before a server, with one fault of one kind at a chosen request.

It stands between one run and the server, 3scale's stand-in as well as a real Keycloak, so that any number of runs go
wrong side by side, each in its own way, and each is counted by itself.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

READS = ("GET", "HEAD", "OPTIONS")
ASKING = ("/protocol/openid-connect/token", "/import-config", "/partial-export")  # POSTs that change nothing
PAGE = b"<!DOCTYPE html><html><head><title>Log in</title></head><body><form>Password</form></body></html>"
PIECES, PAUSE = 8, 0.02  # a slow body; seconds between two pieces
#: Kinds of faults: before a request is handled, after it was, or in its answer.
KINDS = (
    "429",
    "429 Retry-After",
    "500 before",
    "500 after",
    "drop before",
    "drop after",
    "truncated",
    "slow",
    "stalled",
    "HTML",
    "killed before",
    "killed after",
)
KILLS = KINDS[-2:]


def is_write(method: str, path: str) -> bool:
    """Whether a request may change something."""
    return method not in READS and not path.partition("?")[0].endswith(ASKING)


@dataclass
class Fault:
    """What goes wrong: at the ``at``-th request from 0 on (of the writes, with ``writes``), and how often."""

    kind: str
    at: int = 0
    writes: bool = True
    times: int = 1
    stall: float = 0.0  # seconds of silence in the middle of an answer: longer than the client's patience
    kill: Callable[[], None] = field(default=lambda: None, repr=False)


@dataclass
class Line:
    """A proxy's address, what came by, and the fault that is on."""

    url: str = ""
    fault: Fault | None = None
    requests: list[tuple[str, str]] = field(default_factory=list)
    struck: int = 0  # requests that went wrong
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def expect(self, fault: Fault | None) -> None:
        """Begin to count anew, with this fault to come."""
        with self._lock:
            self.fault, self.struck = fault, 0
            self.requests.clear()

    @property
    def writes(self) -> int:
        """Requests since then that may have changed something."""
        with self._lock:
            return sum(is_write(method, path) for method, path in self.requests)

    def take(self, method: str, path: str) -> Fault | None:
        """Count a request; the fault, if it is this one's turn."""
        with self._lock:
            fault = self.fault
            counts = fault is not None and (not fault.writes or is_write(method, path))
            turn = sum(not fault.writes or is_write(*seen) for seen in self.requests) if fault else 0
            self.requests.append((method, path))
            if fault is None or not counts or not fault.at <= turn < fault.at + fault.times:
                return None
            self.struck += 1
            return fault


@dataclass(frozen=True)
class Answer:
    """What the server behind the line said."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    line: Line
    behind: str  # HOST:PORT

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        """Any method: pass it on, or not."""
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # an empty change reads what has no GET
        fault = self.line.take("GET" if (self.command, sent) == ("PUT", b"{}") else self.command, self.path)
        kind = fault.kind if fault else ""
        refusal = _refusal(kind)
        if fault and kind in KILLS:
            fault.kill()
        if kind in ("drop before", "killed before"):
            self._cut()
            return
        answer = refusal or self._behind(sent)
        if kind in ("drop after", "killed after"):
            self._cut()
        elif kind == "500 after":
            self._send(Answer(500, [("Content-Type", "application/json")], b'{"error":"Internal Server Error"}'))
        elif fault and kind in ("truncated", "slow", "stalled"):
            self._spoil(answer, kind, fault.stall)
        else:
            self._send(answer)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815 (http.server's names)

    def _behind(self, sent: bytes) -> Answer:
        connection = http.client.HTTPConnection(self.behind, timeout=60)
        with contextlib.closing(connection):
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, self.path, sent or None, headers)
            answer = connection.getresponse()
            dropped = ("transfer-encoding", "connection", "content-length", "keep-alive")
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in dropped]
            return Answer(answer.status, kept, answer.read())

    def _head(self, answer: Answer) -> bytes:
        lines = [f"HTTP/1.1 {answer.status} {http.client.responses.get(answer.status, '')}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        lines += [] if answer.status == 204 else [f"Content-Length: {len(answer.body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _send(self, answer: Answer) -> None:
        self.wfile.write(self._head(answer) + answer.body)

    def _spoil(self, answer: Answer, kind: str, stall: float) -> None:
        body, middle = answer.body, len(answer.body) // 2
        if kind == "slow":
            self.wfile.write(self._head(answer))
            for at in range(PIECES):
                time.sleep(PAUSE)
                self.wfile.write(body[at * len(body) // PIECES : (at + 1) * len(body) // PIECES])
            return
        # of an answer without a body only the head can be cut
        self.wfile.write((self._head(answer) + body)[: -middle or -4])
        if kind == "stalled":
            time.sleep(stall)
        self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _refusal(kind: str) -> Answer | None:
    """The answer of a fault that lets nothing through."""
    plain = [("Content-Type", "application/json")]
    return {
        "429": Answer(429, plain, b'{"error":"Too Many Requests"}'),
        "429 Retry-After": Answer(429, [*plain, ("Retry-After", "1")], b'{"error":"Too Many Requests"}'),
        "500 before": Answer(500, plain, b'{"error":"Internal Server Error"}'),
        "HTML": Answer(200, [("Content-Type", "text/html; charset=utf-8")], PAGE),
    }.get(kind)


class _Server(ThreadingHTTPServer):
    """Quiet about clients that were killed in the middle of a request."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the run that is tried tells what it saw."""


@contextlib.contextmanager
def faulty_line(url: str) -> Iterator[Line]:
    """A line to the server at ``url``; without a fault until one is expected."""
    address = urlsplit(url)
    line = Line()
    handler = type("Handler", (_Handler,), {"line": line, "behind": address.netloc})
    with _Server(("127.0.0.1", 0), handler) as server:
        line.url = address._replace(netloc=f"127.0.0.1:{server.server_address[1]}").geturl()
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield line
        server.shutdown()
