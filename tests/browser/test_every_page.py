# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page at three widths, light and dark: what axe-core finds, what it weighs, whether it fits and keeps still."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import House, sign_in
from tests.browser.test_pages import PATHS
from tests.support.standin import ROOT

WIDTHS = (1280, 768, 375)
MOST = 100_000  # bytes of a page with all that it loads
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ACCOUNT = [f"/admin/account{path}" for path in ("", "/edit", "/users", "/personal_details")]
MESSAGES = ["/admin/messages/received", "/admin/messages/sent", "/admin/messages/new"]
APPLICATIONS = ["/admin/applications", "/admin/applications/choose_service"]
OWN = ["/", "/admin", *APPLICATIONS, "/admin/services", "/usage", "/search?q=models", *ACCOUNT, *MESSAGES]
_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) { window.shifted += entry.value; }
})).observe({ type: "layout-shift", buffered: true });
"""
# structure is the same in the dark; contrast is not
_AXE = """([tags, dark]) => axe.run(document, dark ? { runOnly: ["color-contrast"], resultTypes: ["violations"] }
  : { runOnly: tags, resultTypes: ["violations"] }).then((found) => found.violations.map((one) =>
  one.id + ": " + one.nodes.map((node) =>
    node.target.join(" ") + " " + (node.failureSummary || "").split("\\n")[1]).join(" | ")))"""
_BYTES = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .reduce((sum, one) => sum + one.decodedBodySize, 0)"""


@pytest.fixture
def visitor(page: Page) -> Iterator[Page]:
    """A tab that has axe-core, counts shifts of the layout, and fails where the console tells of an error."""
    axe = subprocess.run([ROOT / "tools" / "axe"], capture_output=True, text=True, check=True).stdout.strip()
    page.add_init_script(path=axe)
    page.add_init_script(_SHIFTS)
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}") if message.type == "error" else None)
    yield page
    assert said == []


def faults_of(page: Page, path: str) -> Iterable[str]:
    """What is wrong with a page, one sentence each."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    answer = page.goto(path, wait_until="networkidle")
    if answer is None or answer.status != 200:
        yield f"status {answer and answer.status}"
        return
    if "Liquid error" in page.content() or "form_tag error" in page.content():
        yield "a template failed"
    shifted, weight = page.evaluate("window.shifted"), page.evaluate(_BYTES)
    if shifted > 0.01:
        yield f"the layout shifts by {shifted}"
    if not 1000 < weight < MOST:
        yield f"{weight} bytes"
    if page.evaluate("[...document.images].some((one) => !one.naturalWidth) || !document.styleSheets.length"):
        yield "a picture or the style is missing"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            yield f"wider than {width}"
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found: list[Any] = page.evaluate(_AXE, [TAGS, scheme == "dark"])
            yield from (f"{width} {scheme}: {fault}" for fault in found)


def check(page: Page, paths: Iterable[str]) -> None:
    """All pages, and all that is wrong with them at once."""
    found = [f"{path}: {fault}" for path in paths for fault in faults_of(page, path)]
    assert found == [], "\n".join(found)


def test_pages_for_everybody(visitor: Page) -> None:
    check(visitor, PATHS)


def test_pages_of_a_developer(house: House, developer: dict[str, str], visitor: Page) -> None:
    sign_in(visitor, developer["username"])
    own = f"/admin/applications/{developer['id']}"
    check(visitor, [*OWN, own, f"{own}/edit", "/admin/applications/new?service_id=granite-8b-code-instruct"])
