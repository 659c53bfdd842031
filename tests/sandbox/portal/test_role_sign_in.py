# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in and out by the role's pages: what is asked of whom, and whoever can't sign in is told why."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.portal.catalogue_pages import ODD, files, publish
from tests.sandbox.portal.test_role_pages import look
from tests.sandbox.portal.test_single_sign_on import CLAIMS, back, integrate
from tests.sandbox.portal.visitors import PASSWORD, D, Portal, links, told
from tests.support.provider import Provider

EXPLAINED = "Either the link in our e-mail was not followed yet"
FAILED = "Signing in elsewhere did not work"


def test_signing_in_elsewhere_leads_to_what_was_asked_for(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    provider.answers["userinfo"] = (200, CLAIMS)
    browser = dressed.browser()
    browser.get("/models/model-0")
    assert "/admin/applications/new" in links(browser)
    assert browser.get("/admin/applications/new?service_id=model-0").url.path == "/login"
    found = browser.get("/auth/sso/callback?code=c", follow=False)
    assert found.headers["location"].endswith("/admin/applications/new?service_id=model-0")


def test_a_button_that_leads_past_keycloaks_form(portal: Portal, provider: Provider) -> None:
    publish(portal, 1, "en", files(1, identity_provider="company & co"))
    integrate(portal, provider)
    integrate(portal, provider, kind="auth0", name="Other", system_name="other")
    for path in ("/login", "/signup"):
        found = re.findall(r'href="(http[^"]+/(?:auth|authorize)\?[^"]+)"', portal.browser().get(path).text)
        ours, other = sorted(html.unescape(link) for link in found)
        assert parse_qs(urlsplit(other).query)["kc_idp_hint"] == ["company & co"]
        assert "kc_idp_hint" not in ours


@pytest.mark.parametrize("name", [ODD, 'A "big" company\'s <b>', "{{ 7 | plus: 1 }}{% raw %}"])
def test_a_provider_and_a_tenant_of_any_name(dressed: Portal, provider: Provider, name: str) -> None:
    integrate(dressed, provider, name=name)
    db = dressed.server.sandbox.db
    tenant = db.first("accounts", domain=f"maas.{D}")
    assert tenant is not None
    with db.transaction():
        db.update("accounts", tenant, org_name=name)
    for path in ("/", "/login", "/signup"):
        page = look(dressed.browser(), path)
        assert page.title.endswith(f" · {name}") and page.words.count(name) >= 3, path
        assert (f"Continue with {name}" in page.words) is (path != "/"), path


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"token": (401, {"error": "unauthorized_client"})}, "The code is incorrect or expired."),
        ({"userinfo": (401, {})}, "The code is incorrect or expired."),
    ],
    ids=["wrong-secret", "refused-token"],
)
def test_a_provider_that_refuses_us(dressed: Portal, provider: Provider, answers: dict[str, object], said: str) -> None:
    integrate(dressed, provider)
    provider.answers.update(answers)  # type: ignore[arg-type]
    browser = dressed.browser()
    browser.get("/auth/sso/callback?code=c")
    assert said in told(browser) and FAILED in told(browser) and "Continue with SSO" in told(browser)


def test_a_provider_that_is_down(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider, site="http://127.0.0.1:9/realms/maas")
    browser = dressed.browser()
    browser.get("/auth/sso/callback?code=c")
    assert "Connection failed" in told(browser) and FAILED in told(browser)


def test_an_address_that_is_not_confirmed_and_an_account_that_waits(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    unverified = back(dressed, provider, {**CLAIMS, "email_verified": False})
    assert "hasn't been approved yet" in told(unverified) and EXPLAINED in told(unverified)


def test_a_suspended_user_is_told_where_to_ask(dressed: Portal) -> None:
    account = dressed.developer()
    user = dressed.admin("GET", f"accounts/{account}/users.json")["users"][0]["user"]["id"]
    dressed.admin("PUT", f"accounts/{account}/users/{user}/suspend.json")
    browser = dressed.browser()
    browser.sign_in()
    assert EXPLAINED in told(browser) and "/docs/access" in links(browser)


def test_a_name_that_is_taken_is_asked_for_again(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    dressed.developer("ann")
    browser = back(dressed, provider, {**CLAIMS, "email": "other@example.com"})
    assert browser.answer is not None and browser.answer.url.path == "/signup"
    assert "account[user][username]" in told(browser) and 'type="password"' not in told(browser)


def test_a_wrong_password_leaves_its_form_open(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    browser = dressed.browser()
    assert "<details" in browser.get("/login").text and " open>" not in told(browser)
    browser.submit({"username": "dev", "password": PASSWORD + "x"}, "/session")
    assert " open>" in told(browser)


def test_signing_out_ends_the_session_of_the_provider(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    browser = back(dressed, provider, CLAIMS)
    (leave,) = re.findall(r'href="/logout" data-sign-out="([^"]+)"', told(browser))
    out = f"{provider.url}/protocol/openid-connect/logout?client_id=3scale"
    assert leave == f"{out}&post_logout_redirect_uri=http%3A%2F%2Fmaas.{D}%2F"
    dressed.developer()
    local = dressed.browser()
    local.sign_in()
    assert "/logout" in links(local) and "data-sign-out" not in told(local)


def test_names_that_come_from_elsewhere_are_not_edited(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    browser = back(dressed, provider, CLAIMS)
    account = dressed.admin("GET", "accounts/find.json?username=ann")["account"]["id"]
    bob = {"username": "bob", "email": "bob@example.com", "password": PASSWORD}
    own = dressed.admin("POST", f"accounts/{account}/users.json", bob)["user"]["id"]
    back(dressed, provider, {**CLAIMS, "sub": "c", "preferred_username": "cid", "email": "cid@example.com"})
    other = dressed.admin("GET", "accounts/find.json?username=cid")["account"]["id"]
    moved = dressed.admin("GET", f"accounts/{other}/users.json")["users"][0]["user"]["id"]
    db = dressed.server.sandbox.db  # there is no mail here to invite anybody with
    with db.transaction():
        db.update("users", db.get("users", moved), account_id=account)
    for path in ("edit", "personal_details"):
        look(browser, f"/admin/account/{path}")
        assert "These come from the service that you sign in with" in told(browser)
        assert 'name="account[' not in told(browser) and 'name="user[' not in told(browser), path
    for user, shown in ((own, True), (moved, False)):
        look(browser, f"/admin/account/users/{user}/edit")
        assert ('name="user[username]"' in told(browser)) is shown, told(browser)
        assert ("These come from the service that the user signs in with" in told(browser)) is not shown
    browser.submit({"user[role]": "member"}, f"/users/{moved}")
    changed = dressed.admin("GET", f"accounts/{account}/users/{moved}.json")["user"]
    assert (changed["role"], changed["username"], changed["email"]) == ("member", "cid", "cid@example.com")


def test_sign_up_and_invitations_are_closed_where_people_sign_in_elsewhere(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    page = dressed.browser().get("/signup").text
    assert "Continue with SSO" in page and "account[user][username]" not in page
    dressed.developer()
    browser = dressed.browser()
    browser.sign_in()
    users = browser.get("/admin/account/users").text
    assert "There are no invitations here" in users and "/invitations/new" not in users
