# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules of the collection without a playbook around them: each in a fork of a process that has them imported.

For tables of cases that would take hours through Ansible. What Ansible itself adds (templates, defaults by group,
output) is not tried here; ``tests/integration/modules/test_front_door.py`` runs every module through it.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VERBOSE = 4  # as with -vvvv
SECONDS = 300  # until a run that does not end is given up
#: What Ansible hands to a module beside its options.
SURROUNDINGS = {
    "_ansible_diff": True,
    "_ansible_verbosity": VERBOSE,
    "_ansible_no_log": False,
    "_ansible_debug": False,
    "_ansible_keep_remote_files": False,
    "_ansible_remote_tmp": tempfile.gettempdir(),
    "_ansible_syslog_facility": "LOG_USER",
    "_ansible_selinux_special_fs": [],
    "_ansible_socket": None,
}


@dataclass(frozen=True)
class Outcome:
    """What became of one run. ``data`` is what the module returned, {} when it was killed before it did."""

    module: str
    code: int
    stdout: str
    stderr: str
    log: list[str] = field(default_factory=list)
    killed: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """The module's result. Fails on anything else that it printed."""
        if self.killed:
            return {}
        try:
            found: dict[str, Any] = json.loads(self.stdout)
        except ValueError:
            raise AssertionError(f"{self.module} returned no result:\n{self.stdout}\n{self.stderr}") from None
        if "warnings" in found:
            found["warnings"] = [_words(warning) for warning in found["warnings"]]
        return found

    @property
    def output(self) -> str:
        """All that anybody could read of the run: result as it came and as it reads, errors, the system's log."""
        read = json.dumps(self.data, ensure_ascii=False) if self.stdout.startswith("{") else ""
        return "\n".join([self.stdout, read, self.stderr, *self.log])


def _words(warning: Any) -> str:
    """A warning's text, which Ansible takes out of what newer releases let a module return."""
    return str(warning["event"]["msg"] if isinstance(warning, dict) else warning)


class Forks:
    """The server's address; any number of threads may call it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def run(
        self,
        module: str,
        options: dict[str, Any],
        check: bool = False,
        environment: dict[str, str] | None = None,
        started: Callable[[int], None] = lambda _pid: None,
    ) -> Outcome:
        """Run ``rhai.maas.MODULE`` to its end. ``started`` gets the process id before the module begins."""
        surroundings = {**SURROUNDINGS, "_ansible_check_mode": check, "_ansible_module_name": module}
        order = {"module": module, "arguments": {**surroundings, **options}, "environment": environment}
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(SECONDS)
            connection.connect(self.path)
            with connection.makefile("rwb") as stream:
                stream.write(json.dumps(order).encode() + b"\n")
                stream.flush()
                started(int(stream.readline()))
                try:
                    said = stream.readline()
                except ConnectionError:
                    said = b""
        if not said:
            return Outcome(module, -signal.SIGKILL, "", "", killed=True)
        return Outcome(module, **json.loads(said))


@functools.cache
def shared_forks() -> Forks:
    """A server for the whole test session, on which retries wait as long as otherwise; it ends with the tests."""
    running = contextlib.ExitStack()
    atexit.register(running.close)
    return running.enter_context(running_forks())


@contextlib.contextmanager
def running_forks(sleep: float = 1.0) -> Iterator[Forks]:
    """Start the server, yield it when it is ready, end it. What waits takes ``sleep`` times as long."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/forks"
        command = [sys.executable, "-m", "tests.support.fork_server", path, str(sleep)]
        surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        process = subprocess.Popen(
            command, cwd=ROOT, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout and process.stdout.readline() == "ready\n", "the fork server did not start"
            yield Forks(path)
        finally:
            process.communicate(timeout=30)
