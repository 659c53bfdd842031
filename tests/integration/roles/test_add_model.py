# SPDX-License-Identifier: GPL-3.0-or-later
"""A new model as a branch of the inventory's repository: through git, with a bare repository beside it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.runner import Platform, lay_out

SECRET = "a-token-that-nobody-may-see"
FILE = "inventory/group_vars/all/models.yml"
MODELS = """\
---
# what is sold
maas_models:
  - name: old-llm  # the first
    task: chat
    endpoint: https://old.example.com
    plans: [basic]

maas_plans:
  - {name: basic, title: Basic}
"""
NEW = {"add_model_name": "new-llm", "add_model_task": "chat", "add_model_plans": ["basic"], "add_model_how": "branch"}


@dataclass(frozen=True)
class Project:
    """A repository as the platform's project, and a job's view of it."""

    repository: Path
    platform: Platform

    def job(self, **answers: Any) -> dict[str, Any]:
        """A job that has to end well; what it left."""
        job = self.platform.passes("add_model", answers, [SECRET, base64.b64encode(f"maas:{SECRET}".encode()).decode()])
        return dict(job.artifacts["maas_add_model"])

    def git(self, *words: str) -> str:
        """What git says of the repository."""
        return git("-C", str(self.repository), *words)


def git(*words: str) -> str:
    own = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=Tests", "-c", "user.email=tests@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *who, *words], check=True, capture_output=True, text=True, env={**os.environ, **own}, timeout=60
    )
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    repository, checkout = folder / "inventory.git", folder / "checkout"
    git("init", "--quiet", "--bare", str(repository))
    git("clone", "--quiet", str(repository), str(checkout))
    file = checkout / FILE
    file.parent.mkdir(parents=True)
    file.write_text(MODELS)
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    variables = {"add_model_repository": f"file://{repository}"}
    hosts = {"all": {"hosts": {"localhost": host}, "vars": variables}}
    (checkout / "inventory" / "hosts.yml").write_text(json.dumps(hosts))
    git("-C", str(checkout), "add", "--all")
    git("-C", str(checkout), "commit", "--quiet", "--message", "Begin")
    git("-C", str(checkout), "push", "--quiet", "origin", "HEAD:main")
    return Project(repository, lay_out(checkout / "inventory", folder, {"MAAS_GIT_TOKEN": SECRET}))


def test_a_branch_holds_the_entry_and_nothing_else(project: Project) -> None:
    assert project.job(**NEW, add_model_endpoint="https://new.example.com")["branch"] == "add-model-new-llm"
    assert project.git("log", "--format=%s", "main..add-model-new-llm") == "Add model new-llm\n"
    assert project.git("diff", "--numstat", "main", "add-model-new-llm").split() == ["5", "0", FILE]
    held = yaml.safe_load(project.git("show", f"add-model-new-llm:{FILE}"))
    entry = {"name": "new-llm", "task": "chat", "endpoint": "https://new.example.com", "plans": ["basic"]}
    assert held == {**yaml.safe_load(MODELS), "maas_models": [*yaml.safe_load(MODELS)["maas_models"], entry]}


def test_a_branch_that_is_there_is_left_alone(project: Project) -> None:
    before = project.git("rev-parse", "add-model-new-llm")
    job = project.platform.job("add_model", {**NEW, "add_model_endpoint": "https://other.example.com"})
    told = " ".join(job.run.output.split())
    assert job.run.code != 0 and "add_model_name: file://" in told and "merge or delete it first" in told, told[-2000:]
    assert project.git("rev-parse", "add-model-new-llm") == before
