# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of kubernetes.core.k8s as operations of a plan, and who changed an object last."""

from __future__ import annotations

from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.cluster.operations import last_writer, operations

SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "s", "namespace": "n"},
    "data": {"key": "dG9rZW4="},
}
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "v", "namespace": "n"}}


def test_what_the_server_writes_by_itself_is_no_difference() -> None:
    side = {"metadata": {"resourceVersion": "7", "generation": 2, "labels": {"a": "b"}}, "status": {"x": 1}}
    result = {"changed": True, "method": "patch", "diff": {"before": side, "after": {"spec": {"port": 1}}}}
    (found,) = operations([SERVICE], [result])
    assert (found["action"], found["noun"], found["key"]) == ("update", "Service", "n/v")
    assert found["before"] == {"metadata": {"labels": {"a": "b"}}} and found["after"] == {"spec": {"port": 1}}


def test_creations_show_the_definition_and_no_secret() -> None:
    made: dict[str, Any] = {"changed": True, "method": "create", "result": SECRET}
    same: dict[str, Any] = {"changed": False, "method": "patch"}
    (found,) = operations([SECRET, SERVICE], [made, same])
    assert found["action"] == "create" and found["before"] is None
    assert found["after"]["data"] == {"key": "********"}
    changed = {"changed": True, "method": "patch", "diff": {"before": {"data": {"key": "a"}}, "after": {"data": {}}}}
    (found,) = operations([SECRET], [changed])
    assert found["before"] == {"data": {"key": "********"}}


def test_last_writer_is_who_changed_more_than_the_status() -> None:
    fields = [
        {"manager": "automation", "time": "2026-11-01T10:00:00Z"},
        {"manager": "kubectl-edit", "time": "2026-11-02T10:00:00Z"},
        {"manager": "controller", "time": "2026-11-03T10:00:00Z", "subresource": "status"},
    ]
    found = last_writer({"metadata": {"managedFields": fields}})
    assert found == {"by": "kubectl-edit", "since": "2026-11-02T10:00:00Z"}
    assert last_writer({}) == {}
