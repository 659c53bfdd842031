# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole sandbox for one test session, apart from any other: own state folder, own ports, own inventory."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
FRONT = ROOT / "bin" / "sandbox"
UP = 1500  # seconds; the first start on a machine downloads and builds


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox. ``inventory``: a copy of inventories/sandbox with this sandbox's facts in it."""

    state: Path
    inventory: Path

    @property
    def facts(self) -> dict[str, Any]:
        """What ``up`` wrote for the inventory."""
        facts: dict[str, Any] = yaml.safe_load((self.inventory / "group_vars" / "all" / "facts.yml").read_text())
        return facts

    def status(self) -> dict[str, Any]:
        """The document of ``bin/sandbox status --json``."""
        done = subprocess.run(
            [str(FRONT), "status", "--json", "--state", str(self.state)], capture_output=True, text=True, check=True
        )
        status: dict[str, Any] = json.loads(done.stdout)
        return status

    def url(self, part: str) -> str:
        """Where a part answers by itself, without the router."""
        url: str = self.status()["parts"][part]["url"]
        return url

    def counters(self, part: str) -> dict[str, Any]:
        """Requests at a part since they were last set to 0."""
        counted: dict[str, Any] = requests.get(f"{self._control(part)}/_sandbox/counters", timeout=10).json()
        return counted

    def reset_counters(self, part: str) -> None:
        """Begin to count anew."""
        requests.delete(f"{self._control(part)}/_sandbox/counters", timeout=10).raise_for_status()

    def dump(self, part: str) -> Any:
        """Every object of a part, in a stable order."""
        return requests.get(f"{self._control(part)}/_sandbox/dump", timeout=60).json()

    def purge(self) -> None:
        """Do at once what 3scale does minutes later: what was removed takes its traces along."""
        requests.post(f"{self._control('threescale')}/_sandbox/purge", timeout=60).raise_for_status()

    def _control(self, part: str) -> str:
        """Where a part answers questions about itself: its own address, or one beside it where it is not ours."""
        found: dict[str, Any] = self.status()["parts"][part]
        address: str = found.get("control") or found["url"]
        return address


@contextlib.contextmanager
def running_sandbox(folder: Path, *parts: str) -> Iterator[Sandbox]:
    """``bin/sandbox up`` with a state folder and inventory below ``folder``; ``down`` at the end."""
    inventory = folder / "inventory"
    shutil.copytree(ROOT / "inventories" / "sandbox", inventory, symlinks=False)
    sandbox = Sandbox(folder / "state", inventory)
    facts = inventory / "group_vars" / "all" / "facts.yml"
    state = ["--state", str(sandbox.state)]
    command = [str(FRONT), "up", *parts, *state, "--public-port", str(free_port()), "--facts", str(facts)]
    if os.environ.get("CRDS_DIR"):
        command += ["--crds", os.environ["CRDS_DIR"]]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=UP, check=False
        )
        if done.returncode:
            raise RuntimeError(f"the sandbox did not start:\n{done.stdout[-4000:]}")
        yield sandbox
    finally:
        subprocess.run([str(FRONT), "down", *state], check=False, capture_output=True, timeout=120)
