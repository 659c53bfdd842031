# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates of the platform: made from the table of errands as the role makes them, launched as AWX does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.rhai.maas.plugins.module_utils.controller.objects import job_template
from ansible_collections.rhai.maas.plugins.module_utils.controller.surveys import choices
from tests.support.survey import extra_variables, refused

ROOT = Path(__file__).resolve().parents[2]
ERRANDS: list[dict[str, Any]] = yaml.safe_load((ROOT / "roles/automation_project/files/errands.yml").read_text())
NAMES = [errand["name"] for errand in ERRANDS]
#: need no cluster: run on a tenant alone (tests/integration/roles/test_errands.py); all others on the whole sandbox
ON_A_TENANT = {"add_model", "change_plan", "revoke_preview", "revoke", "approve", "retire_preview", "retire"}
_OBJECTS: dict[str, Any] = {
    "organization": "MaaS",
    "name": "MaaS",
    "prefix": "",
    "credentials": [],
    "notifications": [],
}


@dataclass(frozen=True)
class Template:
    """A job template. values: the options of awx.awx's module job_template."""

    values: Mapping[str, Any]

    @property
    def playbook(self) -> str:
        """File of the project."""
        return str(self.values["playbook"])

    @property
    def options(self) -> list[str]:
        """What the platform adds to ansible-playbook's command."""
        check = ["--check"] if self.values["job_type"] == "check" else []
        return [*check, *(["--diff"] if self.values["diff_mode"] else [])]

    def launched(self, answers: Mapping[str, Any], handed_on: Mapping[str, Any]) -> str:
        """The job's file of extra variables: answers, artifacts of jobs before it in a workflow, the platform's own.

        Nothing of it is a template to Ansible.

        :raises ValueError: for answers that the platform refuses
        """
        given = {**extra_variables(self.values.get("survey_spec"), answers), **handed_on}
        own = {"awx_job_id": 1, "awx_job_launch_type": "manual", "awx_job_template_name": self.values["name"]}
        return yaml.dump({**given, **own}, Dumper=Unsafe, default_flow_style=False, allow_unicode=True)


class Unsafe(yaml.SafeDumper):
    """Marks each text, as the platform does for whatever the template's owner did not write."""

    def represent_data(self, data: Any) -> yaml.Node:
        if isinstance(data, str):
            return self.represent_scalar("!unsafe", data)
        return super().represent_data(data)

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def job_templates(variables: Mapping[str, Any]) -> dict[str, Template]:
    """Every job template by its name, its survey with what an inventory's variables list."""
    known = choices(
        {
            "models": variables.get("maas_models") or [],
            "plans": variables.get("maas_plans") or [],
            "products": variables.get("maas_products") or [],
            "tenant": variables.get("maas_tenant") or "maas",
        }
    )
    made = {errand["name"]: Template(job_template(_OBJECTS, known, errand)) for errand in ERRANDS}
    wrong = [refused(one.values["survey_spec"]) for one in made.values() if one.values["survey_enabled"]]
    assert not any(wrong), wrong
    return made
