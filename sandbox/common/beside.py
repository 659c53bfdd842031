# SPDX-License-Identifier: GPL-3.0-or-later
"""`/_sandbox/counters` and `/_sandbox/dump` of a part that is not ours, on a port beside it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answers:
    """What is answered: documents, and which exceptions mean that the part itself can't be asked (503)."""

    counters: Callable[[], object]
    reset: Callable[[], None]
    dump: Callable[[], object]
    troubles: tuple[type[Exception], ...]


class _Handler(BaseHTTPRequestHandler):
    answers: Answers

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        """Counters or dump."""
        found = {"/_sandbox/counters": self.answers.counters, "/_sandbox/dump": self.answers.dump}.get(self.path)
        if found is None:
            self._answer(404, {"error": f"no {self.path} here, only /_sandbox/counters and /_sandbox/dump"})
            return
        try:
            self._answer(200, found())
        except self.answers.troubles as error:
            self._answer(503, {"error": str(error)})

    def do_DELETE(self) -> None:  # noqa: N802 - http.server's name
        """Counters to 0."""
        if self.path != "/_sandbox/counters":
            self._answer(404, {"error": f"no {self.path} here, only /_sandbox/counters"})
            return
        try:
            self.answers.reset()
        except self.answers.troubles as error:
            self._answer(503, {"error": str(error)})
            return
        self._answer(204)

    def _answer(self, status: int, document: object = None) -> None:
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Silent: tests read the counters in loops, and these are not the part's own requests."""


def serve(answers: Answers, host: str, port: int) -> ThreadingHTTPServer:
    """Answers in a thread of its own; raises OSError when the port can't be had."""
    handler = type("Handler", (_Handler,), {"answers": answers})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="beside").start()
    return server
