# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one module of the collection as a task of a real play, and return what Ansible got from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

COLLECTION = "rhai.maas"


class ModuleRun(dict[str, Any]):
    """A task's result. ``output``: all that ansible-playbook printed; ``code``: how it ended."""

    def __init__(self, result: dict[str, Any], output: str, code: int) -> None:
        super().__init__(result)
        self.output = output
        self.code = code

    @property
    def changed(self) -> bool:
        """What the task said of itself."""
        return bool(self.get("changed"))


def run_module(
    name: str, arguments: dict[str, Any], check: bool = False, environment: dict[str, str] | None = None
) -> ModuleRun:
    """Run ``rhai.maas.NAME`` on localhost with ``--diff`` (and ``--check``); a failure is returned, not raised."""
    task = {"name": "Run the module", f"{COLLECTION}.{name}": arguments}
    interpreter = {"ansible_python_interpreter": sys.executable}
    play = [{"name": "One task", "hosts": "localhost", "gather_facts": False, "vars": interpreter, "tasks": [task]}]
    with tempfile.TemporaryDirectory() as folder:
        playbook = Path(folder, "play.yml")
        playbook.write_text(json.dumps(play))  # JSON is YAML
        tree = {"ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.tree", "ANSIBLE_CALLBACK_TREE_DIR": f"{folder}/results"}
        quiet = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0"}
        done = subprocess.run(
            ["ansible-playbook", "--diff", *(["--check"] if check else []), str(playbook)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
            env={**os.environ, **tree, **quiet, **(environment or {})},
        )
        file = Path(folder, "results", "localhost")
        result: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return ModuleRun(result, done.stdout, done.returncode)
