# SPDX-License-Identifier: GPL-3.0-or-later
"""The errands of operations on one finished sandbox: each test starts where the one before it ended."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kubernetes
import pytest
import requests
import yaml

from tests.support.cluster import Cluster
from tests.support.playbook import Run, run_playbook, start_and_kill
from tests.support.runner import Job, Platform, lay_out
from tests.support.sandbox import Sandbox
from tests.support.state import of_threescale
from tests.support.tenant import Tenant

MODEL = "granite-8b-code-instruct"
LIMITED = {"name": "standard", "title": "Standard", "limits": [{"requests": 600, "per": "minute"}]}
PLANS = {"maas_plans": [LIMITED, {"name": "trial", "title": "Trial"}]}
ROTATION = {"rotate_account": "team-a", "rotate_product": MODEL, "rotate_plan": "standard", "rotate_name": "bot"}
NAMESPACES = {"llm-hosting", "rh-sso", "3scale"}
# what the operator lifecycle manager leaves, and what the cluster writes by itself
STAYS = {"APIService", "CustomResourceDefinition", "Event", "Lease", "IPAddress", "EndpointSlice"}
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
    ("import", {"import_folder": "/tmp", "import_parts": ["nope"]}, ["import_parts: nope is no part"]),
    ("teardown", {}, ["teardown_confirm=yes", "3scale with all accounts and keys"]),
]


@dataclass(frozen=True)
class Service:
    """A finished sandbox. ``bare``: names of the objects that its cluster held before."""

    sandbox: Sandbox
    cluster: Cluster
    bare: set[str]
    platform: Platform

    def run(self, errand: str, *options: str, **given: Any) -> Run:
        """An errand, with extra variables."""
        more = ("-e", json.dumps(given)) if given else ()
        return run_playbook(self.sandbox.inventory, f"playbooks/{errand}.yml", *options, *more)

    def passes(self, errand: str, *options: str, **given: Any) -> Run:
        """An errand that must end well."""
        run = self.run(errand, *options, **given)
        assert run.code == 0, run.output[-6000:]
        return run

    def job(self, errand: str, *options: str, **survey: Any) -> Job:
        """An errand as the platform runs it: it must end well, without a warning, a secret, or too long a line."""
        job = self.platform.job(errand, *options, **survey)
        assert job.run.code == 0, job.run.output[-6000:]
        assert job.warnings() == []
        assert [line for line in job.told() if len(line) > 120] == []
        kept = json.dumps(job.events) + job.run.output
        secrets = [*self.platform.credentials.values(), self.tenant().token, *self.tenant().keys().values()]
        assert not [
            secret[:6] for secret in secrets if len(secret) > 30 and not secret.startswith("/") and secret in kept
        ]
        return job

    def rows(self) -> list[str]:
        """What 3scale holds, whenever it is asked."""
        self.sandbox.purge()
        return of_threescale(self.sandbox.dump("threescale"))

    def tenant(self) -> Tenant:
        return Tenant(self.sandbox, self.cluster)


def objects(sandbox: Sandbox) -> set[str]:
    """Names of the cluster's objects; asked again while the server readies new definitions."""
    for _attempt in range(30):
        found = sandbox.dump("kubernetes")
        if isinstance(found, list):
            named = [(item["kind"], item["metadata"]) for item in found]
            return {f"{kind} {m.get('namespace', '')}/{m['name']}" for kind, m in named if kind not in STAYS}
        time.sleep(1)
    raise TimeoutError(f"the cluster can't be read: {found}")


def platform(sandbox: Sandbox, folder: Path) -> Platform:
    """The project of the sandbox's inventory, whose jobs sign in to the cluster by their environment."""
    (sandbox.inventory / "group_vars" / "all" / "platform.yml").write_text(json.dumps({"maas_environment": {}}))
    known = yaml.safe_load(Path(sandbox.facts["sandbox_kubeconfig"]).read_text())
    cluster, user = known["clusters"][0]["cluster"], known["users"][0]["user"]
    credentials = {
        "K8S_AUTH_HOST": cluster["server"],
        "K8S_AUTH_SSL_CA_CERT": cluster["certificate-authority"],
        "K8S_AUTH_API_KEY": user["token"],
    }
    try:
        return lay_out(sandbox.inventory, folder, credentials)
    finally:
        (sandbox.inventory / "group_vars" / "all" / "platform.yml").unlink()


@pytest.fixture(scope="module")
def service(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The service with a limit, so that somebody can change one, and a developer with a key."""
    (sandbox.inventory / "group_vars" / "all" / "plans.yml").write_text(json.dumps(PLANS))  # JSON is YAML
    bare = objects(sandbox)
    made = Service(sandbox, Cluster(sandbox), bare, platform(sandbox, tmp_path_factory.mktemp("platform")))
    made.passes("site")
    tenant = made.tenant()
    person = {"org_name": "Team A", "username": "team-a", "email": "team-a@example.com", "password": "a-Password-1"}
    tenant.call("POST", "/admin/api/signup.json", person)
    return made


def changed_tasks(run: Run) -> list[str]:
    """Names of the tasks that changed something, or would."""
    tasks = re.split(r"^TASK \[", run.output, flags=re.MULTILINE)[1:]
    return [task.partition("]")[0] for task in tasks if re.search(r"^changed: ", task, re.MULTILINE)]


def shown(run: Run) -> list[str]:
    """What the diffs are about."""
    return re.findall(r"^\+\+\+ after: (.+)$", run.output, re.MULTILINE)


def by_hand(tenant: Tenant, limit: int, page: Any, rule: Any) -> None:
    """Change a limit; a page of the portal to what ``page`` makes of it; ``rule`` the mapping rules."""
    product = tenant.product(MODEL)
    plan = tenant.plan(product)
    found = tenant.call("GET", f"/admin/api/application_plans/{plan}/limits.json")["limits"][0]["limit"]
    path = f"/admin/api/application_plans/{plan}/metrics/{found['metric_id']}/limits/{found['id']}.json"
    tenant.call("PUT", path, {"usage_limit": {"value": limit}})
    rule(f"/admin/api/services/{product}/proxy/mapping_rules", found["metric_id"])
    templates = tenant.call("GET", "/admin/api/cms/templates.json?per_page=100")["collection"]
    number = next(item["id"] for item in templates if item.get("path") == "/models")
    path = f"/admin/api/cms/templates/{number}"
    text = tenant.call("GET", f"{path}.json")["published"]
    tenant.call("PUT", f"{path}.json", {"draft": page(text)})
    tenant.call("PUT", f"{path}/publish.json")


def test_issue_makes_a_key(service: Service) -> None:
    wanted = {"issue_account": "team-a", "issue_product": MODEL, "issue_plan": "standard", "issue_name": "bot"}
    told = service.job("issue", **wanted).artifacts["maas_issue"]
    assert (told["applications"], told["account"], told["name"]) == (1, "team-a", "bot")
    assert list(service.tenant().keys()) == ["bot"]
    assert service.job("issue", **wanted).artifacts["maas_issue"]["applications"] == 0


def test_preview_leaves_an_empty_plan(service: Service) -> None:
    job = service.job("preview", "--check", "--diff")
    assert set(job.artifacts) == {"maas_plan", "maas_preview"}
    assert {"operations", "counts", "total", "unseen"} <= set(job.artifacts["maas_plan"])
    assert job.artifacts["maas_preview"]["changes"] == job.artifacts["maas_plan"]["total"] == 0


def test_verify_leaves_nothing_behind(service: Service) -> None:
    before = service.rows()
    told = service.job("verify").artifacts["maas_verify"]
    assert (told["models"], told["answered"], told["silent"]) == (4, 4, [])
    assert service.rows() == before


def test_drift_is_what_somebody_changed_and_no_more(service: Service, tmp_path: Path) -> None:
    tenant, made = service.tenant(), []

    def add(path: str, metric: int) -> None:
        rule = {"http_method": "GET", "pattern": "/by-hand", "metric_id": metric, "delta": 1}
        made.append(tenant.call("POST", f"{path}.json", rule)["mapping_rule"]["id"])

    by_hand(tenant, 601, lambda text: text + "by hand\n", add)
    before = service.rows()
    files = {name: str(tmp_path / name) for name in ("drift_json", "drift_page", "drift_textfile")}
    job = service.job("drift", "--check", "--diff", **files)
    run = job.run
    assert job.artifacts["maas_drift"]["differences"] == 3
    assert shown(run) == [
        f"mapping rule: {MODEL} / GET /by-hand → hits (delete)",
        f"limit: {MODEL} / standard / hits per minute (update)",
        "page: /models (update)",
    ]
    assert "-value: 601\n+value: 600" in run.output
    assert len(changed_tasks(run)) == run.recap["changed"] == 2
    assert service.rows() == before
    report = json.loads((tmp_path / "drift_json").read_text())
    assert [(item["system"], item["action"], item["noun"]) for item in report["operations"]] == [
        ("3scale", "delete", "mapping rule"),
        ("3scale", "update", "limit"),
        ("portal", "update", "page"),
    ]
    assert all(item["since"] for item in report["operations"])
    assert 'maas_drift_objects{system="3scale",action="update"} 1' in (tmp_path / "drift_textfile").read_text()
    assert "/by-hand" in (tmp_path / "drift_page").read_text()

    by_hand(
        tenant,
        600,
        lambda text: text.removesuffix("by hand\n"),
        lambda path, _metric: tenant.call("DELETE", f"{path}/{made[0]}.json"),
    )
    run = service.run("drift", "--check", "--diff", "--tags", "threescale,portal_content", drift_fails=True)
    assert run.code == 0 and shown(run) == [] and run.recap["changed"] == 0, run.output[-4000:]
    # nothing is repaired by accident
    assert service.run("drift", "--tags", "threescale").code != 0


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
    while not file.exists() or json.loads(file.read_text())[0]["total"] < 3:
        assert time.monotonic() < end, file.read_text()
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
    assert service.passes("rotate", **wanted).recap["changed"] == 1
    new = tenant.keys()["bot (2026-12)"]
    assert new != old and tenant.keys()["bot"] == old
    assert service.passes("rotate", **wanted).recap["changed"] == 0
    assert (tenant.status(MODEL, old, 200), tenant.status(MODEL, new, 200)) == (200, 200)
    assert service.passes("rotate", **wanted, rotate_older="absent").recap["changed"] == 1
    assert (tenant.status(MODEL, old, 401), tenant.status(MODEL, new, 200)) == (401, 200)
    assert service.passes("rotate", **wanted, rotate_older="absent").recap["changed"] == 0


def test_export_is_taken_back_without_a_change(service: Service, tmp_path: Path) -> None:
    tenant, folder = service.tenant(), tmp_path / "exported"
    assert service.passes("export", "--check", "--diff", export_folder=str(folder)).recap["changed"] == 1
    assert not folder.exists()
    assert service.passes("export", export_folder=str(folder)).recap["changed"] == 1
    whole = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {"products.yml", "backends.yml", "accounts.yml", "portal.yml", "models.html.liquid"} <= set(whole)
    for secret in (*tenant.keys().values(), tenant.token, "a-Password-1"):
        assert not [name for name, held in whole.items() if secret.encode() in held]
    run = service.passes("import", "--diff", import_folder=str(folder))
    assert run.recap["changed"] == 0, run.output[-4000:]
    assert service.passes("export", export_folder=str(folder)).recap["changed"] == 0


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

    service.passes("teardown", **everything)
    assert not service.cluster.namespaces() & NAMESPACES
    assert objects(service.sandbox) - service.bare == set()
    known = requests.get(f"{service.sandbox.url('threescale')}/_sandbox/endpoints", timeout=10).json()
    assert known["products"] == [] and [tenant["master"] for tenant in known["tenants"]] == [True]
    assert service.passes("teardown", **everything).recap["changed"] == 0
