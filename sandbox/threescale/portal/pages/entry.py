# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in by password and out, activation by the mailed link, legal texts."""

from __future__ import annotations

from urllib.parse import urlsplit

from ...rules.passwords import matches
from ...rules.signup import activate_user
from ...store import Row
from ..answers import Answer, NotThereError, html
from ..rendering import show
from ..routing import Routes
from ..states import can_sign_in
from ..visit import Visit

routes = Routes(menu="root", login=False)
WRONG = "Incorrect email or password. Please try again."
INACTIVE = "Your account isn't active or hasn't been approved yet."


def login_page(visit: Visit, error: str | None = None) -> Answer:
    """The page to sign in at, with a message when that failed."""
    if error:
        visit.session.say_now("error", error)
    return show(visit, "login/new")


@routes.on("GET", "/login", "login/new")
def new(visit: Visit) -> Answer:
    """The page to sign in at; whoever is signed in goes to the dashboard."""
    if visit.user is not None:
        return visit.to("/admin")
    wanted = visit.params.get("return_to")
    if isinstance(wanted, str) and wanted.startswith("/"):
        visit.session.data.setdefault("return_to", wanted)
    return login_page(visit)


def user_by_name_or_email(visit: Visit, word: object) -> Row | None:
    """A developer of this portal by name (case matters) or e-mail."""
    if not isinstance(word, str) or not word:
        return None
    for name in ("username", "email"):
        for user in visit.db.where("users", tenant_id=visit.tenant["id"], **{name: word}):
            account = visit.db.get("accounts", user["account_id"])
            if account is not None and account["provider_account_id"] == visit.tenant["id"] and not account["provider"]:
                return user
    return None


@routes.on("POST", "/session", "login/create")
@routes.on("GET", "/session/create", "login/create")
def create(visit: Visit) -> Answer:
    """Sign in, by a password or by a link that the Admin API made; any failure is the page again with status 200."""
    visit.user = None
    user = user_by_name_or_email(visit, visit.params.get("username"))
    if user is None or not matches(str(visit.params.get("password") or ""), user["password_digest"]):
        return _create_by_link(visit)
    if not can_sign_in(visit.db, user):
        return login_page(visit, INACTIVE)
    return _welcome(visit, user, "/")


def _welcome(visit: Visit, user: Row, path: str) -> Answer:
    visit.sign_in(user)
    visit.session.say("notice", "Signed in successfully")
    return visit.back_or_default(path)


def _create_by_link(visit: Visit) -> Answer:
    """By `token`, whose own time counts: `expires_at` must only be there. Only a path is kept of `redirect_url`."""
    token, redirect_url = visit.params.get("token"), visit.params.get("redirect_url")
    if not isinstance(token, str) or not token or not visit.params.get("expires_at"):
        return login_page(visit, WRONG)
    found = visit.db.first("sso_tokens", token=token, account_id=visit.tenant["id"])
    if found is None:
        return login_page(visit, "Invalid SSO Token")
    if found["expires_at"] < visit.sandbox.now():
        return login_page(visit, "Token Expired")
    user = visit.db.get("users", found["user_id"])
    if user is None or user["account_id"] == visit.tenant["id"]:
        return login_page(visit, "User not found")
    if not can_sign_in(visit.db, user):
        return login_page(visit, WRONG)
    wanted = urlsplit(redirect_url) if isinstance(redirect_url, str) else None
    path = (wanted.path + (f"?{wanted.query}" if wanted.query else "")) if wanted else "/"
    return _welcome(visit, user, path if path.startswith("/") else f"/{path}")


@routes.on("GET", "/logout", "login/destroy")
def destroy(visit: Visit) -> Answer:
    """Sign out, by a mere GET."""
    visit.sign_out()
    visit.session.say("notice", "You have been logged out.")
    return visit.to("/")


@routes.on("GET", "/activate/{code}", "activations/create")
def activation(visit: Visit) -> Answer:
    """The link of the activation mail."""
    user = next(
        (
            row
            for row in visit.db.where("users", tenant_id=visit.tenant["id"], state="pending")
            if row["activation_code"] == visit.variables["code"]
        ),
        None,
    )
    if user is None:
        raise NotThereError
    activate_user(visit.sandbox, user)
    return html(
        '<!DOCTYPE html>\n<html lang="en"><head><title>Account activated</title></head>'
        '<body><p>Your account is activated. <a href="/login">Sign in</a></p></body></html>\n'
    )


@routes.on("GET", "/terms", "settings/terms")
@routes.on("GET", "/privacy", "settings/privacy")
@routes.on("GET", "/refunds", "settings/refunds")
def legal(visit: Visit) -> Answer:
    """Legal texts, which nothing sets: back to the start."""
    return visit.to("/")
