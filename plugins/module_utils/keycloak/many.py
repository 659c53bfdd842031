# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Modules that keep one object or a list of them, by one planner for each object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Task
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Field,
    Plan,
    RefusalError,
    Resource,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run

Planner = Callable[[Session, Mapping[str, Any]], Plan]


def run_each(
    resource: Resource,
    one: str,
    many: str,
    planner: Planner,
    more: Mapping[str, Field] | None = None,
    finish: Callable[[Plan], None] = lambda _plan: None,
    tasks: Mapping[str, Task] | None = None,
) -> None:
    """Run a module that keeps what ``planner`` plans: the object of the top-level options, or each of a list.

    ``one`` is the key of the object in a planner's result, ``many`` the option with the list, and ``more`` are the
    options that all objects share. ``finish`` gets the whole plan, to say what waits for what; ``tasks`` are the
    executors that changes name.
    """
    options = {**(more or {}), many: Field("list", elements="dict", options=resource.fields)}

    def plan(session: Session, params: Mapping[str, Any]) -> Plan:
        whole = plan_each(session, params, resource, one, many, planner)
        finish(whole)
        return whole

    run(options, plan, many, tasks)


def plan_each(
    session: Session, params: Mapping[str, Any], resource: Resource, one: str, many: str, planner: Planner
) -> Plan:
    """The plans of all objects, one after the other. A refusal names the entry of the list."""
    items = params[many]
    refuse_twins(resource, items, many)
    listed = params.get(resource.key[0]) is None
    plans: list[Plan] = []
    for place, item in enumerate(items):
        try:
            plans.append(planner(session, {**params, **item}))
        except RefusalError as refusal:
            raise RefusalError(f"{many}[{place}].{refusal}" if listed else str(refusal)) from None
    whole = Plan([change for plan in plans for change in plan.changes], [w for plan in plans for w in plan.warnings])
    whole.result = _result([plan.result for plan in plans], one, many, listed)
    return whole


def _result(results: list[Mapping[str, Any]], one: str, many: str, listed: bool) -> dict[str, Any]:
    """Of a single object all that its planner returns, of several the objects (with what else is told of each)."""
    if not listed:
        return {**results[0], many: [results[0][one]]}
    return {many: [{**result[one], **{k: v for k, v in result.items() if k != one}} for result in results]}
