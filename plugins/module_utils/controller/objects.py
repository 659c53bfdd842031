# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What the automation platform shall hold: options of awx.awx's modules, each after what it refers to. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.controller.messages import messages
from ansible_collections.rhai.maas.plugins.module_utils.controller.surveys import Choices, choices, question

Errand = Mapping[str, Any]
Settings = Mapping[str, Any]
#: the workflow's steps: node, the errand that it runs (none: an approval), the node that follows a success
_STEPS = (
    ("preview", "preview", "approval"),
    ("approval", "", "still the same"),
    ("still the same", "preview", "apply"),  # all of it, before the first write
    ("apply", "apply", "acceptance"),
    ("acceptance", "acceptance", ""),
)


def platform_objects(settings: Settings, errands: Sequence[Errand]) -> list[dict[str, Any]]:
    """``[{"module": name, "values": {option: value}}]`` in the order in which they can be made.

    :param settings: the role's variables without prefix, and the ``catalogue`` that surveys offer
    :param errands: entries of the table of errands
    :raises CatalogueError: with every fault of the catalogue
    """
    organization, known = settings["organization"], choices(settings["catalogue"])
    parts: list[Iterable[tuple[str, dict[str, Any]]]] = [
        [("organization", {"name": organization})],
        [("team", {"name": team, "organization": organization}) for team in settings["teams"].values()],
        _credentials(settings),
        [("notification_template", _notification(item, organization)) for item in settings["notifications"]],
        _sources(settings),
        [("job_template", job_template(settings, known, errand)) for errand in errands],
        _workflow(settings, errands),
        [("schedule", _schedule(settings, item)) for item in errands if schedule_of(settings, item)],
        [("role", item) for item in _roles(settings, errands)],
    ]
    return [{"module": module, "values": values} for part in parts for module, values in part]


def _name(settings: Settings, what: str) -> str:
    return f"{settings['prefix']}{what}"


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what nobody gave."""
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _credentials(settings: Settings) -> Iterable[tuple[str, dict[str, Any]]]:
    used = {item["type"] for item in settings["credentials"]}
    for kind in settings["credential_types"]:
        if kind["name"] in used:
            yield "credential_type", {"kind": "cloud", **kind}
    for item in settings["credentials"]:
        values = {"name": item["name"], "organization": settings["organization"], "credential_type": item["type"]}
        yield "credential", {**values, "inputs": item["inputs"], "update_secrets": bool(settings["update_secrets"])}


def _notification(item: Mapping[str, Any], organization: str) -> dict[str, Any]:
    values = {"name": item["name"], "organization": organization, "notification_type": item["type"]}
    told = item.get("messages") or messages(item["type"], item.get("on") or ["failure"])
    return _present({**values, "notification_configuration": item["configuration"], "messages": told})


def _sources(settings: Settings) -> Iterable[tuple[str, dict[str, Any]]]:
    organization, name = settings["organization"], settings["name"]
    image = {"name": name, "organization": organization, "image": settings["image"], "pull": "always"}
    yield "execution_environment", _present({**image, "credential": settings["registry_credential"]})
    project = {"name": name, "organization": organization, "scm_type": "git", "scm_url": settings["project_url"]}
    more = _present({"credential": settings["project_credential"]})
    branch = settings["project_branch"]  # an empty one is sent too: a project that is there may have another
    notified = _notified(settings)
    yield "project", {**project, **more, "scm_branch": branch, "scm_update_on_launch": True, **notified}
    yield "inventory", {"name": name, "organization": organization}
    source = {"name": name, "inventory": name, "organization": organization, "source": "scm", "source_project": name}
    path = {"source_path": settings["inventory_path"], "overwrite": True, "overwrite_vars": True}
    yield "inventory_source", {**source, **path, "update_on_launch": True}


def _told(settings: Settings, event: str) -> list[str]:
    """Names of the notifications of an event: ``failure``, ``drift`` or ``approval``."""
    return [item["name"] for item in settings["notifications"] if event in (item.get("on") or ["failure"])]


def _notified(settings: Settings) -> dict[str, Any]:
    return {"notification_templates_error": _told(settings, "failure")}


def job_template(settings: Settings, known: Choices, errand: Errand) -> dict[str, Any]:
    """The arguments of one errand's job template; ``known``: what its survey offers."""
    name, playbook = errand["name"], f"{errand.get('playbook', errand['name'])}.yml"
    where = {"organization": settings["organization"], "project": settings["name"], "inventory": settings["name"]}
    check = bool(errand.get("check"))
    credentials = [item["name"] for item in settings["credentials"] if name in (item.get("errands") or [name])]
    questions = [question(known, item) for item in errand.get("survey") or []]
    return {
        "name": _name(settings, name),
        "description": errand["title"],
        **where,
        "playbook": playbook,
        "execution_environment": settings["name"],
        "job_type": "check" if check else "run",
        "diff_mode": check,
        "timeout": errand["timeout"],
        "allow_simultaneous": not errand["writes"],
        "ask_variables_on_launch": False,
        "credentials": credentials,
        **_notified(settings),
        # the platform calls a check that found differences a success
        "notification_templates_success": _told(settings, "drift") if name == "drift" else [],
        "survey_enabled": bool(questions),
        **({"survey_spec": {"name": "", "description": "", "spec": questions}} if questions else {}),
    }


def _workflow(settings: Settings, errands: Sequence[Errand]) -> Iterable[tuple[str, dict[str, Any]]]:
    if not {step[1] for step in _STEPS if step[1]} <= {item["name"] for item in errands}:
        return
    organization, workflow = settings["organization"], _name(settings, "change")
    yield (
        "workflow_job_template",
        {
            "name": workflow,
            "description": "Preview, approval, apply, acceptance",
            "organization": organization,
            "allow_simultaneous": False,
            **_present({"webhook_service": settings["webhook"]}),
            **_notified(settings),
            "notification_templates_approvals": _told(settings, "approval"),
        },
    )
    for node, errand, after in reversed(_STEPS):  # a node is there before the one that leads to it
        runs: dict[str, Any] = {"unified_job_template": _name(settings, errand), "lookup_organization": organization}
        asks = {"approval_node": {"name": _name(settings, "approve the preview"), "timeout": 0}}
        values = {"identifier": node, "workflow_job_template": workflow, "organization": organization}
        follows = {"success_nodes": [after]} if after else {}
        if errand:
            yield "workflow_job_template_node", {**values, **runs, **follows}
        else:  # the module looks for links of an approval where there are none: they come by themselves
            yield "workflow_job_template_node", {**values, **asks}
            yield "workflow_job_template_node", {**values, **follows}


def schedule_of(settings: Settings, errand: Errand) -> str:
    """When an errand runs by itself, as an iCalendar rule; empty for never."""
    return str(settings["schedules"].get(errand["name"], errand.get("schedule", "")) or "")


def _schedule(settings: Settings, errand: Errand) -> dict[str, Any]:
    name = _name(settings, errand["name"])
    return {
        "name": name,
        "organization": settings["organization"],
        "unified_job_template": name,
        "rrule": schedule_of(settings, errand),
    }


def _roles(settings: Settings, errands: Sequence[Errand]) -> Iterable[dict[str, Any]]:
    teams, organization = settings["teams"], settings["organization"]
    shown = [_name(settings, item["name"]) for item in errands if item.get("right") == "preview"]
    every = [_name(settings, item["name"]) for item in errands]
    workflows = [values["name"] for module, values in _workflow(settings, errands) if module == "workflow_job_template"]
    wanted = [
        ("preview", "execute", {"job_templates": shown, "workflows": workflows}),
        ("approve", "approval", {"workflows": workflows}),
        ("apply", "execute", {"job_templates": every, "workflows": workflows}),
    ]
    for right, role, targets in wanted:
        given = _present(targets)
        if right in teams and given:
            yield {"teams": [teams[right]], "role": role, "lookup_organization": organization, **given}
