# SPDX-License-Identifier: GPL-3.0-or-later
"""A 3scale stand-in for one test: started through the sandbox's front door on a free port, ended by its process id."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
#: the release that the stand-in plays unless a test names one; none: its default
RELEASE = os.environ.get("THREESCALE_RELEASE", "")
OLDER = RELEASE == "2.15"
NEEDS_2_16 = pytest.mark.skipif(OLDER, reason="3scale 2.15 has not got it, and the modules say so (test_older_release)")
READY = 120  # seconds; it starts in about two, on a busy machine much later


@dataclass(frozen=True)
class Standin:
    """A running stand-in with one fresh tenant. ``url`` needs a Host header; ``admin_url`` does not."""

    url: str
    superdomain: str
    tenant: str
    token: str
    master_token: str

    @property
    def admin_url(self) -> str:
        """The tenant's Admin API for a client that can't set the Host header."""
        return f"{self.url}/_host/{self.tenant}-admin.{self.superdomain}"

    @property
    def portal_url(self) -> str:
        """The tenant's developer portal for a client that can't set the Host header."""
        return f"{self.url}/_host/{self.tenant}.{self.superdomain}"

    @property
    def master_url(self) -> str:
        """The master API for a client that can't set the Host header."""
        return f"{self.url}/_host/master.{self.superdomain}"

    def counters(self) -> dict[str, object]:
        """Requests so far: ``{"total", "writes", "dry_runs", "by_path": {…}}``."""
        counted: dict[str, object] = requests.get(f"{self.url}/_sandbox/counters", timeout=10).json()
        return counted

    def reset_counters(self) -> None:
        """Begin to count anew."""
        requests.delete(f"{self.url}/_sandbox/counters", timeout=10)

    def dump(self) -> dict[str, object]:
        """Every object, in a stable order."""
        dumped: dict[str, object] = requests.get(f"{self.url}/_sandbox/dump", timeout=30).json()
        return dumped

    def faults(self, *faults: dict[str, object]) -> None:
        """Switch these faults on, and all others off."""
        requests.put(f"{self.url}/_sandbox/faults", json=[*faults], timeout=10).raise_for_status()


def _command(port: int, standin: Standin, more: list[str]) -> list[str]:
    front = os.environ.get("SANDBOX", str(ROOT / "bin" / "sandbox"))
    named = ["--superdomain", standin.superdomain, "--tenant", standin.tenant]
    tokens = ["--token", standin.token, "--master-token", standin.master_token]  # worth nothing beyond this process
    release = ["--release", RELEASE] if RELEASE and "--release" not in more else []
    return [front, "threescale", "--port", str(port), *named, *tokens, *release, *more]


@contextlib.contextmanager
def running_standin(
    *more: str,
    superdomain: str = "apps.example.com",
    tenant: str = "maas",
    port: int | None = None,
    tokens: tuple[str, str] | None = None,
) -> Iterator[Standin]:
    """Start a stand-in with the further flags ``more``; yield it when it answers; end it.

    ``port``: a free one; ``tokens`` of the tenant and of the master account: made up.
    """
    port = port or free_port()
    tokens = tokens or (secrets.token_hex(32), secrets.token_hex(32))
    standin = Standin(f"http://127.0.0.1:{port}", superdomain, tenant, *tokens)
    with tempfile.TemporaryFile("w+") as log:
        command, surroundings = _command(port, standin, list(more)), {"THREESCALE_SETUP_SECONDS": "1", **os.environ}
        process = subprocess.Popen(command, env=surroundings, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(process, standin, log)
            yield standin
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], standin: Standin, log: object) -> None:
    deadline = time.monotonic() + READY
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{standin.url}/_sandbox/counters", timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    log.seek(0)  # type: ignore[attr-defined]
    raise RuntimeError(f"the stand-in did not start: {log.read()[-2000:]}")  # type: ignore[attr-defined]
