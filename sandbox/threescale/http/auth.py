# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls: an access token or a provider key, as a parameter or by Basic."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from ..store import Database, Row
from .errors import AccessDenied, ApiError, ServerError, WrongPermissions
from .params import Params
from .router import Route

# scope -> the section that a member needs for it
SECTIONS = {
    "account_management": "partners",
    "cms": "portal",
    "stats": "monitoring",
    "finance": "finance",
    "policy_registry": "policy_registry",
}


@dataclass(frozen=True)
class Caller:
    """Who calls. With a provider key there is neither user nor token."""

    user: Row | None
    token: Row | None

    @property
    def read_only(self) -> bool:
        """True for a token that may only read: a write is refused when it is tried."""
        return self.token is not None and self.token["permission"] == "ro"

    @property
    def is_admin(self) -> bool:
        """True for an admin user, and for the provider key."""
        return self.user is None or self.user["role"] == "admin"

    def may(self, section: str) -> bool:
        """Whether the user may use a section (portal, finance, settings, partners, monitoring, plans …)."""
        return self.user is None or self.user["role"] == "admin" or section in self.user["member_permissions"]

    def may_see(self, service_id: int) -> bool:
        """Whether the user may see a product."""
        if self.user is None or self.user["role"] == "admin" or self.user["allowed_service_ids"] is None:
            return True
        return service_id in self.user["allowed_service_ids"]


def _basic(header: str | None) -> tuple[str, str]:
    """User and password of an Authorization header. Whatever its scheme, the rest is taken for Basic's base64."""
    if not header or " " not in header:
        return "", ""
    letters = re.sub(r"[^A-Za-z0-9+/]", "", header.partition(" ")[2].partition("=")[0])
    try:
        raw = base64.b64decode(letters + "=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return "", ""
    try:
        user, _, password = raw.decode().partition(":")
    except UnicodeDecodeError as error:
        raise ServerError from error  # the real server's database refuses such bytes
    return user, password


def authenticate(db: Database, tenant: Row, route: Route, params: Params, header: str | None) -> Caller:
    """The caller of a request at a tenant's admin host.

    Raises `AccessDenied` for no or unknown credentials, an empty 403 for a tenant that is not approved,
    `WrongPermissions` for a token of another scope.
    """
    by_sso = route.sso_token and "token" in params.all
    caller = _sso_caller(db, tenant, params) if by_sso else _caller(db, tenant, route, params, header)
    if caller is None:
        raise AccessDenied
    if tenant["state"] != "approved":
        raise ApiError(403, text="", media_type="text/html")
    if caller.token is not None and not _open(route, caller).intersection(caller.token["scopes"]):
        raise WrongPermissions
    if route.needs_user and caller.user is None:
        raise ApiError(403, {"status": "Forbidden"})
    return caller


def _open(route: Route, caller: Caller) -> set[str]:
    """The scopes of a route that the user's sections let a token of his have."""
    return {scope for scope in route.scopes if caller.may(SECTIONS[scope])}


def _caller(db: Database, tenant: Row, route: Route, params: Params, header: str | None) -> Caller | None:
    # a parameter that is there, be it blank, hides the header; a token that is none leaves the provider key to try
    word = params.text("access_token") if "access_token" in params.all else _from_header(header)
    token = find_token(db, tenant, word) if word and not route.key_only else None
    if token is not None:
        return Caller(db.get("users", token["owner_id"]), token)
    name = "api_key" if route.pattern.startswith("/master/") else "provider_key"
    key = params.text(name) if name in params.all else _from_header(header)
    if key and tenant["provider_key"] == key:
        return Caller(None, None)
    return None


def _from_header(header: str | None) -> str:
    user, password = _basic(header)
    return user or password


def _sso_caller(db: Database, tenant: Row, params: Params) -> Caller:
    """Who signs in by `token`, one of the tenant's own users; raises `AccessDenied` for any other."""
    found = db.first("sso_tokens", token=params.text("token") or "", account_id=tenant["id"])
    user = db.get("users", found["user_id"]) if found is not None and found["expires_at"] > db.clock() else None
    if user is None or user["account_id"] != tenant["id"] or user["state"] != "active":
        raise AccessDenied("Your token is invalid")
    return Caller(user, None)


def find_token(db: Database, tenant: Row, value: str) -> Row | None:
    """The access token of this value, if it belongs to the tenant and has not expired."""
    for token in db.where("access_tokens", value=value):
        if token["tenant_id"] == tenant["id"] and (token["expires_at"] is None or token["expires_at"] > db.clock()):
            return token
    return None
