# SPDX-License-Identifier: GPL-3.0-or-later
"""Start one part of the sandbox as its own process and wait until it answers: for tests and tools."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait until ``url`` gives any HTTP answer; ``RuntimeError`` when the process ends or the time is up first."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{url}: the process ended with {process.returncode} before it answered")
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url}: no answer within {seconds:.0f} s")


@contextmanager
def running(module: str, arguments: list[str], url: str, log: Path, seconds: float = 30) -> Iterator[str]:
    """``python -m module arguments`` while the block runs; yields ``url``; output goes to ``log``."""
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    with log.open("wb") as out:
        command = [sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=REPO)
        try:
            wait_for(url, process, seconds)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
