# SPDX-License-Identifier: GPL-3.0-or-later
"""The journeys by keyboard alone, on screens of three widths, light and dark."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import GRANITE, PASSWORD, House, sign_in
from tests.browser.keyboard import Keyboard, copied
from tests.browser.playground import open_way

TITLE = "Granite 8B Code Instruct 128k"
SCREENS = [(width, scheme) for width in (375, 768, 1280) for scheme in ("light", "dark")]


def enter(keys: Keyboard, name: str) -> None:
    """From the home page's menu through the password form, back to the home page."""
    page = keys.page
    keys.skip()
    keys.follow("Sign in", "banner")
    expect(page).to_have_title(re.compile("^Sign in"))
    if page.get_by_text("Sign in with a password").count():  # where people sign in elsewhere, the form is folded
        keys.to(page.locator("summary"))
        keys.press("Enter")
    keys.write("Username or e-mail", name)
    keys.write("Password", PASSWORD)
    keys.press("Enter")
    expect(page.get_by_text("Signed in successfully")).to_be_visible()


def make_application(keys: Keyboard, name: str) -> str:
    """From the list of models to an application of the dearer plan; its key, copied."""
    page = keys.page
    keys.follow(TITLE)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    keys.follow("Make an application")
    expect(page).to_have_title(re.compile("^New application"))
    keys.choose("Plan", "Premium Plan")
    keys.to(page.get_by_label(re.compile("^Name")))
    page.keyboard.type(name)
    keys.write("Description", "made without a mouse")
    keys.push("Create application")
    expect(page.get_by_text("Application was successfully created.")).to_be_visible()
    return copy_key(keys)


def copy_key(keys: Keyboard) -> str:
    """The key is shown where one stands, and the next key press copies it."""
    keys.to(keys.page.get_by_role("link", name="Show the key"))
    keys.press("Enter")
    expect(keys.page.get_by_role("button", name="Copy the key")).to_be_focused()
    keys.press("Space")
    expect(keys.page.get_by_role("button", name="Copied")).to_be_visible()
    key = str(copied(keys.page))
    assert key == keys.page.locator("#user-key").inner_text()
    return key


def try_model(keys: Keyboard) -> None:
    """With the key that the clipboard holds."""
    page = keys.page
    keys.follow("Models", "banner")
    keys.follow(TITLE)
    keys.to(page.get_by_label("Your key for this model"))
    keys.press("Control+V")
    keys.write("Text", "Hello")
    keys.push("Send")
    expect(page.get_by_label("Answer", exact=True)).not_to_be_empty()
    expect(page.get_by_text(re.compile("tokens in, [1-9][0-9]* tokens out"))).to_be_visible()


def look_at_usage(keys: Keyboard) -> None:
    """By ranges, the last of them one's own."""
    page, yesterday = keys.page, datetime.now(timezone.utc).date() - timedelta(days=1)
    keys.follow("Usage", "banner")
    keys.choose("Range", "Last 30 days")
    expect(page.get_by_role("img", name=re.compile("^Requests by day, [0-9]+ in all"))).to_be_visible()
    keys.press("End")  # of the list: a range of one's own
    keys.to(page.get_by_label("From", exact=True))
    page.keyboard.type(yesterday.strftime("%m%d%Y"))
    expect(page.get_by_label("From", exact=True)).to_have_value(yesterday.isoformat())
    expect(page.get_by_role("img", name=re.compile(f"from {yesterday}"))).to_be_visible()
    keys.to(page.get_by_text("The same as a table"))
    keys.press("Space")
    expect(page.locator("[data-table] tbody tr").first).to_contain_text(yesterday.isoformat())


def replace_key(keys: Keyboard, name: str) -> str:
    """Another key for the application, after the question whether to go on."""
    keys.follow("Applications", "banner")
    keys.follow(name)
    keys.page.once("dialog", lambda dialog: dialog.accept())
    keys.push("Make a new key", "Space")
    expect(keys.page.get_by_text("The user key was regenerated.")).to_be_visible()
    return copy_key(keys)


@pytest.mark.parametrize(("width", "scheme"), SCREENS, ids=str)
def test_a_whole_day_without_a_mouse(house: House, page: Page, width: int, scheme: str) -> None:
    name = f"{scheme}-{width}-{secrets.token_hex(2)}"
    person = {"org_name": name, "username": name, "email": f"{name}@example.com", "password": PASSWORD}
    house.admin("POST", "signup", person)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_way(page, house)
    keys = Keyboard(page)
    page.goto("/")
    enter(keys, name)
    key = make_application(keys, f"of {name}")
    try_model(keys)
    look_at_usage(keys)
    assert replace_key(keys, f"of {name}") != key
    keys.follow("Sign out", "banner")
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


def test_tab_leads_through_each_page_in_its_order_and_out_again(developer: dict[str, str], page: Page) -> None:
    sign_in(page, developer["username"])
    page.set_viewport_size({"width": 375, "height": 800})
    own = f"/admin/applications/{developer['id']}"
    new = f"/admin/applications/new?service_id={GRANITE}"
    for path in ("/", "/models", f"/models/{GRANITE}", own, f"{own}/edit", new, "/usage", "/admin/account", "/no/page"):
        page.goto(path, wait_until="networkidle")
        stops = Keyboard(page).around()
        assert len(stops) > 10, path


def test_arrow_keys_lead_from_snippet_to_snippet_of_a_model_that_was_searched_for(page: Page) -> None:
    page.goto("/models")
    keys = Keyboard(page)
    keys.write("Search", "granite")
    keys.follow(TITLE)
    keys.to(page.get_by_role("tab", name="curl"))
    keys.press("ArrowRight")
    expect(page.get_by_role("tab", name="Python")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Python")).to_be_visible()
    keys.press("ArrowLeft", "ArrowLeft")
    expect(page.get_by_role("tab", name="Environment")).to_be_focused()
