# SPDX-License-Identifier: GPL-3.0-or-later
"""Each question of each survey with answers that can't be: the errand says which one, and writes nothing.

An errand runs once with a host for each bad answer: one of a wrong shape for each question (all of them are tried in
tests/unit/plugins/module_utils/errand/test_answers.py), and names that nothing has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.answers import FREE, UNKNOWN, questions, shapes
from tests.support.errand_tenant import Tenant
from tests.support.playbook import run_playbook
from tests.support.templates import Unsafe

MODEL = {"maas_models": [{"name": "own", "task": "chat", "source": {"huggingface": "a/b"}, "plans": ["standard"]}]}
#: what makes an errand go on to the end, beside the answer that is tried
GOOD: dict[str, dict[str, Any]] = {
    "report": {},
    "metering": MODEL,
    "add_model": {"name": "new-llm", "task": "chat", "plans": ["standard"], "endpoint": "https://new.example.com"},
    "issue": {"account": "ann", "product": "partner-llm", "plan": "standard", "name": "bot"},
    "change_plan": {"account": "hal", "product": "partner-llm", "name": "held", "plan": "large"},
    "rotate": {"account": "hal", "product": "partner-llm", "plan": "standard", "name": "held", "generation": "2026-12"},
    "revoke": {"account": "hal", "confirm": 77},
    "approve": {},
    "retire": {"model": "no-such-name", "confirm": 77},
    "export": {},
    "import": {},
    "teardown": {},
}
FINE = [("add_model_name", "no-such-name")]
NAMES = sorted({name for name, _question in questions() if not name.endswith("_preview")})


@pytest.fixture(scope="module")
def held(tenant: Tenant) -> Iterator[Tenant]:
    """The tenant with one more developer, who has an application, until the tests are done."""
    values = {"org_name": "Hal", "username": "hal", "email": "hal@example.net", "password": "a-Long-passw0rd"}
    account = tenant.call("POST", "signup", **values)["account"]["id"]
    services = tenant.call("GET", "services")["services"]
    product = next(row["service"]["id"] for row in services if row["service"]["system_name"] == "partner-llm")
    plans = tenant.call("GET", f"services/{product}/application_plans")["plans"]
    plan = next(row["application_plan"]["id"] for row in plans if row["application_plan"]["system_name"] == "standard")
    tenant.call("POST", f"accounts/{account}/applications", plan_id=plan, name="held", description="x")
    yield tenant
    tenant.call("DELETE", f"accounts/{account}")


def bad(errand: str) -> dict[str, tuple[str, Any]]:
    """Hosts, each with the variable and the answer that it has to refuse."""
    found: dict[str, tuple[str, Any]] = {}
    for number, (name, question) in enumerate(questions()):
        if name == errand:
            variable, forms = question["variable"], shapes(question)
            names = [] if variable in FREE else UNKNOWN[question["type"]]
            fits = [value for value in names if (variable, value) not in FINE]
            tried = [forms[number % len(forms)], *([fits[number % len(fits)]] if fits else [])]
            found.update({f"{variable}-{place}": (variable, value) for place, value in enumerate(tried)})
    return found


@pytest.mark.parametrize("errand", NAMES)
def test_an_answer_that_cannot_be_is_told_by_its_name(held: Tenant, errand: str, tmp_path: Path) -> None:
    prefix = f"{errand}_"
    good = {name if name.startswith("maas_") else prefix + name: value for name, value in GOOD[errand].items()}
    good |= {"export_folder": str(tmp_path / "exported")} if errand == "export" else {}
    hosts = bad(errand)
    rows = {host: {**good, variable: value} for host, (variable, value) in hosts.items()}
    (tmp_path / "hosts.yml").write_text(yaml.dump({"all": {"hosts": rows}}, Dumper=Unsafe, allow_unicode=True))
    (tmp_path / "group_vars").mkdir()
    variables = json.loads(held.inventory.read_text())["all"]["vars"]
    (tmp_path / "group_vars" / "all.json").write_text(json.dumps(variables))
    held.standin.reset_counters()
    run = run_playbook(tmp_path / "hosts.yml", f"playbooks/{errand}.yml", "--forks", "4")
    assert held.writes() == 0 and not (tmp_path / "exported").exists()
    assert "Traceback" not in run.output
    told = dict(re.findall(r'^(?:fatal|failed): \[([^\]]+)\].*?"msg": "((?:[^"\\]|\\.)*)"', run.output, re.MULTILINE))
    silent = {host: told.get(host, "went on") for host, (name, _) in hosts.items() if name not in told.get(host, "")}
    assert silent == {}, run.output[-3000:]
