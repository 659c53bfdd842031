# SPDX-License-Identifier: GPL-3.0-or-later
"""A catalogue with quotas, kept by the role on a stand-in, behind a gateway, before a scripted model server."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.modules import run_module
from tests.support.names import name_server
from tests.support.part import running_part
from tests.support.playbook import Run, run_playbook
from tests.support.ports import free_port
from tests.support.standin import Standin, running_standin

ROOT = Path(__file__).resolve().parents[3]
POLICIES = ROOT / "roles" / "threescale" / "files" / "policies"
HOST = "models.llm-hosting.svc.cluster.local"
NUMBERS = itertools.count(1)
PATIENCE = 20  # seconds that a report may take on a busy machine

PLANS = [
    {"name": "quota", "limits": [{"tokens": 40, "per": "day"}]},
    {
        "name": "shadow",
        "limits": [
            {"tokens": 40, "per": "day", "shadow": True},
            {"requests": 1, "per": "day", "shadow": True},
            {"tokens": 20, "per": "day", "shadow": True, "model": "granite"},
        ],
    },
    {"name": "open"},
    {"name": "small", "models": ["granite"], "limits": [{"tokens": 40, "per": "day", "model": "granite"}]},
]
ALL = [plan["name"] for plan in PLANS]


def catalogue(port: int, other: int) -> dict[str, Any]:
    """Two models of one server, the second asked before each call, and one of another; and all in one product."""
    place = {"task": "chat", "endpoint": f"http://{HOST}:{port}"}
    return {
        "maas_models": [
            {"name": "granite", **place, "plans": ALL},
            {"name": "mistral", **place, "plans": [name for name in ALL if name != "small"], "caching": "none"},
            {"name": "falcon", "task": "chat", "endpoint": f"http://{HOST}:{other}", "plans": ["open"]},
        ],
        "maas_plans": PLANS,
        "maas_products": [{"name": "models", "models": "all", "plans": ALL, "caching": "none"}],
    }


@dataclass
class Key:
    """An application of a developer, and what the server was told that its answers cost."""

    house: House
    product: str
    account: int
    application: int
    key: str
    tokens: int = 0
    answers: int = field(default=0)

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        """A call to the product."""
        headers = {
            "Host": self.house.host(self.product),
            "Authorization": f"Bearer {self.key}",
            **more.pop("headers", {}),
        }
        url = f"http://127.0.0.1:{self.house.port}{path}"
        return requests.request(method, url, headers=headers, timeout=60, **more)

    def chat(self, model: str = "", tokens: int = 10, **more: Any) -> requests.Response:
        """A chat of so many tokens; what it cost is added up."""
        body = {"model": model or self.product, "max_tokens": tokens, "ignore_eos": True, **more}
        answer = self.send(
            "POST", "/v1/chat/completions", json={**body, "messages": [{"role": "user", "content": "Hi"}]}
        )
        if answer.status_code == 200:
            self.answers += 1
            self.tokens += self.house.cost(answer, tokens)
        return answer

    def used(self, metric: str, wanted: int) -> int:
        """What 3scale stored today, once it is what the test waits for: reports follow the answer."""
        query = {"metric_name": metric, "period": "day", "access_token": self.house.stats_token}
        url = f"{self.house.standin.admin_url}/stats/applications/{self.application}/usage.json"
        deadline = time.monotonic() + PATIENCE
        while True:
            total = int(requests.get(url, params=query, timeout=30).json()["total"])
            if total == wanted or time.monotonic() > deadline:
                return total
            time.sleep(0.05)

    def until_refused(self, most: int = 12, **more: Any) -> list[int]:
        """Calls one after another, each when the report of the one before is stored, to the first that is refused."""
        statuses = []
        for _ in range(most):
            statuses.append(self.chat(**more).status_code)
            if statuses[-1] != 200:
                break
            assert self.used("total_tokens", self.tokens) == self.tokens
        return statuses

    def move(self, plan: str) -> None:
        """To another plan of the product."""
        wish = {"plan_id": self.house.plan(self.product, plan)}
        self.house.admin("PUT", f"accounts/{self.account}/applications/{self.application}/change_plan", wish)


@dataclass
class House:
    """What runs, and the ways to it."""

    standin: Standin
    port: int
    model: str
    inventory: Path
    stats_token: str
    falcon: str

    def admin(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the Admin API; fails for anything but success."""
        url = f"{self.standin.admin_url}/admin/api/{path}.json"
        answer = requests.request(method, url, json=body, auth=("", self.standin.token), timeout=30)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.text else None

    def host(self, product: str) -> str:
        """The production gateway's host of a product."""
        return f"{product}-maas-apicast-production.{self.standin.superdomain}"

    def product(self, name: str) -> int:
        """A product's id."""
        found = (item["service"] for item in self.admin("GET", "services")["services"])
        return next(int(item["id"]) for item in found if item["system_name"] == name)

    def plan(self, product: str, name: str) -> int:
        """The id of a product's plan."""
        plans = self.admin("GET", f"services/{self.product(product)}/application_plans")["plans"]
        return next(
            int(item["application_plan"]["id"]) for item in plans if item["application_plan"]["system_name"] == name
        )

    def buy(self, product: str, plan: str) -> Key:
        """A new developer with a key for a product."""
        name = f"dev-{next(NUMBERS)}"
        person = {"org_name": name, "username": name, "email": f"{name}@example.com", "password": "a-Long-passw0rd!"}
        account = self.admin("POST", "signup", person)["account"]["id"]
        wish = {"plan_id": self.plan(product, plan), "name": name, "description": name}
        made = self.admin("POST", f"accounts/{account}/applications", wish)["application"]
        return Key(self, product, account, made["id"], made["user_key"])

    def cost(self, answer: requests.Response, tokens: int) -> int:
        """Tokens of an answer as it says itself; a stream's are those of its question and what was asked for."""
        if answer.headers["Content-Type"].startswith("application/json"):
            return int(answer.json()["usage"]["total_tokens"])
        return self.question() + tokens

    def question(self) -> int:
        """Tokens of the question that all tests ask."""
        body = {"model": "granite", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
        answer = requests.post(f"{self.model}/v1/chat/completions", json=body, timeout=30)
        return int(answer.json()["usage"]["prompt_tokens"])

    def slow(self, seconds: float) -> None:
        """Each answer of the model takes so long; 0: as ever."""
        faults = [{"match": {"path": "/v1/chat"}, "do": "latency", "seconds": seconds}] if seconds else []
        requests.put(f"{self.model}/_sandbox/faults", json=faults, timeout=10).raise_for_status()

    def usage(self, product: str, *metrics: str) -> dict[str, int]:
        """A product's usage of today as the module tells it, by metric."""
        options = {"threescale_url": self.standin.admin_url, "access_token": self.standin.token, "period": "day"}
        told = run_module("threescale_usage_info", {**options, "products": [product], "metrics": list(metrics)})
        assert told.code == 0, told.output[-2000:]
        return {row["metric"]: row["total"] for row in told["usage"]}

    def run(self, playbook: str, *options: str, **given: Any) -> Run:
        """A playbook on the inventory."""
        more = ("-e", json.dumps(given)) if given else ()
        return run_playbook(self.inventory, f"playbooks/{playbook}.yml", *options, *more)


def _inventory(folder: Path, standin: Standin, model: int, other: int) -> Path:
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "maas_superdomain": standin.superdomain,
        **catalogue(model, other),
        "threescale_install": False,
        "threescale_access_token": standin.token,
        "threescale_admin_url": standin.admin_url,
        "threescale_portal_url": f"https://maas.{standin.superdomain}",
        "threescale_sso_integrations": [],
    }
    path = folder / "hosts.yml"
    path.write_text(json.dumps({"all": {"hosts": {"localhost": None}, "vars": variables}}))
    return path


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """All of it, with the role's second run without a change."""
    folder = tmp_path_factory.mktemp("house")
    port, model, other = free_port(), free_port(), free_port()
    with ExitStack() as stack:
        standin = stack.enter_context(running_standin())
        names = stack.enter_context(name_server())
        for number, served in ((model, ["granite", "mistral"]), (other, ["falcon"])):
            command = ["models", "--host", "127.0.0.1", "--port", str(number), "--name", *served, "--task", "chat"]
            ready = f"http://127.0.0.1:{number}/health"
            stack.enter_context(running_part(folder / f"models-{number}.log", ready, *command))
        gateway = [
            *(
                "gateway",
                "--port",
                str(port),
                "--admin-url",
                standin.url,
                "--admin-host",
                f"master.{standin.superdomain}",
            ),
            *("--config-path", "/master/api/proxy/configs", "--token", standin.master_token, "--resolver", names),
            *("--backend-url", standin.url, "--backend-host", f"backend.{standin.superdomain}"),
            *("--policies", str(POLICIES), "--state", str(folder / "gateway"), "--production-cache", "1"),
        ]
        ready = f"http://127.0.0.1:{port}/_threescale/healthz"
        inventory = _inventory(folder, standin, model, other)
        made = run_playbook(inventory, "playbooks/threescale.yml")
        assert made.code == 0, made.output[-4000:]
        stack.enter_context(running_part(folder / "gateway.log", ready, *gateway))
        wish = {"token": {"name": "stats", "permission": "ro", "scopes": ["stats"]}}
        url = f"{standin.admin_url}/admin/api/personal/access_tokens.json"
        token = requests.post(url, json=wish, auth=("", standin.token), timeout=30).json()["access_token"]["value"]
        yield House(standin, port, f"http://127.0.0.1:{model}", inventory, token, f"http://127.0.0.1:{other}")
