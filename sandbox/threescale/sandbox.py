# SPDX-License-Identifier: GPL-3.0-or-later
"""The installation: configuration, store, background work. Everything that is not HTTP hangs on this."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .config import Config
from .schema import TABLES
from .store import Database, Row, StateFile

Job = Callable[["Sandbox", dict[str, Any]], None]
_JOBS: dict[str, Job] = {}


def job(kind: str) -> Callable[[Job], Job]:
    """Decorator: the function does the background work of this kind; it is run inside a transaction."""

    def register(function: Job) -> Job:
        _JOBS[kind] = function
        return function

    return register


class Sandbox:
    """One 3scale installation."""

    def __init__(self, config: Config, state: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.config = config
        self.db = Database(TABLES, clock=clock)
        self.state_file: StateFile | None = None
        if state is not None:
            self.state_file = StateFile(state)
            gc.disable()  # nothing of what is loaded is garbage
            self.state_file.load_into(self.db)
            gc.freeze()
            gc.enable()
            self.db.journal = self.state_file
        self.lag = 0.0  # seconds that quick background work takes; see faults.py
        self._next_job = 0.0 if self.db.rows["jobs"] else float("inf")

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.db.clock()

    # -- accounts

    def master(self) -> Row | None:
        """The master account, or None before the installation is seeded."""
        return self.db.get("accounts", 1)

    def installation(self) -> Row | None:
        """The row of the installation's own facts."""
        return self.db.first("installation")

    def account_of_host(self, host: str) -> tuple[str, Row | None]:
        """(kind, account) of a Host without port: "admin", "portal", "master", "backend", "storage", "unknown"."""
        host = host.lower()
        if host == self.config.master_domain:
            return "master", self.master()
        account = self.db.first("accounts", self_domain=host)
        if account is not None:
            return "admin", account
        account = self.db.first("accounts", domain=host)
        if account is not None:
            return "portal", account
        if self.config.files == "s3" and host == self.config.storage_domain:
            return "storage", None
        label, _, domain = host.partition(".")
        if domain == self.config.superdomain and (label == "backend" or label.startswith("backend-")):
            return "backend", None
        return "unknown", None

    def backend_host(self) -> str:
        """Host of the backend, named after the first tenant: `backend-maas.apps.localhost`."""
        found = self.installation()
        label = f"backend-{found['backend_name']}" if found and found["backend_name"] else "backend"
        return f"{label}.{self.config.superdomain}"

    # -- background work

    def later(self, seconds: float, kind: str, **arguments: Any) -> None:
        """Have the work of this kind done after so many seconds (at the first request then)."""
        if kind not in _JOBS:
            raise KeyError(f"no background work of the kind {kind}")
        run_at = self.now() + seconds
        self.db.insert("jobs", run_at=run_at, kind=kind, arguments=arguments)
        self._next_job = min(self._next_job, run_at)

    def soon(self, kind: str, **arguments: Any) -> None:
        """Have quick background work done: at once, or as late as the fault `lag` says."""
        if self.lag:
            self.later(self.lag, kind, **arguments)
        else:
            _JOBS[kind](self, arguments)

    def run_due(self, until: float | None = None) -> None:
        """Do the background work that is due; each piece in a transaction of its own."""
        moment = self.now() if until is None else until
        while moment >= self._next_job:
            waiting = sorted(self.db.rows["jobs"].values(), key=lambda row: (row["run_at"], row["id"]))
            due = [row for row in waiting if row["run_at"] <= moment]
            for row in due:
                with self.db.transaction():
                    self.db.delete("jobs", row)
                    _JOBS[row["kind"]](self, row["arguments"])
            rest = [row["run_at"] for row in self.db.rows["jobs"].values()]
            self._next_job = min(rest, default=float("inf"))
            if not due:
                break
