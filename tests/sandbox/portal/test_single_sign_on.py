# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in by a provider, held to what the provider is asked and to what becomes of its claims."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
import trustme

from tests.sandbox.portal.visitors import Browser, Portal

CLAIMS = {
    "sub": "ann",
    "preferred_username": "ann",
    "email": "ann@example.com",
    "email_verified": True,
    "org_name": "Ann",
}


class Provider(ThreadingHTTPServer):
    """Says what it was told to say, by the last part of the path, and remembers what it was asked."""

    def __init__(self, scheme: str = "http") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[int, Any]] = {"token": (200, {"access_token": "A", "token_type": "Bearer"})}
        self.calls: list[dict[str, Any]] = []
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}/realms/maas"
        if scheme == "https":
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.calls.append(
            {"path": self.path, "form": dict(parse_qsl(body)), "authorization": self.headers.get("Authorization")}
        )
        status, said = self.server.answers.get(self.path.rpartition("/")[2], (404, {}))
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider on a port of its own."""
    server = Provider()
    yield server
    server.shutdown()
    server.server_close()


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
    provider.shutdown()
    provider.server_close()
    assert "Connection failed" in portal.browser().get("/auth/sso/callback?code=c").text


def test_an_unknown_certificate_is_refused_unless_told_otherwise(portal: Portal) -> None:
    provider = Provider("https")
    integrate(portal, provider)
    refused = back(portal, provider, CLAIMS)
    assert refused.answer is not None and "does not have a valid SSL certificate" in refused.answer.text
    found = portal.admin("GET", "authentication_providers.json")["authentication_providers"][0]
    number = found["authentication_provider"]["id"]
    portal.admin("PUT", f"authentication_providers/{number}.json", {"skip_ssl_certificate_verification": True})
    taken = back(portal, provider, CLAIMS)
    assert taken.answer is not None and "Signed up successfully" in taken.answer.text
    provider.shutdown()
    provider.server_close()


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
