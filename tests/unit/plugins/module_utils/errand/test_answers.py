# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to the surveys: each question refuses what it can't take, by its variable's name, and takes all else."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.errand.answers import faults, listed
from tests.support.answers import BRACES, questions, shapes

BAD = [(errand, question, value) for errand, question in questions() for value in shapes(question)]
FIXED = [(errand, question) for errand, question in questions() if isinstance(question.get("choices"), list)]


@pytest.mark.parametrize(("errand", "question", "value"), BAD, ids=lambda value: str(value)[:20])
def test_a_wrong_shape_is_told_in_one_sentence_by_the_name(errand: str, question: dict[str, Any], value: Any) -> None:
    (told,) = faults([question], {question["variable"]: value})
    assert told.startswith(f"{question['variable']} ") and told.endswith(".") and len(told) < 300, errand


@pytest.mark.parametrize(("errand", "question"), FIXED, ids=lambda value: str(value)[:20])
def test_each_choice_is_taken_and_nothing_beside(errand: str, question: dict[str, Any]) -> None:
    name = question["variable"]
    for choice in question["choices"]:
        assert faults([question], {name: choice}) == [], errand
    for value in ("no-such-name", BRACES, 5):
        (told,) = faults([question], {name: value})
        assert f"{name} is {value}: it must be" in told and question["choices"][0] in told


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ({"type": "integer", "max": 720}, "5"),
        ({"type": "integer", "max": 720}, 720),
        ({"type": "float", "max": 100}, "0.5"),
        ({"type": "float", "max": 100}, 0),
        ({"type": "multiplechoice", "choices": ["false", "true"]}, True),
        ({"type": "multiplechoice", "choices": ["no", "yes"]}, True),
        ({"type": "multiselect", "choices": ["standard", "large"]}, "standard\nlarge"),
        ({"type": "multiselect", "choices": "plans"}, "standard, large"),
        ({"type": "text", "many": True}, ["ann", "bob"]),
        ({"type": "text", "many": True}, ",".join(["a-long-name"] * 40)),
        ({"type": "text"}, "Bärbel O'Neil! ✓"),
        ({"type": "text"}, 5),
        ({"type": "text", "required": False}, ""),
        ({"type": "textarea"}, "one\ntwo"),
    ],
    ids=str,
)
def test_what_the_platform_or_a_prompt_may_send_is_taken(question: dict[str, Any], value: Any) -> None:
    assert faults([{"variable": "answer", **question}], {"answer": value}) == []


def test_lists_come_in_several_forms() -> None:
    for value in (["a", " b ", "a"], "a, b", "a\nb\n", ["a", "b"], "a,,b"):
        assert listed(value) == ["a", "b"]
    assert listed("") == listed(None) == listed([]) == listed(["", " "]) == [] and listed(["x, y"]) == ["x, y"]
