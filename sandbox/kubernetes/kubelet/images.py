# SPDX-License-Identifier: GPL-3.0-or-later
"""The image table: which local process stands for a container image. Pure, but for reading the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

PLACEHOLDER = re.compile(r"\{([a-z_]+)(?::([^{}]+))?\}")


class TableError(Exception):
    """The table has a mistake; the text names the entry."""


@dataclass(frozen=True)
class Image:
    """One row: a regular expression, and what a container of such an image does.

    `does` is "run" (a process: `run` is its command line), "ready" (no process; reports ready) or "done" (no process;
    ends at once with exit code 0).
    """

    match: re.Pattern[str]
    does: str
    run: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def behind_door(self) -> bool:
        """Does the process listen where only the Pod's door leads?"""
        return any("{inside}" in part for part in self.run)


def parse(document: Any) -> list[Image]:
    """The rows of {"images": [{"match", "run": […] | "ready": true | "done": true, "env"?}]}, in order."""
    rows = document.get("images") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise TableError('the image table needs a list "images"')
    return [_row(row, number) for number, row in enumerate(rows, 1)]


def _row(row: Any, number: int) -> Image:
    where = f"entry {number} of the image table"
    if not isinstance(row, dict) or "match" not in row:
        raise TableError(f'{where} needs "match", a regular expression on the image\'s name')
    kinds = [kind for kind in ("run", "ready", "done") if row.get(kind)]
    unknown = set(row) - {"match", "run", "ready", "done", "env"}
    if len(kinds) != 1 or unknown:
        raise TableError(f"{where} ({row['match']}) needs one of run, ready, done, and nothing but env beside it")
    try:
        pattern = re.compile(row["match"])
    except re.error as error:
        raise TableError(f"{where}: {row['match']!r} is no regular expression: {error}") from error
    run = tuple(str(part) for part in row["run"]) if kinds == ["run"] else ()
    return Image(pattern, kinds[0], run, {name: str(value) for name, value in (row.get("env") or {}).items()})


def load(path: Path) -> list[Image]:
    """Reads and parses a table file."""
    return parse(yaml.safe_load(path.read_text()))


def find(table: list[Image], image: str) -> Image | None:
    """The first row whose expression is found in the image's name."""
    return next((row for row in table if row.match.search(image)), None)


def render(text: str, values: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """Fills in {name} and {label:KEY}; a name that nobody set is an error, so that a typing error can't hide."""

    def value(found: re.Match[str]) -> str:
        name, argument = found.groups()
        if name == "label":
            return labels.get(argument or "", "")
        if name not in values:
            raise TableError(f"nothing is called {{{name}}} in {text!r}; known: {', '.join(sorted(values))}")
        return values[name]

    return PLACEHOLDER.sub(value, text)


def command_line(
    image: Image, command: list[str], args: list[str], values: Mapping[str, str], labels: Mapping[str, str]
) -> list[str]:
    """The process's command line: {command} and {args} as whole parts stand for the container's own lists."""
    line: list[str] = []
    for part in image.run:
        if part == "{command}":
            line += command
        elif part == "{args}":
            line += args
        else:
            line.append(render(part, values, labels))
    return line
