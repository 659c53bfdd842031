# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Answers to an errand's survey, from the platform or given by hand: of which shape they must be. Pure, no I/O.

Whether what an answer names is there is asked by the errand itself.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

LONGEST = 255  # characters that 3scale keeps of a name
_LONGEST_AREA = 10_000
_MOST_SHOWN = 60
_TRUE, _FALSE = ("yes", "true"), ("no", "false")  # Ansible reads the words of either as the same

Question = Mapping[str, Any]


def faults(survey: Sequence[Question], answers: Mapping[str, Any]) -> list[str]:
    """What is wrong with the answers, a sentence for each, which begins with the variable's name.

    :param survey: questions as in the table of errands: ``variable``, ``type``, ``choices``, ``many``, of numbers
        ``min`` and ``max``
    :param answers: by variable; what is missing or empty was not given
    """
    given = ((question, answers.get(question["variable"])) for question in survey)
    return [text for question, value in given if value not in (None, "", []) for text in _of(question, value)]


def listed(value: Any) -> list[str]:
    """The texts of a list, or of one text that separates them by commas or lines, without blanks and repetitions."""
    several = value if isinstance(value, (list, tuple)) else re.split(r"[,\n]", str(value or ""))
    return list(dict.fromkeys(text for text in (str(item).strip() for item in several) if text))


def _of(question: Question, value: Any) -> Iterator[str]:
    name, kind = str(question["variable"]), str(question["type"])
    several = question.get("many") or kind == "multiselect"
    items = value if isinstance(value, (list, tuple)) and several else [value]
    wrong = (text for item in items for text in _one(name, kind, question, item))
    yield from itertools.islice(wrong, 1)


def _one(name: str, kind: str, question: Question, value: Any) -> list[str]:
    if isinstance(value, (Mapping, list, tuple)):
        return [f"{name} must be {_WANTED.get(kind, 'one text')}, not {_kind(value)}."]
    text = str(value)
    if not text.strip():
        return [f"{name} is blank: give {_WANTED.get(kind, 'one text')}."]
    parts = listed(text) if question.get("many") or kind == "multiselect" else [text]
    return [fault for part in parts for fault in _CHECKS[kind](name, question, part)]


def _kind(value: Any) -> str:
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _text(name: str, question: Question, text: str) -> list[str]:
    area = question["type"] == "textarea"
    most = _LONGEST_AREA if area else LONGEST
    if len(text) > most:
        return [f"{name} has {len(text)} characters: {most} are the most."]
    if not area and len(text.splitlines()) > 1:
        return [f"{name} is {_short(text)}: it must be one line."]
    return []


def _choice(name: str, question: Question, text: str) -> list[str]:
    choices = question.get("choices")
    if not isinstance(choices, (list, tuple)):  # what the inventory lists
        return _text(name, question, text)
    alike = next((words for words in (_TRUE, _FALSE) if text.lower() in words), (text,))
    if set(alike) & set(choices):
        return []
    return [f"{name} is {_short(text)}: it must be {', '.join(choices[:-1])} or {choices[-1]}."]


def _number(name: str, question: Question, text: str) -> list[str]:
    whole = question["type"] == "integer"
    least, most = question.get("min", 0), question["max"]
    wanted = f"it must be {'a whole number' if whole else 'a number'} from {least} to {most}."
    if not re.fullmatch(r"-?[0-9]+" if whole else r"-?[0-9]+([.][0-9]+)?", text.strip()):
        return [f"{name} is {_short(text)}: {wanted}"]
    return [] if least <= float(text) <= most else [f"{name} is {_short(text)}: {wanted}"]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN - 1]}…"


_WANTED = {"integer": "a whole number", "float": "a number", "multiselect": "one text or a list of them"}
_CHECKS: dict[str, Callable[[str, Question, str], list[str]]] = {
    "text": _text,
    "textarea": _text,
    "multiplechoice": _choice,
    "multiselect": _choice,
    "integer": _number,
    "float": _number,
}
