# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster lacks, by a table: all of it at once, and nothing that could not be read."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.cluster.preflight import faults

WISH: dict[str, Any] = {
    "definitions": [{"api_version": "a/v1", "kind": "Model", "from": "the moon"}],
    "packages": [{"name": "op", "channel": "stable", "variable": "op_channel"}],
    "storage": [{"name": "fast", "for": "files", "fix": "Name one in x", "wanted": True}],
    "secrets": [{"namespace": "n", "name": "db", "keys": ["URL"], "fix": "Make it"}],
    "gpus": [{"model": "m", "gpus": 2, "replicas": 1}, {"model": "n", "gpus": 1, "replicas": 2}],
    "gpu_resource": "nvidia.com/gpu",
    "check_gpus": True,
    "model_namespace": "models",
}


def node(gpus: int) -> dict[str, Any]:
    return {"metadata": {"name": "n"}, "status": {"allocatable": {"nvidia.com/gpu": str(gpus)}}}


def named(name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace}, **more}


QUOTA = "requests.nvidia.com/gpu"
SEEN: dict[str, Any] = {
    "apis": {"a/v1": {"Model": {}}},
    "offers": [named("op", status={"channels": [{"name": "stable"}]})],
    "classes": [named("fast")],
    "nodes": [node(2), node(2)],
    "secrets": [named("db", "n", data={"URL": "x"})],
    "quotas": [named("q", "models", spec={"hard": {QUOTA: "4"}}), named("q", "others", spec={"hard": {QUOTA: "0"}})],
}


@pytest.mark.parametrize(
    ("wish", "seen", "said"),
    [
        ({}, {}, []),
        ({}, {"apis": {}}, ["first install the moon"]),
        (
            {},
            {"offers": [named("op", status={"channels": [{"name": "old"}]})]},
            ["offered are old. Correct op_channel"],
        ),
        ({}, {"offers": []}, []),
        ({}, {"classes": [named("slow")]}, ["no storage class fast for files; there are slow. Name one in x"]),
        ({"storage": [{**WISH["storage"][0], "wanted": False}]}, {"classes": []}, []),
        ({}, {"secrets": []}, ["There is no Secret db in namespace n. Make it"]),
        ({}, {"secrets": [named("db", "other", data={"URL": "x"})]}, ["no Secret db in namespace n"]),
        ({}, {"secrets": [named("db", "n", data={"KEY": "x"})]}, ["lacks URL"]),
        ({}, {"nodes": [node(1), node(3)]}, []),
        ({}, {"nodes": [node(1), node(1), node(1), node(1)]}, ["Model m asks for 2 nvidia.com/gpu (serving.gpus"]),
        ({}, {"nodes": [node(2), node(1)]}, ["ask for 4 nvidia.com/gpu together", "all nodes have only 3"]),
        ({"check_gpus": False}, {"nodes": []}, []),
        (
            {},
            {"quotas": [named("q", "models", spec={"hard": {QUOTA: "3"}})]},
            ["ResourceQuota q of namespace models allows 3"],
        ),
        ({}, {"quotas": [named("q", "models", spec={"hard": {"pods": "1"}})]}, []),
        ({}, dict.fromkeys(SEEN), []),
        ({}, dict.fromkeys(SEEN, False), []),
        (
            {},
            {"apis": {}, "classes": [], "secrets": [], "nodes": [node(0)]},
            ["the moon", "storage class", "Secret", "Model m", "Model n"],
        ),
    ],
)
def test_everything_that_is_missing_is_told(wish: dict[str, Any], seen: dict[str, Any], said: list[str]) -> None:
    found = faults({**WISH, **wish}, {**SEEN, **seen})
    assert [part for part in said if part not in " ".join(found)] == []
    assert bool(found) == bool(said)
