# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a secret shows: in texts, as it is or as clients write it, and on the command lines of a run."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.support.playbook import below

LONG_ENOUGH = 8  # characters of a secret below which its other forms would be found by chance
_PAUSE = 0.02  # seconds between two looks at the processes: a shell of Ansible lives for longer


def forms(secret: str) -> set[str]:
    """A secret as it may stand in a text: plain, quoted for an address, in base64 with anything beside it."""
    plain = {secret, quote(secret, safe=""), quote_plus(secret)}
    if len(secret) < LONG_ENOUGH:
        return plain
    raw = secret.encode()
    for before in range(3):  # the characters at both ends hold bits of what stands beside the secret
        written = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        inner = written[(0, 2, 3)[before] : len(written) - (1 if (before + len(raw)) % 3 else 0)]
        plain |= {inner, inner.replace("+", "-").replace("/", "_")}
    return plain


def shown(secrets: Iterable[str], text: str) -> list[str]:
    """The beginnings of those secrets that a text holds in any form."""
    return sorted({secret[:6] for secret in secrets if secret and any(form in text for form in forms(secret))})


class CommandLines:
    """Runs a command, and collects the command lines of all processes below it while it runs."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._over = threading.Event()

    def run(
        self, command: list[str], folder: Path, variables: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """The command to its end, its output and errors as texts."""
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, env=dict(variables)
        ) as process:
            watch = threading.Thread(target=self._watch, args=(process.pid,), daemon=True)
            watch.start()
            try:
                output, errors = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            finally:
                self._over.set()
                watch.join()
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    def _watch(self, pid: int) -> None:
        while not self._over.wait(_PAUSE):
            for child in below(pid):
                try:
                    self.seen.add(
                        Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    )
                except OSError:  # it has ended
                    continue
