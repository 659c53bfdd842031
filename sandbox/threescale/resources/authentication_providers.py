# SPDX-License-Identifier: GPL-3.0-or-later
"""Single sign-on providers: of the developer portal (one for each kind) and of the admin portal."""

from __future__ import annotations

import re
from typing import Any

from ..http.context import Context
from ..http.errors import BLANK, INVALID, TAKEN, Errors, Forbidden, ParameterMissing, ServerError
from ..http.params import query_of
from ..http.respond import Reply
from ..http.router import Routes
from ..portal.sso_urls import authorize_url, callback_url
from ..rules.fields import to_boolean, to_text
from ..rules.names import SYSTEM_NAME, system_name_from
from ..rules.validate import blank
from ..store import Row

routes = Routes()
TABLE = "authentication_providers"
_TEXTS = (
    "client_id",
    "client_secret",
    "site",
    "token_url",
    "user_info_url",
    "authorize_url",
    "identifier_key",
    "username_key",
)
_BOOLEANS = ("published", "skip_ssl_certificate_verification", "automatically_approve_accounts", "trust_email")
_CREATE = {
    "developer": {"kind", "name", "system_name", *_TEXTS, *_BOOLEANS, "branding_state_event"},
    "provider": {
        "kind",
        "name",
        "system_name",
        "client_id",
        "client_secret",
        "site",
        "skip_ssl_certificate_verification",
        "published",
    },
}
_UPDATE = {
    "developer": {
        "client_id",
        "client_secret",
        "published",
        "site",
        "skip_ssl_certificate_verification",
        "automatically_approve_accounts",
    },
    "provider": {"client_id", "client_secret", "site", "skip_ssl_certificate_verification", "published"},
}
_KNOWN = {
    *_CREATE["developer"],
    "id",
    "account_id",
    "created_at",
    "updated_at",
    "account_type",
    "branding_state",
    "tenant_id",
}
_HTTP = re.compile(r"https?://[^\s/?#]+")
_UNPARSABLE = re.compile(r"[\s<>\"{}|\\^`]")


def represent(ctx: Context, row: Row) -> dict[str, Any]:
    """A provider as the Admin API shows it."""
    host = ctx.tenant["domain"] if row["account_type"] == "developer" else ctx.tenant["self_domain"]
    base = ctx.sandbox.config.url(host)
    names = ("id", "kind", "account_type", "name", "system_name", "client_id", "client_secret", "site")
    shown = {name: row[name] for name in (*names, "token_url", "user_info_url")}
    query = query_of(ctx.query)
    callback = callback_url(row["system_name"], base)
    if row["kind"] == "auth0":
        callback += f", {base}/auth/invitations/auth0/{row['system_name']}/callback"
    return {
        **shown,
        "authorize_url": authorize_url(row, base, query),
        **{
            name: row[name]
            for name in (
                "skip_ssl_certificate_verification",
                "automatically_approve_accounts",
                "branding_state",
                "account_id",
                "username_key",
                "identifier_key",
                "trust_email",
                "published",
            )
        },
        "created_at": ctx.time(row["created_at"]),
        "updated_at": ctx.time(row["updated_at"]),
        "callback_url": callback,
    }


def _values(given: dict[str, Any], allowed: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = {name: to_text(given[name]) for name in _TEXTS if name in given and name in allowed}
    values.update({name: to_boolean(given[name]) for name in _BOOLEANS if name in given and name in allowed})
    return values


def _check(ctx: Context, row: dict[str, Any], own_id: int | None) -> None:
    errors = Errors()
    system_name = row["system_name"]
    if not SYSTEM_NAME.match(system_name or ""):
        errors.add("system_name", INVALID)
    elif any(
        other["id"] != own_id for other in ctx.db.where(TABLE, account_id=ctx.tenant["id"], system_name=system_name)
    ):
        errors.add("system_name", TAKEN)
    same = ctx.db.where(TABLE, account_id=ctx.tenant["id"], account_type=row["account_type"], kind=row["kind"])
    if row["account_type"] == "developer" and any(other["id"] != own_id for other in same):
        errors.add("kind", TAKEN)
    if row["account_type"] == "provider" and row["kind"] not in ("keycloak", "auth0"):
        errors.add("kind", "not found")
    for name in ("identifier_key", "client_id", "client_secret"):
        if blank(row[name]):
            errors.add(name, BLANK)
    for name in (
        "client_id",
        "client_secret",
        "token_url",
        "user_info_url",
        "authorize_url",
        "site",
        "username_key",
        "name",
    ):
        if len(row[name] or "") > 255:
            errors.add(name, "is too long (maximum is 255 characters)")
    for name in ("site", "token_url", "authorize_url", "user_info_url"):
        if not blank(row[name]) and not _HTTP.search(row[name]):
            errors.add(name, "Invalid URL format")
    if row["kind"] in ("keycloak", "auth0"):
        named = ctx.sandbox.config.release.site_is_named
        site = "realm" if row["kind"] == "keycloak" and not named else "site"
        if blank(row["site"]):
            errors.add(site, BLANK)
        elif re.search(r"\s", row["site"]):
            errors.add(site, "can't contain whitespaces" if named else "Please, remove any white space.")
    errors.check()


def _create(ctx: Context, account_type: str) -> Reply:
    given = ctx.params.wrapped("authentication_provider", _KNOWN)
    kind = to_text(given.get("kind"))
    if blank(kind):
        raise ParameterMissing("kind")
    assert kind is not None
    kind = kind.lower()
    allowed = _CREATE[account_type]
    name = to_text(given.get("name"))
    system_name = to_text(given.get("system_name")) or ""
    if blank(system_name):
        system_name = system_name_from(name, kind)
    defaults = {
        "identifier_key": "id",
        "username_key": "login",
        "published": False,
        "trust_email": False,
        "skip_ssl_certificate_verification": False,
        "automatically_approve_accounts": False,
    }
    human = {"keycloak": "Red Hat Single Sign-On", "auth0": "Auth0", "github": "GitHub"}.get(kind, "Custom")
    row: dict[str, Any] = {
        **dict.fromkeys(_TEXTS),
        **defaults,
        **_values(given, allowed),
        "kind": kind,
        "account_type": account_type,
        "name": human if name is None else name,
        "system_name": system_name,
        "account_id": ctx.tenant["id"],
        "tenant_id": ctx.tenant["id"],
        "branding_state": "custom_branded" if kind == "github" else None,
    }
    _check(ctx, row, None)
    made = ctx.db.insert(TABLE, **row)
    return ctx.created("authentication_provider", represent(ctx, made), made["id"])


def _update(ctx: Context, row: Row) -> Reply:
    given = ctx.params.wrapped("authentication_provider", _KNOWN)
    changes = _values(given, _UPDATE[row["account_type"]])
    # The real server builds the provider's client from the new address before it validates, and fails on an unfit one.
    if not blank(changes.get("site")) and _UNPARSABLE.search(changes["site"].strip()):
        raise ServerError
    _check(ctx, {**row, **changes}, row["id"])
    ctx.db.update(TABLE, row, **changes)
    return ctx.one("authentication_provider", represent(ctx, row))


def _list(ctx: Context, account_type: str) -> Reply:
    rows = ctx.db.where(TABLE, account_id=ctx.tenant["id"], account_type=account_type)
    return ctx.many("authentication_providers", "authentication_provider", rows, represent)


@routes.get("/admin/api/authentication_providers")
def index(ctx: Context) -> Reply:
    """The developer portal's providers."""
    return _list(ctx, "developer")


@routes.post("/admin/api/authentication_providers")
def create(ctx: Context) -> Reply:
    """A provider of the developer portal."""
    _want_user(ctx)
    return _create(ctx, "developer")


@routes.get("/admin/api/authentication_providers/{id}")
def show(ctx: Context) -> Reply:
    """One of the developer portal's providers."""
    row = ctx.here(TABLE, "id", account_type="developer")
    if row["kind"] != "github":
        _want_user(ctx)
    return ctx.one("authentication_provider", represent(ctx, row))


@routes.put("/admin/api/authentication_providers/{id}")
def update(ctx: Context) -> Reply:
    """Change one: only six attributes can be."""
    row = ctx.here(TABLE, "id", account_type="developer")
    _want_user(ctx)
    return _update(ctx, row)


def _want_user(ctx: Context) -> None:
    if ctx.caller.user is None:
        raise Forbidden


@routes.get("/admin/api/account/authentication_providers")
def admin_index(ctx: Context) -> Reply:
    """The admin portal's providers."""
    return _list(ctx, "provider")


@routes.post("/admin/api/account/authentication_providers")
def admin_create(ctx: Context) -> Reply:
    """A provider of the admin portal."""
    return _create(ctx, "provider")


@routes.get("/admin/api/account/authentication_providers/{id}")
def admin_show(ctx: Context) -> Reply:
    """One of the admin portal's providers."""
    return ctx.one("authentication_provider", represent(ctx, ctx.here(TABLE, "id", account_type="provider")))


@routes.put("/admin/api/account/authentication_providers/{id}")
def admin_update(ctx: Context) -> Reply:
    """Change one; refused while sign-in by SSO is enforced and this provider is published."""
    row = ctx.here(TABLE, "id", account_type="provider")
    settings = ctx.db.first("settings", account_id=ctx.tenant["id"])
    if settings is not None and settings.get("enforce_sso") and row["published"]:
        raise Forbidden
    return _update(ctx, row)
