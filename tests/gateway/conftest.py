# SPDX-License-Identifier: GPL-3.0-or-later
"""One gateway with the shipped policies for all tests, between a fake 3scale and a scripted model server."""

from __future__ import annotations

import itertools
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.fakes import FakeBackend, Piece, Request, Script, ScriptedModel
from tests.sandbox.gateway.conftest import SHIPPED, start, wait_until_ready
from tests.sandbox.gateway.fakes import SUPERDOMAIN, Verdict, product
from tests.support.ports import free_port

NUMBERS = itertools.count(1)
CHAT = "/v1/chat/completions"
JSON = {"Content-Type": "application/json"}
EVENTS = {"Content-Type": "text/event-stream"}


def policy(name: str, **configuration: Any) -> dict[str, Any]:
    """An entry of a policy chain; the shipped policies are of version 1.0."""
    shipped = (SHIPPED / name / "1.0").is_dir()
    return {"name": name, "version": "1.0" if shipped else "builtin", "configuration": configuration}


@dataclass
class Answer:
    """What the client got. Header names in lower case; cut: the answer had no proper end."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: bool = False


@dataclass
class World:
    """The gateway and its neighbours. Each call has a key of its own, so that reports can be told apart."""

    port: int
    backend: FakeBackend
    model: ScriptedModel
    log: Path
    products: dict[str, str] = field(default_factory=dict)

    def serve(
        self, *chain: dict[str, Any], name: str | None = None, environment: str = "production", **proxy: Any
    ) -> str:
        """Publishes a product with these policies before `apicast`; the host that serves it in production."""
        name = name or f"policies{next(NUMBERS)}"
        entries = [*chain, *([] if any(one["name"] == "apicast" for one in chain) else [policy("apicast")])]
        wanted = {
            "credentials_location": "headers",
            "auth_user_key": "Authorization",
            "rules": [("POST", "/", "hits"), ("GET", "/v1/", "hits"), ("HEAD", "/", "hits")],
            "policy_chain": [policy("on_failed"), *entries],
            **proxy,
        }
        content = product(self.model.url, name, **wanted)
        for host in content["proxy"]["hosts"]:
            self.backend.configurations[environment, host] = content
        return f"{name}-production.{SUPERDOMAIN}"

    def key(self) -> str:
        """A key that the backend accepts, used by nobody else."""
        key = f"key{next(NUMBERS)}"
        self.backend.verdicts[key] = Verdict()
        return key

    def call(
        self,
        host: str,
        key: str,
        pieces: list[Piece] | bytes = b"{}",
        body: bytes = b"{}",
        path: str = CHAT,
        method: str = "POST",
        leave_after: bytes | None = None,
        send: dict[str, str] | None = None,
        version: str = "1.1",
        patience: float = 30,
        **script: Any,
    ) -> tuple[Answer, Request | None]:
        """One call through the gateway: the client's answer, and what the model got (None: nothing).

        leave_after: close the connection once these bytes have come; patience: seconds to wait for more.
        """
        name = f"{key}-{next(NUMBERS)}"
        self.model.scripts[name] = Script([pieces] if isinstance(pieces, bytes) else pieces, **script)
        headers = {
            "Host": host,
            "Authorization": key,
            "Content-Type": "application/json",
            "X-Script": name,
            "Content-Length": str(len(body)),
            "Connection": "close",
            **(send or {}),
        }
        lines = "".join(f"{header}: {value}\r\n" for header, value in headers.items() if value)
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as client:
            client.sendall(f"{method} {path} HTTP/{version}\r\n{lines}\r\n".encode() + body)
            answer = read_answer(client, method, leave_after)
        return answer, self.model.seen.get(name)

    def logged(self) -> str:
        """The gateway's log."""
        return self.log.read_text()


def read_answer(client: socket.socket, method: str = "GET", leave_after: bytes | None = None) -> Answer:
    """An answer as it comes over the wire, chunks taken off."""
    data = b""
    while leave_after is None or leave_after not in data:
        more = client.recv(1 << 20)
        if not more:
            break
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    status = int(first.split(" ")[1])
    if headers.get("transfer-encoding") != "chunked" or method == "HEAD":
        return Answer(status, headers, rest, len(rest) < int(headers.get("content-length", 0)) and method != "HEAD")
    return unchunked(status, headers, memoryview(rest))


def unchunked(status: int, headers: dict[str, str], rest: memoryview) -> Answer:
    """The answer with a body that came in chunks."""
    body = bytearray()
    while True:
        size, _, after = bytes(rest[:20]).partition(b"\r\n")
        if not after and not size or b"\r\n" not in bytes(rest[:20]):
            return Answer(status, headers, bytes(body), cut=True)
        count, start = int(size, 16), len(size) + 2
        if count == 0:
            return Answer(status, headers, bytes(body))
        body += rest[start : start + count]
        rest = rest[start + count + 2 :]


def policies_in(folder: Path) -> Path:
    """A folder with the shipped policies, and with a second version of one that has code outside of Lua."""
    for shipped in SHIPPED.glob("*/*"):
        (folder / shipped.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copytree(shipped, folder / shipped.parent.name / shipped.name)
    newer = folder / "llm-usage" / "1.1"
    shutil.copytree(folder / "llm-usage" / "1.0", newer)
    manifest = newer / "apicast-policy.json"
    manifest.write_text(manifest.read_text().replace('"version": "1.0"', '"version": "1.1"'))
    return folder


@contextmanager
def gateway(folder: Path, production_cache: int = 60) -> Iterator[World]:
    """A gateway's process; production_cache: for how many seconds it keeps configurations of production."""
    backend, model, port, log = FakeBackend(), ScriptedModel(), free_port(), folder / "log"
    process = start(
        log,
        *("--port", str(port), "--admin-url", backend.url, "--admin-host", f"maas-admin.{SUPERDOMAIN}"),
        *("--backend-url", backend.url, "--backend-host", f"backend.{SUPERDOMAIN}"),
        *("--policies", str(policies_in(folder / "policies")), "--state", str(folder / "state")),
        *("--production-cache", str(production_cache)),
    )
    wait_until_ready(port, process, log)
    yield World(port, backend, model, log)
    process.terminate()
    assert process.wait(10) == 0
    backend.close()
    model.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The gateway that the tests share."""
    with gateway(tmp_path_factory.mktemp("policies")) as made:
        yield made


@pytest.fixture
def world(running: World) -> World:
    """The gateway with a backend that has not been asked anything and refuses nothing."""
    running.backend.down = False
    running.backend.calls.clear()
    running.backend.refusals.clear()
    running.backend.metrics.clear()
    running.backend.foretold.clear()
    return running
