# SPDX-License-Identifier: GPL-3.0-or-later
"""The journeys by keyboard alone, on screens of three widths, light and dark."""

from __future__ import annotations

import secrets

from playwright.sync_api import Page, expect

from tests.browser import conftest
from tests.browser.conftest import House, sign_in, sign_up
from tests.browser.keyboard import Keyboard
from tests.browser.playground import open_way
from tests.browser.walks import (
    GRANITE,
    MISTRAL,
    enter,
    fill_in,
    from_applications,
    get_answer,
    leave,
    look_at_usage,
    replace_key,
)


def test_a_whole_day_without_a_mouse(house: House, keys: Keyboard) -> None:
    page, name = keys.page, f"day-{secrets.token_hex(4)}"
    sign_up(house, name)
    open_way(page, house)
    page.goto("/")
    keys.skip()
    keys.follow(GRANITE)
    keys.follow("Sign in to get a key")
    enter(keys, name)
    key = fill_in(keys, f"first of {name}")
    keys.look()
    get_answer(keys, GRANITE)
    keys.look()

    from_applications(keys, MISTRAL)
    assert fill_in(keys, f"second of {name}") != key
    get_answer(keys, MISTRAL)
    look_at_usage(keys)
    for model in (GRANITE, MISTRAL):
        expect(page.locator("[data-sums] tbody tr").filter(has_text=model)).to_have_count(1)
    keys.look()

    assert replace_key(keys, f"first of {name}") != key
    leave(keys)
    keys.follow("Sign in", "banner")
    enter(keys, name)
    keys.follow("My applications")
    expect(page.get_by_role("link", name=f"second of {name}")).to_be_visible()
    leave(keys)


def test_tab_leads_through_each_page_in_its_order_and_out_again(developer: dict[str, str], page: Page) -> None:
    sign_in(page, developer["username"])
    page.set_viewport_size({"width": 375, "height": 800})
    own = f"/admin/applications/{developer['id']}"
    new = f"/admin/applications/new?service_id={conftest.GRANITE}"
    for path in (
        "/",
        "/models",
        f"/models/{conftest.GRANITE}",
        own,
        f"{own}/edit",
        new,
        "/usage",
        "/admin/account",
        "/no/page",
    ):
        page.goto(path, wait_until="networkidle")
        stops = Keyboard(page).around()
        assert len(stops) > 10, path


def test_arrow_keys_lead_from_snippet_to_snippet_of_a_model_that_was_searched_for(page: Page) -> None:
    page.goto("/models")
    keys = Keyboard(page)
    keys.write("Search", "granite")
    keys.follow(GRANITE)
    keys.to(page.get_by_role("tab", name="curl"))
    keys.press("ArrowRight")
    expect(page.get_by_role("tab", name="Python")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Python")).to_be_visible()
    keys.press("ArrowLeft", "ArrowLeft")
    expect(page.get_by_role("tab", name="Environment")).to_be_focused()
