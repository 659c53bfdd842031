# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys as AWX keeps and asks them: what it refuses of a survey, and of the answers when a job is launched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Question = Mapping[str, Any]
TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("text", "textarea", "password", "multiplechoice", "multiselect"), str),
    "integer": int,
    "float": (float, int),
}
_NEEDED = {"type": str, "question_name": str, "variable": str, "required": bool}


def refused(spec: Mapping[str, Any]) -> str:
    """Why AWX does not keep a survey; empty when it does."""
    for field, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(field), kind):
            return f"Field '{field}' is missing from survey spec, or of another type."
    if not spec["spec"]:
        return "'spec' doesn't contain any items."
    names = [question.get("variable") for question in spec["spec"]]
    twice = [f"'variable' '{name}' duplicated in survey question." for name in names if names.count(name) > 1]
    return next((text for question in spec["spec"] for text in _of_question(question)), next(iter(twice), ""))


def _of_question(question: Question) -> Iterator[str]:
    for field, kind in _NEEDED.items():
        if not isinstance(question.get(field), kind):
            yield f"'{field}' missing from survey question, or not of type {kind.__name__}."
            return
    kind, default = question["type"], question.get("default")
    if kind not in TYPES:
        yield f"'{kind}' in survey question is not one of '{', '.join(TYPES)}' allowed question types."
        return
    if default not in (None, "") and not isinstance(default, TYPES[kind]):
        yield f"Default value {default} in survey question expected to be {kind}."
    for limit in ("min", "max"):
        if question.get(limit) is not None and not isinstance(question[limit], int):
            yield f"The {limit} limit in survey question expected to be integer."
    if kind in ("multiselect", "multiplechoice"):
        if "choices" not in question:
            yield f"Survey question of type {kind} must specify choices."
        elif default and any(line not in question["choices"] for line in default.splitlines()):
            yield "Default choice must be answered from the choices listed."


def extra_variables(spec: Mapping[str, Any] | None, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The extra variables of a job whose template asks for no others: the answers, and defaults for the rest.

    :raises ValueError: with AWX's words, for answers that it refuses to launch the job with
    """
    asked = list((spec or {}).get("spec", []))
    wrong = [text for question in asked for text in _wrong(question, answers)]
    strange = sorted(set(answers) - {question["variable"] for question in asked})
    if strange:
        wrong.append(f"Variables {', '.join(strange)} are not allowed on launch.")
    if wrong:
        raise ValueError(" ".join(wrong))
    defaults = {question["variable"]: question["default"] for question in asked if question.get("default") is not None}
    return {**defaults, **answers}


def _wrong(question: Question, answers: Mapping[str, Any]) -> Iterator[str]:
    name, kind = question["variable"], question["type"]
    if name not in answers:
        if question["required"]:
            yield f"'{name}' value missing"
        return
    given = answers[name]
    if kind == "multiselect":
        if not isinstance(given, list):
            yield f"'{name}' value is expected to be a list."
            return
    elif not isinstance(given, TYPES[kind]) or isinstance(given, bool):
        yield f"Value {given} for '{name}' expected to be of type {kind}."
        return
    if kind in ("multiselect", "multiplechoice"):
        for value in given if isinstance(given, list) else [given]:
            if value not in question["choices"]:
                yield f"Value {value} for '{name}' expected to be one of {question['choices']}."
        return
    yield from _out_of_range(question, len(given) if isinstance(given, str) else given)


def _out_of_range(question: Question, size: float) -> Iterator[str]:
    name, least, most = question["variable"], question.get("min"), question.get("max")
    if least is not None and size < least:
        yield f"'{name}' value is too small (must be at least {least})."
    if most is not None and size > most:
        yield f"'{name}' value is too large (must be no more than {most})."
