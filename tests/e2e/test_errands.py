# SPDX-License-Identifier: GPL-3.0-or-later
"""Job templates on one sandbox, from nothing to nothing: each test starts where the one before it ended.

What ends well runs as the platform runs it, with the rights of role automation_rights; what is refused, with check mode
of errands that are no checks, or with variables that no survey asks for, as somebody runs it by hand.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import kubernetes
import pytest
import requests

from tests.e2e.service import Service, begin, objects
from tests.support.playbook import Run, start_and_kill
from tests.support.sandbox import Sandbox
from tests.support.templates import NAMES, ON_A_TENANT
from tests.support.tenant import Tenant

MODEL = "granite-8b-code-instruct"
ROTATION = {"rotate_account": "team-a", "rotate_product": MODEL, "rotate_plan": "standard", "rotate_name": "bot"}
NAMESPACES = {"llm-hosting", "rh-sso", "3scale"}
MISTAKES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("drift", {}, ["--check --diff", "rhai.maas.site"]),
    ("preview", {}, ["--check --diff", "rhai.maas.apply"]),
    ("apply", {}, ["Give maas_plan", "rhai.maas.preview"]),
    ("report", {"report_period": "decade"}, ["report_period is decade", "day, week, month or year"]),
    ("report", {"report_file": "/no/such/folder/usage.json"}, ["report_file: there is no folder /no/such/folder"]),
    ("report", {"report_metrics": ["nope"]}, ["report_metrics[0]: none of the products has a metric or method 'nope'"]),
    ("rotate", {"rotate_account": "team-a"}, ["Give rotate_product (", "rotate_generation (such as"]),
    ("rotate", {**ROTATION, "rotate_generation": "2026-12", "rotate_name": "typo"}, ["rotate_name", "there are: bot"]),
    ("rotate", {**ROTATION, "rotate_generation": "2026-12", "rotate_older": "gone"}, ["rotate_older is gone"]),
    ("rotate", {**ROTATION, "rotate_generation": "2026-12", "rotate_older": "absent"}, ["no bot (2026-12) yet"]),
    ("rotate", {**ROTATION, "rotate_generation": "2026-12", "rotate_plan": "nope"}, ["rotate_plan: there is no"]),
    ("export", {}, ["Give export_folder"]),
    ("export", {"export_folder": "/tmp", "export_parts": ["nope"]}, ["export_parts", "nope"]),
    ("import", {"import_folder": "/no/such/folder"}, ["Give import_folder", "/no/such/folder/provider.yml"]),
    ("import", {"import_folder": "/tmp", "import_parts": ["nope"]}, ["import_parts is nope: it must be backends, "]),
    ("teardown", {}, ["teardown_confirm=yes", "3scale with all accounts and keys"]),
]


@pytest.fixture(scope="module")
def service(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The service with a limit, so that somebody can change one, and a developer."""
    made = begin(sandbox, tmp_path_factory.mktemp("platform"))
    person = {"org_name": "Team A", "username": "team-a", "email": "team-a@example.com", "password": "a-Password-1"}
    made.tenant().call("POST", "/admin/api/signup.json", person)
    return made


def shown(run: Run) -> list[str]:
    """What the diffs are about."""
    return re.findall(r"^\+\+\+ after: (.+)$", run.output, re.MULTILINE)


def by_hand(tenant: Tenant) -> None:
    """Change a limit and a page of the portal, and add a mapping rule."""
    product = tenant.product(MODEL)
    plan = tenant.plan(product)
    found = tenant.call("GET", f"/admin/api/application_plans/{plan}/limits.json")["limits"][0]["limit"]
    path = f"/admin/api/application_plans/{plan}/metrics/{found['metric_id']}/limits/{found['id']}.json"
    tenant.call("PUT", path, {"usage_limit": {"value": 601}})
    rule = {"http_method": "GET", "pattern": "/by-hand", "metric_id": found["metric_id"], "delta": 1}
    tenant.call("POST", f"/admin/api/services/{product}/proxy/mapping_rules.json", rule)
    pages = tenant.call("GET", "/admin/api/cms/templates.json?type=page&per_page=100")["collection"]
    number = next(item["id"] for item in pages if item.get("path") == "/models")
    path = f"/admin/api/cms/templates/{number}"
    text = tenant.call("GET", f"{path}.json")["published"]
    tenant.call("PUT", f"{path}.json", {"draft": text + "by hand\n"})
    tenant.call("PUT", f"{path}/publish.json")


def test_issue_makes_a_key(service: Service) -> None:
    wanted = {"issue_account": "team-a", "issue_product": MODEL, "issue_plan": "standard", "issue_name": "bot"}
    told = service.job("issue", **wanted).artifacts["maas_issue"]
    assert (told["applications"], told["account"], told["name"]) == (1, "team-a", "bot")
    assert list(service.tenant().keys()) == ["bot"]
    assert service.job("issue", **wanted).artifacts["maas_issue"]["applications"] == 0


def test_verify_leaves_nothing_behind(service: Service) -> None:
    before = service.rows()
    told = service.job("verify").artifacts["maas_verify"]
    assert (told["models"], told["answered"], told["silent"]) == (4, 4, [])
    assert service.rows() == before


def test_what_somebody_changed_is_told_shown_and_undone_and_no_more(service: Service) -> None:
    before = service.rows()
    by_hand(service.tenant())
    changed = service.rows()
    job = service.job("drift")
    assert job.artifacts["maas_drift"]["differences"] == 3
    assert shown(job.run) == [
        f"mapping rule: {MODEL} / GET /by-hand → hits (delete)",
        f"limit: {MODEL} / standard / hits per minute (update)",
        "page: /models (update)",
    ]
    assert "-value: 601\n+value: 600" in job.run.output and job.run.recap["changed"] == 2
    folder = service.platform.folder
    report = json.loads((folder / "drift_json").read_text())
    assert [(item["system"], item["action"], item["noun"]) for item in report["operations"]] == [
        ("3scale", "delete", "mapping rule"),
        ("3scale", "update", "limit"),
        ("portal", "update", "page"),
    ]
    assert all(item["since"] for item in report["operations"])
    assert 'maas_drift_objects{system="3scale",action="update"} 1' in (folder / "drift_textfile").read_text()
    assert "/by-hand" in (folder / "drift_page").read_text()
    # nothing is repaired by accident
    assert service.run("drift", "--tags", "threescale").code != 0

    handed_on = service.job("preview").artifacts
    assert handed_on["maas_preview"]["changes"] == handed_on["maas_plan"]["total"] == 3
    assert service.rows() == changed
    assert service.job("apply", handed_on).artifacts["maas_apply"]["changes"] == 3
    assert service.rows() == before
    assert service.job("site").run.recap["changed"] == 0


@pytest.mark.parametrize(("errand", "given", "says"), MISTAKES, ids=lambda value: value if type(value) is str else "")
def test_mistakes_give_one_clear_sentence(
    service: Service, errand: str, given: dict[str, Any], says: list[str]
) -> None:
    before = service.rows()
    run = service.run(errand, **given)
    assert run.code != 0
    for word in says:
        assert word in run.output, f"{word!r} is not in:\n{run.output[-3000:]}"
    assert "Traceback" not in run.output
    assert len(re.findall(r"^(?:fatal|failed): ", run.output, re.MULTILINE)) == 1
    assert service.rows() == before


def test_report_tells_who_used_what(service: Service, tmp_path: Path) -> None:
    tenant, file = service.tenant(), tmp_path / "usage.json"
    for _call in range(3):
        assert tenant.status(MODEL, tenant.keys()["bot"], 200) == 200
    service.passes("report", "--check", "--diff", report_file=str(file))
    assert not file.exists()
    end = time.monotonic() + 30  # the gateway tells its counts in batches
    while (told := service.job("report", report_period="day").artifacts["maas_report"])["total"] < 3:
        assert time.monotonic() < end, told
    assert told == {"period": "day", "metrics": ["hits"], "rows": 1, "accounts": 1, "total": 3}
    assert service.passes("report", report_file=str(file)).recap["changed"] == 1
    (row,) = json.loads(file.read_text())
    told = {name: row[name] for name in ("account", "application", "product", "metric", "total")}
    assert told == {"account": "Team A", "application": "bot", "product": MODEL, "metric": "hits", "total": 3}
    assert service.passes("report", report_file=str(file)).recap["changed"] == 0


def test_metering_finds_what_the_servers_produced(service: Service) -> None:
    told = service.job("metering").artifacts["maas_metering"]
    assert told == {"models": 4, "differ": [], "silent": []}


def test_rotate_keeps_the_old_key_until_it_is_told_otherwise(service: Service) -> None:
    tenant, wanted = service.tenant(), {**ROTATION, "rotate_generation": "2026-12"}
    old = tenant.keys()["bot"]
    assert service.passes("rotate", "--check", "--diff", **wanted).recap["changed"] == 1
    assert list(tenant.keys()) == ["bot"]
    assert service.job("rotate", **wanted).run.recap["changed"] == 1
    new = tenant.keys()["bot (2026-12)"]
    assert new != old and tenant.keys()["bot"] == old
    assert service.job("rotate", **wanted).run.recap["changed"] == 0
    assert (tenant.status(MODEL, old, 200), tenant.status(MODEL, new, 200)) == (200, 200)
    assert service.job("rotate", **wanted, rotate_older="absent").run.recap["changed"] == 1
    assert (tenant.status(MODEL, old, 401), tenant.status(MODEL, new, 200)) == (401, 200)
    assert service.passes("rotate", **wanted, rotate_older="absent").recap["changed"] == 0


def test_export_is_taken_back_without_a_change(service: Service, tmp_path: Path) -> None:
    tenant, folder = service.tenant(), tmp_path / "exported"
    assert service.passes("export", "--check", "--diff", export_folder=str(folder)).recap["changed"] == 1
    assert not folder.exists()
    assert service.job("export", export_folder=str(folder)).run.recap["changed"] == 1
    whole = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {"products.yml", "backends.yml", "accounts.yml", "portal.yml", "models.html.liquid"} <= set(whole)
    for secret in (*tenant.keys().values(), tenant.token, "a-Password-1"):
        assert not [name for name, held in whole.items() if secret.encode() in held]
    job = service.job("import", import_folder=str(folder))
    assert job.run.recap["changed"] == job.artifacts["maas_import"]["changes"] == 0, job.run.output[-4000:]
    assert service.passes("export", export_folder=str(folder)).recap["changed"] == 0


def test_a_model_is_added_at_once_beside_the_others(service: Service) -> None:
    kinds = ("services ", "backend_apis ", "plans ", "applications ")
    before = [row for row in service.rows() if row.startswith(kinds)]
    wanted = {"name": "partner-llm", "task": "chat", "plans": ["standard"], "how": "direct"}
    answers = {f"add_model_{name}": value for name, value in wanted.items()}
    job = service.job("add_model", **answers, add_model_endpoint="https://partner.example.com")
    assert job.artifacts["maas_add_model"]["how"] == "direct" and service.tenant().product("partner-llm")
    after = service.rows()
    assert any('"/models/partner-llm"' in row for row in after) and [row for row in before if row not in after] == []


def test_acceptance_calls_every_model(service: Service) -> None:
    told = service.job("acceptance").artifacts["maas_acceptance"]
    assert (told["models"], told["answered"], told["silent"]) == (4, 4, [])
    assert "Acceptance" in "\n".join(service.rows())


def test_teardown_leaves_nothing_also_where_half_is_gone(service: Service, tmp_path: Path) -> None:
    everything = {"teardown_confirm": "yes", "teardown_models": True}
    run = service.passes("teardown", "--check", "--diff", **everything)
    assert run.recap["changed"] > 0 and service.cluster.namespaces() >= NAMESPACES

    # a namespace that was removed by hand, with an object in it that its operator can't let go any more
    custom = kubernetes.client.CustomObjectsApi(service.cluster.client)
    held = {"metadata": {"finalizers": ["example.com/held"]}}
    custom.patch_namespaced_custom_object("apps.3scale.net", "v1alpha1", "3scale", "apimanagers", "apimanager", held)
    service.cluster.core.delete_namespace("3scale")
    options = ("-e", json.dumps(everything))
    log = tmp_path / "killed.log"
    assert start_and_kill(service.sandbox.inventory, "playbooks/teardown.yml", 10, log, *options)
    assert service.cluster.namespaces() & NAMESPACES

    gone = service.job("teardown", teardown_confirm="yes").artifacts["maas_teardown"]["namespaces"]
    assert set(gone) == NAMESPACES and not service.cluster.namespaces() & NAMESPACES
    assert objects(service.sandbox) - service.bare == set()
    known = requests.get(f"{service.sandbox.url('threescale')}/_sandbox/endpoints", timeout=10).json()
    assert known["products"] == [] and [tenant["master"] for tenant in known["tenants"]] == [True]
    assert service.passes("teardown", **everything).recap["changed"] == 0


def test_every_template_ran(service: Service) -> None:
    """The last test: a new template needs a job above, or in tests/integration/roles/test_errands.py."""
    assert set(NAMES) - ON_A_TENANT - service.platform.ran == set()
