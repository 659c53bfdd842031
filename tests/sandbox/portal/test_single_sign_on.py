# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in by a provider, held to what the provider is asked and to what becomes of its claims."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
import trustme

from tests.sandbox.portal.visitors import Browser, Portal
from tests.support.provider import Provider

CLAIMS = {
    "sub": "ann",
    "preferred_username": "ann",
    "email": "ann@example.com",
    "email_verified": True,
    "org_name": "Ann",
}


def integrate(portal: Portal, provider: Provider, kind: str = "keycloak", **attributes: Any) -> None:
    """Make the portal use the provider."""
    portal.admin(
        "POST",
        "authentication_providers.json",
        {
            "kind": kind,
            "name": "SSO",
            "system_name": "sso",
            "client_id": "3scale",
            "client_secret": "s",
            "published": True,
            "site": provider.url,
            "automatically_approve_accounts": True,
            **attributes,
        },
    )


def back(portal: Portal, provider: Provider, claims: dict[str, Any], query: str = "code=c") -> Browser:
    """A browser that comes back from the provider."""
    provider.answers["userinfo"] = (200, claims)
    browser = portal.browser()
    browser.get(f"/auth/sso/callback?{query}")
    return browser


def test_a_newcomer_is_signed_up_and_in(portal: Portal, provider: Provider) -> None:
    integrate(portal, provider)
    browser = back(portal, provider, CLAIMS, "session_state=x&iss=i&code=c")
    assert browser.answer is not None and "Signed up successfully" in browser.answer.text
    assert browser.get("/admin/applications").status_code == 200
    token, userinfo = provider.calls
    assert token["form"] == {
        "client_id": "3scale",
        "client_secret": "s",
        "code": "c",
        "grant_type": "authorization_code",
        "redirect_uri": "http://maas.apps.example.com/auth/sso/callback?session_state=x",
    }
    assert token["authorization"] is None and userinfo["authorization"] == "Bearer A"
    account = portal.admin("GET", "accounts/find.json?username=ann")["account"]
    assert (account["org_name"], account["state"]) == ("Ann", "approved")


def test_known_people_keep_their_account(portal: Portal, provider: Provider) -> None:
    integrate(portal, provider)
    back(portal, provider, CLAIMS)
    again = back(portal, provider, {**CLAIMS, "email": "new@example.com", "org_name": "Other"})
    assert again.answer is not None and "Signed in successfully" in again.answer.text
    portal.developer("bob")
    joined = back(portal, provider, {**CLAIMS, "sub": "b", "preferred_username": "bobby", "email": "bob@example.com"})
    assert joined.answer is not None and "Signed in successfully" in joined.answer.text
    assert joined.get("/admin/account").status_code == 200


def test_missing_claims_are_asked_for(portal: Portal, provider: Provider) -> None:
    integrate(portal, provider)
    browser = back(portal, provider, {key: value for key, value in CLAIMS.items() if key != "org_name"})
    assert browser.answer is not None and browser.answer.url.path == "/signup"
    assert 'value="ann@example.com"' in browser.answer.text and 'type="password"' not in browser.answer.text
    done = browser.submit(
        {
            "account[org_name]": "Ann and daughters",
            "account[user][username]": "ann",
            "account[user][email]": "ann@example.com",
        },
        "/signup",
    )
    assert "Signed up successfully" in done.text


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"token": (400, {"error": "invalid_grant"})}, "The code is incorrect or expired."),
        ({"token": (200, {})}, "The code is incorrect or expired."),
        ({"userinfo": (401, {})}, "The code is incorrect or expired."),
    ],
)
def test_refusals_are_said_on_the_login_page(
    portal: Portal, provider: Provider, answers: dict[str, tuple[int, Any]], words: str
) -> None:
    integrate(portal, provider)
    provider.answers.update(answers)
    browser = portal.browser()
    assert words in browser.get("/auth/sso/callback?code=c").text


def test_a_provider_that_is_not_there(portal: Portal, provider: Provider) -> None:
    integrate(portal, provider)
    provider.end()
    assert "Connection failed" in portal.browser().get("/auth/sso/callback?code=c").text


def test_an_unknown_certificate_is_refused_unless_told_otherwise(portal: Portal) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    provider = Provider(context)
    integrate(portal, provider)
    refused = back(portal, provider, CLAIMS)
    assert refused.answer is not None and "does not have a valid SSL certificate" in refused.answer.text
    found = portal.admin("GET", "authentication_providers.json")["authentication_providers"][0]
    number = found["authentication_provider"]["id"]
    portal.admin("PUT", f"authentication_providers/{number}.json", {"skip_ssl_certificate_verification": True})
    taken = back(portal, provider, CLAIMS)
    assert taken.answer is not None and "Signed up successfully" in taken.answer.text
    provider.end()


def test_unverified_addresses_wait(portal: Portal, provider: Provider) -> None:
    integrate(portal, provider)
    browser = back(portal, provider, {**CLAIMS, "email_verified": False})
    assert browser.answer is not None and "hasn&#39;t been approved yet" in browser.answer.text
    account = portal.admin("GET", "accounts/find.json?username=ann")["account"]
    user = portal.admin("GET", f"accounts/{account['id']}/users.json")["users"][0]["user"]
    assert (account["state"], user["state"]) == ("approved", "pending")


def test_auth0_has_other_addresses_and_claims(portal: Portal, provider: Provider) -> None:
    integrate(portal, provider, kind="auth0")
    provider.answers["userinfo"] = (
        200,
        {"sub": "a|1", "nickname": "ann", "email": "ann@example.com", "email_verified": True},
    )
    browser = portal.browser()
    page = browser.get("/auth/sso/callback?code=c")
    assert page.url.path == "/signup" and 'value="ann"' in page.text
    assert [call["path"] for call in provider.calls] == ["/realms/maas/oauth/token", "/realms/maas/userinfo"]


def test_the_button_leads_to_the_provider(portal: Portal, provider: Provider) -> None:
    integrate(portal, provider)
    address = (
        f"{provider.url}/protocol/openid-connect/auth?client_id=3scale&amp;redirect_uri=http%3A%2F%2Fmaas.apps.example"
        ".com%2Fauth%2Fsso%2Fcallback&amp;response_type=code&amp;scope=openid"
    )
    assert address in portal.browser().get("/login").text
