# SPDX-License-Identifier: GPL-3.0-or-later
"""From the door to an answer of a model, and to a key that no longer opens: as people do it."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, House, sign_in

GRANITE = ("granite-8b-code-instruct", "Granite 8B Code Instruct 128k")
MISTRAL = ("mistral-7b-instruct-v0-3", "Mistral 7B Instruct v0.3")  # its gateway keeps no answers of the backend


def press(page: Page, name: str) -> None:
    """The button or link of this name."""
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()


def make_application(page: Page, title: str, plan: str, name: str) -> None:
    """Choose the model and the plan; the page of the new application is shown."""
    page.goto("/admin/applications/choose_service")
    page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title)).get_by_role(
        "link", name="Make an application"
    ).click()
    page.get_by_label("Plan").select_option(label=plan)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Description").fill("tried by a browser")
    press(page, "Create application")
    expect(page.get_by_text("Application was successfully created.")).to_be_visible()
    expect(page.get_by_role("heading", name=plan)).to_be_visible()


def read_key(page: Page) -> str:
    """The key, once it is asked for; it is no part of the page before."""
    shown = page.locator("#user-key")
    expect(shown).to_have_count(0)
    page.get_by_role("link", name="Show the key").click()
    expect(shown).to_be_visible()
    return shown.inner_text()


def regenerate_key(page: Page) -> str:
    """Another key, after the question whether to go on."""
    page.once("dialog", lambda dialog: dialog.accept())
    press(page, "Make a new key")
    expect(page.get_by_text("The user key was regenerated.")).to_be_visible()
    return read_key(page)


def expect_counted(page: Page, application: str) -> None:
    """The usage page shows the call, once the gateway has reported it; then back to where one was."""
    cell = page.get_by_role("row").filter(has_text=application).locator('[data-measure="hits"]')
    for _look in range(20):
        with page.expect_response(re.compile("/stats/api/applications/[0-9]+/usage.json")) as asked:
            page.goto("/usage")
        assert asked.value.status == 200
        expect(cell).to_have_text(re.compile("^[0-9]+$"))
        if cell.inner_text() != "0":
            page.get_by_role("link", name=application).first.click()
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{application}: the call is not counted")


def sign_in_at_keycloak(page: Page, person: dict[str, str]) -> None:
    """By the button of the login page and Keycloak's own form."""
    page.goto("/login")
    press(page, "Continue with Single sign-on")
    page.locator("#username").fill(person["username"])
    page.locator("#password").fill(person["password"])
    page.locator("#kc-login").click()


@pytest.mark.parametrize(("model", "refused_at"), [(MISTRAL, 1), (GRANITE, 2)], ids=["uncached", "cached"])
def test_from_single_sign_on_to_an_answer(
    house: House, person: dict[str, str], page: Page, model: tuple[str, str], refused_at: int
) -> None:
    product, title = model
    sign_in_at_keycloak(page, person)
    expect(page.get_by_text(re.compile("Signed (up|in) successfully"))).to_be_visible()
    account = house.admin("GET", "accounts/find", {"email": person["email"]})["account"]
    assert (account["state"], account["org_name"]) == ("approved", person["email"])

    make_application(page, title, "Premium Plan", f"{product} by browser")
    old, name = read_key(page), page.locator(f"#model-{product}").inner_text()
    answer = house.chat(product, name, old)
    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"][0]["message"]["content"]
    expect_counted(page, f"{product} by browser")

    new = regenerate_key(page)
    assert new != old
    refusals = [house.chat(product, name, old).status_code for _call in range(refused_at)]
    assert refusals[-1] == 401
    assert house.chat(product, name, new).status_code == 200


def test_signing_out_ends_the_session_of_keycloak_too(house: House, person: dict[str, str], page: Page) -> None:
    sign_in_at_keycloak(page, person)
    expect(page.get_by_text(re.compile("Signed (up|in) successfully"))).to_be_visible()
    page.get_by_role("link", name="Sign out").click()
    page.locator("#kc-logout").click()  # Keycloak asks, as it is told a client and no token
    expect(page).to_have_url(f"{house.portal}/")
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    page.goto("/login")
    press(page, "Continue with Single sign-on")
    expect(page.locator("#password")).to_be_visible()  # with the session left, one would be in again
    page.locator("#username").fill(person["username"])
    page.locator("#password").fill(person["password"])
    page.locator("#kc-login").click()
    expect(page.get_by_text("Signed in successfully")).to_be_visible()


@pytest.mark.usefixtures("person")
def test_keycloak_shows_no_form_where_the_portal_names_a_provider_behind_it(page: Page) -> None:
    page.goto("/login")
    address = page.get_by_role("link", name="Continue with Single sign-on").get_attribute("href") or ""
    assert "kc-form-login" in requests.get(address, timeout=30).text
    sent_on = requests.get(f"{address}&kc_idp_hint=company", timeout=30, allow_redirects=False)
    assert (sent_on.status_code, "/broker/company/login?" in sent_on.headers["Location"]) == (303, True)


_COUNT = """addEventListener("click", (event) => event.isTrusted && count("clicks"), true);
addEventListener("change", (event) => count("fields"), true);
function count(what) { sessionStorage[what] = 1 + Number(sessionStorage[what] || 0); }"""


def test_five_clicks_and_three_fields_to_a_key_and_one_snippet_to_an_answer(house: House, page: Page) -> None:
    person = {"org_name": "Lee", "username": "lee", "email": "lee@example.com", "password": PASSWORD}
    house.admin("POST", "signup", person)
    sign_in(page, "lee")
    page.add_init_script(_COUNT)
    page.goto("/")
    press(page, "New application")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=GRANITE[1]))
    card.get_by_role("link", name="Make an application").click()
    page.get_by_label("Name").fill("in few steps")
    page.get_by_label("Description").fill("counted")
    press(page, "Create application")
    page.get_by_role("link", name="Show the key").click()
    page.get_by_role("button", name="Copy the key").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")
    clicks, fields = page.evaluate("[Number(sessionStorage.clicks), Number(sessionStorage.fields)]")
    assert (3 <= clicks <= 5, 1 <= fields <= 3) == (True, True), (clicks, fields)

    page.get_by_role("tab", name="curl", exact=True).click()
    page.get_by_role("tabpanel", name="curl", exact=True).get_by_role("button", name="Copy").click()
    expect(page.get_by_role("tabpanel", name="curl", exact=True).get_by_role("button", name="Copied")).to_be_visible()
    snippet = page.evaluate("navigator.clipboard.readText()")
    address = page.locator(f"#address-{GRANITE[0]}").inner_text().removesuffix("/v1")
    assert address in snippet
    # the gateway here has no certificate, so it is asked at its own port
    snippet = snippet.replace(
        address, f"--header 'Host: {address.removeprefix('https://')}' http://127.0.0.1:{house.gateway}"
    )
    run = ["bash", "-euc", snippet]
    done = subprocess.run(run, env={**os.environ, "MAAS_API_KEY": key}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["choices"][0]["message"]["content"], done.stdout


def test_sign_up_wait_subscribe_and_make_an_application(house: House, page: Page) -> None:
    page.goto("/signup")
    page.get_by_label("Organization").fill("Jane and sons")
    page.get_by_label("Username").fill("jane")
    page.get_by_label("Email").fill("jane@example.com")
    page.get_by_label("Password", exact=True).fill("a-Long-passw0rd!")
    page.get_by_label("Repeat it").fill("a-Long-passw0rd!")
    press(page, "Sign up")
    expect(page).to_have_url(re.compile("/signup/success"))

    def sign_in() -> None:
        page.goto("/login")
        more = page.get_by_text("Sign in with a password")
        if more.count():
            more.click()
        page.get_by_label("Username or e-mail").fill("jane")
        page.get_by_label("Password").fill("a-Long-passw0rd!")
        page.get_by_role("button", name="Sign in", exact=True).click()

    sign_in()  # before somebody has followed the link of the e-mail
    expect(page.get_by_text("Your account isn't active or hasn't been approved yet.")).to_be_visible()
    account = house.admin("GET", "accounts/find", {"username": "jane"})["account"]["id"]
    user = house.admin("GET", f"accounts/{account}/users")["users"][0]["user"]["id"]
    house.admin("PUT", f"accounts/{account}/users/{user}/activate")
    for one in house.admin("GET", f"accounts/{account}/service_subscriptions")["service_subscriptions"]:
        house.admin("DELETE", f"accounts/{account}/service_subscriptions/{one['service_subscription']['id']}")
    sign_in()
    expect(page.get_by_text("Signed in successfully")).to_be_visible()

    page.goto("/admin/applications/choose_service")
    expect(page.get_by_text("No model can be chosen yet")).to_be_visible()
    press(page, "See all models")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=GRANITE[1]))
    card.get_by_role("link", name="Subscribe").click()
    expect(page.get_by_text("You have successfully subscribed to a service.")).to_be_visible()
    expect(card.get_by_text("subscribed", exact=True)).to_be_visible()
    make_application(page, GRANITE[1], "Standard Plan", "first")
    name = page.locator(f"#model-{GRANITE[0]}").inner_text()
    assert house.chat(GRANITE[0], name, read_key(page)).status_code == 200

    press(page, "Change name or remove")
    page.once("dialog", lambda dialog: dialog.accept())
    press(page, "Remove application")
    expect(page.get_by_text("You have no application yet.")).to_be_visible()


def test_a_wrong_password_is_told(house: House, page: Page) -> None:
    page.goto("/login")
    more = page.get_by_text("Sign in with a password")
    if more.count():
        more.click()
    page.get_by_label("Username or e-mail").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Incorrect email or password. Please try again.")
