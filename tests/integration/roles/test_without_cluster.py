# SPDX-License-Identifier: GPL-3.0-or-later
"""3scale that is there already, and no cluster at all: roles and errands that only talk to the tenant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

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
            "maas_environment": {"K8S_AUTH_HOST": "https://127.0.0.1:9"},
            "maas_superdomain": standin.superdomain,
            "maas_models": [MODEL],
            "maas_plans": [{"name": "standard", "title": "Standard", "limits": [{"requests": 60, "per": "minute"}]}],
            "threescale_install": False,
            "threescale_access_token": standin.token,
            "threescale_admin_url": standin.admin_url,
            "threescale_portal_url": standin.portal_url,
            "threescale_sso_integrations": [],
            "threescale_subscribe_accounts": True,
        }
        hosts = {"all": {"hosts": {"localhost": None}, "vars": variables}}
        (folder / "hosts.yml").write_text(json.dumps(hosts))
        yield Tenant(standin, folder / "hosts.yml")


def test_nothing_is_guessed(tenant: Tenant) -> None:
    run = tenant.run("threescale", threescale_access_token="")
    assert run.code != 0 and tenant.writes() == 0
    assert "threescale_access_token must hold a token" in " ".join(run.output.split()), run.output[-2000:]


def test_check_then_twice(tenant: Tenant) -> None:
    """With an account that was there before the products, and is subscribed to them."""
    someone = {"org_name": "Early", "username": "early", "email": "early@example.com", "password": "a-Long-passw0rd"}
    auth = ("", tenant.standin.token)
    made = requests.post(f"{tenant.standin.admin_url}/admin/api/signup.json", data=someone, auth=auth, timeout=10)
    path = f"{tenant.standin.admin_url}/admin/api/accounts/{made.json()['account']['id']}/service_subscriptions.json"
    before = requests.get(path, auth=auth, timeout=10).json()["service_subscriptions"]
    check = tenant.run("threescale", "--check", "--diff")
    assert check.code == 0 and tenant.writes() == 0 and check.recap["changed"] > 0, check.output[-3000:]
    assert "subscriptions to product partner-llm" in check.output, check.output[-3000:]
    first = tenant.run("threescale", "--diff")
    assert first.code == 0 and tenant.writes() > 0, first.output[-3000:]
    rows = requests.get(path, auth=auth, timeout=10).json()["service_subscriptions"]
    new = [row["service_subscription"] for row in rows if row not in before]
    assert [row["state"] for row in new] == ["live"]
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


def test_the_portal_in_spanish_with_a_folder_of_ones_own(tenant: Tenant, tmp_path: Path) -> None:
    """A second upload writes nothing, a changed file writes once, pages of models that left are gone."""
    logo = tmp_path / "images" / "maas.svg"
    logo.parent.mkdir()
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    given = {"portal_language": "es", "portal_content_overlay": str(tmp_path)}

    def paths() -> list[str]:
        url = f"{tenant.standin.admin_url}/admin/api/cms/templates.json?per_page=100"
        pages = [requests.get(f"{url}&page={n}", auth=("", tenant.standin.token), timeout=10).json() for n in (1, 2)]
        return [row.get("path") or "" for page in pages for row in page["collection"]]

    first = tenant.run("portal_content", **given)
    assert first.code == 0 and tenant.writes() > 50 and "/models/partner-llm" in paths(), first.output[-3000:]
    again = tenant.run("portal_content", **given)
    assert again.code == 0 and again.recap["changed"] == tenant.writes() == 0, again.output[-3000:]
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1"/>')
    changed = tenant.run("portal_content", **given)
    assert changed.code == 0 and changed.recap["changed"] == tenant.writes() == 1, changed.output[-3000:]
    other = tenant.run("portal_content", **given, maas_models=[{**MODEL, "name": "other-llm"}])
    assert other.code == 0, other.output[-3000:]
    assert "/models/other-llm" in paths() and "/models/partner-llm" not in paths()


def left(run: Run) -> dict[str, Any]:
    """What a run left for the platform that runs it."""
    (told,) = re.findall(r"^\tRUN: (\{.*\})$", run.output, re.MULTILINE)
    found: dict[str, Any] = json.loads(told)
    return found


def test_apply_does_what_was_shown_and_nothing_else(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second model and a product over both, as the workflow of the platform adds them."""
    monkeypatch.setenv("ANSIBLE_SHOW_CUSTOM_STATS", "1")
    more = {**MODEL, "name": "second-llm", "endpoint": "https://second.partner.example.com"}
    wanted: dict[str, Any] = {"maas_models": [MODEL, more]}
    only = ("--tags", "threescale")
    shown = tenant.run("preview", "--check", *only, **wanted)
    assert shown.code == 0 and tenant.writes() == 0, shown.output[-3000:]
    plan, summary = left(shown)["maas_plan"], left(shown)["maas_preview"]
    assert summary["changes"] == len(plan["operations"]) > 5 and max(map(len, summary["lines"])) <= 100
    assert "+ product second-llm" in summary["lines"] and tenant.standin.token not in shown.output

    other = {"maas_models": [MODEL, {**more, "endpoint": "https://third.partner.example.com"}]}
    run = tenant.run("apply", *only, **other, maas_plan=plan)
    assert run.code != 0 and "the approved plan does not hold what would be done now: create backend" in run.output
    assert tenant.writes() == 0

    run = tenant.run("apply", *only, **wanted, maas_plan=plan)
    assert run.code == 0, run.output[-3000:]
    # subscriptions to a new product are shown as one line: here they are those of two accounts
    assert left(run)["maas_apply"]["changes"] == len(plan["operations"]) - 1 + 2
    run = tenant.run("preview", "--check", *only, **wanted, maas_plan=plan)
    assert run.code != 0 and run.recap["changed"] == 0, run.output[-3000:]
    assert "Something changed since the plan was shown (no longer planned" in run.output
