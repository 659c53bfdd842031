# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook as a user does, and read what it printed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.demo.playbook import Recap, read_recap

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Run:
    """What a playbook printed, and its end."""

    code: int
    output: str
    recap: Recap


def environment() -> dict[str, str]:
    """The environment of a playbook run: no colours, no retries files, nothing of the tests' own.

    PYTHONPATH, by which the tests import the checkout, would make Ansible find its collections there as well.
    Pipelining saves each task some processes; the run of an installed collection goes without, as most users' do.
    """
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    plain = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_RETRY_FILES_ENABLED": "0", "ANSIBLE_NOCOWS": "1"}
    return {**own, **plain, "ANSIBLE_PIPELINING": "1"}


def run_playbook(inventory: Path, playbook: str, *options: str, timeout: float = 1200) -> Run:
    """``ansible-playbook`` to its end. ``playbook``: a path below the checkout, or a name such as rhai.maas.site."""
    named = str(ROOT / playbook) if playbook.endswith(".yml") else playbook
    return run_by(["ansible-playbook", "-i", str(inventory), named, *options], ROOT, environment(), timeout)


def run_by(command: list[str], folder: Path, variables: dict[str, str], timeout: float = 1200) -> Run:
    """A command that prints a play's recap, in a folder and with these environment variables alone."""
    started = time.monotonic()
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
        cwd=folder,
        env=variables,
    )
    return Run(done.returncode, done.stdout, read_recap(done.stdout, time.monotonic() - started))


def start_and_kill(inventory: Path, playbook: str, seconds: float, log: Path, *options: str) -> bool:
    """Begin a run and kill it, with all that it started, after so many seconds; True when it was still at work."""
    with log.open("w") as out:
        process = subprocess.Popen(
            ["ansible-playbook", "-i", str(inventory), str(ROOT / playbook), *options],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=environment(),
            start_new_session=True,
        )
        try:
            process.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            kill(process)
            return True


def kill(process: subprocess.Popen[Any]) -> None:
    """End a run as a machine that goes off would: Ansible's workers, and so its modules, have sessions of their own."""
    for pid in [process.pid, *below(process.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def below(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        found = [int(child) for child in children.read_text().split()]
    except OSError:
        return []
    return [one for child in found for one in (child, *below(child))]
