# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong, and the way on from there: by keyboard alone, on screens of three widths, light and dark."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import conftest
from tests.browser.conftest import PASSWORD, House, make_application, report, sign_in, sign_up
from tests.browser.keyboard import Keyboard
from tests.browser.playground import open_way
from tests.browser.walks import GRANITE, ask, copy_key, leave
from tests.support.provider import Provider

LOGIN = "Continue with Single sign-on"


def cookies_of(chromium: Browser, house: House, username: str) -> Any:
    """What a browser keeps of somebody who has signed in."""
    context = chromium.new_context(base_url=house.portal)
    page = context.new_page()
    sign_in(page, username)
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture(scope="module")
def used_up(house: House, chromium: Browser) -> Any:
    """Somebody who has used up the month's requests; the session's cookies."""
    report(house, make_application(house, sign_up(house, "uma"), conftest.GRANITE, "small", "spent"), hits=2)
    return cookies_of(chromium, house, "uma")


@pytest.fixture(scope="module")
def known(house: House, chromium: Browser) -> Any:
    """Somebody with an account and nothing else; the session's cookies."""
    sign_up(house, "noa")
    return cookies_of(chromium, house, "noa")


def test_a_limit_is_reached(house: House, keys: Keyboard, used_up: Any) -> None:
    page = keys.page
    page.context.add_cookies(used_up)
    open_way(page, house)
    page.goto("/")
    keys.follow("Usage", "banner")
    expect(page.locator("[data-limits]").get_by_text("Limit reached")).to_be_visible()
    keys.look()
    keys.follow("spent")
    expect(page.get_by_role("status").filter(has_text="100 % of a limit")).to_be_visible()
    copy_key(keys)
    keys.follow("Warnings of limits")
    expect(page.get_by_role("listitem").filter(has_text="100 % of a limit")).to_be_visible()
    keys.look()
    ask(keys, GRANITE)
    expect(page.get_by_text("The answer is 429")).to_be_visible()
    keys.look()


def test_pages_of_errors(keys: Keyboard, known: Any, closed: str, broken: str) -> None:
    page = keys.page
    told = {"/no/such/page": "There is no page here", broken: "Something went wrong", closed: "This was refused"}
    for path, words in told.items():
        page.context.add_cookies(known if path == closed else [])
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(words)
        keys.look()
        keys.skip()
        keys.follow("Back to the start")
        expect(page).to_have_title(re.compile("^Home "))


@pytest.fixture(scope="module")
def elsewhere(house: House) -> Iterator[Provider]:
    """A provider that the portal lets people sign in at while this module's tests run; it can have one of a kind."""
    server, place = Provider(), "authentication_providers"
    ours = {"client_id": "3scale", "client_secret": "s", "site": server.url, "published": True}
    known = [row["authentication_provider"] for row in house.admin("GET", place)[place]]
    if known:
        before = {name: known[0][name] for name in ours}
    else:
        made = {"kind": "keycloak", "name": "Single sign-on", "system_name": "keycloak", **ours}
        known = [house.admin("POST", place, made)["authentication_provider"]]
        before = {"published": False}
    own = f"{place}/{known[0]['id']}"
    house.admin("PUT", own, {**ours, "automatically_approve_accounts": True})
    yield server
    house.admin("PUT", own, before)
    server.end()


def user_of(house: House, name: str) -> str:
    """Where the Admin API has a user of this name."""
    account = house.admin("GET", "accounts/find", {"username": name})["account"]["id"]
    users = house.admin("GET", f"accounts/{account}/users")["users"]
    return f"accounts/{account}/users/{users[0]['user']['id']}"


@dataclass(frozen=True)
class Fault:
    """Why somebody can't sign in elsewhere: what the provider says, what the portal says then, and the way on.

    :ivar before: what is so before; it is given the name of who comes
    :ivar after: what mends it; the name again
    """

    answers: dict[str, Any]
    said: str
    helped: str
    before: Callable[[House, str], Any] = lambda _house, _name: None
    after: Callable[[House, str], Any] = lambda _house, _name: None


def suspend(house: House, name: str) -> None:
    """Somebody who had an account until now."""
    sign_up(house, name)
    house.admin("PUT", f"{user_of(house, name)}/suspend")


WAITS = ("Your account isn't active or hasn't been approved yet.", "Your account waits")
FAILED = "Signing in elsewhere did not work"
FAULTS = {
    "down": Fault({"token": None}, "Connection failed: make sure the authentication server is accessible", FAILED),
    "wrong-secret": Fault(
        {"token": (401, {"error": "unauthorized_client"})}, "The code is incorrect or expired.", FAILED
    ),
    "unverified": Fault(
        {"email_verified": False},
        *WAITS,
        after=lambda house, name: house.admin("PUT", f"{user_of(house, name)}/activate"),
    ),
    "suspended": Fault(
        {}, *WAITS, before=suspend, after=lambda house, name: house.admin("PUT", f"{user_of(house, name)}/unsuspend")
    ),
}


def claims(name: str) -> dict[str, Any]:
    """What the provider says of somebody."""
    said = {"sub": name, "preferred_username": name, "email": f"{name}@example.com", "email_verified": True}
    return {**said, "org_name": f"Team of {name}"}


def prepared(provider: Provider, name: str, changes: dict[str, Any]) -> None:
    """The provider says this of NAME, or fails so."""
    good = {"token": (200, {"access_token": "A", "token_type": "Bearer"}), "userinfo": (200, claims(name))}
    userinfo = (200, {**claims(name), **{key: value for key, value in changes.items() if key != "token"}})
    provider.answers.update({**good, "userinfo": userinfo, **{key: changes[key] for key in changes if key == "token"}})


@pytest.mark.parametrize("why", FAULTS)
def test_signing_in_elsewhere_fails_and_then_works(house: House, keys: Keyboard, elsewhere: Provider, why: str) -> None:
    page, fault, name = keys.page, FAULTS[why], f"{why}-{secrets.token_hex(4)}"
    fault.before(house, name)
    prepared(elsewhere, name, fault.answers)
    page.goto("/login")
    keys.follow(LOGIN)
    expect(page.get_by_role("alert")).to_have_text(fault.said)
    expect(page.get_by_role("heading", name=fault.helped)).to_be_visible()
    keys.look()
    if fault.helped != FAILED:
        keys.follow("What that means")
        expect(page.get_by_role("heading", level=1)).to_have_text("Access")
        keys.follow("Sign in", "banner")

    fault.after(house, name)
    prepared(elsewhere, name, {})
    keys.follow(LOGIN)
    expect(page.get_by_text(re.compile("Signed (in|up) successfully"))).to_be_visible()


def test_a_name_that_is_taken_is_asked_for_again(house: House, keys: Keyboard, elsewhere: Provider) -> None:
    page, name = keys.page, f"taken-{secrets.token_hex(4)}"
    sign_up(house, name)
    prepared(elsewhere, name, {"sub": f"another-{name}", "email": f"other-{name}@example.com"})
    page.goto("/login")
    keys.follow(LOGIN)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign up")
    expect(page.get_by_text("please complete the signup form")).to_be_visible()
    assert page.get_by_label("Password").count() == 0 and PASSWORD not in page.content()
    keys.look()
    keys.to(page.get_by_label(re.compile("^Organization")))
    page.keyboard.type("A team")
    keys.push("Sign up")
    expect(page.get_by_text("has already been taken")).to_be_visible()
    keys.look()
    keys.to(page.get_by_label(re.compile("^Username")))
    keys.press("Control+A")
    page.keyboard.type(f"second-{name}")
    keys.push("Sign up")
    expect(page.get_by_text("Signed up successfully")).to_be_visible()
    leave(keys)
