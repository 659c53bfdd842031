# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Custom policies in the registry: their schemas, for the admin portal. The code reaches the gateway another way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import plan_list, refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Field,
    Plan,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.manifests import LONGEST_SUMMARY, order_faults
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

POLICY_FIELDS: dict[str, Field] = {
    "name": Field(required=True, shape="not empty"),
    "version": Field(required=True),
    "state": Field(choices=("present", "absent"), default="present", local=True),
    "schema": Field(type="dict", form="document"),
}
POLICY = Resource(
    "policy", "/admin/api/registry/policies", "policy", "policy", "policies", ("name", "version"), POLICY_FIELDS
)
OPTIONS = {"policies": Field(type="list", elements="dict", required=True, options=POLICY_FIELDS)}
_PARTS = ("name", "version", "configuration", "summary")


def plan_policies(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_policy``."""
    wanted = params["policies"]
    refuse_twins(POLICY, wanted, "policies")
    present = session.all(POLICY)
    there = {POLICY.key_of(item) for item in present}
    for place, item in enumerate(wanted):
        check_policy(item, f"policies[{place}]", POLICY.key_of(item) in there)
    children = plan_list(POLICY, wanted, present, {}, "")
    for change in children.changes:
        if change.action == "update" and change.call is not None:  # the server asks for the schema in every PUT
            change.call = Call(
                "PUT", change.call.path, change.call.refs, POLICY.wrap(dict(change.after or {})), "policy"
            )
    shown = ("id", "name", "version")
    return Plan(
        children.all(),
        result={
            "policies": [
                {
                    **{name: item.get(name) for name in shown},
                    "id": children.refs[POLICY.key_of(item)],
                    "state": "present",
                }
                if item.get("state") != "absent"
                else {"name": item["name"], "version": item["version"], "state": "absent"}
                for item in wanted
            ]
        },
    )


def check_policy(item: Values, option: str, exists: bool) -> None:
    """Refuse what the server would refuse, and what would end the gateways. Raises :class:`RefusalError`."""
    if item.get("state") == "absent":
        return
    if item["version"] == "builtin":
        raise RefusalError(f"{option}.version: 'builtin' is the version of the policies that the gateway brings along.")
    schema = item.get("schema")
    if schema is None:
        if not exists:
            raise RefusalError(f"{option}.schema: the new policy '{item['name']}' needs one.")
        return
    lacking = [name for name in _PARTS if name not in schema]
    if lacking:
        raise RefusalError(f"{option}.schema: lacks {', '.join(lacking)}.")
    if schema["version"] != item["version"]:
        raise RefusalError(f"{option}.schema.version: is '{schema['version']}' and must be '{item['version']}'.")
    if len(str(schema["summary"])) > LONGEST_SUMMARY:
        raise RefusalError(
            f"{option}.schema.summary: has {len(str(schema['summary']))} characters, the most is {LONGEST_SUMMARY}."
        )
    for text in order_faults(schema, item["name"]):
        raise RefusalError(f"{option}.schema: {text}.")
