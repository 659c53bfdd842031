# SPDX-License-Identifier: GPL-3.0-or-later
"""moto's WSGI application with the sandbox's controls around it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.common.control import READS, Fault

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
STATUS = {200: "200 OK", 400: "400 Bad Request", 429: "429 Too Many Requests", 500: "500 Internal Server Error"}


class Controlled:
    """Counts requests, plays the faults ``latency``, ``429`` and ``500_before``, tells ``changed`` of every write."""

    def __init__(self, app: Application, changed: Callable[[], None]) -> None:
        self.app, self.changed = app, changed
        self.faults: list[Fault] = []
        self.by_path: Counter[str] = Counter()
        self.writes = 0

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path in ("/_sandbox/counters", "/_sandbox/faults"):
            return self._control(method, path, environ, start)
        self.by_path[f"{method} {path}"] += 1
        self.writes += method not in READS
        fault = next((f for f in self.faults if f.matches(method, path)), None)
        if fault is not None:
            if fault.times is not None:
                fault.times -= 1
            if fault.kind in ("429", "500_before"):
                return _answer(start, int(fault.kind[:3]), {"error": "the sandbox was asked for it"})
            if fault.kind == "latency":
                time.sleep(float(fault.options.get("seconds", 1)))
        body = self.app(environ, start)
        if method not in READS:
            self.changed()
        return body

    def _control(self, method: str, path: str, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if path == "/_sandbox/counters":
            if method == "DELETE":
                self.by_path, self.writes = Counter(), 0
            shown = {"total": self.by_path.total(), "writes": self.writes, "dry_runs": 0}
            return _answer(start, 200, {**shown, "by_path": dict(sorted(self.by_path.items()))})
        if method == "DELETE":
            self.faults = []
        elif method == "PUT":
            try:
                length = int(environ.get("CONTENT_LENGTH") or 0)
                self.faults = [Fault.parse(entry) for entry in json.loads(environ["wsgi.input"].read(length))]
            except (ValueError, TypeError) as error:
                return _answer(start, 400, {"error": str(error)})
        return _answer(start, 200, [fault.shown() for fault in self.faults])


def _answer(start: StartResponse, status: int, data: Any) -> list[bytes]:
    body = json.dumps(data).encode()
    start(STATUS[status], [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
