# SPDX-License-Identifier: GPL-3.0-or-later
"""bin/sandbox as people and other programs use it, with the parts that start quickly."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

REPO = Path(__file__).resolve().parents[3]


class Front:
    """The command with one state folder."""

    def __init__(self, folder: Path) -> None:
        self.state, self.facts = folder / "state", folder / "inventory" / "facts.yml"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "SANDBOX_PYTHON": sys.executable, "SANDBOX_STATE": str(self.state)}
        environment.pop("CRDS_DIR", None)
        command = [str(REPO / "bin" / "sandbox"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=1800, check=False)

    def up(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("up", *arguments, "--facts", str(self.facts))

    def status(self) -> Any:
        return json.loads(self.run("status", "--json").stdout)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    found = Front(tmp_path)
    yield found
    found.run("down")


def alive(pid: int) -> bool:
    stat_file = Path(f"/proc/{pid}/stat")
    return stat_file.exists() and stat_file.read_text().rpartition(")")[2].split()[0] != "Z"


def test_parts_start_show_and_end(front: Front) -> None:
    done = front.up("hub", "s3")
    assert done.returncode == 0, done.stderr
    status = front.status()
    assert set(status) >= {"kubeconfig", "ca", "superdomain", "parts"}
    assert set(status["parts"]) == {"hub", "s3"}
    for part in status["parts"].values():
        assert part["ready"] is True
        assert alive(part["pid"])
        assert httpx.get(part["url"]).status_code < 500
    assert json.loads((front.state / "status.json").read_text()) == status
    facts = yaml.safe_load(front.facts.read_text())
    assert facts["sandbox_hub_url"] == status["parts"]["hub"]["url"]
    for path in (front.facts, front.state / "status.json", front.state / "settings.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert "hub" in front.run("status").stdout
    assert front.run("logs", "hub").stdout
    assert front.run("down").returncode == 0
    assert not any(alive(part["pid"]) for part in status["parts"].values())
    assert front.status()["parts"] == {}


def test_second_up_starts_only_what_is_missing_and_keeps_addresses(front: Front) -> None:
    assert front.up("hub").returncode == 0
    first = front.status()["parts"]["hub"]
    assert front.up("hub", "s3").returncode == 0
    parts = front.status()["parts"]
    assert parts["hub"] == first
    assert parts["s3"]["ready"]
    assert front.run("down").returncode == 0
    assert front.up("hub").returncode == 0
    again = front.status()["parts"]["hub"]
    assert again["url"] == first["url"]
    assert again["pid"] != first["pid"]


def test_part_that_died_is_shown_and_started_again(front: Front) -> None:
    assert front.up("hub").returncode == 0
    pid = front.status()["parts"]["hub"]["pid"]
    os.kill(pid, 9)
    shown = front.status()["parts"]["hub"]
    assert (shown["pid"], shown["ready"]) == (None, False)
    assert front.up("hub").returncode == 0
    assert front.status()["parts"]["hub"]["ready"]


def test_failing_start_is_one_message_and_leaves_nothing_behind(front: Front, tmp_path: Path) -> None:
    broken = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "routes.route.openshift.io"},
        "spec": {"group": "route.openshift.io", "names": {"kind": "Route", "plural": "routes"}, "scope": "Nowhere"},
    }
    crds = tmp_path / "crds"
    crds.mkdir()
    (crds / "routes.yaml").write_text(yaml.safe_dump(broken))
    done = front.up("hub", "kubernetes", "--crds", str(crds))
    assert done.returncode == 1
    assert "definitions can't be loaded" in done.stderr
    assert "Traceback" not in done.stderr
    assert front.status()["parts"] == {}


def test_definitions_of_the_platform_are_there_and_those_of_operators_are_not(front: Front) -> None:
    assert front.up("kubernetes").returncode == 0
    status = front.status()
    token = yaml.safe_load(Path(status["kubeconfig"]).read_text())["users"][0]["user"]["token"]
    ca = str(front.state / "kubernetes" / "pki" / "apiserver.crt")
    address = status["parts"]["kubernetes"]["url"]
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    answer = httpx.get(address + path, headers={"Authorization": f"Bearer {token}"}, verify=ca).json()
    names = {item["metadata"]["name"] for item in answer["items"]}
    assert {"routes.route.openshift.io", "subscriptions.operators.coreos.com"} <= names
    assert "apimanagers.apps.3scale.net" not in names
    assert httpx.get(status["parts"]["kubernetes"]["control"] + "/_sandbox/counters").json()["writes"] == 0


def test_taken_public_port_is_refused_before_anything_starts(front: Front) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = front.up("hub", "--public-port", str(port))
    assert done.returncode == 1
    assert f"port {port} can't be the router's" in done.stderr
    assert front.status()["parts"] == {}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("up", "nothing"), "no part is called 'nothing'"),
        (("up", "hub", "--crds", "/not/there"), "no folder of definitions"),
        (("nothing",), "no command or part is called 'nothing'"),
        (("logs", "hub"), "was never started"),
    ],
)
def test_wrong_use_is_one_sentence(front: Front, arguments: tuple[str, ...], text: str) -> None:
    done = front.run(*arguments)
    assert done.returncode in (1, 2)
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_other_superdomain_needs_a_down_first(front: Front) -> None:
    assert front.up("hub", "--superdomain", "one.localhost").returncode == 0
    done = front.up("s3", "--superdomain", "two.localhost")
    assert done.returncode == 1
    assert "bin/sandbox down" in done.stderr
    assert front.status()["superdomain"] == "one.localhost"
