# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as users have it: built, installed from its tarball, run by the oldest ansible-core it declares."""

from __future__ import annotations

import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tests.support.playbook import ROOT, Run, environment, run_by

LEFT_OUT = {"sandbox", "tests", "benchmarks", "bin", "molecule", "tools"}


@dataclass(frozen=True)
class Installed:
    """An installed collection; folder: what ANSIBLE_COLLECTIONS_PATH names."""

    folder: Path

    def run(self, inventory: Path, playbook: str, *options: str) -> Run:
        """``ansible-playbook`` of the oldest ansible-core; playbook: a name such as rhai.maas.site, or a file."""
        made = subprocess.run([ROOT / "tools/environment", "oldest"], check=True, capture_output=True, text=True)
        # kubernetes.core and community.general stand in the site-packages of this environment
        path = {"ANSIBLE_COLLECTIONS_PATH": f"{self.folder}:{sysconfig.get_path('purelib')}", "ANSIBLE_PIPELINING": "0"}
        command = [f"{made.stdout.strip()}/bin/ansible-playbook", "-i", str(inventory), playbook, *options]
        return run_by(command, self.folder, {**environment(), **path})


def install(folder: Path) -> Installed:
    """Builds the checkout and installs the tarball below folder."""
    collections = folder / "collections"
    subprocess.run(["ansible-galaxy", "collection", "build", "--output-path", folder, ROOT], check=True)
    (tarball,) = folder.glob("rhai-maas-*.tar.gz")
    command = ["ansible-galaxy", "collection", "install", "--no-deps", "-p", str(collections), str(tarball)]
    subprocess.run(command, check=True, env={**environment(), "ANSIBLE_COLLECTIONS_PATH": str(collections)})
    assert not LEFT_OUT & {path.name for path in (collections / "ansible_collections/rhai/maas").iterdir()}
    return Installed(collections)
