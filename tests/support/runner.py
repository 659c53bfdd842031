# SPDX-License-Identifier: GPL-3.0-or-later
"""Errands as the automation platform runs them: ansible-runner, a project that can't be written, nobody in particular.

As on the platform, the inventory is what ``ansible-inventory --export`` made of the project's, credentials come as
environment, answers of a survey as extra variables, which it checks, and what the job writes goes with it. It runs
under a user id without an account or home, in group 0, as OpenShift starts containers.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.leaks import CommandLines, shown
from tests.support.playbook import ROOT, Run, environment, run_playbook
from tests.support.templates import Template, job_templates
from tools.demo.playbook import read_recap
from tools.platform_tables.artifacts import artifacts_of

SOMEBODY = 1000730000  # of the range that OpenShift gives the users of a namespace
# what of the environment of the tests a job is started with; the rest is a credential or the platform's
KEPT = ("PATH", "LANG", "ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_NOCOLOR", "ANSIBLE_NOCOWS", "ANSIBLE_RETRY_FILES_ENABLED")
SECRET = ("KEY", "TOKEN", "PASSWORD")  # how names of credentials end that nobody may see
WARNS = {"export": "sso_integrations.yml: client_secret"}  # what a job has to say to those who go on with its result
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Job:
    """A job that ended. events: what the platform keeps of it, in order; commands: command lines of its processes."""

    run: Run
    events: list[dict[str, Any]]
    commands: frozenset[str]

    @property
    def artifacts(self) -> dict[str, Any]:
        """What the job left by set_stats, as the platform shows it."""
        (last,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        found: dict[str, Any] = last.get("artifact_data", {})
        return found

    def told(self) -> list[str]:
        """Each line of the tables and texts that tasks printed as lists."""
        results = (event["event_data"] for event in self.events if event["event"] == "runner_on_ok")
        texts = (result["res"].get("msg") for result in results if result.get("task_action") == "ansible.builtin.debug")
        return [str(line) for text in texts if isinstance(text, list) for line in text]

    def warnings(self) -> list[str]:
        """Warnings and deprecations, however they were told."""
        found = [
            event["stdout"] for event in self.events if event["event"] in ("warning", "deprecated", "system_warning")
        ]
        results = [event.get("event_data", {}).get("res") or {} for event in self.events]
        told = [str(one) for result in results for name in ("warnings", "deprecations") for one in result.get(name, [])]
        lines = [line for line in self.run.output.splitlines() if line.startswith(("[WARNING]", "[DEPRECATION"))]
        return found + told + lines


@dataclass(frozen=True)
class Platform:
    """A project and where its jobs run.

    credentials: environment of every job; ran: names of templates whose jobs ended well; verbosity: the most of a
    job template's.
    """

    folder: Path
    credentials: dict[str, str]
    templates: Mapping[str, Template]
    ran: set[str] = field(default_factory=set)
    verbosity: str = "-vvvv"

    def job(self, name: str, answers: Mapping[str, Any], handed_on: Mapping[str, Any] | None = None) -> Job:
        """A template with the answers to its survey, to its end.

        :param handed_on: artifacts of the jobs before it in a workflow
        :raises ValueError: for answers that the platform refuses
        """
        template, data = self.templates[name], self.folder / f"job-{time.monotonic_ns()}"
        (data / "env").mkdir(parents=True)
        (data / "env" / "envvars").write_text(json.dumps(self.credentials))
        (data / "env" / "extravars").write_text(template.launched(answers, handed_on or {}))
        (data / "env" / "cmdline").write_text(" ".join([*template.options, self.verbosity]))
        (data / "artifacts").mkdir()
        places = ("--project-dir", str(self.folder / "project"), "--inventory", str(self.folder / "inventory"))
        started = time.monotonic()
        watched = CommandLines()
        done = watched.run(
            [*_as_somebody(), _runner(), "run", str(data), "-p", template.playbook, "-i", "job", *places],
            data / "artifacts",
            {**{name: value for name, value in environment().items() if name in KEPT}, **_homeless(data)},
            1200,
        )
        files = (data / "artifacts" / "job" / "job_events").glob("*-*.json")
        events = sorted((json.loads(file.read_text()) for file in files), key=lambda event: event["counter"])
        output = COLOUR.sub("", done.stdout + done.stderr)
        run = Run(done.returncode, output, read_recap(output, time.monotonic() - started))
        return Job(run, events, frozenset(watched.seen))

    def passes(
        self, name: str, answers: Mapping[str, Any], secrets: list[str], handed_on: Mapping[str, Any] | None = None
    ) -> Job:
        """A job that must end well, with the documented artifacts, without other warnings, secrets or too long lines.

        :param secrets: what nobody may see, beside the values of the credentials
        """
        job = self.job(name, answers, handed_on)
        assert job.run.code == 0, job.run.output[-6000:]
        assert [text for text in job.warnings() if name not in WARNS or WARNS[name] not in text] == []
        assert [line for line in job.told() if len(line) > 120] == []
        hidden = [*secrets, *(value for name, value in self.credentials.items() if name.endswith(SECRET))]
        assert shown(hidden, json.dumps(job.events) + job.run.output) == []
        assert job.commands and shown(hidden, "\n".join(job.commands)) == []
        told = {artifact: sorted(value) for artifact, value in job.artifacts.items()}
        assert told == {artifact: sorted(keys) for artifact, keys in artifacts_of(name).items()}
        self.ran.add(name)
        return job


def lay_out(inventory: Path, folder: Path, credentials: dict[str, str]) -> Platform:
    """The project repository of an inventory, its export as the jobs' inventory, all of it read-only."""
    project = folder / "project"
    made = run_playbook(inventory, "playbooks/automation_project.yml", "-e", f"dest={project}")
    assert made.code == 0, made.output[-3000:]
    exported = subprocess.run(
        ["ansible-inventory", "-i", str(project / "inventory"), "--list", "--export"],
        capture_output=True,
        text=True,
        check=True,
        cwd=project,
        env=environment(),
    )
    script = folder / "inventory" / "hosts"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\nprint({json.dumps(exported.stdout)})\n")
    script.chmod(0o555)
    for path in (project, *project.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return Platform(folder, credentials, job_templates(json.loads(exported.stdout)["all"]["vars"]))


@cache
def _runner() -> str:
    made = subprocess.run([ROOT / "tools/environment", "platform"], check=True, capture_output=True, text=True)
    return f"{made.stdout.strip()}/bin/ansible-runner"


def _homeless(data: Path) -> dict[str, str]:
    """No home. Ansible itself can't begin without a folder of its own; the platform's images give it one."""
    own = str(data / "artifacts" / "ansible")
    return {"HOME": "/nonexistent", "ANSIBLE_HOME": own, "ANSIBLE_REMOTE_TEMP": f"{own}/tmp"}


def _as_somebody() -> list[str]:
    """The words before a command that make it run under a user id without an account, where the machine allows it."""
    words = ["unshare", "--user", f"--map-user={SOMEBODY}", "--map-group=0"]
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    return words if tried.returncode == 0 else []
