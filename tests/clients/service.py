# SPDX-License-Identifier: GPL-3.0-or-later
"""A service for clients: a model of each task behind the gateway, sold by the role as an inventory says, and keys."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.support.part import running_part
from tests.support.ports import free_port
from tests.support.standin import Standin, running_standin

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "roles" / "threescale" / "files" / "policies"
ORIGIN = "https://maas.apps.localhost"
SUPERDOMAIN = "apps.localhost"
MESSAGES = {"method": "POST", "path": "/v1/messages", "name": "messages", "title": "Messages"}
TASKS = {"granite": "chat", "nomic": "embedding", "starcoder": "completion", "bge": "rerank"}


@dataclass(frozen=True)
class Service:
    """What a developer is told: the address of a product, a key, and a key of a plan that is soon used up."""

    port: int
    key: str
    small_key: str
    portal: str
    folder: Path

    def publish(self) -> None:
        """Fills the portal, as the role does; a test of its pages asks for it."""
        play(self.folder, "portal_content.yml", "-e", f"threescale_portal_url={self.portal}")

    def address(self, product: str) -> str:
        """The product's address, without /v1."""
        return f"http://{product}-maas-apicast-production.{SUPERDOMAIN}:{self.port}"


class Names:
    """A name server for which every name is this machine."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                asked, sender = self._socket.recvfrom(512)
                head = asked[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
                record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 1, 4) + socket.inet_aton("127.0.0.1")
                self._socket.sendto(head + asked[12:] + record, sender)

    def close(self) -> None:
        """Stops answering."""
        self._socket.close()


def inventory(standin: Standin, ports: dict[str, int]) -> dict[str, Any]:
    """The catalogue: each model has a product of its own, and one product is over two."""
    models = [
        {
            "name": name,
            "task": task,
            "endpoint": f"http://{name}.llm-hosting.svc.cluster.local:{ports[name]}",
            "endpoints": {"add": [MESSAGES]} if task == "chat" else {},
            "card": {"capabilities": ["tools", "json"]} if task == "chat" else {},
            "plans": ["standard", "small"],
        }
        for name, task in TASKS.items()
    ]
    plans = [
        {"name": "standard", "title": "Standard", "limits": [{"requests": 1000, "per": "hour"}]},
        {"name": "small", "title": "Small", "limits": [{"requests": 2, "per": "year"}]},
    ]
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "maas_superdomain": standin.superdomain,
        "maas_models": models,
        "maas_plans": plans,
        "maas_products": [{"name": "assistants", "models": ["granite", "nomic"], "plans": ["standard", "small"]}],
        "threescale_install": False,
        "threescale_access_token": standin.token,
        "threescale_admin_url": standin.admin_url,
        "threescale_portal_url": ORIGIN,
        "threescale_sso_integrations": [],
    }
    return {"all": {"hosts": {"localhost": None}, "vars": variables}}


def play(folder: Path, playbook: str, *options: str) -> None:
    """Runs a playbook of the collection, in its own environment, for the inventory of a folder."""
    found = subprocess.run([ROOT / "tools" / "environment", "collection"], capture_output=True, text=True, check=True)
    tree = subprocess.run([ROOT / "tools" / "tree"], capture_output=True, text=True, check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["ANSIBLE_COLLECTIONS_PATH"] = tree.stdout.strip()
    environment["PATH"] = f"{found.stdout.strip()}/bin:{environment['PATH']}"
    command = ["ansible-playbook", "-i", str(folder / "hosts.yml"), *options, str(ROOT / "playbooks" / playbook)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def sell(standin: Standin, plan: str) -> str:
    """An account with an application of a plan in each product, all with the same key; the key."""
    key = secrets.token_hex(16)

    def call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        url = f"{standin.admin_url}/admin/api/{path}.json"
        answer = requests.request(method, url, json=body, auth=("", standin.token), timeout=30)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    person = {"org_name": plan, "username": f"user-{plan}", "email": f"{plan}@example.com"}
    account = call("POST", "signup", {**person, "password": secrets.token_hex(12)})["account"]["id"]
    for service in call("GET", "services")["services"]:
        number = service["service"]["id"]
        plans = [one["application_plan"] for one in call("GET", f"services/{number}/application_plans")["plans"]]
        wish = {"plan_id": next(one["id"] for one in plans if one["system_name"] == plan), "user_key": key}
        call("POST", f"accounts/{account}/applications", {**wish, "name": f"app {number}", "description": "x"})
    return key


@contextlib.contextmanager
def running_service(folder: Path) -> Iterator[Service]:
    """The whole, from models to keys, while the block runs."""
    names = Names()
    ports = {name: free_port() for name in TASKS}
    port = free_port()
    with contextlib.ExitStack() as stack:
        stack.callback(names.close)
        standin = stack.enter_context(running_standin(superdomain=SUPERDOMAIN))
        for name, task in TASKS.items():
            told = ["--name", name, "--task", task, "--host", "127.0.0.1", "--port", str(ports[name])]
            health = f"http://127.0.0.1:{ports[name]}/health"
            stack.enter_context(running_part(folder / f"{name}.log", health, "models", *told))
        flags = ["--port", str(port), "--admin-url", standin.url, "--admin-host", f"maas-admin.{SUPERDOMAIN}"]
        flags += ["--backend-url", standin.url, "--backend-host", f"backend.{SUPERDOMAIN}", "--policies", str(POLICIES)]
        flags += ["--state", str(folder / "gateway"), "--resolver", f"127.0.0.1:{names.port}"]
        health = f"http://127.0.0.1:{port}/_threescale/healthz"
        log = folder / "gateway.log"
        stack.enter_context(running_part(log, health, "gateway", *flags, SANDBOX_GATEWAY_TOKEN=standin.token))
        (folder / "hosts.yml").write_text(json.dumps(inventory(standin, ports)))
        play(folder, "threescale.yml")
        portal = f"http://maas.{SUPERDOMAIN}:{standin.url.rpartition(':')[2]}"
        yield Service(port, f"sk-maas-{sell(standin, 'standard')}", sell(standin, "small"), portal, folder)
