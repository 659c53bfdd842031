# SPDX-License-Identifier: GPL-3.0-or-later
"""A second node beside the first: ended, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.front.settings import free_port
from sandbox.kubernetes.kubelet.addresses import AddressError, Addresses

from .conftest import IMAGES, Cluster, start, stop, wait_for_line

Starter = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def second_node(cluster: Cluster, tmp_path: Path) -> Iterator[Starter]:
    """Starts a node called "second", as often as it is called; each time with the same state."""
    table, port, started = tmp_path / "images.yml", str(free_port()), []
    table.write_text(IMAGES)

    def again() -> subprocess.Popen[bytes]:
        log = tmp_path / f"node-{len(started)}.log"
        kubeconfig = str(cluster.state / "sandbox-node.kubeconfig")
        options = ("--images", str(table), "--state", str(tmp_path / "node"), "--port", port, "--gpus", "0")
        process = start(log, "kubelet", "--kubeconfig", kubeconfig, "--node-name", "second", *options)
        started.append(process)
        wait_for_line(process, log, "ready: ", 90)
        return process

    yield again
    for process in started:
        if process.poll() is None:
            stop(process)
    cluster.call("DELETE", "/api/v1/nodes/second")


def pinned(name: str, restart: str, image: str, **extra: Any) -> dict[str, Any]:
    main = {"name": "main", "image": image, "ports": [{"containerPort": 8080}], **extra}
    spec = {"nodeName": "second", "restartPolicy": restart, "containers": [main], "terminationGracePeriodSeconds": 2}
    return {"metadata": {"name": name}, "spec": spec}


def running(pod: Any, restarts: int) -> bool:
    statuses = pod["status"].get("containerStatuses") or [{}]
    return statuses[0].get("ready") is True and statuses[0]["restartCount"] == restarts


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_pods_come_back_on_their_addresses(
    cluster: Cluster, namespace: str, second_node: Starter, how: signal.Signals
) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    probe = {"tcpSocket": {"port": 8080}, "periodSeconds": 1}
    node = second_node()
    cluster.call("POST", path, pinned("web", "Always", "web:1", readinessProbe=probe))
    cluster.call("POST", path, pinned("once", "Never", "tools", command=["sleep", "600"]))
    first = cluster.until(f"{path}/web", lambda pod: running(pod, 0))
    cluster.until(f"{path}/once", lambda pod: pod["status"]["phase"] == "Running")
    os.kill(node.pid, how)
    node.wait(30)
    address = f"http://{first['status']['podIP']}:8080/"
    if how == signal.SIGTERM:
        with pytest.raises(httpx.ConnectError):
            httpx.get(address)
    second_node()
    again = cluster.until(f"{path}/web", lambda pod: running(pod, 1))
    assert again["status"]["podIP"] == first["status"]["podIP"]
    assert httpx.get(address).status_code == 200
    lost = cluster.until(f"{path}/once", lambda pod: pod["status"]["phase"] == "Failed")
    assert lost["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 137


def test_nodes_of_one_machine_have_ranges_of_their_own(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        (folder / "range").write_text("77")
    first, second = Addresses(folders[0]), Addresses(folders[1])
    pods = [first.take("p"), first.take("q"), second.take("p")]
    assert len({address.rpartition(".")[0] for address in pods}) == 2
    assert len(set(pods)) == 3
    assert first.take("p") == pods[0]
    with pytest.raises(AddressError):
        for number in range(300):
            first.take(f"more-{number}")
    first.free("q")
    assert first.take("new") == pods[1]
