# SPDX-License-Identifier: GPL-3.0-or-later
"""An errand's result kept by the role ``errand``, as each errand's playbook does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.playbook import Run, run_playbook

PLAY = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: rhai.maas.errand, tasks_from: keep.yml}
      vars:
        __errand_name: change_plan
        __errand_summary: {round: "{{ round }}"}
        __errand_files: {usage.json: "[1, 2]\\n", page.html: "{{ '<p>ä</p>' * times }}"}
"""


def keep_result(folder: Path, *options: str, **given: Any) -> Run:
    """Keep the result of errand ``change_plan``, whose summary is the given ``round``; ``times`` makes its page longer.

    ``given`` are further extra variables: where results are kept.
    """
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    (folder / "hosts.yml").write_text(json.dumps({"all": {"hosts": {"localhost": host}}}))
    (folder / "keep.yml").write_text(PLAY)
    variables = json.dumps({"times": 1, "errand_keep_last": 1, **given})
    return run_playbook(folder / "hosts.yml", str(folder / "keep.yml"), *options, "-e", variables)
