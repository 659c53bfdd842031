# SPDX-License-Identifier: GPL-3.0-or-later
"""3scale that is there already, and no cluster at all: roles and errands that only talk to the tenant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.playbook import Run, run_playbook
from tests.support.standin import Standin, running_standin

MODEL = {"name": "partner-llm", "task": "chat", "endpoint": "https://llm.partner.example.com", "plans": ["standard"]}


@dataclass(frozen=True)
class Tenant:
    """A tenant of somebody else's 3scale, and the inventory that names it."""

    standin: Standin
    inventory: Path

    def run(self, playbook: str, *options: str, **given: Any) -> Run:
        """A playbook with extra variables."""
        self.standin.reset_counters()
        more = ("-e", json.dumps(given)) if given else ()
        return run_playbook(self.inventory, f"playbooks/{playbook}.yml", *options, *more)

    def writes(self) -> int:
        """Writes since the last run began."""
        return int(str(self.standin.counters()["writes"]))


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    folder = tmp_path_factory.mktemp("inventory")
    with running_standin() as standin:
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            # a cluster that nobody may ask
            "maas_environment": {"K8S_AUTH_HOST": "https://127.0.0.1:9", "K8S_AUTH_API_KEY": "none"},
            "maas_superdomain": standin.superdomain,
            "maas_models": [MODEL],
            "maas_plans": [{"name": "standard", "title": "Standard", "limits": [{"requests": 60, "per": "minute"}]}],
            "threescale_install": False,
            "threescale_access_token": standin.token,
            "threescale_admin_url": standin.admin_url,
            "threescale_portal_url": standin.portal_url,
            "threescale_sso_integrations": [],
        }
        hosts = {"all": {"hosts": {"localhost": None}, "vars": variables}}
        (folder / "hosts.yml").write_text(json.dumps(hosts))
        yield Tenant(standin, folder / "hosts.yml")


def test_nothing_is_guessed(tenant: Tenant) -> None:
    run = tenant.run("threescale", threescale_access_token="")
    assert run.code != 0 and tenant.writes() == 0
    assert "threescale_access_token must hold a token" in " ".join(run.output.split()), run.output[-2000:]


def test_check_then_twice(tenant: Tenant) -> None:
    check = tenant.run("threescale", "--check", "--diff")
    assert check.code == 0 and tenant.writes() == 0 and check.recap["changed"] > 0, check.output[-3000:]
    first = tenant.run("threescale", "--diff")
    assert first.code == 0 and tenant.writes() > 0, first.output[-3000:]
    again = tenant.run("threescale", "--diff")
    assert again.code == 0 and again.recap["changed"] == 0 and tenant.writes() == 0, again.output[-3000:]
    assert tenant.standin.token not in check.output + first.output + again.output


def test_errands(tenant: Tenant, tmp_path: Path) -> None:
    portal = tenant.run("portal_content", portal_content_publish=False)
    assert portal.code == 0, portal.output[-3000:]
    report = tenant.run("report", report_file=str(tmp_path / "usage.json"))
    assert report.code == 0 and (tmp_path / "usage.json").exists(), report.output[-3000:]
    export = tenant.run("export", export_folder=str(tmp_path / "exported"))
    assert export.code == 0 and (tmp_path / "exported" / "products.yml").exists(), export.output[-3000:]
