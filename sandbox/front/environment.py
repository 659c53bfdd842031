# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's virtual environment, made once in the cache folder. Standard library only: it runs before there is one."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from sandbox.front.paths import cache_dir

ESTIMATE = 90  # seconds on two cores with empty caches, measured


def requirements(repo: Path) -> Path:
    """The locked list of packages where there is one, else the list that it is made from."""
    locked = repo / "requirements" / "sandbox.txt"
    return locked if locked.exists() else repo / "requirements" / "sandbox.in"


def interpreter(repo: Path) -> Path:
    """The environment's Python, made first when missing. SANDBOX_PYTHON names another one to use as it is.

    The folder's name carries a digest of the package list and of the Python version, so a changed list makes a new
    environment and never a half-updated one.
    """
    if chosen := os.environ.get("SANDBOX_PYTHON"):
        return Path(chosen)
    wanted = requirements(repo)
    digest = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache_dir() / f"sandbox-env-{digest}"
    python = folder / "bin" / "python"
    ready = folder / ".complete"
    if not ready.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two first runs side by side make one environment
            if not ready.exists():
                _make(folder, wanted)
                ready.touch()
    return python


def _make(folder: Path, wanted: Path) -> None:
    log = folder.with_name(folder.name + ".log")
    shutil.rmtree(folder, ignore_errors=True)
    hashes = ["--require-hashes"] if wanted.suffix == ".txt" else []
    steps = [
        [sys.executable, "-m", "venv", str(folder)],
        [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *hashes, "-r", str(wanted)],
    ]
    started = time.monotonic()
    with log.open("wb") as out:
        for step in steps:
            process = subprocess.Popen(step, stdout=out, stderr=subprocess.STDOUT)
            while process.poll() is None:
                _progress(time.monotonic() - started)
                time.sleep(0.5)
            if process.returncode != 0:
                _fail(step, log)
    _progress(time.monotonic() - started, done=True)


def _progress(seconds: float, done: bool = False) -> None:
    text = f"sandbox environment: {seconds:3.0f} s of about {ESTIMATE} s"
    if sys.stderr.isatty():
        print(f"\r{text}", end="\n" if done else "", file=sys.stderr, flush=True)
    elif done:
        print(f"sandbox environment: made in {seconds:.0f} s", file=sys.stderr)


def _fail(step: list[str], log: Path) -> NoReturn:
    lines = log.read_text(errors="replace").strip().splitlines()
    reason = lines[-1] if lines else "no output"
    sys.exit(
        f"\nThe sandbox's environment can't be made: {' '.join(step[:3])} … failed: {reason} (whole output: {log})"
    )
