# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Fields that a tenant defines for accounts, users and applications."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import plan_list, refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Field,
    Plan,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import ACCOUNT, APPLICATION, USER
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

TARGETS = {"account": ACCOUNT, "user": USER, "application": APPLICATION}
_NAME = re.compile(r"[A-Za-z][A-Za-z\d_-]*", re.ASCII)
_KEPT = {"account": ("org_name",), "user": ("username", "email"), "application": ("name",)}


def _flag() -> Field:
    return Field(type="bool", form="flag")


DEFINITION_FIELDS: dict[str, Field] = {
    "target": Field(
        required=True,
        choices=tuple(TARGETS),
        create_only=True,
        sent=TARGETS,
    ),
    "name": Field(required=True, create_only=True, shape="not empty"),
    "label": Field(form="text", initial_from="name", shape="not empty"),
    "state": Field(choices=("present", "absent"), default="present", local=True),
    "required": _flag(),
    "hidden": _flag(),
    "read_only": _flag(),
    "choices": Field(type="list", elements="str", form="plain_texts"),
}
DEFINITION = Resource(
    "field definition", "/admin/api/fields_definitions", "fields_definition", "fields_definition",
    "fields_definitions", ("target", "name"), DEFINITION_FIELDS,
)  # fmt: skip
OPTIONS = {"fields": Field(type="list", elements="dict", options=DEFINITION_FIELDS)}


def plan_definitions(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_field``."""
    wanted = params["fields"]
    refuse_twins(DEFINITION, wanted, "fields")
    for place, item in enumerate(wanted):
        check_definition(item, f"fields[{place}]")
    children = plan_list(DEFINITION, wanted, session.all(DEFINITION), {}, "")
    shown = [{**item, "state": item.get("state") or "present"} for item in wanted]
    return Plan(
        children.all(),
        result={
            "fields": [
                {"id": children.refs.get(DEFINITION.key_of(item)), "target": item["target"],
                 "name": item["name"], "state": item["state"]}
                for item in shown
            ]
        },
    )  # fmt: skip


def check_definition(item: Values, option: str) -> None:
    """Refuse what the server refuses, or ignores without a word. Raises :class:`RefusalError`."""
    if not _NAME.fullmatch(str(item["name"])):
        raise RefusalError(f"{option}.name: '{item['name']}' must be letters, digits, '-' and '_', a letter first.")
    if item.get("state") == "absent" and item["name"] in _KEPT[item["target"]]:
        raise RefusalError(
            f"{option}: field '{item['name']}' of {item['target']}s can't be removed; 3scale itself needs it."
        )
    if item.get("required") and (item.get("hidden") or item.get("read_only")):
        raise RefusalError(f"{option}: a required field can be neither hidden nor read only, nobody could fill it in.")
