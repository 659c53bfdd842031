# SPDX-License-Identifier: GPL-3.0-or-later
"""Forty models and two hundred applications with names that are hard to show, in Spanish: at the narrowest screen."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.accessibility import found_by_axe, script
from tests.browser.conftest import PASSWORD
from tests.browser.test_every_page import MOST, WEIGHT
from tests.support.part import running
from tests.support.ports import free_port
from tests.support.standin import ROOT

# what it asks of its statistics, which are as many as there are applications, is no part of the page
_WEIGHT = WEIGHT.replace('("resource")', '("resource").filter((one) => one.initiatorType !== "fetch")')
HOST = "maas.apps.example.com"
WIDTH = 375
_TOO_WIDE = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.right > 375 && box.width && !one.closest(".table-wrap, .chart, .skip");
}).slice(-3).map((one) => one.outerHTML.slice(0, 120))"""
PUBLIC = ["/", "/models", "/models/model-0", "/examples", "/docs/changes"]
APPLICATIONS = [f"/admin/applications{rest}" for rest in ("", "?page=7", "/choose_service", "/new?service_id=model-0")]
# of the same parts as others, so that axe-core need not look at them too
DEARER = ("/", "/admin", "/admin/applications?page=7", "/admin/applications/choose_service")
OWN = ["/admin", *APPLICATIONS, "/admin/services", "/usage", "/admin/account"]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Such a portal's address, as this browser knows it."""
    port, log = free_port(), tmp_path_factory.mktemp("crowded") / "log"
    found = subprocess.run([ROOT / "tools" / "environment", "sandbox"], capture_output=True, text=True, check=True)
    python = f"{found.stdout.strip()}/bin/python"
    with running(
        *(log, f"http://127.0.0.1:{port}/swagger/spec.json"),
        *(python, "-m", "tests.sandbox.portal.crowded", "--port", str(port)),
        host=HOST,
    ):
        yield f"http://{HOST}:{port}"


@pytest.fixture
def narrow(chromium: Browser, crowded: str) -> Iterator[Page]:
    """A telephone at that portal."""
    context = chromium.new_context(base_url=crowded, viewport={"width": WIDTH, "height": 800}, color_scheme="dark")
    context.set_default_timeout(30_000)
    context.add_init_script(path=script())
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(f"script of {page.url}: {error}"))
    page.on("console", lambda one: faults.append(f"{page.url}: {one.text}") if one.type == "error" else None)
    yield page
    context.close()
    assert faults == []


def faults_of(page: Page, path: str) -> Iterator[str]:
    """What is wrong with a page, one sentence each."""
    answer = page.goto(path)
    if answer is None or answer.status != 200 or page.url.partition("?")[0] != answer.url.partition("?")[0]:
        yield f"{path}: {answer and answer.status} at {page.url}"
        return
    wide, weight = page.evaluate("document.documentElement.scrollWidth"), page.evaluate(_WEIGHT)
    if wide > WIDTH:
        yield f"{path}: it is {wide} pixels wide: {page.evaluate(_TOO_WIDE)}"
    if weight > MOST:
        yield f"{path}: {weight} bytes"
    if path not in DEARER:
        yield from (f"{path}: {fault}" for fault in found_by_axe(page))


def test_pages_for_everybody(narrow: Page) -> None:
    faults = [fault for path in PUBLIC for fault in faults_of(narrow, path)]
    assert faults == [], "\n".join(faults)


def test_pages_of_a_developer(narrow: Page) -> None:
    narrow.goto("/login")
    narrow.locator("[name=username]").fill("dev")
    narrow.locator("[name=password]").fill(PASSWORD)
    narrow.locator("main [type=submit]").click()
    expect(narrow.get_by_text("Sesión iniciada.")).to_be_visible()
    links = "main tbody a"
    narrow.goto("/admin/applications")
    own = [link.get_attribute("href") or "" for link in narrow.locator(links).all()[:5]]
    assert len(own) == 5
    paths = [*OWN, *own, f"{own[0]}?show=key", f"{own[0]}/edit"]
    faults = [fault for path in paths for fault in faults_of(narrow, path)]
    assert faults == [], "\n".join(faults)
    narrow.goto("/usage")
    expect(narrow.locator("[data-sums] tbody tr").nth(199)).to_be_visible()
    assert narrow.evaluate("document.documentElement.scrollWidth") <= WIDTH


@pytest.mark.parametrize(
    ("model", "sent", "answer", "shown"),
    [
        (1, {"input"}, {"data": [{"embedding": [0.5] * 9}], "usage": {"prompt_tokens": 3}}, "9 números: 0.5,"),
        (2, {"query", "texts"}, [{"index": 0, "score": 0.75}], '"score": 0.75'),
        (3, {"prompt", "stream"}, {"choices": [{"text": "Érase"}]}, "Érase"),
    ],
    ids=["embedding", "rerank", "completion"],
)
def test_a_playground_of_each_task(narrow: Page, model: int, sent: set[str], answer: Any, shown: str) -> None:
    asked: list[dict[str, Any]] = []

    def reply(route: Route) -> None:
        if route.request.method != "OPTIONS":
            asked.append(route.request.post_data_json)
        origin = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "authorization, content-type"}
        route.fulfill(json=answer, headers=origin)

    narrow.route(re.compile("^https://model-"), reply)
    narrow.goto(f"/models/model-{model}")
    narrow.locator("#play-key").fill("sk-maas-any")
    narrow.locator("#play-question").fill("¿{{ 7 }} & <b>?")
    narrow.locator("[data-play] [type=submit]").click()
    expect(narrow.locator("[data-output]")).to_contain_text(shown)
    assert len(asked) == 1 and sent <= set(asked[0]) and "¿{{ 7 }} & <b>?" in asked[0].values()
