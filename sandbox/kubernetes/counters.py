# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the requests that people and the automation send to the API server, from its audit log."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from sandbox.common import beside
from sandbox.kubernetes.rest import ApiError

# audit verb → HTTP method; all other verbs are GET
WRITES = {"create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE", "deletecollection": "DELETE"}


class Counters:
    """Totals since the start or the last reset. Reads only what was added to the audit log since the last look."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._offset = log.stat().st_size if log.exists() else 0
        self._clear()

    def _clear(self) -> None:
        self.writes = self.dry_runs = self.total = 0
        self.by_path: Counter[str] = Counter()
        self.by_user: Counter[str] = Counter()

    def add(self, event: dict[str, Any]) -> None:
        """One audit event. A refused write persists nothing, a dry run neither: both are no writes."""
        uri = urlsplit(event["requestURI"])
        self.total += 1
        self.by_path[f"{WRITES.get(event['verb'], 'GET')} {uri.path}"] += 1
        self.by_user[event["user"]["username"]] += 1
        if event["verb"] not in WRITES or _is_review(uri.path):
            return
        if "dryRun" in parse_qs(uri.query):
            self.dry_runs += 1
        elif event.get("responseStatus", {}).get("code", 200) < 400:
            self.writes += 1

    def _read(self) -> None:
        if not self._log.exists():
            return
        with self._log.open("rb") as handle:
            handle.seek(self._offset)
            for line in handle:
                if not line.endswith(b"\n"):
                    break  # the server is in the middle of it
                self._offset += len(line)
                self.add(json.loads(line))

    def document(self) -> dict[str, Any]:
        """{"total", "writes", "dry_runs", "by_path": {"METHOD PATH": n}, "by_user": {name: n}}."""
        with self._lock:
            self._read()
            return {
                "total": self.total,
                "writes": self.writes,
                "dry_runs": self.dry_runs,
                "by_path": dict(sorted(self.by_path.items())),
                "by_user": dict(sorted(self.by_user.items())),
            }

    def reset(self) -> None:
        """Sets everything to 0."""
        with self._lock:
            self._read()
            self._clear()


def _is_review(path: str) -> bool:
    """Questions that the API asks as POST: "may I do that?", "who am I?". They persist nothing."""
    return path.startswith(("/apis/authorization.k8s.io/", "/apis/authentication.k8s.io/"))


def serve(counters: Counters, port: int, dump: Callable[[], object]) -> ThreadingHTTPServer:
    """Answers /_sandbox/counters (GET, DELETE) and /_sandbox/dump on 127.0.0.1:port, in a thread of its own."""
    answers = beside.Answers(counters.document, counters.reset, dump, (ApiError, httpx.HTTPError))
    return beside.serve(answers, "127.0.0.1", port)
