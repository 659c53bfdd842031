# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in by a provider: the code is exchanged, the claims are read from userinfo, the user is found or made."""

from __future__ import annotations

import logging
import re
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from ..rules.signup import activate_user
from ..store import Row
from .answers import BROKEN, Answer
from .pages.entry import INACTIVE, WRONG, login_page
from .signing_up import attempt, forget_provider, remember_authorization
from .sso_urls import endpoints, to_query
from .states import approve, can_sign_in
from .templating.values import inspect
from .visit import Visit

try:
    import httpx2 as httpx  # what authlib takes where it is there; its errors are of this one then
except ImportError:
    import httpx  # type: ignore[no-redef]

log = logging.getLogger("sandbox.threescale.portal")
_CALLBACK = re.compile(r"/auth/([^/.]+)/callback/*\Z")
CODE_WRONG = "The code is incorrect or expired."
BAD_CERTIFICATE = "Authentication error: the OAuth provider does not have a valid SSL certificate."
NOT_REACHED = "Connection failed: make sure the authentication server is accessible"


@dataclass
class Exchange:
    """What a provider told: claims, or why not. BROKEN: an answer that the real server does not survive."""

    provider: Row | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    id_token: str | None = None
    error: str | None = None
    broken: bool = False


async def exchange_for(visit: Visit) -> Exchange | None:
    """The exchange that a callback asks for, done over the network; None for any other request."""
    match = _CALLBACK.match(visit.path)
    if match is None or visit.method != "GET":
        return None
    provider = visit.db.first(
        "authentication_providers", account_id=visit.tenant["id"], account_type="developer", system_name=match[1]
    )
    if provider is None:
        return Exchange()
    try:
        return await _exchange(visit, provider)
    except (AuthlibBaseError, httpx.HTTPStatusError):
        return Exchange(provider, error=CODE_WRONG)
    except httpx.TransportError as error:
        bad = "certificate" in str(error).lower() or isinstance(error.__cause__, ssl.SSLError)
        log.warning("sign-in by %s: %s", provider["system_name"], error)
        return Exchange(provider, error=BAD_CERTIFICATE if bad else NOT_REACHED)
    except Exception as error:  # noqa: BLE001 - such as a body that is no JSON: the real server answers 500
        log.warning("sign-in by %s: %s", provider["system_name"], error)
        return Exchange(provider, broken=True)


def _verification(visit: Visit, provider: Row) -> ssl.SSLContext | bool:
    if provider["skip_ssl_certificate_verification"]:
        return False
    return _trusting(visit.sandbox.config.ca)


@lru_cache(maxsize=4)
def _trusting(ca: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(ca)
    return context


def redirect_uri(visit: Visit) -> str:
    """The callback's own address, with its query less `code` and `iss`: what the provider compares."""
    query = dict(parse_qsl(visit.query_string, keep_blank_values=True))
    rest = to_query({name: value for name, value in query.items() if name not in ("code", "iss")})
    return visit.origin + visit.path + (f"?{rest}" if rest else "")


async def _exchange(visit: Visit, provider: Row) -> Exchange:
    where = endpoints(provider)
    code = visit.params.get("code")
    form: dict[str, str] = {"code": code if isinstance(code, str) else ""}
    if provider["kind"] in ("keycloak", "auth0"):
        form["redirect_uri"] = redirect_uri(visit) if provider["kind"] == "keycloak" else visit.url
    async with AsyncOAuth2Client(
        provider["client_id"],
        provider["client_secret"],
        token_endpoint_auth_method="client_secret_post",
        verify=_verification(visit, provider),
        timeout=60,
        trust_env=False,
    ) as client:
        # Authlib leaves out an empty code, the real server sends it.
        body = "" if form["code"] else "code="
        token = await client.fetch_token(
            where["token"], grant_type="authorization_code", body=body, headers={"Accept": "application/json"}, **form
        )
        if not token.get("access_token"):
            return Exchange(provider, error=CODE_WRONG)
        answer = await client.get(where["userinfo"], headers={"Accept": "application/json"})
        answer.raise_for_status()
        claims = answer.json() if answer.content.strip() else {}
        claims = claims if isinstance(claims, dict) else {}
        if provider["kind"] == "github":
            claims = await _with_address(client, where["emails"], claims)
    return Exchange(provider, claims, token.get("id_token"))


async def _with_address(client: AsyncOAuth2Client, url: str, claims: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(url, headers={"Accept": "application/vnd.github.v3"})
    answer.raise_for_status()
    found = answer.json()
    primary = next((one for one in found if isinstance(one, dict) and one.get("primary") and one.get("verified")), {})
    return {**claims, "email": primary.get("email"), "email_verified": True}


@dataclass
class Person:
    """The claims by meaning."""

    uid: Any
    email: Any
    verified: bool
    username: Any
    org_name: Any
    authentication_id: Any = None


def person_of(provider: Row, claims: dict[str, Any]) -> Person:
    """What the claims of a provider of this kind mean."""
    email, kind = claims.get("email"), provider["kind"]
    verified = bool(email) and claims.get("email_verified") in (True, "true")
    if kind == "keycloak":
        username = claims.get("username") or claims.get("preferred_username")
        return Person(claims.get("sub"), email, verified, username, _printed(claims.get("org_name")))
    if kind == "auth0":
        return Person(claims.get("sub"), email, verified, claims.get("nickname"), None, claims.get("user_id"))
    if kind == "github":
        return Person(claims.get("id"), email, bool(email), claims.get("login"), claims.get("company"))
    return Person(claims.get(provider["identifier_key"]), None, False, None, None)


def _printed(value: Any) -> Any:
    return inspect(value) if isinstance(value, (list, dict)) else value


def callback(visit: Visit, exchange: Exchange) -> Answer:
    """The answer to the callback: signed in, sent to the form, or the login page with the reason."""
    visit.page.controller, visit.page.action, visit.page.menus = "login", "create", {"main_menu": "root"}
    visit.user = None
    provider = exchange.provider
    if exchange.broken:
        return BROKEN
    if provider is None or exchange.error:
        return login_page(visit, exchange.error or WRONG)
    person = person_of(provider, exchange.claims)
    user, new = _user(visit, provider, person, exchange.id_token)
    if user is None:
        return _to_form(visit, provider, person, exchange.id_token)
    if not can_sign_in(visit.db, user):
        return login_page(visit, INACTIVE)
    visit.sign_in(user)
    visit.session.say("notice", "Signed up successfully" if new else "Signed in successfully")
    return visit.back_or_default("/")


def _user(visit: Visit, provider: Row, person: Person, id_token: str | None) -> tuple[Row | None, bool]:
    user = _known(visit, provider, person)
    if user is not None:
        remember_authorization(visit, user, provider, person.uid, id_token)
        return user, False
    found = attempt(
        visit, {"org_name": person.org_name}, {"email": person.email, "username": person.username}, [], sso=provider
    )
    if found.made is None:
        return None, False
    account, made = found.made
    remember_authorization(visit, made, provider, person.authentication_id or person.uid, id_token)
    forget_provider(visit)
    if provider["automatically_approve_accounts"]:
        approve(visit.sandbox, account)
    if person.verified:
        activate_user(visit.sandbox, made)
    return made, True


def _known(visit: Visit, provider: Row, person: Person) -> Row | None:
    if person.uid not in (None, ""):
        known = visit.db.first("sso_authorizations", authentication_provider_id=provider["id"], uid=str(person.uid))
        if known is not None:
            return visit.db.get("users", known["user_id"])
    if not person.verified:
        return None
    rows = visit.db.where("users", tenant_id=visit.tenant["id"], email=person.email)
    owners = [(row, visit.db.get("accounts", row["account_id"])) for row in rows]
    return next((row for row, owner in owners if owner is not None and owner["buyer"]), None)


def _to_form(visit: Visit, provider: Row, person: Person, id_token: str | None) -> Answer:
    visit.session.data.update(
        {
            "authentication_kind": provider["kind"],
            "authentication_id": person.uid,
            "authentication_username": person.username,
            "authentication_provider": provider["system_name"],
            "id_token": id_token,
            "authentication_email": person.email if person.verified else None,
        }
    )
    visit.session.say("notice", "Successfully authenticated, please complete the signup form")
    rest = to_query({name: value for name, value in visit.page.query.items() if name != "code"})
    return visit.to("/signup" + (f"?{rest}" if rest else ""))
