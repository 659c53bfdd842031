# SPDX-License-Identifier: GPL-3.0-or-later
"""System names of service and account plans: sent with a new plan, never told, so never compared."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Ref, RefusalError, Resource
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_checks import check_plans
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import SERVICE_PLAN
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plans import plan_plans
from ansible_collections.rhai.maas.plugins.module_utils.threescale.provider import ACCOUNT_PLAN

WANTED = {"name": "Open to all", "system_name": "open", "state": "present"}


@pytest.mark.parametrize("table", [SERVICE_PLAN, ACCOUNT_PLAN])
def test_a_system_name_is_for_new_plans(table: Resource) -> None:
    def changes(present: list[dict[str, Any]]) -> list[Any]:
        return plan_plans(table, [WANTED], present, Ref("product", "granite", 1), "", False).all()

    (made,) = changes([])
    assert made.call.body == {table.wrapper: {"name": "Open to all", "system_name": "open"}}
    assert changes([{"id": 3, "name": "Open to all"}]) == []


def test_what_can_t_be_a_system_name_is_refused() -> None:
    check_plans({"service_plans": [{"name": "Default"}]}, "products[0]")
    with pytest.raises(RefusalError, match=r"^products\[0\].service_plans\[0\].system_name: 'a b' can't be"):
        check_plans({"service_plans": [{"name": "Default", "system_name": "a b"}]}, "products[0]")
