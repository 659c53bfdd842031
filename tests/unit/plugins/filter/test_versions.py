# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of custom policies: what stays beside a new version, and what may go."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.filter.test_catalogue import FILTERS

OLD = {"name": "llm-usage", "version": "1.0", "secretRef": {"name": "policy-llm-usage-1-0"}}
NEW = {"name": "llm-usage", "version": "1.1", "secretRef": {"name": "policy-llm-usage-1-1"}, "folder": "x"}
OTHER = {"name": "remove-bearer", "version": "0.1", "secretRef": {"name": "cp-bearer"}}


def apimanager(*policies: dict[str, Any], production: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    staging = {"customPolicies": list(policies)}
    return {"spec": {"apicast": {"stagingSpec": staging, "productionSpec": {"customPolicies": production or []}}}}


@pytest.mark.parametrize(
    ("present", "older"),
    [
        ([], []),
        ([{"spec": {}}], []),
        ([apimanager(OLD)], [OLD]),
        ([apimanager(OLD, production=[OLD, OTHER])], [OLD, OTHER]),
        ([apimanager({**NEW, "folder": None})], []),
    ],
)
def test_what_the_gateways_have_stays_beside_the_new_version(present: list[Any], older: list[Any]) -> None:
    assert FILTERS["older_policies"](present, [NEW]) == older


def chain(*policies: tuple[str, str]) -> dict[str, Any]:
    return {"content": {"proxy": {"policy_chain": [{"name": name, "version": version} for name, version in policies]}}}


@pytest.mark.parametrize(
    ("configurations", "unused"),
    [
        ([chain(("llm-usage", "1.1")), chain(("llm-usage", "1.0"))], [OTHER]),  # production has not moved yet
        ([chain(("llm-usage", "1.1")), chain(("llm-usage", "1.1"), ("remove-bearer", "0.1"))], [OLD]),
        ([{"content": {}}, {"version": None}], [OLD, OTHER]),
    ],
)
def test_a_version_goes_when_no_configuration_names_it(configurations: list[Any], unused: list[Any]) -> None:
    assert FILTERS["unused_policies"]([OLD, OTHER], configurations) == unused
