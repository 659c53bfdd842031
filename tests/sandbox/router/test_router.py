# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's process: names from Routes and table, TLS that a client verifies, changes picked up."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import queue
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
DOMAIN = "apps.example.com"


class Shown(http.server.BaseHTTPRequestHandler):
    """An application behind the router: says who it is and which headers came."""

    server: Any

    def do_GET(self) -> None:  # noqa: N802
        if self.path == "/silent":  # for longer than the Route of the test allows
            time.sleep(4)
        body = json.dumps({"name": self.server.name, "path": self.path, "headers": dict(self.headers)}).encode()
        status = 502 if self.path == "/502" else 200
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # who asked may have left
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


def application(name: str) -> Any:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shown)
    server.name = name  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Cluster:
    """The lists and watches of three kinds, over plain HTTP."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {"routes": {}, "services": {}, "pods": {}}
        self.events: dict[str, queue.Queue[dict[str, Any]]] = {kind: queue.Queue() for kind in self.items}
        cluster = self

        class Api(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802
                path, _, query = self.path.partition("?")
                kind = path.rsplit("/", 1)[-1]
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                if "watch=1" not in query:
                    listing = {"metadata": {"resourceVersion": "1"}, "items": list(cluster.items[kind].values())}
                    self.wfile.write(json.dumps(listing).encode())
                    return
                while True:
                    try:
                        event = cluster.events[kind].get(timeout=30)
                        self.wfile.write(json.dumps(event).encode() + b"\n")
                        self.wfile.flush()
                    except (queue.Empty, OSError):
                        return

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Quiet."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, kind: str, item: dict[str, Any], event: str = "ADDED") -> None:
        self.items[kind][item["metadata"]["name"]] = item
        self.events[kind].put({"type": event, "object": item})


def route(name: str, service: str, host: str | None = None) -> dict[str, Any]:
    meta = {"name": name, "namespace": "ns", "creationTimestamp": "2026-01-01T00:00:00Z"}
    return {"metadata": meta, "spec": {"host": host or f"{name}.{DOMAIN}", "to": {"kind": "Service", "name": service}}}


@dataclass
class Router:
    """A running router."""

    port: int
    ca: Path
    cluster: Cluster
    log: Path

    def get(self, host: str, path: str = "/", address: str = "127.0.0.1") -> tuple[int, str]:
        """One request with the server's certificate checked for the name."""
        context = ssl.create_default_context(cafile=str(self.ca))
        with (
            socket.create_connection((address, self.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=host) as line,
        ):
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            data = b""
            while piece := line.recv(65536):
                data += piece
        head, _, body = data.decode().partition("\r\n\r\n")
        return int(head.split()[1]), body

    def until(self, check: Callable[[], bool]) -> None:
        """Waits until the router has noticed a change."""
        deadline = time.monotonic() + 90
        while not check():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)


def start(folder: Path, port: int, *flags: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sandbox.router", "--port", str(port), "--superdomain", DOMAIN, *flags]
    with (folder / "log").open("wb") as log:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)


def authority(folder: Path) -> tuple[Path, Path]:
    made = trustme.CA()
    made.cert_pem.write_to_path(str(folder / "ca.crt"))
    made.private_key_pem.write_to_path(str(folder / "ca.key"))
    return folder / "ca.crt", folder / "ca.key"


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Router]:
    folder, port, cluster = tmp_path_factory.mktemp("router"), free_port(), Cluster()
    ca, key = authority(folder)
    here, there = application("gateway"), application("storage")
    table = {
        "ca": {"certificate": str(ca), "key": str(key)},
        "services": [
            {"service": "apicast-*", "url": f"http://127.0.0.1:{here.server_address[1]}"},
            {"service": "down", "url": "http://127.0.0.1:1"},
        ],
        "hosts": {"s3": f"http://127.0.0.1:{there.server_address[1]}"},
    }
    (folder / "table.json").write_text(json.dumps(table))
    clusters = [
        {
            "cluster": {
                "server": f"http://127.0.0.1:{cluster.server.server_address[1]}",
                "certificate-authority": str(ca),
            }
        }
    ]
    (folder / "kubeconfig").write_text(yaml.safe_dump({"clusters": clusters, "users": [{"user": {"token": "x"}}]}))
    files = ["--table", str(folder / "table.json"), "--kubeconfig", str(folder / "kubeconfig")]
    process = start(folder, port, *files, "--state", str(folder / "state"))
    running = Router(port, ca, cluster, folder / "log")
    running.until(lambda: _listens(port))
    yield running
    process.terminate()
    assert process.wait(10) == 0
    for server in (here, there, cluster.server):
        server.shutdown()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_name_of_the_table_over_verified_tls(router: Router) -> None:
    status, body = router.get(f"s3.{DOMAIN}", "/bucket?list-type=2")
    assert status == 200
    got = json.loads(body)
    assert (got["name"], got["path"]) == ("storage", "/bucket?list-type=2")
    assert got["headers"]["Host"] == f"s3.{DOMAIN}"
    assert got["headers"]["X-Forwarded-Proto"] == "https"
    assert got["headers"]["X-Forwarded-Port"] == str(router.port)


def test_unknown_host_gets_the_503_page(router: Router) -> None:
    status, body = router.get(f"nobody.{DOMAIN}")
    assert status == 503
    assert "Application is not available" in body


def test_route_appears_changes_and_goes(router: Router) -> None:
    """Each look is at one answer: for a moment after a change the old worker and the new one both answer."""
    host = f"granite-staging.{DOMAIN}"

    def served() -> bool:
        status, body = router.get(host)
        return status == 200 and json.loads(body)["name"] == "gateway"

    def unavailable() -> bool:
        status, body = router.get(host)
        return status == 503 and "Application is not available" in body

    assert unavailable()
    router.cluster.put("routes", route("granite-staging", "apicast-staging"))
    router.until(served)
    router.cluster.put("routes", route("granite-staging", "down"), "MODIFIED")
    router.until(unavailable)
    router.cluster.put("routes", route("granite-staging", "apicast-staging"), "MODIFIED")
    router.until(served)
    router.cluster.put("routes", route("granite-staging", "apicast-staging"), "DELETED")
    router.until(unavailable)


def test_an_applications_own_502_passes(router: Router) -> None:
    status, body = router.get(f"s3.{DOMAIN}", "/502")
    assert (status, json.loads(body)["name"]) == (502, "storage")


def test_silence_ends_a_call_as_the_route_says(router: Router) -> None:
    """30 s where a Route says nothing (test_routes.py); here one that has less patience, and one that has more."""
    for name, patience in (("hasty", "1s"), ("patient", "10m")):
        made = route(name, "apicast-staging")
        made["metadata"]["annotations"] = {"haproxy.router.openshift.io/timeout": patience}
        router.cluster.put("routes", made)
        router.until(lambda name=name: router.get(f"{name}.{DOMAIN}")[0] == 200)  # type: ignore[misc]
    status, body = router.get(f"hasty.{DOMAIN}", "/silent")
    assert (status, "504 Gateway Time-out" in body) == (504, True)
    assert router.get(f"patient.{DOMAIN}", "/silent")[0] == 200


def test_host_outside_the_wildcard_gets_into_the_certificate(router: Router) -> None:
    router.cluster.put("routes", route("outside", "apicast-production", "models.company.example.org"))

    def verified() -> bool:
        try:
            return router.get("models.company.example.org")[0] == 200
        except ssl.SSLCertVerificationError:
            return False

    router.until(verified)


def test_answers_on_ipv6_too(router: Router) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    assert router.get(f"s3.{DOMAIN}", address="::1")[0] == 200


def test_other_authority_is_not_trusted(router: Router, tmp_path: Path) -> None:
    stranger, _key = authority(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        Router(router.port, stranger, router.cluster, router.log).get(f"s3.{DOMAIN}")


@pytest.mark.parametrize("text", ["no json", "{}"])
def test_bad_table_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "table.json").write_text(text)
    process = start(tmp_path, free_port(), "--table", str(tmp_path / "table.json"), "--state", str(tmp_path / "state"))
    assert process.wait(20) == 1
    said = (tmp_path / "log").read_text()
    assert said.startswith("sandbox router: the router's table") and len(said.splitlines()) == 1


def test_port_that_is_taken_is_one_sentence(router: Router, tmp_path: Path) -> None:
    process = start(tmp_path, router.port, "--table", "x", "--state", str(tmp_path / "state"))
    assert process.wait(20) == 1
    said = (tmp_path / "log").read_text()
    assert f"cannot listen on 127.0.0.1:{router.port}" in said and "--port" in said
