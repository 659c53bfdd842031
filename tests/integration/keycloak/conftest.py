# SPDX-License-Identifier: GPL-3.0-or-later
"""A way to run module calls against a real Keycloak, one after the other, counted at the server."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.forked import shared_forks
from tests.support.keycloak import ADMIN, Keycloak
from tests.support.playbook import environment


@dataclass(frozen=True)
class Step:
    """One call of a module; its options win over the connection's defaults."""

    module: str
    options: dict[str, Any]
    check: bool = False


@dataclass(frozen=True)
class Result:
    """What a call returned. The runner has compared its count of writes with the server's."""

    data: dict[str, Any]

    @property
    def changed(self) -> bool:
        return bool(self.data["changed"])

    @property
    def writes(self) -> int:
        """Requests that may have changed something."""
        return int(self.data.get("calls", {}).get("writes", 0))

    @property
    def failed(self) -> bool:
        return bool(self.data.get("failed"))

    @property
    def message(self) -> str:
        return str(self.data.get("msg", ""))

    @property
    def diff(self) -> str:
        """All entries of the diff as text."""
        return json.dumps(self.data.get("diff", []))

    @property
    def actions(self) -> list[str]:
        """The changes, such as ``create client maas / 3scale``."""
        return [f"{change['action']} {change['noun']} {change['key']}" for change in self.data["changes"]]


class Runner:
    """Runs steps in order, going on after a failure. ``output``: all that anybody could read of the last ones."""

    def __init__(self, keycloak: Keycloak, folder: Path) -> None:
        self.keycloak, self.folder, self.count = keycloak, folder, 0
        self.output = ""

    def __call__(self, *steps: Step) -> list[Result]:
        self.keycloak.reset_counters()
        results = [Result(data) for data in self._run(steps)]
        counted = self.keycloak.counters()
        assert counted["writes"] == sum(result.writes for result in results), counted["by_path"]
        return results

    def _run(self, steps: tuple[Step, ...]) -> list[dict[str, Any]]:
        outcomes = [
            shared_forks().run(step.module, {**self._connection(), **step.options}, step.check) for step in steps
        ]
        self.output = "\n".join(outcome.output for outcome in outcomes)
        assert "Traceback" not in self.output, self.output[-4000:]
        return [outcome.data for outcome in outcomes]

    def _connection(self) -> dict[str, Any]:
        return {
            "auth_keycloak_url": self.keycloak.url,
            "auth_username": ADMIN,
            "auth_password": self.keycloak.password,
        }

    def done(self, *steps: Step) -> list[Result]:
        """As a call, where none may fail."""
        results = self(*steps)
        assert not any(result.failed for result in results), [result.message for result in results if result.failed]
        return results


class Play(Runner):
    """Runs steps in one playbook."""

    def _run(self, steps: tuple[Step, ...]) -> list[dict[str, Any]]:
        self.count += 1
        out = self.folder / f"results-{self.count}.json"
        playbook = self.folder / f"playbook-{self.count}.yml"
        playbook.write_text(yaml.safe_dump([self._play(steps, out)], sort_keys=False))
        done = subprocess.run(
            ["ansible-playbook", "-i", "localhost,", "--diff", str(playbook)],
            capture_output=True,
            text=True,
            env=environment(),
            check=False,
        )
        self.output = done.stdout + done.stderr
        assert done.returncode == 0 and "Traceback" not in self.output, self.output[-4000:]
        results: list[dict[str, Any]] = json.loads(out.read_text())
        return results

    def _play(self, steps: tuple[Step, ...], out: Path) -> dict[str, Any]:
        tasks: list[dict[str, Any]] = [
            {
                f"rhai.maas.{step.module}": step.options,
                "check_mode": step.check,
                "register": f"result_{number}",
                "ignore_errors": True,
            }
            for number, step in enumerate(steps)
        ]
        content = "{{ [" + ", ".join(f"result_{number}" for number in range(len(steps))) + "] | to_json }}"
        tasks.append({"ansible.builtin.copy": {"content": content, "dest": str(out), "mode": "0600"}})
        return {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "module_defaults": {"group/rhai.maas.keycloak": self._connection()},
            "tasks": tasks,
        }


@pytest.fixture
def run(keycloak: Keycloak, tmp_path: Path) -> Runner:
    return Runner(keycloak, tmp_path)


@pytest.fixture
def play(keycloak: Keycloak, tmp_path: Path) -> Play:
    """Runs steps through Ansible."""
    return Play(keycloak, tmp_path)


def protocol(module: str, made: dict[str, Any], changed: dict[str, Any], gone: dict[str, Any]) -> list[Step]:
    """Create, change, delete, each in check mode, for real, and again."""
    phases = [
        [Step(module, wish, check=True), Step(module, wish), Step(module, wish)] for wish in (made, changed, gone)
    ]
    return [step for phase in phases for step in phase]


def assert_protocol(results: list[Result]) -> None:
    """Each phase: shown in check mode without a write, done with writes, then neither changed nor written."""
    assert not any(result.failed for result in results), [result.message for result in results]
    for phase, name in enumerate(("create", "change", "delete")):
        planned, real, again = results[3 * phase : 3 * phase + 3]
        assert planned.changed and planned.writes == 0, f"{name} in check mode"
        assert real.changed and real.writes > 0, f"{name} for real"
        assert planned.actions == real.actions and planned.diff == real.diff, f"{name}: check mode shows what is done"
        assert not again.changed and again.writes == 0 and not again.data["changes"], f"{name} again"
