# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's part of the roles' argument specs, written once (``catalogue.yml``) and copied into each role.

Ansible reads a role's specs from one file and knows no way to share a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(__file__).with_name("catalogue.yml")
ROLES = ("acceptance", "model_serving", "portal_content", "preflight", "threescale")
INDENT = " " * 6  # of a role's options


def blocks(source: str) -> dict[str, str]:
    """The options of the source by name (``models`` and so on), indented as in a role, without the line of the name."""
    names = list(yaml.safe_load(source))
    lines = source.splitlines(keepends=True)
    starts = [lines.index(f"{name}:\n") for name in names]
    ends = [*starts[1:], len(lines)]
    return {
        name: "".join(INDENT + line for line in lines[start + 1 : end])
        for name, start, end in zip(names, starts, ends, strict=True)
    }


def written(role: str, spec: str, source: str) -> str:
    """A role's spec with the source's options in place of its own; what the role does not take is left out."""
    for name, block in blocks(source).items():
        head = f"{INDENT}{role}_{name}:\n"
        before, found, rest = spec.partition(head)
        if found:
            spec = before + head + block + re.sub(f"\\A(?:{INDENT} .*\n)*", "", rest)
    return spec


def outdated() -> Iterator[tuple[Path, str]]:
    """The specs that are not as they should be, with what they should be."""
    source = SOURCE.read_text()
    for role in ROLES:
        path = ROOT / "roles" / role / "meta" / "argument_specs.yml"
        wanted = written(role, path.read_text(), source)
        if wanted != path.read_text():
            yield path, wanted
