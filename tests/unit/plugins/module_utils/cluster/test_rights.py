# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rights roles need, and what rules of a review show of them, by tables."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.cluster.rights import Right, access_review, shown_by, wanted

LOG = Right("", "pods/log", "get", "models")


def rule(groups: str, resources: str, verbs: str, **more: Any) -> dict[str, Any]:
    return {"apiGroups": groups.split(","), "resources": resources.split(","), "verbs": verbs.split(","), **more}


def test_rights_are_those_of_the_places_where_a_group_is_used() -> None:
    rules = [
        rule("", "pods,pods/log", "get"),
        rule("batch", "jobs", "get,delete"),
        rule("route", "routes", "get,delete"),
        rule("route", "routes/custom-host", "create"),
        rule("unused", "things", "get"),
    ]
    places = {"": ["models"], "batch": ["models"], "route": ["sso", "3scale"], "route/routes/custom-host": ["sso"]}
    assert wanted([{"rules": rules, "places": places}, {"rules": rules[:1], "places": places}]) == [
        Right("", "pods", "get", "models"),
        LOG,
        Right("batch", "jobs", "get", "models"),
        Right("batch", "jobs", "delete", "models"),
        Right("route", "routes", "get", "sso"),
        Right("route", "routes", "get", "3scale"),
        Right("route", "routes/custom-host", "create", "sso"),
    ]


@pytest.mark.parametrize(
    ("given", "right", "shown"),
    [
        ([], LOG, False),
        ([rule("", "pods", "get")], LOG, False),
        ([rule("", "pods/log", "get")], LOG, True),
        ([rule("", "*/log", "get")], LOG, True),
        ([rule("*", "*", "*")], LOG, True),
        ([rule("apps", "pods/log", "get")], LOG, False),
        ([rule("", "pods/log", "list")], LOG, False),
        ([rule("", "pods/log", "get", resourceNames=["one"])], LOG, False),
        ([rule("", "namespaces", "patch", resourceNames=["m"])], Right("", "namespaces", "patch", "m", "m"), True),
    ],
)
def test_shown_by(given: list[dict[str, Any]], right: Right, shown: bool) -> None:
    assert shown_by(given, right) is shown


def test_question_for_a_subresource_of_the_core_group() -> None:
    assert access_review(LOG)["spec"]["resourceAttributes"] == {
        "group": "",
        "resource": "pods",
        "subresource": "log",
        "verb": "get",
        "namespace": "models",
    }
