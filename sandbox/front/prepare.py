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


def tasks(state: Path, parts: list[str], superdomain: str) -> list[Task]:
    """What these parts need."""
    found = []
    if "kubernetes" in parts:
        found.append(Task("Kubernetes", ("kubernetes",), build.ESTIMATE, _kubernetes))
    if keycloaks := [part for part in parts if part in KEYCLOAK_PATHS]:
        work = _keycloak(state, [KEYCLOAK_PATHS[part] for part in keycloaks])
        found.append(Task("Keycloak", tuple(keycloaks), KEYCLOAK_ESTIMATE, work))
    if served := [part for part in parts if part in ("gateway", "router")]:
        log = log_file(state, "prepare-packages")
        work = _packages(parts, superdomain, log)
        found.append(Task("Debian packages", tuple(served), packages.ESTIMATE, work))
    return found


def _kubernetes() -> None:
    try:
        build.ensure()
    except build.BuildError as error:
        raise PrepareError(str(error)) from error


def _keycloak(state: Path, paths: list[str]) -> Callable[[], None]:
    def work() -> None:
        log = log_file(state, "prepare-keycloak")
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        options = [part for path in paths for part in ("--relative-path", path)]
        command = [sys.executable, "-m", "sandbox.keycloak", "prepare", *options]
        with log.open("wb") as out:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
        if done.returncode != 0:
            lines = log.read_text(errors="replace").strip().splitlines() or ["no output"]
            raise PrepareError(f"Keycloak can't be prepared: {lines[-1]} (whole output: {log})")

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

    def __init__(self, todo: list[Task], progress: Progress) -> None:
        self._progress = progress
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
        """Is everything there that this part needs? Raises PrepareError when it can't be had."""
        future = self._futures.get(part)
        if future is None:
            return True
        if future.done():
            future.result()
            return True
        return False

    def close(self) -> None:
        """Waits for nothing."""
        self._pool.shutdown(wait=False, cancel_futures=True)
