# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the site playbook, its output passed on as it comes, and read the recap."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parents[2]
RECAP = re.compile(r"^(\S+)\s*: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


class Recap(TypedDict):
    """Sums over all hosts; ``seconds`` by the clock."""

    ok: int
    changed: int
    failed: int
    seconds: float


def read_recap(output: str, seconds: float) -> Recap:
    """The recap of a playbook's output; no recap at all counts as one failure. Pure."""
    rows = [[int(number) for number in row[1:]] for row in RECAP.findall(output.rpartition("PLAY RECAP")[2])]
    if not rows:
        return Recap(ok=0, changed=0, failed=1, seconds=round(seconds, 1))
    ok, changed, unreachable, failed = (sum(column) for column in zip(*rows))
    return Recap(ok=ok, changed=changed, failed=failed + unreachable, seconds=round(seconds, 1))


def run_site(inventory: Path, *options: str) -> Recap:
    """``ansible-playbook playbooks/site.yml`` on an inventory."""
    command = ["ansible-playbook", "-i", str(inventory), str(ROOT / "playbooks" / "site.yml"), *options]
    started = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            sys.stdout.write(line)
            sys.stdout.flush()
    return read_recap("".join(lines), time.monotonic() - started)
