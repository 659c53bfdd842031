# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests came in: `/_sandbox/counters`."""

from __future__ import annotations

from collections import Counter
from typing import Any


class Counters:
    """Requests since the start or the last reset."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Set all to 0."""
        self.total = self.writes = self.dry_runs = 0
        self.by_path: Counter[str] = Counter()

    def count(self, method: str, path: str, query: bytes, length: bytes = b"") -> None:
        """Count one request; one that only tries (`dryRun=All`) is no write; a PUT of `{}` reads what has no GET."""
        self.total += 1
        if b"dryRun=All" in query:
            self.dry_runs += 1
        elif method not in ("GET", "HEAD", "OPTIONS") and (method, length) != ("PUT", b"2"):
            self.writes += 1
        self.by_path[f"{method} {path}"] += 1

    def as_json(self) -> dict[str, Any]:
        """{"total", "writes", "dry_runs", "by_path": {"GET /admin/api/services.json": 2}}."""
        return {
            "total": self.total,
            "writes": self.writes,
            "dry_runs": self.dry_runs,
            "by_path": dict(sorted(self.by_path.items())),
        }
