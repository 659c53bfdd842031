# SPDX-License-Identifier: GPL-3.0-or-later
"""The process of a real operator: started, waited for, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

READY_SECONDS = 120
#: Does the operator work?
Ready = Callable[[], Awaitable[bool]]


class StartError(Exception):
    """The operator did not come up; the text says why."""


def answers(url: str) -> Ready:
    """Ready as soon as `url` answers 200."""

    async def ready() -> bool:
        async with httpx.AsyncClient(trust_env=False) as http:
            with contextlib.suppress(httpx.HTTPError):
                return (await http.get(url)).status_code == 200
        return False

    return ready


class Process:
    """One operator on this machine, as a cluster administrator."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def start(
        self, command: list[str], kubeconfig: Path, own: dict[str, str], ready: Ready, stop: asyncio.Event
    ) -> str:
        """Returns when it is `ready`; the text tells process and seconds. Raises StartError.

        :param own: environment variables of this operator; those of a proxy are not handed down
        """
        begun = time.monotonic()
        inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        environment = {**inherited, "KUBECONFIG": str(kubeconfig), **own}
        self._process = await asyncio.create_subprocess_exec(*command, env=environment)
        await self._until(ready, self._process, stop)
        return f"process {self._process.pid}, {time.monotonic() - begun:.1f} s to ready"

    @staticmethod
    async def _until(ready: Ready, process: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
        end = time.monotonic() + READY_SECONDS
        while not stop.is_set() and not await ready():
            if process.returncode is not None:
                raise StartError(f"it ended with code {process.returncode} before it was ready; see its log above")
            if time.monotonic() > end:
                raise StartError(f"it is not ready after {READY_SECONDS} s; see its log above")
            await asyncio.sleep(0.1)

    async def wait(self, stop: asyncio.Event) -> int:
        """Until `stop` (0) or until it ends by itself (1)."""
        assert self._process is not None
        ended, stopped = asyncio.create_task(self._process.wait()), asyncio.create_task(stop.wait())
        await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in (ended, stopped):
            task.cancel()
        return 0 if stop.is_set() else 1

    async def stop(self) -> None:
        """Ends it, if it runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
