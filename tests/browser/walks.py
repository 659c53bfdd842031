# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways through the portal that journeys by keyboard share."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD
from tests.browser.keyboard import Keyboard, copied

GRANITE = "Granite 8B Code Instruct 128k"
MISTRAL = "Mistral 7B Instruct v0.3"


def enter(keys: Keyboard, name: str) -> None:
    """By the password form of the page to sign in at; what comes after it is the page that was asked for."""
    page = keys.page
    expect(page).to_have_title(re.compile("^Sign in"))
    if page.get_by_text("Sign in with a password").count():  # where people sign in elsewhere, the form is folded
        keys.to(page.locator("summary"))
        keys.press("Enter")
    keys.write("Username or e-mail", name)
    keys.write("Password", PASSWORD)
    keys.press("Enter")
    expect(page.get_by_text("Signed in successfully")).to_be_visible()


def leave(keys: Keyboard) -> None:
    """Sign out."""
    keys.follow("Sign out", "banner")
    expect(keys.page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


def from_applications(keys: Keyboard, title: str) -> None:
    """From the menu by the choice among all models to the form for one's application."""
    keys.follow("Applications", "banner")
    keys.follow("New application")
    keys.follow(f"Make an application {title}")


def fill_in(keys: Keyboard, name: str) -> str:
    """The form for an application, of the dearer plan; its key, copied."""
    page = keys.page
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


def ask(keys: Keyboard, title: str) -> None:
    """A model, on its page, with the key that the clipboard holds."""
    keys.follow("Models", "banner")
    keys.follow(title)
    keys.to(keys.page.get_by_label("Your key for this model"))
    keys.press("Control+V")
    keys.write("Text", "Hello")
    keys.push("Send")


def get_answer(keys: Keyboard, title: str) -> None:
    """The model's words, and how many tokens they were."""
    page = keys.page
    ask(keys, title)
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
