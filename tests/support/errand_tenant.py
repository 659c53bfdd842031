# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant of somebody else's 3scale, without any cluster, on which errands run by hand and as jobs of the platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.support.playbook import Run, run_playbook
from tests.support.runner import Platform, lay_out
from tests.support.standin import Standin, running_standin

MODEL = {"name": "partner-llm", "task": "chat", "endpoint": "https://llm.partner.example.com", "plans": ["standard"]}
PLANS = ["standard", "large"]
PLANTED = "a-login-that-nobody-may-see"  # of addresses in answers


@dataclass(frozen=True)
class Tenant:
    """A tenant with two models of which the catalogue names one, and the inventory."""

    standin: Standin
    inventory: Path
    platform: Platform

    def call(self, method: str, where: str, **body: Any) -> Any:
        """One request of the Admin API, and what it answered."""
        url = f"{self.standin.admin_url}/admin/api/{where}.json"
        answer = requests.request(method, url, auth=("", self.standin.token), json=body or None, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def run(self, playbook: str, *options: str, **given: Any) -> Run:
        """A playbook with extra variables; its statistics are printed."""
        self.standin.reset_counters()
        return run_playbook(self.inventory, f"playbooks/{playbook}.yml", *options, "-e", json.dumps(given))

    def writes(self) -> int:
        """Writes since the last run began."""
        return int(str(self.standin.counters()["writes"]))

    def passes(self, playbook: str, *options: str, **given: Any) -> Run:
        """A run that has to end well. Check mode writes nothing, and no run shows a key."""
        run = self.run(playbook, *options, **given)
        assert run.code == 0, run.output[-4000:]
        assert "--check" not in options or self.writes() == 0
        assert self.standin.token not in run.output
        assert not any(row["user_key"] in run.output for row in self.applications().values())
        return run

    def job(self, template: str, **answers: Any) -> dict[str, Any]:
        """A job of the platform that has to end well; what it left."""
        keys = [row["user_key"] for row in self.applications().values()]
        job = self.platform.passes(template, answers, [self.standin.token, *keys])
        (left,) = job.artifacts.values()
        return dict(left)

    def refuses(self, says: str, playbook: str, *options: str, **given: Any) -> None:
        """A run that ends with this sentence before the first write."""
        run = self.run(playbook, *options, **given)
        told = " ".join(run.output.split())
        assert run.code != 0 and says in told and "Traceback" not in told, run.output[-3000:]
        assert self.writes() == 0 and PLANTED not in run.output

    def applications(self) -> dict[int, dict[str, Any]]:
        """All applications by number."""
        rows = [row["application"] for row in self.call("GET", "applications")["applications"]]
        return {row["id"]: row for row in rows}

    def states(self) -> dict[str, str]:
        """State and plan of each application of the models, by account, product and name; namesakes share a line."""
        lines: dict[str, str] = {}
        for row in self.applications().values():
            name = f"{row['org_name']}/{row['service_name']}/{row['name']}"
            if row["service_name"] != "API":  # the sample product
                lines[name] = " ".join(filter(None, (lines.get(name), row["state"], row["plan_name"])))
        return lines


def prepare(tenant: Tenant) -> None:
    """Two products with two plans each; accounts that are approved, and three that wait."""
    for product in ("partner-llm", "old-llm"):
        service = tenant.call("POST", "services", name=product, system_name=product)["service"]["id"]
        backend = tenant.call(
            "POST", "backend_apis", name=product, system_name=product, private_endpoint="https://m.example.com"
        )
        usage = {"backend_api_id": backend["backend_api"]["id"], "path": "/"}
        tenant.call("POST", f"services/{service}/backend_usages", **usage)
        for plan in PLANS:
            tenant.call("POST", f"services/{service}/application_plans", name=plan, system_name=plan)
    for user in ("ann", "bob", "eve", "kim", "sam"):
        domain = "partner.example.com" if user in ("eve", "kim") else "example.com"
        values = {
            "org_name": user.title(),
            "username": user,
            "email": f"{user}@{domain}",
            "password": "a-Long-passw0rd",
        }
        account = tenant.call("POST", "signup", **values)["account"]["id"]
        if user == "kim":  # nobody has confirmed this address yet
            more = {"username": "kay", "email": "kay@partner.example.com", "password": "a-Long-passw0rd"}
            tenant.call("POST", f"accounts/{account}/users", **more)
        event = "approve" if user in ("ann", "bob") else "make_pending"
        if tenant.call("GET", f"accounts/{account}")["account"]["state"] != {"approve": "approved"}.get(
            event, "pending"
        ):
            tenant.call("PUT", f"accounts/{account}/{event}")


@contextmanager
def running_tenant(folder: Path) -> Iterator[Tenant]:
    """The tenant as :func:`prepare` leaves it, its inventory and project below a folder."""
    (folder / "inventory").mkdir()
    with running_standin() as standin:
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            # a cluster that nobody may ask
            "maas_environment": {"K8S_AUTH_HOST": "https://127.0.0.1:9"},
            "maas_superdomain": standin.superdomain,
            "maas_models": [MODEL],
            "maas_plans": [{"name": plan, "title": plan} for plan in PLANS],
            "threescale_install": False,
            "threescale_access_token": standin.token,
            "threescale_admin_url": standin.admin_url,
            "threescale_portal_url": standin.portal_url,
            "threescale_sso_integrations": [],
        }
        hosts = {"all": {"hosts": {"localhost": None}, "vars": variables}}
        (folder / "inventory" / "hosts.yml").write_text(json.dumps(hosts))
        platform = lay_out(folder / "inventory", folder / "platform", {})
        found = Tenant(standin, folder / "inventory" / "hosts.yml", platform)
        prepare(found)
        yield found
