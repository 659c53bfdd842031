# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay the recordings of real 3scale servers, 2.16 and 2.15, against the stand-in or the server that is named.

Prints a table (recording, steps, alike), writes build/contract.json exits with 1 where one differs. Variables:

``URL HOST TOKEN SUPERDOMAIN``
    another 3scale: address of the Admin API, its host name, a token with every scope, the installation's domain
``PORTAL MASTER MASTER_TOKEN BACKEND``
    its other servers (URL or URL,HOST); recordings that need one that is not named are left out, and that is said
``I_KNOW_IT_DELETES=1``
    play against that very tenant where no master API can make one for each recording
``RELEASE``
    of that server, ``2.16`` where left out: which recordings are played
``CONFORMANCE_DIR``
    a folder with other ``replay.py``, ``recordings/`` and, for the older release, ``recordings-2.15/``
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.contract.target import Foreign, Target, own_standin

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("CONFORMANCE_DIR") or Path(__file__).parent)
NEWEST, OLDER = "2.16", ("2.15",)
ORDER = ["fresh", "walkthrough", "plans", "errors", "portal", "backend", "statistics", "master", "sso"]


class Recording(NamedTuple):
    """A file with the answers of one release of 3scale: ``recordings`` holds 2.16's, ``recordings-2.15`` that one's."""

    path: Path
    release: str

    @property
    def name(self) -> str:
        """What the table calls it."""
        return self.path.stem if self.release == NEWEST else f"{self.path.stem} {self.release}"


class Result(NamedTuple):
    """How one recording went: ``note`` says why it was left out or what differed."""

    name: str
    steps: int
    alike: int
    note: str


def recordings(folder: Path = FOLDER, releases: tuple[str, ...] = (NEWEST, *OLDER)) -> list[Recording]:
    """The recordings of these releases, each in the order in which they build on each other's subjects."""
    found = []
    for release in releases:
        name = "recordings" if release == NEWEST else f"recordings-{release}"
        paths = sorted((folder / name).glob("*.json"))
        paths.sort(key=lambda path: ORDER.index(path.stem) if path.stem in ORDER else len(ORDER))
        found += [Recording(path, release) for path in paths]
    return found


def servers_needed(path: Path) -> set[str]:
    """Names of the servers other than the Admin API that a recording speaks to."""
    return {step["server"] for step in json.loads(path.read_text()) if "server" in step} - {"provider"}


def renamed(recording: str, tenant: str) -> str:
    """A recording as if its tenant, ``maas``, had another name: in hosts and as the organisation's name. Pure."""
    text = recording.replace("maas-admin.super.example", f"{tenant}-admin.super.example")
    text = re.sub(r"-maas-apicast-(?=staging|production)", f"-{tenant}-apicast-", text)
    return text.replace('"org_name": "maas"', f'"org_name": "{tenant}"')


def replay(recording: Recording, target: Target) -> Result:
    """Play one recording against one fresh tenant."""
    text = renamed(recording.path.read_text(), target.tenant)
    steps = len(json.loads(text))
    with tempfile.NamedTemporaryFile("w", suffix=".json") as played:
        played.write(text)
        played.flush()
        command = [sys.executable, str(FOLDER / "replay.py"), "check", played.name, *target.arguments()]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    found = re.search(r"^(\d+) of (\d+) steps alike$", done.stdout, re.MULTILINE)
    if not found:
        return Result(recording.name, steps, 0, f"could not run: {(done.stderr or done.stdout).strip()[-300:]}")
    return Result(recording.name, steps, int(found[1]), done.stdout if done.returncode else "")


def against_own(recording: Recording) -> Result:
    """One recording on a stand-in of its own, started fresh and ended afterwards."""
    with own_standin(recording.release) as target:
        return replay(recording, target)


def against_foreign(recording: Recording, foreign: Foreign) -> Result:
    """One recording on a tenant of the server that the environment names."""
    lacking = servers_needed(recording.path) - foreign.servers()
    if lacking:
        return Result(recording.name, 0, 0, f"left out: needs {', '.join(sorted(name.upper() for name in lacking))}")
    with foreign.tenant() as target:
        return replay(recording, target)


def run_all() -> list[Result]:
    """Every recording; several at once where each has a stand-in of its own."""
    foreign = Foreign.from_environment()
    if foreign:
        chosen = recordings(releases=(os.environ.get("RELEASE") or NEWEST,))
        return [against_foreign(recording, foreign) for recording in chosen]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(against_own, recordings()))


def show(results: list[Result]) -> None:
    """Print the table and, below it, what differed; leave the figures in build/contract.json."""
    for result in results:
        if result.note and not result.note.startswith("left out"):
            print(f"--- {result.name}\n{result.note}")
    print(f"{'recording':<17}{'steps':>6}{'alike':>7}")
    for result in results:
        note = result.note.splitlines()[0][:90] if result.note else ""
        print(f"{result.name:<17}{result.steps:>6}{result.alike:>7}  {note}")
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    figures = {result.name: {"steps": result.steps, "alike": result.alike} for result in results}
    (build / "contract.json").write_text(json.dumps(figures, indent=1) + "\n")


def main() -> int:
    """0 when every recording that was played is alike."""
    try:
        results = run_all()
    except (RuntimeError, OSError) as problem:
        print(f"contract: {problem}", file=sys.stderr)
        return 2
    show(results)
    return 0 if all(r.alike == r.steps for r in results) and any(r.steps for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())
