# SPDX-License-Identifier: GPL-3.0-or-later
"""One local process that stands for a container, in a process group of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

# Marks every process of a Pod, so that a kubelet that was killed finds at its next start what it left behind.
MARK = "SANDBOX_POD_UID"


class StartError(Exception):
    """The process can't be started; the text is what a container runtime would say."""


class Process:
    """A started process; its output goes to `log`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, argv: list[str], env: Mapping[str, str], folder: Path, log: Path) -> Process:
        """Starts `argv`; its program is looked for in the PATH of `env`. Raises StartError."""
        if not argv:
            raise StartError("no command specified")
        program = shutil.which(argv[0], path=env.get("PATH"))
        if program is None:
            raise StartError(f'exec: "{argv[0]}": executable file not found in $PATH')
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with log.open("ab") as out:
            try:
                process = await asyncio.create_subprocess_exec(
                    program,
                    *argv[1:],
                    env=dict(env),
                    cwd=folder,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            except OSError as error:
                raise StartError(f'exec: "{argv[0]}": {error.strerror}') from error
        return cls(process)

    async def wait(self) -> int:
        """The exit code; 128 + n after signal n, as a container runtime reports it."""
        code = await self._process.wait()
        self._signal(signal.SIGKILL)  # what the process left behind in its group goes with it, as in a container
        return code if code >= 0 else 128 - code

    async def end(self, grace: float) -> None:
        """SIGTERM, after `grace` seconds SIGKILL, to the whole group."""
        if self._process.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), grace)
            except TimeoutError:
                self._signal(signal.SIGKILL)
                await self._process.wait()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def marked() -> Iterator[tuple[Path, str]]:
    """Every process of this machine that belongs to a Pod: its folder below /proc, and the Pod's UID."""
    prefix = f"{MARK}=".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark := next((item for item in variables if item.startswith(prefix)), None):
            yield entry, mark.removeprefix(prefix).decode()


def end_leftovers(pod_uids: set[str] | None = None) -> int:
    """Kills processes of an earlier kubelet of this state that carry the mark; answers how many there were."""
    count = 0
    for entry, uid in marked():
        if pod_uids is None or uid in pod_uids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(entry.name), signal.SIGKILL)
                count += 1
    return count
