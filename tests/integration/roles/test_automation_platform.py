# SPDX-License-Identifier: GPL-3.0-or-later
"""The automation platform's objects, made by awx.awx's own modules on a stand-in of the controller's API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.ansible_controller import ansible_controller
from tests.support.controller import TOKEN, Controller, controller
from tests.support.playbook import ROOT, Run, environment, run_playbook

TABLE = yaml.safe_load((ROOT / "roles/automation_project/files/errands.yml").read_text())
PLAYBOOKS = sorted({f"{errand.get('playbook', errand['name'])}.yml" for errand in TABLE})
SECRET, HOOK = "a-token-that-nobody-may-see", "a-webhook-that-nobody-may-see"
VARIABLES: dict[str, Any] = {
    "automation_platform_project_url": "https://git.example.com/maas-project.git",
    "automation_platform_image": "registry.example.com/maas-ee:1",
    "automation_platform_errands": ["preview", "apply", "acceptance", "drift", "rotate"],
    "automation_platform_webhook": "gitlab",
    "automation_platform_credentials": [
        {
            "name": "MaaS tenant",
            "type": "MaaS 3scale",
            "inputs": {"url": "https://maas-admin.example.com", "token": SECRET},
        },
        {"name": "MaaS vault", "type": "Vault", "inputs": {"vault_password": SECRET}, "errands": ["apply", "preview"]},
    ],
    "automation_platform_notifications": [
        {
            "name": "MaaS chat",
            "type": "slack",
            "configuration": {"token": HOOK, "channels": ["#maas"]},
            "on": ["failure", "drift", "approval"],
        }
    ],
    "maas_models": [
        {"name": name, "task": "chat", "endpoint": f"https://{name}.example.com", "plans": ["basic"]}
        for name in ("granite-8b", "mistral-7b")
    ],
    "maas_plans": [{"name": "basic", "title": "Basic"}],
    "maas_products": [{"name": "all-llms", "models": ["granite-8b", "mistral-7b"], "plans": ["basic"]}],
}


@dataclass(frozen=True)
class Platform:
    """A controller, and the inventory that describes what it shall hold."""

    controller: Controller
    inventory: Path

    def run(self, *options: str, **changed: Any) -> Run:
        """The playbook, with some variables changed."""
        connection = {"controller_host": self.controller.url, "controller_oauthtoken": TOKEN}
        host = {
            "ansible_connection": "local",
            "ansible_pipelining": True,
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
        values = {**VARIABLES, "automation_platform_connection": connection, **changed}
        self.inventory.write_text(yaml.safe_dump({"all": {"hosts": {"localhost": host}, "vars": values}}))
        run = run_playbook(self.inventory, "playbooks/automation_platform.yml", *options)
        assert not any(secret in run.output for secret in (SECRET, HOOK, TOKEN)), run.output[-3000:]
        return run


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with controller(PLAYBOOKS) as running:
        made = Platform(running, tmp_path_factory.mktemp("platform") / "inventory.yml")
        check = made.run("--check", "--diff")
        assert check.code == 0 and check.recap["changed"] == 1 and running.writes == 0, check.output[-3000:]
        first = made.run("--diff", "-vvv")
        assert first.code == 0 and first.recap["changed"] == 1, first.output[-3000:]
        assert _headlines(check) == _headlines(first)
        yield made


def _headlines(run: Run) -> list[str]:
    return [line for line in run.output.splitlines() if line.startswith("+++ after: ")]


def test_second_run_writes_nothing(platform: Platform) -> None:
    before = platform.controller.writes
    run = platform.run("--diff")
    assert run.code == 0 and run.recap["changed"] == 0 and "WARNING" not in run.output, run.output[-3000:]
    assert platform.controller.writes == before


def test_everything_is_there_and_refers_to_each_other(platform: Platform) -> None:
    held = platform.controller
    apply, drift = held.named("job_templates", "MaaS: apply"), held.named("job_templates", "MaaS: drift")
    assert (apply["job_type"], apply["allow_simultaneous"], apply["playbook"]) == ("run", False, "apply.yml")
    assert (drift["job_type"], drift["allow_simultaneous"], drift["diff_mode"]) == ("check", True, True)
    assert held.named("job_templates", "MaaS: preview")["playbook"] == "preview.yml"
    assert held.names("job_templates", apply["id"], "credentials") == ["MaaS tenant", "MaaS vault"]
    assert held.names("job_templates", drift["id"], "credentials") == ["MaaS tenant"]
    assert held.names("job_templates", drift["id"], "notification_templates_success") == ["MaaS chat"]
    injected = held.named("credential_types", "MaaS 3scale")["injectors"]
    assert injected == {"env": {"THREESCALE_URL": "{{ url }}", "THREESCALE_ACCESS_TOKEN": "{{ token }}"}}
    assert held.named("credentials", "MaaS tenant")["inputs"]["token"] == SECRET
    told = held.named("notification_templates", "MaaS chat")["messages"]
    assert "start the same again" in told["error"]["message"] and "{{ url }}" in told["error"]["message"]
    schedules = {item["name"]: item["unified_job_template"] for item in held.objects["schedules"].values()}
    acceptance = held.named("job_templates", "MaaS: acceptance")["id"]
    assert schedules == {"MaaS: drift": drift["id"], "MaaS: acceptance": acceptance}


def test_workflow_waits_for_an_approval(platform: Platform) -> None:
    held, nodes = platform.controller, "workflow_job_template_nodes"
    follows = {
        item["identifier"]: held.names(nodes, item["id"], "success_nodes") for item in held.objects[nodes].values()
    }
    assert follows == {
        "preview": ["approval"],
        "approval": ["still the same"],
        "still the same": ["apply"],
        "apply": ["acceptance"],
        "acceptance": [],
    }
    preview = held.named("job_templates", "MaaS: preview")["id"]
    assert held.named(nodes, "still the same")["unified_job_template"] == preview
    approval = held.named(nodes, "approval")["unified_job_template"]
    assert held.objects["workflow_approval_templates"][approval]["name"] == "MaaS: approve the preview"
    workflow = held.named("workflow_job_templates", "MaaS: change")
    assert workflow["webhook_service"] == "gitlab"
    role = workflow["roles"]
    assert held.names("roles", role["approval_role"]["id"], "teams") == ["MaaS approve"]
    assert held.names("roles", role["execute_role"]["id"], "teams") == ["MaaS apply", "MaaS preview"]
    may_apply = held.named("job_templates", "MaaS: apply")["roles"]["execute_role"]["id"]
    assert held.names("roles", may_apply, "teams") == ["MaaS apply"]


def test_survey_names_choices(platform: Platform) -> None:
    spec = platform.controller.surveys[platform.controller.named("job_templates", "MaaS: rotate")["id"]]["spec"]
    choices = {question["variable"]: question.get("choices") for question in spec}
    assert choices["rotate_product"] == ["granite-8b", "mistral-7b", "all-llms"] and choices["rotate_plan"] == ["basic"]


def test_check_mode_shows_what_a_new_credential_touches(platform: Platform) -> None:
    before = platform.controller.writes
    more = {"name": "MaaS hub", "type": "MaaS Hugging Face", "inputs": {"token": SECRET}, "errands": ["apply"]}
    credentials = [*VARIABLES["automation_platform_credentials"], more]
    fewer = {"automation_platform_errands": ["apply"], "automation_platform_credentials": credentials}
    run = platform.run("--check", "--diff", **fewer)
    assert run.code == 0 and platform.controller.writes == before, run.output[-3000:]
    shown = [line.removeprefix("+++ after: ") for line in _headlines(run)]
    assert shown == [
        "credential_type MaaS Hugging Face",
        "credential MaaS hub",
        "job_template MaaS: apply (differs; wanted)",
    ]


def test_refusal_names_the_object_and_what_helps(platform: Platform) -> None:
    platform.controller.playbooks.remove("verify.yml")
    run = platform.run(automation_platform_errands=["verify"])
    assert run.code != 0 and "job_template MaaS: verify: " in run.output, run.output[-3000:]
    assert "Playbook not found for project." in run.output and "sync the project" in run.output
    run = platform.run(automation_platform_errands=["verfy"])
    assert run.code != 0 and "automation_platform_errands: verfy is no errand" in run.output, run.output[-3000:]
    run = platform.run(automation_platform_project_url=f"https://maas:{SECRET}@git.example.com/maas-project.git")
    assert run.code != 0 and "automation_platform_project_url: it holds a login" in run.output, run.output[-3000:]


def test_a_faulty_catalogue_is_named_before_the_first_write(platform: Platform) -> None:
    before = platform.controller.writes
    run = platform.run(maas_models=[{"name": "One LLM"}])
    assert run.code != 0 and "maas_models[0]" in run.output and "Traceback" not in run.output, run.output[-3000:]
    assert platform.controller.writes == before


def test_ansible_controller_on_the_automation_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From 2.5 on its API has another path, and organization and teams are made beside it."""
    path = f"{ansible_controller(tmp_path)}:{environment()['ANSIBLE_COLLECTIONS_PATH']}"
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", path)
    fewer = {"automation_platform_collection": "ansible.controller", "automation_platform_errands": ["metering"]}
    with controller(PLAYBOOKS, platform=True) as running:
        made = Platform(running, tmp_path / "inventory.yml")
        refused = made.run(**fewer)
        assert refused.code != 0 and "organization MaaS: " in refused.output, refused.output[-3000:]
        assert "make them in the platform's access management" in refused.output, refused.output[-1500:]
        held = running.elsewhere("organizations", name="MaaS")
        for team in ("preview", "approve", "apply"):
            running.elsewhere("teams", name=f"MaaS {team}", organization=held["id"])
        run = made.run("--diff", **fewer)
        assert run.code == 0 and "WARNING" not in run.output, run.output[-3000:]
        assert running.named("job_templates", "MaaS: metering")["playbook"] == "metering.yml"


def test_what_somebody_made_by_hand_becomes_as_wanted(tmp_path: Path) -> None:
    with controller(PLAYBOOKS) as running:
        organization = running.elsewhere("organizations", name="MaaS", description="by hand")["id"]
        of = {"organization": organization, "name": "MaaS"}
        other = {"scm_type": "git", "scm_url": "https://git.example.com/other.git", "scm_branch": "old"}
        project = running.elsewhere("projects", **of, **other)["id"]
        inventory = running.elsewhere("inventories", **of)["id"]
        template = {"name": "MaaS: metering", "playbook": "site.yml", "job_type": "check", "timeout": 5}
        more = {"ask_variables_on_launch": True, "project": project, "inventory": inventory}
        running.elsewhere("job_templates", **template, **more)
        made, fewer = Platform(running, tmp_path / "inventory.yml"), {"automation_platform_errands": ["metering"]}
        for changed in (1, 0):
            run = made.run("--diff", **fewer)
            assert run.code == 0 and run.recap["changed"] == changed, run.output[-3000:]
        held = running.named("projects", "MaaS")
        assert (held["scm_url"], held["scm_branch"]) == (VARIABLES["automation_platform_project_url"], "")
        (held,) = running.objects["job_templates"].values()
        assert (held["playbook"], held["job_type"], held["ask_variables_on_launch"]) == ("metering.yml", "run", False)
        assert running.named("organizations", "MaaS")["description"] == "by hand"


def test_every_template_finds_its_playbook_in_the_project() -> None:
    assert {f"{errand.get('playbook', errand['name'])}.yml" for errand in TABLE} <= {
        file.name for file in (ROOT / "playbooks").glob("*.yml")
    }
    assert all(errand["timeout"] > 0 for errand in TABLE)
