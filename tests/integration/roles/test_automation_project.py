# SPDX-License-Identifier: GPL-3.0-or-later
"""The project repository of the automation platform, held against what the platform does with it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.support.playbook import ROOT, Run, environment, run_playbook

# a file of a project is a playbook when one of its lines says what is run
PLAYBOOK = re.compile(r"^\s*(-\s+)?(hosts|(ansible\.builtin\.)?import_playbook):", re.MULTILINE)
SECRET = "a-token-that-nobody-may-see"


@dataclass(frozen=True)
class Layout:
    """An inventory with secrets that are encrypted as a whole, and the project made from it."""

    inventory: Path
    password: Path
    project: Path

    def run(self, *options: str) -> Run:
        """The playbook that lays the project out."""
        vault = ("--vault-password-file", str(self.password))
        return run_playbook(
            self.inventory, "playbooks/automation_project.yml", *vault, "-e", f"dest={self.project}", *options
        )

    def files(self) -> dict[str, str]:
        """The project's files."""
        found = (file for file in self.project.rglob("*") if file.is_file())
        return {str(file.relative_to(self.project)): file.read_text() for file in found}

    def ansible(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command of Ansible's in the project, without a vault password."""
        return subprocess.run(
            command, capture_output=True, text=True, cwd=self.project, env=environment(), check=False, timeout=300
        )


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    folder = tmp_path_factory.mktemp("platform")
    inventory, password = folder / "inventory", folder / "password"
    shutil.copytree(ROOT / "inventories" / "example", inventory)
    password.write_text("of the vault\n")
    vault = inventory / "group_vars" / "all" / "vault.yml"
    vault.write_text(f"vault_hugging_face_token: {SECRET}\nvault_deep: {{database: {{URL: 'redis://{SECRET}'}}}}\n")
    subprocess.run(
        ["ansible-vault", "encrypt", "--vault-password-file", str(password), str(vault)],
        check=True,
        capture_output=True,
        env=environment(),
    )
    made = Layout(inventory, password, folder / "project")
    check = made.run("--check", "--diff")
    assert check.code == 0 and check.recap["changed"] > 0 and not made.project.exists(), check.output[-3000:]
    first = made.run("--diff")
    assert first.code == 0 and SECRET not in check.output + first.output, first.output[-3000:]
    yield made


def test_inventory_source_needs_no_password(layout: Layout) -> None:
    exported = layout.ansible("ansible-inventory", "-i", "inventory/hosts.yml", "--list", "--export")
    assert exported.returncode == 0, exported.stderr
    variables = json.loads(exported.stdout)["all"]["vars"]
    assert "__ansible_vault" in variables["vault_hugging_face_token"]
    assert not any(SECRET in text for text in layout.files().values())


def test_job_reads_the_secrets(layout: Layout) -> None:
    shown = layout.ansible(
        *("ansible", "-i", "inventory/hosts.yml", "--vault-password-file", str(layout.password), "localhost"),
        *("-m", "ansible.builtin.debug", "-a", "msg={{ [vault_hugging_face_token, vault_deep.database.URL] }}"),
    )
    assert f'"{SECRET}"' in shown.stdout and f'"redis://{SECRET}"' in shown.stdout, shown.stdout + shown.stderr


def test_second_run_seals_anew_what_changed_and_nothing_else(layout: Layout) -> None:
    files = layout.files()
    sealed = layout.project / "inventory" / "group_vars" / "all" / "vault.yml"
    before = yaml.compose(sealed.read_text())
    source = layout.inventory / "group_vars" / "all" / "vault.yml"
    kept = source.read_bytes()
    source.write_text(f"vault_hugging_face_token: another\nvault_deep: {{database: {{URL: 'redis://{SECRET}'}}}}\n")
    subprocess.run(
        ["ansible-vault", "encrypt", "--vault-password-file", str(layout.password), str(source)],
        check=True,
        capture_output=True,
        env=environment(),
    )
    run = layout.run("--diff")
    assert run.code == 0 and run.recap["changed"] == 1 and "another" not in run.output, run.output[-3000:]
    after = yaml.compose(sealed.read_text())
    assert after.value[0][1].value != before.value[0][1].value
    assert yaml.serialize(after.value[1][1]) == yaml.serialize(before.value[1][1])
    source.write_bytes(kept)
    changed = {name for name, text in layout.files().items() if text != files[name]}
    assert changed == {"inventory/group_vars/all/vault.yml"}


def test_every_errand_is_a_playbook_of_the_project(layout: Layout) -> None:
    files = layout.files()
    errands = {file.name for file in (ROOT / "playbooks").glob("*.yml") if not file.name.startswith("automation_")}
    assert errands <= set(files), errands - set(files)
    assert all(PLAYBOOK.search(files[name]) for name in errands)
    listed = layout.ansible("ansible-playbook", "-i", "inventory/hosts.yml", "site.yml", "--list-tasks")
    assert listed.returncode == 0 and "preflight" in listed.stdout, listed.stderr


def test_execution_environment_passes_the_builder(layout: Layout, tmp_path: Path) -> None:
    made = subprocess.run([ROOT / "tools" / "environment", "platform"], capture_output=True, text=True, check=True)
    builder = Path(made.stdout.strip()) / "bin" / "ansible-builder"
    built = layout.ansible(str(builder), "create", "--context", str(tmp_path / "context"))
    assert built.returncode == 0, built.stdout + built.stderr
    assert "rhai.maas" in (tmp_path / "context" / "_build" / "requirements.yml").read_text()


def test_what_is_wrong_is_named(layout: Layout) -> None:
    run = layout.run("-e", "dest=")
    assert run.code != 0 and "Give automation_project_dest" in run.output, run.output[-2000:]
    run = layout.run("-e", f"dest={layout.inventory}")
    assert run.code != 0 and "own folder" in run.output, run.output[-2000:]
    planted = [{"name": f"git+https://maas:{SECRET}@git.example.com/maas.git", "type": "git"}]
    run = layout.run("-e", json.dumps({"automation_project_collections": planted}))
    assert run.code != 0 and "automation_project_collections: an address holds a login" in run.output, run.output[
        -2000:
    ]
    assert SECRET not in run.output


def test_playbooks_pass_the_linter(layout: Layout) -> None:
    """Those of the project are of one kind: three of them stand for all."""
    linted = layout.ansible(
        *("ansible-lint", "--offline", "--profile", "production", "site.yml", "drift.yml", "add_model.yml"),
        *("execution-environment.yml", "collections", "inventory"),
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
