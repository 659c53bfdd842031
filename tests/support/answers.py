# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that no question of a survey can take, by the question's type. Tables."""

from __future__ import annotations

from typing import Any

from tests.support.templates import ERRANDS

BRACES = "{{ 1 + 1 }}"
LONG = "x" * 300
#: of no shape that the question could take, whatever there is
SHAPES: dict[str, list[Any]] = {
    "text": ["   ", ["one", "two"], {"one": 1}, LONG, "one\ntwo"],
    "textarea": [" \n ", ["one", "two"], {"one": 1}, LONG * 40],
    "multiplechoice": ["   ", ["one", "two"], {"one": 1}, LONG, "one\ntwo"],
    "multiselect": [["   "], {"one": 1}, [["one"]], [LONG], [{"one": 1}]],
    "integer": ["   ", "x", -1, 1.5, 10**9, "5\n6", [1, 2], BRACES, {"one": 1}, True],
    "float": ["   ", "x", -1, 1000, "1,5", [1, 2], BRACES, {"one": 1}],
}
#: of the right shape, but nothing is called so
UNKNOWN: dict[str, list[Any]] = {
    "text": ["no-such-name", BRACES],
    "textarea": [],
    "multiplechoice": ["no-such-name", BRACES],
    "multiselect": [["no-such-name"], BRACES],
    "integer": [],
    "float": [],
}
#: texts that may be anything (what is new gets them as its name, nobody reads them as a template), or name what may be
#: gone already, or (groups) what only another server knows: tests/integration/roles/test_errands.py
FREE = {"add_model_title", "issue_name", "rotate_generation", "export_folder", "retire_model", "approve_groups"}


def questions() -> list[tuple[str, dict[str, Any]]]:
    """Pairs of an errand's name and a question of its survey."""
    return [(errand["name"], question) for errand in ERRANDS for question in errand.get("survey", [])]


def shapes(question: dict[str, Any]) -> list[Any]:
    """Answers of a wrong shape; where a text takes several, a list and lines are none."""
    return [
        value
        for value in SHAPES[question["type"]]
        if not (question.get("many") and value in (["one", "two"], "one\ntwo"))
    ]
