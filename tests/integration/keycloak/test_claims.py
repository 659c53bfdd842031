# SPDX-License-Identifier: GPL-3.0-or-later
"""A developer signs in through the company's provider, and 3scale's claims are where 3scale looks for them."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.integration.keycloak.conftest import Runner, Step
from tests.support.keycloak import Keycloak

BACK = "http://127.0.0.1:9/auth/keycloak/callback"
SECRET = "a-client-secret-that-nobody-may-see"
EVERYWHERE = {"id.token.claim": True, "access.token.claim": True, "userinfo.token.claim": True}


def walkthrough_client(realm: str) -> dict[str, Any]:
    """The client as the walkthrough makes it."""
    verified = {"user.attribute": "emailVerified", "claim.name": "email_verified", "jsonType.label": "boolean"}
    org = {"user.attribute": "email", "claim.name": "org_name", "jsonType.label": "String"}
    return {
        "realm": realm,
        "client_id": "3scale",
        "secret": SECRET,
        "public_client": False,
        "redirect_uris": [BACK + "*"],
        "protocol_mappers": [
            {
                "name": "email verified",
                "protocol_mapper": "oidc-usermodel-property-mapper",
                "config": {**verified, **EVERYWHERE},
            },
            {
                "name": "org_name",
                "protocol_mapper": "oidc-usermodel-attribute-mapper",
                "config": {**org, **EVERYWHERE},
            },
        ],
    }


def payload(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


class Browser:
    """Follows redirects, keeps cookies; takes this machine's addresses for secure, as browsers do."""

    def __init__(self) -> None:
        self.session = requests.Session()

    def go(self, method: str, url: str, **more: Any) -> requests.Response:
        """The first answer that is a page, or a redirect to BACK."""
        answer = self.session.request(method, url, allow_redirects=False, timeout=30, **more)
        for cookie in self.session.cookies:
            cookie.secure = False
        place = answer.headers.get("Location")
        return answer if place is None or place.startswith(BACK) else self.go("GET", place)


def sign_in(issuer: str, user: str, password: str, hint: str = "") -> str:
    """The authorization code that the client gets back."""
    query = {
        "client_id": "3scale",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid",
        "kc_idp_hint": hint,
    }
    browser = Browser()
    page = browser.go("GET", f"{issuer}/protocol/openid-connect/auth", params=query)
    action = re.search(r'action="([^"]+)"', page.text)
    assert action, page.text[:2000]
    form = {"username": user, "password": password}
    answer = browser.go("POST", action[1].replace("&amp;", "&"), data=form)
    assert answer.headers.get("Location", "").startswith(BACK), answer.text[:2000]
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def claims_of(issuer: str, code: str) -> list[dict[str, Any]]:
    """What ID token, access token and userinfo say."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": "3scale"}
    protocol = f"{issuer}/protocol/openid-connect"
    answer = requests.post(f"{protocol}/token", data={**form, "client_secret": SECRET}, timeout=30)
    tokens = answer.json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    info = requests.get(f"{protocol}/userinfo", headers=bearer, timeout=30).json()
    return [payload(tokens["id_token"]), payload(tokens["access_token"]), info]


def test_a_developer_of_the_company_brings_the_claims(run: Runner, keycloak: Keycloak) -> None:
    company = keycloak.company()
    provider = {
        "realm": "claims",
        "alias": "company",
        "discovery_url": f"{company['issuer']}/.well-known/openid-configuration",
        "client_id": company["client_id"],
        "client_secret": company["client_secret"],
        "trust_email": True,
        "sync_mode": "import",
    }
    run.done(
        Step("keycloak_realm", {"realm": "claims"}),
        Step("keycloak_client", walkthrough_client("claims")),
        Step("keycloak_identity_provider", provider),
    )
    issuer = f"{keycloak.url}/realms/claims"
    code = sign_in(issuer, company["user"], company["password"], hint="company")
    for claims in claims_of(issuer, code):
        assert (claims["org_name"], claims["email_verified"]) == (company["email"], True)


def test_a_user_of_the_realm_itself_has_them_too(run: Runner, keycloak: Keycloak) -> None:
    user = {"realm": "own", "username": "dana", "email": "dana@example.com", "email_verified": True}
    run.done(
        Step("keycloak_realm", {"realm": "own"}),
        Step("keycloak_client", walkthrough_client("own")),
        Step(
            "keycloak_user", {**user, "first_name": "Dana", "last_name": "Developer", "password": "a-password-of-dana"}
        ),
    )
    issuer = f"{keycloak.url}/realms/own"
    for claims in claims_of(issuer, sign_in(issuer, "dana", "a-password-of-dana")):
        assert (claims["org_name"], claims["email_verified"]) == ("dana@example.com", True)
