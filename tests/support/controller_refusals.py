# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API of AWX refuses beyond missing fields: in its words, from its public serializers. Pure, no I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Wrong = dict[str, Any]
#: of what the whole platform shares
SHARED = "Creation of this resource is not allowed. Create this resource via the platform ingress."
#: of a message: what stands for a whole object, and what an object or the approval has
_FIELDS = {"job", "url", "job_friendly_name", "job_metadata"}
_APPROVAL = {"approval_status", "approval_node_name", "workflow_url"}
_EVENTS = ("started", "success", "error", "workflow_approval")
_APPROVALS = ("running", "approved", "timed_out", "denied")
_NEEDED = {
    "slack": {"token", "channels"},
    "email": {"host", "port", "username", "password", "use_tls", "use_ssl", "sender", "recipients"},
    "webhook": {"url", "headers"},
}


def job_template(item: Mapping[str, Any], playbooks: list[str]) -> Wrong:
    """A playbook must be a file of the project."""
    found = item["playbook"] in playbooks
    return {} if found else {"playbook": ["Playbook not found for project."]}


def inventory_source(item: Mapping[str, Any]) -> Wrong:
    """A source from a project needs one, and takes no credential of the kinds that a project has."""
    if item["source"] == "scm" and not item.get("source_project"):
        return {"source_project": ["Project required for scm type sources."]}
    if item["source"] != "scm" and (item.get("source_project") or item.get("source_path")):
        return {"detail": ["Cannot set source_project source_path if not SCM type."]}
    if item["source"] == "scm" and item["credential"]:
        kinds = "machine, source control, insights and vault"
        return {"credential": [f"Credentials of type {kinds} are disallowed for scm inventory sources."]}
    return {}


def execution_environment(item: Mapping[str, Any]) -> Wrong:
    """When an image is pulled is one of a few words."""
    known = item["pull"] in ("", "always", "missing", "never")
    return {} if known else {"pull": [f'"{item["pull"]}" is not a valid choice.']}


def schedule(item: Mapping[str, Any]) -> Wrong:
    """Rules of iCalendar, a part of them."""
    rule = item["rrule"]
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rule)
    wrong = []
    if not starts:
        wrong.append("Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ")
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", rule):
        wrong.append("DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ.")
    if len(starts) > 1:
        wrong.append("Multiple DTSTART is not supported.")
    if "RRULE:" not in rule:
        wrong.append("One or more rule required in rrule.")
    for one in re.findall(r"RULE:\S*", rule):
        wrong += [] if "INTERVAL" in one else [f"INTERVAL required in rrule: {one}"]
        wrong += [f"SECONDLY is not supported: {one}"] if "SECONDLY" in one else []
    return {"rrule": wrong} if wrong else {}


def credential_type(item: Mapping[str, Any]) -> Wrong:
    """What is injected must be fields; kinds of one's own are for clouds and networks."""
    if item.get("managed"):
        return {}
    if item["kind"] not in ("cloud", "net"):
        return {"kind": [f"Must be 'cloud' or 'net', not {item['kind']}"]}
    text = json.dumps(item["injectors"])
    unknown = set(re.findall(r"{{ *(\w+) *}}", text)) - {field["id"] for field in item["inputs"].get("fields", [])}
    return {"injectors": [f"{', '.join(unknown)} is not a defined field."]} if unknown or "{{" not in text else {}


def credential(item: Mapping[str, Any], fields: list[Mapping[str, Any]]) -> Wrong:
    """Inputs are fields of the type."""
    unknown = sorted(set(item["inputs"]) - {field["id"] for field in fields})
    return {"inputs": [f"Invalid field {name}." for name in unknown]} if unknown else {}


def notification_template(item: Mapping[str, Any]) -> Wrong:
    """Its configuration must be whole, and its messages be of one line and of fields that there are."""
    lacking = sorted(_NEEDED.get(item["notification_type"], set()) - set(item["notification_configuration"]))
    if lacking:
        return {"__all__": [f"Missing required fields for Notification Configuration: {lacking}."]}
    wrong = [text for event, held in (item["messages"] or {}).items() for text in _of_event(event, held)]
    return {"messages": wrong} if wrong else {}


def _of_event(event: str, held: Any) -> Iterator[str]:
    if event not in _EVENTS:
        yield f"Event '{event}' invalid, must be one of 'started', 'success', 'error', or 'workflow_approval'"
        return
    below = {event: held} if event != "workflow_approval" else dict(held or {})
    for name, message in below.items():
        if event == "workflow_approval" and name not in _APPROVALS:
            yield f"Workflow Approval event '{name}' invalid"
        for kind, text in (message or {}).items():
            yield from _of_message(event, kind, text)


def _of_message(event: str, kind: str, text: Any) -> Iterator[str]:
    if kind not in ("message", "body"):
        yield f"Message type '{kind}' invalid, must be either 'message' or 'body'"
        return
    if not isinstance(text, str):
        yield f"Expected string for '{kind}', found {type(text)}, "
        return
    if kind == "message" and "\n" in text:
        yield f"Messages cannot contain newlines (found newline in {event} event)"
    for name in re.findall(r"{{ *(\w+)", text):
        if name not in _FIELDS | _APPROVAL:
            yield f"Field '{name}' unavailable"
