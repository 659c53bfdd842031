# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at the cluster found, by the names of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.cluster.look import Look

ANSWERS: dict[str, Any] = {"Pod": [1], "Secret": [2, 3], "Node": False, "Model": []}


class Read(Look):
    """A connection whose cluster has these objects, by kind."""

    def read(self, query: Mapping[str, Any]) -> Any:
        return ANSWERS[query["kind"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ([("a", "Pod"), ("b", "Model")], {"a": [1], "b": []}),
        ([("a", "Pod"), ("a", "Secret")], {"a": [1, 2, 3]}),
        ([("a", "Node"), ("a", "Pod"), ("b", "Pod")], {"a": False, "b": [1]}),
        ([("a", "Pod"), ("a", "Node")], {"a": False}),
        ([], {}),
    ],
)
def test_answers_of_one_name_count_together(asked: list[tuple[str, str]], found: dict[str, Any]) -> None:
    assert Read(None).found([{"as": name, "kind": kind} for name, kind in asked]) == found
    assert ANSWERS["Pod"] == [1], "and what was read stays as it is"
