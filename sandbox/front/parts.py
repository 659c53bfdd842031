# SPDX-License-Identifier: GPL-3.0-or-later
"""What a part of the sandbox is for `up`: a command line, needs, and a check whether it is ready."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from sandbox.front import processes
from sandbox.front.settings import Settings


@dataclass(frozen=True)
class Context:
    """One state folder with its settings."""

    state: Path
    settings: Settings

    def port(self, name: str) -> int:
        """The port that was chosen for a part."""
        return self.settings.ports[name]

    def http(self, name: str) -> str:
        """A part's own address on this machine."""
        return f"http://127.0.0.1:{self.port(name)}"

    def kubeconfig(self, user: str) -> Path:
        """A user's kubeconfig."""
        return self.state / "kubernetes" / f"{user}.kubeconfig"

    @property
    def ca(self) -> Path:
        """The sandbox's certificate authority."""
        return self.state / "ca" / "ca.crt"

    @property
    def policies(self) -> Path:
        """Custom policies: the 3scale operator writes them, the gateway reads them."""
        return self.state / "policies"


Strings = Callable[[Context], list[str]]
Variables = Callable[[Context], dict[str, str]]
Check = Callable[[Context], bool]


@dataclass(frozen=True)
class Part:
    """One background process. `arguments` follow `python -m MODULE`; secrets go through `environment`."""

    name: str
    module: str
    arguments: Strings
    ready: Check
    needs: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    environment: Variables = field(default=lambda _context: {})
    url: Callable[[Context], str] = field(default=lambda _context: "")
    control: Callable[[Context], str] = field(default=lambda _context: "")
    credentials: Callable[[Context], dict[str, Any]] = field(default=lambda _context: {})
    estimate: float = 5.0

    def command(self, context: Context) -> list[str]:
        """The whole command line."""
        return [sys.executable, "-m", self.module, *self.arguments(context)]


def says_ready(part: str) -> Check:
    """Ready when the log of this start says so."""

    def check(context: Context) -> bool:
        log = processes.log_file(context.state, part)
        return log.exists() and "ready: " in log.read_text(errors="replace")

    return check


def answers(port: str, path: str, good: Callable[[int], bool] = lambda status: status < 500) -> Check:
    """Ready when the part answers a request."""

    def check(context: Context) -> bool:
        try:
            answer = httpx.get(f"{context.http(port)}{path}", timeout=5, trust_env=False)
        except httpx.HTTPError:
            return False
        return good(answer.status_code)

    return check


def listens(port: Callable[[Context], int]) -> Check:
    """Ready when somebody accepts connections."""

    def check(context: Context) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port(context)), timeout=2):
                return True
        except OSError:
            return False

    return check
