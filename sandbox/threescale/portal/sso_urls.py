# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of single sign-on: where the browser is sent, and where it is sent back to. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from ..store import Row


def to_query(params: Mapping[str, Any]) -> str:
    """A query with its names in order; lists as `name[]=`."""
    pairs: list[str] = []
    for name in sorted(params):
        value = params[name]
        if isinstance(value, list):
            pairs.extend(f"{quote_plus(name)}%5B%5D={quote_plus(str(item))}" for item in value)
        else:
            pairs.append(f"{quote_plus(name)}={quote_plus('' if value is None else str(value))}")
    return "&".join(pairs)


def callback_url(system_name: str, base: str, query: Mapping[str, Any] | None = None) -> str:
    """`<base>/auth/<system_name>/callback`, with the query of the page that links there."""
    url = base if "/auth" in base else f"{base}/auth"
    return f"{url}/{system_name}/callback" + (f"?{to_query(query)}" if query else "")


def endpoints(provider: Row) -> dict[str, str]:
    """{"authorize", "token", "userinfo"}: the provider's addresses; "" where it has none."""
    site = (provider["site"] or "").strip()
    if provider["kind"] == "keycloak":
        found = {
            "authorize": f"{site}/protocol/openid-connect/auth",
            "token": f"{site}/protocol/openid-connect/token",
            "userinfo": f"{site}/protocol/openid-connect/userinfo",
        }
    elif provider["kind"] == "auth0":
        site = site or "http://example.com"
        found = {"authorize": f"{site}/authorize", "token": f"{site}/oauth/token", "userinfo": f"{site}/userinfo"}
    elif provider["kind"] == "github":
        api = site or "https://api.github.com"
        found = {
            "authorize": "https://github.com/login/oauth/authorize",
            "token": provider["token_url"] or "https://github.com/login/oauth/access_token",
            "userinfo": f"{api}/user",
            "emails": f"{api}/user/emails",
        }
    else:
        found = {
            "authorize": provider["authorize_url"] or f"{site}/oauth/authorize",
            "token": provider["token_url"] or f"{site}/oauth/token",
            "userinfo": provider["user_info_url"] or "",
        }
    return found


SCOPES = {"keycloak": "openid", "auth0": "openid profile email", "github": "user:email"}


def authorize_url(provider: Row, base: str, query: Mapping[str, Any]) -> str:
    """Where the browser is sent to sign in; BASE is the address of the portal (or admin portal)."""
    if provider["authorize_url"]:
        return str(provider["authorize_url"])
    carried = {name: value for name, value in query.items() if name != "code"}
    redirect = callback_url(provider["system_name"], base, carried)
    scope = SCOPES.get(provider["kind"])
    params = [("client_id", provider["client_id"] or ""), ("redirect_uri", redirect), ("response_type", "code")]
    text = "&".join(f"{name}={quote_plus(value)}" for name, value in params)
    return f"{endpoints(provider)['authorize']}?{text}&scope" + (f"={quote_plus(scope)}" if scope else "")
