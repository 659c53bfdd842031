# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Keycloak for one test session: started through the sandbox's front door, ended by its process id."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
FRONT = os.environ.get("SANDBOX", str(ROOT / "bin" / "sandbox"))
READY = 900  # seconds; the first start on a machine downloads and builds, then it takes about fifteen
ADMIN = "admin"


@dataclass(frozen=True)
class Keycloak:
    """A running server; ``control`` answers counters and dump, ``folder`` is this server's own."""

    url: str
    control: str
    password: str
    folder: Path

    def counters(self) -> dict[str, Any]:
        """Requests so far: ``{"total", "writes", "dry_runs", "by_path": {…}}``."""
        counted: dict[str, Any] = requests.get(f"{self.control}/_sandbox/counters", timeout=10).json()
        return counted

    def reset_counters(self) -> None:
        """Begin to count anew."""
        requests.delete(f"{self.control}/_sandbox/counters", timeout=10).raise_for_status()

    def dump(self) -> list[dict[str, Any]]:
        """All realms with what is in them, in a stable order, secrets masked."""
        dumped: list[dict[str, Any]] = requests.get(f"{self.control}/_sandbox/dump", timeout=60).json()
        return dumped

    def realm(self, name: str) -> dict[str, Any] | None:
        """One realm of the dump."""
        return next((realm for realm in self.dump() if realm["realm"] == name), None)

    def admin(self, method: str, path: str, **body: Any) -> str:
        """One request of the admin API by the administrator; what it made, by its id (else empty)."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": self.password}
        asked = requests.post(f"{self.url}/realms/master/protocol/openid-connect/token", data=form, timeout=30)
        headers = {"Authorization": f"Bearer {asked.json()['access_token']}"}
        answer = requests.request(method, f"{self.url}/admin/{path}", json=body or None, headers=headers, timeout=60)
        answer.raise_for_status()
        return answer.headers.get("Location", "").rpartition("/")[2]

    def company(self) -> dict[str, str]:
        """Make the realm that plays the company's provider: issuer, client_id, client_secret, user, password, email."""
        file = self.folder / "company.json"
        arguments = ["keycloak", "company", "--url", self.url, "--admin-user", ADMIN, "--credentials", str(file)]
        subprocess.run([FRONT, *arguments], env=_environment(self.password), check=True, capture_output=True)
        facts: dict[str, str] = json.loads(file.read_text())
        return facts


def _environment(password: str) -> dict[str, str]:
    return {**os.environ, "KC_BOOTSTRAP_ADMIN_PASSWORD": password}


@contextlib.contextmanager
def running_keycloak(folder: Path, relative_path: str = "/") -> Iterator[Keycloak]:
    """Start a server with its state in ``folder``; yield it when it is ready; end it."""
    port, control = free_port(), free_port()
    url = f"http://127.0.0.1:{port}{relative_path.rstrip('/')}"
    keycloak = Keycloak(url, f"http://127.0.0.1:{control}", secrets.token_hex(24), folder)
    ports = ["--port", str(port), "--management-port", str(free_port()), "--counters-port", str(control)]
    command = [FRONT, "keycloak", *ports, "--relative-path", relative_path, "--admin-user", ADMIN]
    log = folder / "keycloak.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--state", str(folder / "state")],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=_environment(keycloak.password),
        )
    try:
        deadline = time.monotonic() + READY
        while "keycloak: ready at" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Keycloak did not start: {log.read_text()[-2000:]}")
            time.sleep(0.2)
        yield keycloak
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
