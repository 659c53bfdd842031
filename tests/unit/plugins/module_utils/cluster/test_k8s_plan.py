# SPDX-License-Identifier: GPL-3.0-or-later
"""How the answers of a dry run are read when the parents are only planned."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.cluster.plan import (
    MASK,
    arguments,
    created,
    explain,
    replan,
    results_of,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.planned import differences

JOB = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "n"}}
MANAGER = {"apiVersion": "apps.3scale.net/v1alpha1", "kind": "APIManager", "metadata": {"name": "m", "namespace": "n"}}
NO_NAMESPACE = (
    'Failed to create object: b\'{"kind":"Status","status":"Failure","message":"namespaces \\\\"n\\\\" not found",'
    '"reason":"NotFound","code":404}\\n\''
)
NO_KIND = "Failed to find exact match for apps.3scale.net/v1alpha1.APIManager by [kind, name, singularName, shortNames]"
FORBIDDEN = 'Failed to create object: b\'{"message":"jobs is forbidden: User \\\\"u\\\\" cannot create","code":403}\''


def failed(message: str) -> dict[str, Any]:
    """A result as kubernetes.core.k8s gives it with continue_on_error."""
    return {"changed": False, "result": {}, "error": {"msg": message}}


@pytest.mark.parametrize(
    ("definition", "message", "kinds", "planned"),
    [
        (JOB, NO_NAMESPACE, [], True),
        (MANAGER, NO_KIND, ["APIManager"], True),
        (MANAGER, NO_KIND, [], False),
        (JOB, FORBIDDEN, ["Job"], False),
    ],
)
def test_only_a_missing_parent_is_taken_for_planned(
    definition: dict[str, Any], message: str, kinds: list[str], planned: bool
) -> None:
    done, shown, errors = replan([definition], [failed(message)], kinds)
    assert bool(shown) is planned and bool(errors) is not planned
    assert [item["changed"] for item in done] == ([True] if planned else [])


def test_the_servers_own_answer_is_kept() -> None:
    done, planned, errors = replan(
        [JOB, JOB], [{"changed": True, "method": "create", "result": JOB}, {"changed": False}], []
    )
    assert [item["changed"] for item in done] == [True, False] and not planned and not errors
    assert done[0]["diff"]["after"]["metadata"]["name"] == "j"


def test_a_refusal_becomes_a_sentence() -> None:
    assert explain(NO_KIND, MANAGER).startswith("cannot write APIManager n/m: the cluster knows no kind APIManager")
    assert explain(FORBIDDEN, JOB) == (
        'cannot write Job n/j: the API server answered 403 jobs is forbidden: User "u" cannot create'
    )
    assert explain("timed out") == "cannot write the object: timed out"


def test_values_of_secrets_are_never_shown() -> None:
    secret = {"kind": "Secret", "metadata": {"name": "s"}, "stringData": {"HF_TOKEN": "hf_very_secret"}}
    assert created(secret)["after"]["stringData"] == {"HF_TOKEN": MASK}
    shown = differences(
        "provider", [{"kind": "keycloak", "client_secret": "very-secret", "keys": [{"token": "t"}]}], "kind"
    )
    assert "very-secret" not in str(shown[0]["after"]) and shown[0]["after_header"] == "provider keycloak"
    assert shown[0]["after"]["keys"] == [{"token": "(secret)"}]


def test_one_result_comes_bare_and_several_as_a_list() -> None:
    assert results_of({"changed": True}, 1) == [{"changed": True}]
    assert results_of({"result": {"results": [{"changed": False}, {"changed": True}]}}, 2)[1]["changed"]


def test_check_mode_hands_on_nothing_that_deletes() -> None:
    given = {"state": "absent", "delete_options": {"propagationPolicy": "Background"}}
    assert arguments(given, check=True) == {"state": "absent", "continue_on_error": True}
    assert arguments(given, check=False) == {**given, "continue_on_error": False}
