# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of the sandbox for one test, started through its front door and ended by its process id."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
READY = 120  # seconds; a busy machine is slow


@contextlib.contextmanager
def running_part(log: Path, ready: str, *command: str, **variables: str) -> Iterator[None]:
    """``bin/sandbox COMMAND…`` in the background, from its first answer at the address ``ready`` to the end.

    ``variables`` are more of its environment.
    """
    front = os.environ.get("SANDBOX", str(ROOT / "bin" / "sandbox"))
    with running(log, ready, front, *command, **variables):
        yield


@contextlib.contextmanager
def running(log: Path, ready: str, *command: str, host: str = "", **variables: str) -> Iterator[None]:
    """Any program in the background, in the same way; HOST is what the server is asked for."""
    named = {"Host": host} if host else {}
    with log.open("w") as out:
        more = {**os.environ, **variables}
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=more, cwd=ROOT)
    try:
        deadline = time.monotonic() + READY
        while True:
            with contextlib.suppress(requests.RequestException):
                if requests.get(ready, headers=named, timeout=2).status_code == 200:
                    break
            assert process.poll() is None and time.monotonic() < deadline, f"{command[0]}: {log.read_text()[-2000:]}"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(15)
