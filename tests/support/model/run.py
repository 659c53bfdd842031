# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan made, written down, read again, and carried out on a model in any order that it allows."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any, Callable

from hypothesis import Phase, settings

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier, Task, _dependencies, _released
from ansible_collections.rhai.maas.plugins.module_utils.engine.data import read, written
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Field, Plan
from ansible_collections.rhai.maas.plugins.module_utils.engine.result import outcome
from tests.support.model.server import Model

#: the same examples on every run, and none made smaller: a tree that fails is told as it is
TRIED = settings(max_examples=50, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
Planner = Callable[[Any, Mapping[str, Any]], Plan]


def filled(fields: Mapping[str, Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """Options as AnsibleModule hands them over: those that nobody gave are there too, with their defaults."""
    unknown = set(given) - set(fields)
    assert not unknown, f"no such option: {unknown}"
    return {name: _filled(entry, given.get(name)) for name, entry in fields.items()}


def _filled(entry: Field, value: Any) -> Any:
    if value is None:
        return entry.default
    if entry.options is None:
        return value
    if isinstance(value, list):
        return [filled(entry.options, item) for item in value]
    return filled(entry.options, value)


def carry_out(applier: Applier, changes: list[Change], luck: random.Random) -> None:
    """Carry out changes one by one, each time any of those that wait for nothing."""
    waiting, followers = _dependencies(changes)
    ready = [change for change in changes if not waiting[change]]
    done = 0
    while ready:
        change = ready.pop(luck.randrange(len(ready)))
        applier._run(change)
        done += 1
        ready += _released(change, waiting, followers)
    assert done == len(changes), "changes wait for each other"


def bring(
    model: Model, session: Any, planner: Planner, params: Mapping[str, Any], tasks: Mapping[str, Task], seed: int
) -> Plan:
    """Bring a model to the wanted state. ``seed`` chooses the order, and whether the plan goes through JSON."""
    luck = random.Random(seed)
    plan = planner(session, params)
    changes = plan.changes
    text = json.dumps(written(changes))
    if luck.random() < 0.5:
        changes = read(json.loads(text))
    carry_out(Applier(model, tasks, session.others(), session), changes, luck)
    json.dumps(outcome(plan.result, session))
    return plan
