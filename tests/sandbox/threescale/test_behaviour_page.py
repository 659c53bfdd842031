# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of what is known of 3scale: code points to anchors that are there, and the page to the sandbox's tests."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "threescale-behaviour.md").read_text(encoding="utf-8")
ANCHORS = re.findall(r'<a id="([^"]+)"></a>', PAGE)
FOLDERS = ("plugins", "roles", "sandbox", "docs", "tools", "tests", "playbooks", "inventories")


def headings() -> set[str]:
    """Anchors that headings have by themselves."""
    words = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", word.lower()).strip().replace(" ", "-") for word in words}


def test_an_anchor_stands_once() -> None:
    assert [name for name, count in Counter(ANCHORS).items() if count > 1] == []


def test_pointers_have_an_aim() -> None:
    pointers: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".md", ".yml", ".lua", ".js") and path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                pointers.update(dict.fromkeys(re.findall(r"threescale-behaviour\.md#([a-z0-9-]+)", text), path))
    pointers.pop("anchor", None)  # how the page says that one points to it
    assert pointers, "nothing points to the page"
    assert {name: str(path) for name, path in pointers.items() if name not in {*ANCHORS, *headings()}} == {}


def test_what_holds_a_fact_is_there() -> None:
    named = set(re.findall(r"tests/sandbox/[\w/]+\.py", PAGE))
    assert named and [path for path in named if not (ROOT / path).is_file()] == []
