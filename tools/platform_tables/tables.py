# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of each table, from the table of errands, the role's credential types, the playbooks and the rulebook."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

from tools.platform_tables.artifacts import ROOT, Unsafe, artifacts_of, errands

Table = tuple[list[str], list[list[str]]]
RULEBOOK = ROOT / "extensions" / "eda" / "rulebooks" / "maas.yml"
VARIABLES = ROOT / "roles" / "automation_platform" / "vars" / "main.yml"
#: of the platform itself: what of them the errands use
BUILT_IN = [
    [
        "`OpenShift or Kubernetes API Bearer Token` (built in)",
        "`host`, `bearer_token`, `verify_ssl`, `ssl_ca_cert`",
        "`K8S_AUTH_*`",
    ],
    ["`Vault` (built in)", "`vault_password`", ""],
]


def _code(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _templates() -> Table:
    rows = []
    for errand in errands():
        kind = "check" if errand.get("check") else ("run" if errand["writes"] else "run, writes nothing")
        teams = "preview, apply" if errand.get("right") == "preview" else "apply"
        rows.append(
            [f"`{errand['name']}`", errand["title"], kind, f"{errand['timeout'] // 60} min", _when(errand), teams]
        )
    return ["template", "does", "kind", "timeout", "by itself", "teams"], rows


def _when(errand: dict[str, Any]) -> str:
    """A schedule in words: the table has daily and hourly ones."""
    rule = errand.get("schedule", "")
    if not rule:
        return ""
    hour, minute = re.findall(r"T(\d\d)(\d\d)00Z", rule)[0]
    if "FREQ=HOURLY" in rule:
        return f"each hour, {minute} past"
    assert "FREQ=DAILY;INTERVAL=1" in rule, rule
    return f"daily, {hour}:{minute} UTC"


def _surveys() -> Table:
    rows = [
        [f"`{errand['name']}`", f"`{item['variable']}`", item["question"], _answer(item), _default(item)]
        for errand in errands()
        for item in errand.get("survey", [])
    ]
    return ["template", "variable", "question", "answer", "without"], rows


def _answer(item: dict[str, Any]) -> str:
    listed = item.get("choices")
    if isinstance(listed, str):
        how = "one of" if item["type"] == "multiplechoice" else "some of"
        return f"{how} the {listed}{' of the inventory' if listed != 'tasks' else ''}"
    if listed:
        return f"{'one' if item['type'] == 'multiplechoice' else 'some'} of {_code(listed)}"
    limits = f" {item['min']}–{item['max']}" if "min" in item else ""
    return f"{item['type']}{limits}{', ' + item['hint'] if 'hint' in item else ''}"


def _default(item: dict[str, Any]) -> str:
    if "default" in item:
        return f"`{item['default']}`"
    return "is refused" if item.get("required", True) else ""


def _credential_types() -> Table:
    kinds = yaml.load(VARIABLES.read_text(), Loader=Unsafe)["__automation_platform_credential_types"]
    ours = [
        [
            f"`{kind['name']}`",
            _code(field["id"] for field in kind["inputs"]["fields"]),
            _code(kind["injectors"]["env"]),
        ]
        for kind in kinds
    ]
    return ["type of credential", "inputs", "environment of the job"], [*BUILT_IN, *ours]


def _artifacts() -> Table:
    found = {name: keys for errand in errands() for name, keys in artifacts_of(errand["name"]).items()}
    return ["artifact", "keys"], [[f"`{name}`", _code(keys)] for name, keys in found.items()]


def _events() -> Table:
    rows = []
    for ruleset in yaml.safe_load(RULEBOOK.read_text()):
        for rule in ruleset["rules"]:
            action = rule["action"]["run_job_template"]
            given = action.get("job_args", {}).get("extra_vars", {})
            answers = ", ".join(f"`{name}: {value}`" for name, value in given.items())
            rows.append([rule["name"], f"`{action['name'].removeprefix('MaaS: ')}`", answers])
    return ["event", "starts", "with"], rows


TABLES: dict[str, Callable[[], Table]] = {
    "templates": _templates,
    "surveys": _surveys,
    "credential types": _credential_types,
    "artifacts": _artifacts,
    "events": _events,
}
