# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Check mode of objects that refer to what is not there yet, and what may be shown of them. Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.planned import MASK

#: the modules keep to themselves why the platform refuses
_MADE_ELSEWHERE = re.compile("permission to POST to .*/(organizations|teams)/")
_ELSEWHERE = (
    "It takes an administrator's token; and from Ansible Automation Platform 2.5 on, organizations and teams are not "
    "made by this API: make them in the platform's access management, with the names of the inventory, then run this "
    "again."
)
_TEMPLATES = ("job_template", "workflow_job_template")
#: option of a module: the modules that make what it names
_REFERENCES = {
    "organization": ("organization",),
    "lookup_organization": ("organization",),
    "inventory": ("inventory",),
    "project": ("project",),
    "source_project": ("project",),
    "credential_type": ("credential_type",),
    "credential": ("credential",),
    "credentials": ("credential",),
    "execution_environment": ("execution_environment",),
    "notification_templates_error": ("notification_template",),
    "notification_templates_success": ("notification_template",),
    "notification_templates_approvals": ("notification_template",),
    "unified_job_template": _TEMPLATES,
    "workflow_job_template": ("workflow_job_template",),
    "success_nodes": ("workflow_job_template_node",),
    "teams": ("team",),
    "job_templates": ("job_template",),
    "workflows": ("workflow_job_template",),
}
#: what is in these can't be there when they are not
_PARENTS = {
    "team": ("organization",),
    "credential": ("organization", "credential_type"),
    "notification_template": ("organization",),
    "project": ("organization",),
    "inventory": ("organization",),
    "inventory_source": ("organization", "inventory"),
    "job_template": ("organization",),
    "workflow_job_template": ("organization",),
    "workflow_job_template_node": ("organization", "workflow_job_template"),
    "schedule": ("unified_job_template",),
}
#: options of which no value is shown
_HIDDEN = {"credential": ("inputs",), "notification_template": ("notification_configuration",)}


def title(module: str, values: Mapping[str, Any]) -> str:
    """What an object is called in messages and headlines."""
    if module == "role":
        return f"role {values['role']} of {', '.join(values['teams'])}"
    return f"{module} {values.get('name') or values.get('identifier')}"


def without_planned(module: str, values: Mapping[str, Any], planned: set[str]) -> tuple[dict[str, Any] | None, bool]:
    """What can be asked of the platform, and whether something was left out because it is only ``planned`` (titles).

    None when there is nothing to ask: the object itself can't be there yet.
    """
    asked: dict[str, Any] = {}
    left_out = False
    for key, value in values.items():
        kinds = _REFERENCES.get(key, ())
        names = value if isinstance(value, list) else [value]
        kept = [name for name in names if not any(f"{kind} {name}" in planned for kind in kinds)] if kinds else names
        if len(kept) == len(names):
            asked[key] = value
            continue
        left_out = True
        if key in _PARENTS.get(module, ()) or (module == "role" and key == "teams"):
            return None, True
        if isinstance(value, list):
            asked[key] = kept
    return asked, left_out


def created(module: str, answer: Mapping[str, Any]) -> bool:
    """Whether a module's answer tells of an object that was not there: of one that was, it gives the id alone."""
    return module != "role" and bool(answer.get("changed")) and ("id" not in answer or "name" in answer)


def shown(module: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values for a diff, without secrets."""
    return {
        key: dict.fromkeys(value, MASK) if key in _HIDDEN.get(module, ()) else value for key, value in values.items()
    }


def cleaned(text: str, module: str, values: Mapping[str, Any], connection: Mapping[str, Any]) -> str:
    """A message of the platform without the secrets that were sent."""
    secrets = [connection.get("controller_password"), connection.get("controller_oauthtoken")]
    for key in _HIDDEN.get(module, ()):
        secrets += [value for value in values.get(key, {}).values() if isinstance(value, str)]
    for secret in sorted({item for item in secrets if item and len(item) > 3}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def explain(text: str) -> str:
    """A refusal of the platform, with what helps where that is known."""
    if "Playbook not found for project" in text:
        return f"{text} Push the repository that rhai.maas.automation_project lays out, and sync the project."
    if "HTTP 401" in text or "Failed to get token" in text:
        return f"{text} See automation_platform_connection."
    if _MADE_ELSEWHERE.search(text):
        return f"{text} {_ELSEWHERE}"
    return text
