# SPDX-License-Identifier: GPL-3.0-or-later
"""Background processes by their pid files: started, looked after, ended. Nothing is ever ended by its name."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from sandbox.front.settings import write_json

END_SECONDS = 40.0


@dataclass(frozen=True)
class Running:
    """A process that `up` started; `born` is its start time: a pid alone can be somebody else's later."""

    part: str
    pid: int
    born: int

    @property
    def alive(self) -> bool:
        """Does this very process still run?"""
        return _born(self.pid) == self.born


def _born(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def pid_file(state: Path, part: str) -> Path:
    """Where a part's process is noted."""
    return state / "run" / f"{part}.json"


def log_file(state: Path, part: str) -> Path:
    """Where a part's output goes."""
    return state / "logs" / f"{part}.log"


def find(state: Path, part: str) -> Running | None:
    """The part's process when it runs."""
    path = pid_file(state, part)
    try:
        noted = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    running = Running(part, noted["pid"], noted["born"])
    return running if running.alive else None


def started_parts(state: Path) -> list[str]:
    """The parts that have a pid file, running or not."""
    return sorted(path.stem for path in (state / "run").glob("*.json"))


def start(state: Path, part: str, command: list[str], environment: dict[str, str]) -> Running:
    """Starts a part in the background; its log begins anew, the one before is kept beside it."""
    log = log_file(state, part)
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    born = _born(process.pid)
    running = Running(part, process.pid, born if born is not None else -1)
    write_json(pid_file(state, part), {"pid": running.pid, "born": running.born})
    return running


def reap(pid: int) -> int | None:
    """The exit code of a child of ours that ended; None while it runs or when it is no child of ours."""
    with contextlib.suppress(ChildProcessError):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
    return None


def end(state: Path, parts: list[str], seconds: float = END_SECONDS) -> list[str]:
    """Ends these parts side by side; answers which had to be killed."""
    running = {part: found for part in parts if (found := find(state, part))}
    for found in running.values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    left = dict(running)
    while left and time.monotonic() < deadline:
        for part, found in list(left.items()):
            reap(found.pid)
            if not found.alive:
                del left[part]
        time.sleep(0.05)
    for found in left.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(found.pid, signal.SIGKILL)
    for part in parts:
        pid_file(state, part).unlink(missing_ok=True)
    return sorted(left)


def last_words(state: Path, part: str, lines: int = 5) -> str:
    """The end of a part's log, for an error message."""
    log = log_file(state, part)
    if not log.exists():
        return "it wrote no log"
    text = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return "\n  ".join(text[-lines:]) or "its log is empty"
