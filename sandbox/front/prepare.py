# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be there before parts start: downloads, builds, Debian packages; side by side."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sandbox.front import packages
from sandbox.front.processes import log_file
from sandbox.front.progress import Progress
from sandbox.front.table import KEYCLOAK_PATHS
from sandbox.hub import weights
from sandbox.kubernetes import build

KEYCLOAK_ESTIMATE = 60.0
QUIET_SECONDS = 8.0


class PrepareError(Exception):
    """A download, a build or an installation failed; the text says which and why."""


@dataclass(frozen=True)
class Task:
    """Something to prepare for some parts."""

    name: str
    parts: tuple[str, ...]
    estimate: float
    work: Callable[[], None]


class Commands:
    """The commands that run now, so that a start that fails elsewhere can end them."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, module: str, arguments: list[str], log: Path) -> None:
        """`python -m module arguments`; its output goes to the log. Raises PrepareError with its last line."""
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with log.open("wb") as out:
            command = [sys.executable, "-m", module, *arguments]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            self._running.add(process)
            code = process.wait()
            self._running.discard(process)
        if code != 0:
            lines = log.read_text(errors="replace").strip().splitlines() or ["no output"]
            raise PrepareError(f"python -m {module} failed: {lines[-1]} (whole output: {log})")

    def end(self) -> None:
        """Ends what still runs."""
        for process in list(self._running):
            process.terminate()


def tasks(state: Path, parts: list[str], superdomain: str, commands: Commands) -> list[Task]:
    """What these parts need."""
    found = []
    if "kubernetes" in parts:
        work = _command(commands, "sandbox.kubernetes.build", [], log_file(state, "prepare-kubernetes"))
        found.append(Task("Kubernetes", ("kubernetes",), build.ESTIMATE, work))
    if keycloaks := [part for part in parts if part in KEYCLOAK_PATHS]:
        options = [word for part in keycloaks for word in ("--relative-path", KEYCLOAK_PATHS[part])]
        work = _command(commands, "sandbox.keycloak", ["prepare", *options], log_file(state, "prepare-keycloak"))
        found.append(Task("Keycloak", tuple(keycloaks), KEYCLOAK_ESTIMATE, work))
    if "hub" in parts:
        work = _command(commands, "sandbox.hub.weights", [], log_file(state, "prepare-model"))
        found.append(Task("Model", ("hub",), weights.ESTIMATE, work))
    if served := [part for part in parts if part in ("gateway", "router")]:
        log = log_file(state, "prepare-packages")
        found.append(Task("Debian packages", tuple(served), packages.ESTIMATE, _packages(parts, superdomain, log)))
    return found


def _command(commands: Commands, module: str, arguments: list[str], log: Path) -> Callable[[], None]:
    def work() -> None:
        commands.run(module, arguments, log)

    return work


def _packages(parts: list[str], superdomain: str, log: Path) -> Callable[[], None]:
    def work() -> None:
        try:
            packages.ensure(parts, superdomain, log)
        except packages.PackagesError as error:
            raise PrepareError(str(error)) from error

    return work


class Preparation:
    """Runs the tasks in threads; a part can start as soon as its own task is through."""

    def __init__(self, state: Path, parts: list[str], superdomain: str, progress: Progress) -> None:
        self._progress, self._commands = progress, Commands()
        todo = tasks(state, parts, superdomain, self._commands)
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(todo)))
        self._futures: dict[str, Future[None]] = {}
        for task in todo:
            future = self._pool.submit(self._run, task)
            for part in task.parts:
                self._futures[part] = future

    def _run(self, task: Task) -> None:
        # What is there already takes a moment and is not worth a word.
        name, shown = f"{task.name} (once)", threading.Event()

        def announce() -> None:
            shown.set()
            self._progress.begin(name, task.estimate)

        timer = threading.Timer(QUIET_SECONDS, announce)
        timer.start()
        try:
            task.work()
        finally:
            timer.cancel()
        if shown.is_set():
            self._progress.done(name, "prepared")

    def is_done(self, part: str) -> bool:
        """Is everything there that this part needs? PrepareError as soon as any part lacks something."""
        for ended in {future for future in self._futures.values() if future.done()}:
            # A missing package is told at once, not when the control plane is built, minutes later.
            ended.result()
        future = self._futures.get(part)
        return future is None or future.done()

    def close(self) -> None:
        """Ends what still runs: nobody waits for it any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._commands.end()
