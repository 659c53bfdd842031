# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that Ansible lets pass and no server can keep are refused by the option's name."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.gate import check_numbers
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError

LIMIT = {"value": Field(type="int"), "cost": Field(type="float")}
OPTIONS = {
    "plans": Field(type="list", elements="dict", options={"limits": Field("list", elements="dict", options=LIMIT)}),
    "statuses": Field(type="list", elements="int"),
    "smoke": Field(type="dict", options={"timeout": Field(type="float")}),
    "enabled": Field(type="bool"),
}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"plans": [{"limits": [{"value": 1}, {"value": True}]}]}, r"plans\[0\].limits\[1\].value: must be a whole"),
        ({"plans": [{"limits": [{"value": 10**19}]}]}, r"plans\[0\].limits\[0\].value: 1.* is too large"),
        ({"plans": [{"limits": [{"cost": float("nan")}]}]}, r"plans\[0\].limits\[0\].cost: must be a number, not nan"),
        ({"statuses": [200, False]}, r"statuses\[1\]: must be a whole number, not false"),
        ({"smoke": {"timeout": float("inf")}}, "smoke.timeout: must be a number, not inf"),
    ],
)
def test_refused_by_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusalError, match=said):
        check_numbers(given, OPTIONS)


def test_what_is_right_passes() -> None:
    check_numbers(
        {"plans": [{"limits": [{"value": 2**63 - 1, "cost": 0.5}]}, {"limits": None}], "enabled": True}, OPTIONS
    )
    check_numbers({"statuses": None, "smoke": None}, OPTIONS)
