# SPDX-License-Identifier: GPL-3.0-or-later
"""One gateway for a file of tests, between a fake 3scale and a fake model server."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from dnslib import RCODE, RR
from dnslib.server import DNSLogger, DNSServer

from tests.sandbox.gateway.fakes import IDS, SUPERDOMAIN, FakeModel, FakeThreeScale, Verdict, product
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "roles" / "threescale" / "files" / "policies"
SILENCE = 2  # seconds without a byte after which this gateway gives a model up (60 by default)
NUMBERS = itertools.count(1)
AUTHORITY = trustme.CA()
# A new connection for each request, as from as many clients; making an httpx client each time costs more than the rest.
CLIENT = httpx.Client(timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


class Names:
    """A name server that knows one Service of a cluster."""

    def __init__(self) -> None:
        self.port = free_port()
        self.server = DNSServer(self, address="127.0.0.1", port=self.port, logger=DNSLogger("-request,-reply"))
        self.server.start_thread()

    def resolve(self, request: Any, _handler: Any) -> Any:
        """dnslib's interface."""
        reply = request.reply()
        if str(request.q.qname) == "granite.llm-hosting.svc.cluster.local.":
            reply.add_answer(*RR.fromZone(f"{request.q.qname} 1 CNAME pods.internal."))
            reply.add_answer(*RR.fromZone("pods.internal. 1 A 127.0.0.1"))
        else:
            reply.header.rcode = RCODE.NXDOMAIN
        return reply


@dataclass
class Gateway:
    """A running gateway. Products are made by `serve`, requests sent by `send`."""

    port: int
    log: Path
    policies: Path
    modules: Path
    threescale: FakeThreeScale
    model: FakeModel
    names: dict[str, str] = field(default_factory=dict)

    def serve(self, environment: str = "sandbox", name: str | None = None, **proxy: Any) -> str:
        """Deploys a product; the host name that serves it."""
        name = name or f"product{next(NUMBERS)}"
        content = product(self.model.url, name, **proxy)
        kind = "staging" if environment == "sandbox" else environment
        for host in content["proxy"]["hosts"]:
            self.threescale.configurations[environment, host] = content
        return f"{name}-{kind}.{SUPERDOMAIN}"

    def send(
        self, host: str, path: str = "/v1/models?user_key=KEY", method: str = "GET", **more: Any
    ) -> httpx.Response:
        """One request to a product."""
        headers = {"Host": host, **more.pop("headers", {})}
        url = f"http://127.0.0.1:{self.port}{path}"
        return CLIENT.request(method, url, headers=headers, **more)

    def logged(self, words: str) -> bool:
        """Whether the gateway's log holds these words."""
        return words in self.log.read_text()


def start(log: Path, *flags: str, token: str = "TOKEN") -> subprocess.Popen[bytes]:
    """Starts the gateway's process; the log goes to a file."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SANDBOX_GATEWAY_TOKEN": token}
    command = [sys.executable, "-m", "sandbox.gateway", *flags]
    with log.open("wb") as out:
        return subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)


def wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits for the health check; fails with the log."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/_threescale/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the gateway did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The gateway's process with the shipped policies and an empty folder for a test's own."""
    folder = tmp_path_factory.mktemp("gateway")
    policies, modules = folder / "policies", folder / "modules"
    policies.mkdir()
    modules.mkdir()
    for shipped in {path.parents[1] for path in SHIPPED.glob("*/*/init.lua")}:
        (policies / shipped.name).symlink_to(shipped, target_is_directory=True)
    threescale, model, port, log = FakeThreeScale(), FakeModel(), free_port(), folder / "log"
    AUTHORITY.cert_pem.write_to_path(str(folder / "ca.crt"))
    names = Names()
    process = start(
        log,
        *("--port", str(port), "--admin-url", threescale.url, "--admin-host", f"maas-admin.{SUPERDOMAIN}"),
        *("--backend-url", threescale.url, "--backend-host", f"backend.{SUPERDOMAIN}"),
        *("--policies", str(policies), "--state", str(folder / "state"), "--production-cache", "1"),
        *("--resolver", f"127.0.0.1:{names.port}", "--ca", str(folder / "ca.crt")),
        *("--upstream-timeout", str(SILENCE), "--lua-path", str(modules)),
    )
    wait_until_ready(port, process, log)
    yield Gateway(port, log, policies, modules, threescale, model)
    process.terminate()
    assert process.wait(10) == 0
    threescale.close()
    model.close()
    names.server.stop()


@pytest.fixture
def gateway(running: Gateway) -> Gateway:
    """The gateway with a backend that knows one good key, KEY, and has not been asked anything."""
    running.threescale.verdicts = {"KEY": Verdict()}
    running.threescale.down = False
    running.threescale.newest_product_before = next(IDS)
    running.threescale.calls.clear()
    running.model.seen.clear()
    running.model.broken.clear()
    return running


@pytest.fixture
def write_policy(running: Gateway) -> Callable[[str, str], str]:
    """Puts a policy of the test's own into the policies folder: write_policy(name, lua)."""

    def write(name: str, lua: str, version: str = "0.1") -> str:
        folder = running.policies / name / version
        folder.mkdir(parents=True)
        (folder / "apicast-policy.json").write_text(f'{{"name": "{name}", "version": "{version}"}}')
        (folder / "init.lua").write_text(lua)
        return name

    return write
