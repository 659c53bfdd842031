# SPDX-License-Identifier: GPL-3.0-or-later
"""What no server can keep, or what counts for nothing, is refused by the option's name."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.gate import check_counting, check_values
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError

LIMIT = {"value": Field(type="int"), "cost": Field(type="float")}
OPTIONS = {
    "plans": Field(type="list", elements="dict", options={"limits": Field("list", elements="dict", options=LIMIT)}),
    "statuses": Field(type="list", elements="int"),
    "smoke": Field(type="dict", options={"timeout": Field(type="float")}),
    "enabled": Field(type="bool"),
    "token": Field(secret=True, shape="identifier"),
    "text": Field(shape="plain"),
    "name": Field(shape="not empty"),
    "count": Field(type="int", shape="int32"),
    "email": Field(shape="mail"),
    "owner": Field(shape="name"),
    "levels": Field(type="dict", keys=("web", "mail")),
    "issuer": Field(counts_with=("version", "oidc", "oauth")),
}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"plans": [{"limits": [{"value": 1}, {"value": True}]}]}, r"plans\[0\].limits\[1\].value: must be a whole"),
        ({"plans": [{"limits": [{"value": 10**19}]}]}, r"plans\[0\].limits\[0\].value: 1.* is too large"),
        ({"plans": [{"limits": [{"cost": float("nan")}]}]}, r"plans\[0\].limits\[0\].cost: must be a number, not nan"),
        ({"statuses": [200, False]}, r"statuses\[1\]: must be a whole number, not false"),
        ({"smoke": {"timeout": float("inf")}}, "smoke.timeout: must be a number, not inf"),
        ({"token": "two words"}, "^token: must be letters, digits, '-' and '_' only.$"),
        ({"text": "Schön"}, "text: 'Schön' must be 1 to 255 characters among"),
        ({"text": "a" * 256}, "text: 'a{60}…' has 256 characters, the most is 255.$"),
        ({"name": "a" * 300}, "name: 'a{60}…' has 300 characters, the most is 255.$"),
        ({"token": "a" * 300}, "^token: has 300 characters, the most is 255.$"),
        ({"count": 2**31}, "^count: '2147483648' must be a whole number, 2147483647 at most.$"),
        ({"count": -(2**31)}, "must be a whole number"),
        ({"email": ""}, "^email: must be a mail address such as ann@example.com.$"),
        ({"email": " ann@example.com"}, "^email: ' ann@example.com' must be a mail address"),
        ({"email": "änn@example.com"}, "must be a mail address"),
        ({"owner": "🚀"}, "^owner: '🚀' must hold a letter"),
        ({"name": " "}, "^name: must not be empty.$"),
        ({"levels": {"web": 1, "fax": 2}}, "levels: there is no 'fax'; there are web, mail."),
    ],
)
def test_refused_by_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusalError, match=said):
        check_values(given, OPTIONS)


def test_what_is_right_passes() -> None:
    check_values(
        {"plans": [{"limits": [{"value": 2**63 - 1, "cost": 0.5}]}, {"limits": None}], "enabled": True}, OPTIONS
    )
    check_values({"token": "a-b_1", "text": "{}", "levels": {"web": 1}, "name": None}, OPTIONS)
    check_values({"statuses": None, "smoke": None}, OPTIONS)


def test_what_counts_for_nothing_is_refused() -> None:
    check_counting(OPTIONS, {"issuer": "x"}, {"version": "oauth"}, "")
    check_counting(OPTIONS, {"issuer": ""}, {"version": "1"}, "")
    with pytest.raises(
        RefusalError, match="^a.issuer counts only with version: oidc or oauth of b, and here it is '1'"
    ):
        check_counting(OPTIONS, {"issuer": "x"}, {"version": "1"}, "a.", " of b")
