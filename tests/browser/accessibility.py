# SPDX-License-Identifier: GPL-3.0-or-later
"""What axe-core finds on a page."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.support.standin import ROOT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = """([tags, contrast]) =>
  axe.run(document, { runOnly: contrast ? ["color-contrast"] : tags, resultTypes: ["violations"] }
  ).then((found) => found.violations.map((one) =>
  one.id + ": " + one.nodes.map((node) =>
    node.target.join(" ") + " " + (node.failureSummary || "").split("\\n")[1]).join(" | ")))"""


@cache
def script() -> str:
    """The path of axe-core."""
    return subprocess.run([ROOT / "tools" / "axe"], capture_output=True, text=True, check=True).stdout.strip()


def found_by_axe(page: Page, *, contrast_alone: bool = False) -> list[str]:
    """What is wrong with the page as it is shown; the page must have the script from its beginning."""
    found: list[Any] = page.evaluate(_AXE, [TAGS, contrast_alone])
    return [str(one) for one in found]
