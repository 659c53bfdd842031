# SPDX-License-Identifier: GPL-3.0-or-later
"""One stand-in for each test file, and a way to run module calls one after the other, counted at the server.

Calls run in forks of a process that has the modules imported; ``play`` runs them through Ansible, in a playbook.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.forked import Outcome, shared_forks
from tests.support.playbook import environment
from tests.support.standin import Standin, running_standin


@dataclass(frozen=True)
class Step:
    """One call of a module; its options win over the connection's defaults."""

    module: str
    options: dict[str, Any] = field(default_factory=dict)
    check: bool = False


@dataclass(frozen=True)
class Result:
    """What a call returned."""

    data: dict[str, Any]

    @property
    def changed(self) -> bool:
        return bool(self.data.get("changed"))

    @property
    def failed(self) -> bool:
        return bool(self.data.get("failed"))

    @property
    def message(self) -> str:
        return str(self.data.get("msg", ""))

    @property
    def writes(self) -> int:
        return int(self.data.get("calls", {}).get("writes", 0))

    @property
    def reads(self) -> int:
        return int(self.data.get("calls", {}).get("reads", 0))

    @property
    def actions(self) -> list[str]:
        """The changes, such as ``create metric granite / tokens``."""
        return [f"{change['action']} {change['noun']} {change['key']}" for change in self.data.get("changes", [])]

    @property
    def diff(self) -> str:
        """All entries of the diff as text."""
        return json.dumps(self.data.get("diff", []), ensure_ascii=False)


class Runner:
    """Runs steps in order, going on after a failure. ``output``: all that anybody could read of the last ones."""

    def __init__(self, standin: Standin, folder: Path) -> None:
        self.standin, self.folder, self.count = standin, folder, 0
        self.output = ""

    def __call__(self, *steps: Step) -> list[Result]:
        self.standin.reset_counters()
        outcomes = [self._run(step) for step in steps]
        self.output = "\n".join(outcome.output for outcome in outcomes)
        self._look_at_output()
        return [Result(outcome.data) for outcome in outcomes]

    def _run(self, step: Step) -> Outcome:
        own = {} if step.module in ("threescale_tenant", "threescale_tenant_info") else self._connection()
        return shared_forks().run(step.module, {**own, **step.options}, step.check)

    def _look_at_output(self) -> None:
        assert "Traceback" not in self.output, self.output[-4000:]
        assert self.standin.token not in self.output and self.standin.master_token not in self.output

    def _connection(self) -> dict[str, Any]:
        return {"threescale_url": self.standin.admin_url, "access_token": self.standin.token, "retries": 2}

    def done(self, *steps: Step) -> list[Result]:
        """As a call, where none may fail; what the modules counted is what the server counted."""
        results = self(*steps)
        assert not any(result.failed for result in results), [result.message for result in results if result.failed]
        counted = self.standin.counters()
        assert counted["writes"] == sum(result.writes for result in results), counted["by_path"]
        assert counted["total"] == sum(result.writes + result.reads for result in results), counted["by_path"]
        return results


class Play(Runner):
    """Runs steps in one playbook. ``more`` are options of ansible-playbook, ``surroundings`` variables of it."""

    more: tuple[str, ...] = ()
    surroundings: Mapping[str, str] = {}

    def __call__(self, *steps: Step) -> list[Result]:
        self.count += 1
        self.standin.reset_counters()
        out = self.folder / f"results-{self.count}.json"
        playbook = self.folder / f"playbook-{self.count}.yml"
        playbook.write_text(json.dumps([self._play(steps, out)]))  # JSON is YAML
        done = subprocess.run(
            ["ansible-playbook", "-i", "localhost,", "--diff", *self.more, str(playbook)],
            capture_output=True,
            text=True,
            env={**environment(), **self.surroundings},
            check=False,
            timeout=600,
        )
        self.output = done.stdout + done.stderr
        assert done.returncode == 0, self.output[-4000:]
        self._look_at_output()
        return [Result(data) for data in json.loads(out.read_text())]

    def _play(self, steps: tuple[Step, ...], out: Path) -> dict[str, Any]:
        tasks: list[dict[str, Any]] = [
            {
                "name": f"Step {number}",
                f"rhai.maas.{step.module}": step.options,
                "check_mode": step.check,
                "register": f"step_{number}",
                "ignore_errors": True,
            }
            for number, step in enumerate(steps)
        ]
        names = ", ".join(f"step_{number}" for number in range(len(steps)))
        write = {"content": "{{ [" + names + "] | to_json }}", "dest": str(out), "mode": "0600"}
        tasks.append({"name": "Keep the results", "ansible.builtin.copy": write, "diff": False, "no_log": True})
        return {
            "name": "Steps",
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": sys.executable},
            "module_defaults": {"group/rhai.maas.threescale": self._connection()},
            "tasks": tasks,
        }


def protocol(module: str, options: dict[str, Any]) -> tuple[Step, Step, Step, Step]:
    """Check, check again, for real, again."""
    return Step(module, options, True), Step(module, options, True), Step(module, options), Step(module, options)


def assert_protocol(results: list[Result], *actions: str) -> None:
    """Checks write nothing and tell what the real run does; the second real run changes nothing."""
    check, again, real, last = results
    assert check.actions == again.actions == real.actions, (check.actions, again.actions, real.actions)
    if actions:
        assert real.actions == list(actions)
    assert check.changed and again.changed and real.changed
    assert check.writes == again.writes == 0 < real.writes
    assert check.data.get("diff") == real.data.get("diff")
    assert not last.changed and last.writes == 0, (last.actions, last.diff)


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    """A stand-in with one fresh tenant."""
    with running_standin() as server:
        yield server


@pytest.fixture
def run(standin: Standin, tmp_path: Path) -> Runner:
    """Runs steps against the stand-in."""
    standin.faults()
    return Runner(standin, tmp_path)


@pytest.fixture
def play(standin: Standin, tmp_path: Path) -> Play:
    """Runs steps against the stand-in, through Ansible."""
    standin.faults()
    return Play(standin, tmp_path)
