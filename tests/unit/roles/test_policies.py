# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies that would end a gateway are refused: by the role before it writes, by the module, by the lint."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale.manifests import manifest_faults
from ansible_collections.rhai.maas.plugins.module_utils.threescale.policies import check_policy
from tests.support.playbook import environment

ROOT = Path(__file__).resolve().parents[3]
GOOD: dict[str, Any] = {"name": "Mine", "version": "0.1", "summary": "Does it.", "configuration": {"type": "object"}}
APICAST = {"name": "apicast", "version": "builtin"}


@pytest.mark.parametrize(
    ("more", "name", "words"),
    [
        ({}, "mine", None),
        ({"order": {"before": []}}, "mine", None),
        ({"order": {"before": [APICAST]}}, "mine", "has order.before, at which every gateway ends"),
        ({"order": {"before": [APICAST]}}, "headers", None),
        ({"order": {"after": [APICAST]}}, "mine", None),
        ({"order": {"after": [{"name": "other", "version": "1.0"}]}}, "mine", "has order.after with 'other'"),
        ({"order": {"after": [{"name": "apicast"}]}}, "mine", "has order.after with 'apicast'"),
        ({"version": "0.2"}, "mine", "has the version '0.2' and must have '0.1'"),
        ({"summary": "x" * 76}, "mine", "has a summary of 76 characters"),
        ({"configuration": []}, "mine", "has a configuration that is not a JSON schema"),
    ],
)
def test_manifest(more: dict[str, Any], name: str, words: str | None) -> None:
    found = manifest_faults({**GOOD, **more}, name, "0.1")
    assert [text for text in found if words and words in text] == found
    assert bool(found) == (words is not None)


def test_module_refuses_the_order() -> None:
    item = {"name": "mine", "version": "0.1", "schema": {**GOOD, "order": {"before": [APICAST]}}}
    with pytest.raises(RefusalError, match=r"policies\[0\]\.schema: has order\.before"):
        check_policy(item, "policies[0]", exists=False)


def write(folder: Path, manifest: str | None, lua: str | None = "return {}") -> Path:
    folder.mkdir(parents=True)
    for name, text in (("apicast-policy.json", manifest), ("init.lua", lua)):
        if text is not None:
            (folder / name).write_text(text)
    return folder


def test_role_refuses_before_it_writes(tmp_path: Path) -> None:
    folders = {
        "good": write(tmp_path / "good" / "0.1", json.dumps(GOOD)),
        "ordered": write(tmp_path / "ordered" / "0.1", json.dumps({**GOOD, "order": {"before": [APICAST]}})),
        "broken": write(tmp_path / "broken" / "0.1", "{"),
        "bare": write(tmp_path / "bare" / "0.1", None),
        "empty": write(tmp_path / "empty" / "0.1", json.dumps(GOOD), lua=None),
        "absent": tmp_path / "absent",
    }
    policies = [
        {"name": name, "version": "0.1", "secretRef": {"name": name}, "folder": str(folder)}
        for name, folder in folders.items()
    ]
    variables = tmp_path / "variables.json"
    variables.write_text(json.dumps({"threescale_custom_policies": policies, "threescale_superdomain": "example.com"}))
    playbook = tmp_path / "play.yml"
    playbook.write_text(
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.include_role: {name: rhai.maas.threescale, tasks_from: policies.yml}\n"
    )
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", f"@{variables}", str(playbook)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 2, done.stdout + done.stderr
    said = done.stdout.replace("\\'", "'")
    for place, words in enumerate(
        [None, "apicast-policy.json has order.before", "apicast-policy.json is not JSON", "no apicast-policy.json",
         "no init.lua", "no init.lua"]
    ):  # fmt: skip
        option = f"threescale_custom_policies[{place}].folder: {policies[place]['folder']}: "
        assert (option in said) == (words is not None)
        assert words is None or words in said.split(option, 1)[1].split("\n", 1)[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "1 policies"),
        ({"order": {"before": [APICAST]}}, "has order.before"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "has no $schema of"),
        ({"configuration": {"type": "objekt"}}, "no JSON schema"),
    ],
)
def test_lint(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    manifest = {"$schema": "http://apicast.io/policy-v1/schema#manifest#", **GOOD, **change}
    folder = write(tmp_path / "mine" / "0.1", json.dumps(manifest))
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "manifests"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert words in done.stdout, done.stderr
    assert done.returncode == (1 if change else 0)
