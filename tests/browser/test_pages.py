# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages about models: what they show."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import GRANITE, House
from tests.browser.playground import open_way_to_models

DOCS = ["/docs", "/docs/errors", "/docs/limits", "/docs/streaming", "/docs/access", "/docs/changes"]
PATHS = ["/", "/models", f"/models/{GRANITE}", "/examples", *DOCS, "/login", "/signup", "/admin/account/password/new"]


def test_the_base_address_ends_in_v1(page: Page) -> None:
    page.goto(f"/models/{GRANITE}")
    expect(page.locator(f"#address-{GRANITE}")).to_have_text(re.compile(r"^https://.*/v1$"))


def test_home_leads_to_the_models(house: House, page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Models, ready to call")
    page.get_by_role("link", name="See the models").click()
    expect(page).to_have_url(f"{house.portal}/models")
    page.get_by_role("link", name="Nomic Embed Text v1.5").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nomic Embed Text v1.5")


def test_a_models_page_has_snippets_to_copy(page: Page) -> None:
    page.goto(f"/models/{GRANITE}")
    names = page.get_by_role("tab").all_inner_texts()
    assert len(names) >= 3 and "curl" in names
    for name in names:
        page.get_by_role("tab", name=name, exact=True).click()
        panel = page.get_by_role("tabpanel", name=name, exact=True)
        snippet = panel.locator("code").inner_text()
        assert "MAAS_API_KEY" in snippet and GRANITE in snippet, name
        panel.get_by_role("button", name="Copy").click()
        expect(panel.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == snippet.strip()


def test_models_are_found_by_words_and_by_what_they_can(page: Page) -> None:
    page.goto("/models")
    cards = page.locator("[data-models] > li:visible")
    expect(cards).to_have_count(4)
    page.get_by_label("Search").fill("vectors clustering")
    expect(cards).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("1 of 4 models")
    page.get_by_label("Search").fill("")
    page.get_by_label("Task").select_option(label="Chat")
    expect(cards).to_have_count(3)
    page.get_by_label("Able to").select_option(label="Tools")
    expect(cards.get_by_role("heading")).to_have_text(["SmolLM2 135M Instruct"])  # what llama.cpp is started with


def test_texts_of_the_catalogue_are_no_liquid(page: Page) -> None:
    page.goto("/models/nomic-embed-text-v1-5")
    expect(page.get_by_text("Apache <b>2.0</b> {% endraw %}{{ 7 | plus: 1 }} 🦜")).to_be_visible()


def test_changes_and_whether_gateways_answer(house: House, page: Page) -> None:
    page.goto("/docs/changes")
    rows = page.locator("tbody tr")
    expect(rows).to_have_text(
        [re.compile(words) for words in ("2030-12-31.*Leaves", "{{ longer }}", "2026-05-01.*New")]
    )
    row = rows.first.get_by_role("link", name="SmolLM2 135M Instruct")
    status = page.get_by_role("region", name="Status").get_by_role("listitem")
    page.get_by_role("button", name="Ask now").click()  # there is nothing at the gateway's public addresses here
    expect(status).to_contain_text(["no answer"] * 4)
    open_way_to_models(page, house)
    page.get_by_role("button", name="Ask now").click()
    expect(status).to_contain_text(["the gateway answers"] * 4)
    row.click()
    expect(page.get_by_text("This model leaves on 2030-12-31.")).to_be_visible()
    expect(page.locator("main").get_by_text("Preview", exact=True)).to_be_visible()


def test_every_page_has_a_title_of_its_own(page: Page) -> None:
    titles = []
    for path in [*PATHS, "/models/mistral-7b-instruct-v0-3", "/no/such/page"]:
        page.goto(path)
        titles.append(page.title())
    assert len(set(titles)) == len(titles), titles
    assert titles[2] == "Granite 8B Code Instruct 128k · Models as a Service" and titles[0].startswith("Home · ")
