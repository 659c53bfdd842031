# SPDX-License-Identifier: GPL-3.0-or-later
"""``docs/threescale-behaviour.md`` holds together: what it names is there, and what names it finds its anchor."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threescale-behaviour.md").read_text(encoding="utf-8")
ANCHORS = re.findall(r'<a id="([^"]+)">', PAGE)
TESTS = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
RECORDINGS = {path.stem: path for path in (ROOT / "tests" / "contract" / "recordings").glob("*.json")}
#: A test file, and the tests of it that are named after it: ``test_x.py: test_one, test_two``.
NAMED = re.compile(r"((?:[\w.-]+/)*test_\w+\.py)`?(?::\s*((?:`?test_\w+`?(?!\.py|\w|/)(?:,\s*)?)+))?")
STEPS = re.compile(r"[\[;] ?(\w+)( 2\.15)?: ([a-z][\w, -]+?)(?=[;\]])")


def test_each_anchor_is_there_once() -> None:
    assert not [name for name, times in Counter(ANCHORS).items() if times > 1]


def test_each_fact_says_what_holds_it() -> None:
    facts = re.split(r"\n(?=- |#+ )", PAGE.partition("## Calls")[2])
    bare = [fact[:70] for fact in facts if fact.startswith("- ") and not re.search(r"\[[^\]]+\]\s*$", fact)]
    assert not bare


@pytest.mark.parametrize(("file", "names"), sorted({(m[1], m[2] or "") for m in NAMED.finditer(PAGE)}))
def test_tests_that_are_named_exist(file: str, names: str) -> None:
    found = [text for path, text in TESTS.items() if f"/{path.relative_to(ROOT)}".endswith(f"/{file}")]
    assert found, file
    for name in re.findall(r"test_\w+", names):
        assert any(f"def {name}(" in text for text in found), f"{file}: {name}"


@pytest.mark.parametrize(("recording", "older", "steps"), sorted(set(STEPS.findall(PAGE))))
def test_steps_that_are_named_are_recorded(recording: str, older: str, steps: str) -> None:
    path = RECORDINGS[recording] if not older else ROOT / f"tests/contract/recordings-2.15/{recording}.json"
    text = json.dumps(json.loads(path.read_text(encoding="utf-8")))
    for step in steps.split(", "):
        assert f'"{step}' in text, f"{path.name}: {step}"


def test_whoever_points_at_it_finds_an_anchor() -> None:
    done = subprocess.run(
        ["git", "grep", "-hoE", r"threescale-behaviour\.md#[a-z0-9-]+"], cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    sections = {re.sub(r"[^a-z0-9]+", "-", line.lower()) for line in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)}
    named = {line.partition("#")[2] for line in done.stdout.split()}
    assert len(named) > 10 and named <= {*ANCHORS, *sections, "anchor"}
