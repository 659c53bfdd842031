# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests at the real server, counted from its access log: the server is not ours, so nothing can be put into it.

A write is a request at the admin API that may change something; what sign-ins store is not counted.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import Counter
from typing import Any

HEADER = "X-Sandbox-Uncounted"
PATTERN = f"access %m %U %s %{{i,{HEADER}}}"
LINE = re.compile(r"access ([A-Z]+) (\S+) (\d{3}) (\S+)\s*$")
READS = ("GET", "HEAD", "OPTIONS")
ASKING = ("/import-config", "/partial-export")  # POSTs of the admin API that only ask


class Counters:
    """Counts; safe to be used by several threads."""

    def __init__(self, relative_path: str) -> None:
        self._admin = relative_path.rstrip("/") + "/admin/"
        self._lock = threading.Lock()
        self._paths: Counter[str] = Counter()
        self._writes = 0
        self._marks: dict[str, threading.Event] = {}

    def take(self, line: str) -> bool:
        """Reads a line of the server's output; True when it is one of the access log's, and so not for people."""
        found = LINE.search(line)
        if found is None:
            return False
        method, path, mark = found[1], found[2].partition("?")[0], found[4]  # a query may hold a code of a sign-in
        with self._lock:
            if mark != "-":
                if mark in self._marks:
                    self._marks[mark].set()
                return True
            self._paths[f"{method} {path}"] += 1
            self._writes += path.startswith(self._admin) and method not in READS and not path.endswith(ASKING)
        return True

    def mark(self) -> tuple[str, threading.Event]:
        """A value for HEADER, and what is set once the request with it stands in the log (and all before it)."""
        name, event = secrets.token_hex(8), threading.Event()
        with self._lock:
            self._marks[name] = event
        return name, event

    def document(self) -> dict[str, Any]:
        """What `/_sandbox/counters` answers."""
        with self._lock:
            return {
                "total": self._paths.total(),
                "writes": self._writes,
                "dry_runs": 0,
                "by_path": dict(sorted(self._paths.items())),
            }

    def clear(self) -> None:
        """Begins anew."""
        with self._lock:
            self._paths.clear()
            self._writes = 0
