# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand accounts subscribed to sixteen products: a run that is cut off half-way, the next, and one more."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.collection import MeasurementError, Row, measure
from tests.support.playbook import environment, kill
from tests.support.standin import Standin, running_standin

ACCOUNTS, PRODUCTS = 1000, 16
SIZE = f"products={PRODUCTS},accounts={ACCOUNTS},applications=0"
MODULE = "threescale_service_subscription"


def rows() -> Iterator[Row]:
    """Three runs of the module over all pairs."""
    name, reads = f"{ACCOUNTS} accounts x {PRODUCTS} products", f"<= {ACCOUNTS + 50} reads"
    with (
        tempfile.TemporaryDirectory() as folder,
        running_standin("--state", str(Path(folder, "state.sqlite")), "--fill", SIZE) as standin,
    ):
        yield _cut_off(standin, f"{name}, cut off", Path(folder, "play.yml"))
        yield measure(standin, f"{name}, resumed", f"{reads}, missing pairs", [(MODULE, {})])
        yield measure(standin, f"{name}, unchanged", f"{reads}, 0 writes", [(MODULE, {})])


def _cut_off(standin: Standin, case: str, playbook: Path) -> Row:
    """Kill the run, with all that it started, once it has written half of the pairs."""
    standin.reset_counters()
    task: dict[str, Any] = {f"rhai.maas.{MODULE}": {"threescale_url": standin.admin_url, "access_token": standin.token}}
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    play = [{"hosts": "localhost", "gather_facts": False, "vars": here, "tasks": [task]}]
    playbook.write_text(json.dumps(play))  # JSON is YAML
    started = time.monotonic()
    process = subprocess.Popen(
        ["ansible-playbook", "-i", "localhost,", str(playbook)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    while int(str(standin.counters()["writes"])) < ACCOUNTS * PRODUCTS // 2:
        if process.poll() is not None:
            raise MeasurementError(f"{case}: the run ended before it was cut off")
        time.sleep(0.2)
    kill(process)
    seconds = round(time.monotonic() - started, 1)
    counted = standin.counters()
    total, writes = int(str(counted["total"])), int(str(counted["writes"]))
    return Row(case, total, writes, seconds, "half of the pairs", "killed")
