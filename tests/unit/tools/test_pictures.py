# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures that the documentation shows are there and small, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
IMAGES = ROOT / "docs" / "images"
MOST = 150_000  # bytes


def test_pictures_of_the_documentation() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {
        (page.parent / link).resolve()
        for page in pages
        for link in re.findall(r"!\[[^\]]+\]\((?!https?:)([^)]+)\)", page.read_text())
    }
    assert named >= {IMAGES / f"portal-{name}.png" for name in ("home", "model", "key", "usage", "playground")}
    assert named == set(IMAGES.glob("*.png"))
    assert {path.name: path.stat().st_size for path in named if path.stat().st_size >= MOST} == {}
