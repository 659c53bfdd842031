# SPDX-License-Identifier: GPL-3.0-or-later
"""One control plane and one node for all tests here, started as a person would start them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.front.settings import free_port
from sandbox.kubernetes.rest import Client
from tests.support.until import LIMIT

REPO = Path(__file__).resolve().parents[3]
IMAGES = """
images:
  - match: ^tools
    run: ["{command}", "{args}"]
  - match: ^web
    run: ["{python}", -m, http.server, --bind, "{pod_ip}", "{port}"]
  - match: ^guarded
    run: ["{python}", -m, http.server, --bind, "{inside}", "{port}"]
  - match: ^quiet
    ready: true
"""


def start(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A part of the sandbox in the foreground, its output in `log`."""
    environment = {**os.environ, "SANDBOX_PYTHON": sys.executable}
    with log.open("wb") as out:
        return subprocess.Popen([str(REPO / "bin" / "sandbox"), *arguments], stdout=out, stderr=out, env=environment)


def wait_for_line(process: subprocess.Popen[bytes], log: Path, text: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while text not in log.read_text():
        assert process.poll() is None, f"ended with {process.returncode}:\n{log.read_text()[-3000:]}"
        assert time.monotonic() < end, f"no {text!r} within {seconds} s:\n{log.read_text()[-3000:]}"
        time.sleep(0.1)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(60)


@dataclass
class Cluster:
    """The running control plane, as the administrator sees it."""

    state: Path
    port: int
    counters_port: int

    def call(self, method: str, path: str, body: Any = None, user: str = "admin") -> Any:
        async def once() -> Any:
            client = Client(self.state / f"{user}.kubeconfig")
            try:
                return await client.request(method, path, body)
            finally:
                await client.close()

        return asyncio.run(once())

    def counters(self, method: str = "GET") -> Any:
        answer = httpx.request(method, f"http://127.0.0.1:{self.counters_port}/_sandbox/counters")
        return answer.json() if method == "GET" else answer.status_code

    def until(self, path: str, good: Callable[[Any], Any], seconds: float = LIMIT) -> Any:
        """Reads until `good` holds."""
        end = time.monotonic() + seconds
        while not good(found := self.call("GET", path)):
            assert time.monotonic() < end, f"{path} after {seconds} s: {json.dumps(found, indent=1)[-3000:]}"
            time.sleep(0.2)
        return found


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    table = folder / "images.yml"
    table.write_text(IMAGES)
    found = Cluster(folder / "kubernetes", free_port(), free_port())
    plane_log, node_log = folder / "plane.log", folder / "node.log"
    ports = ("--port", str(found.port), "--counters-port", str(found.counters_port))
    plane = start(plane_log, "kubernetes", "--state", str(found.state), *ports)
    try:
        # The first time on a machine the program is built here.
        wait_for_line(plane, plane_log, "ready: ", 1800)
        kubeconfig = str(found.state / "sandbox-node.kubeconfig")
        options = ("--images", str(table), "--state", str(folder / "node"), "--port", str(free_port()))
        node = start(node_log, "kubelet", "--kubeconfig", kubeconfig, *options)
        try:
            wait_for_line(node, node_log, "ready: ", 90)
            yield found
        finally:
            stop(node)
    finally:
        stop(plane)


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    name = f"test-{os.urandom(4).hex()}"
    cluster.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    # The service account controller works in the background; Pods are refused until it has been there.
    cluster.until(f"/api/v1/namespaces/{name}/serviceaccounts", lambda found: found["items"])
    yield name
    cluster.call("DELETE", f"/api/v1/namespaces/{name}")
