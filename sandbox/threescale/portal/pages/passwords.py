# SPDX-License-Identifier: GPL-3.0-or-later
"""Forgotten passwords: a token lets one set another; as there is no mail here, it is only kept with the user."""

from __future__ import annotations

from ...rules.names import random_hex
from ...rules.passwords import digest
from ...store import Row
from ..answers import Answer
from ..drops.users import UserDrop
from ..rendering import show as show_page
from ..routing import Routes
from ..visit import Visit
from .entry import user_by_name_or_email

routes = Routes(menu="root", login=False)
SENT = "A password reset link will be sent to {} if a user exists with this email."
SENT_TO_USER, NOT_FOUND = "A password reset link has been emailed to you.", "Email not found."
PATH = "/admin/account/password"
VALID_SECONDS = 86400


@routes.on("GET", f"{PATH}/new", "passwords/new")
def new(visit: Visit) -> Answer:
    """Ask for the address."""
    return show_page(visit, "password/new")


@routes.on("POST", PATH, "passwords/create")
def create(visit: Visit) -> Answer:
    """Make the token; but for older releases the answer is the same whether the address is known or not."""
    email, tells = visit.params.get("email"), visit.sandbox.config.release.tells_unknown_addresses
    user = user_by_name_or_email(visit, email)
    known = user is not None and user["email"] == email
    if user is not None and known:
        visit.db.update(
            "users",
            user,
            touch=False,
            lost_password_token=random_hex(64),
            lost_password_token_generated_at=visit.sandbox.now(),
        )
    if tells and not known:
        visit.session.say("error", NOT_FOUND)
        return visit.to(f"{PATH}/new?request_password_reset=true")
    visit.session.say("notice", SENT_TO_USER if tells else SENT.format(email or ""))
    return visit.to("/login")


def _holder(visit: Visit) -> Row | None:
    token = visit.params.get("password_reset_token")
    if not isinstance(token, str) or not token:
        return None
    user = visit.db.first("users", tenant_id=visit.tenant["id"], lost_password_token=token)
    fresh = user is not None and (user["lost_password_token_generated_at"] or 0) > visit.sandbox.now() - VALID_SECONDS
    return user if fresh else None


def _invalid(visit: Visit) -> Answer:
    visit.session.say("error", "The password reset token is invalid.")
    return visit.to("/login")


@routes.on("GET", PATH, "passwords/show")
def show(visit: Visit) -> Answer:
    """The form for another password, behind the mailed link."""
    if _holder(visit) is None:
        return _invalid(visit)
    return show_page(visit, "password/show", {"password_reset_token": visit.params["password_reset_token"]})


@routes.on("PUT", PATH, "passwords/update")
def update(visit: Visit) -> Answer:
    """Set another password."""
    user = _holder(visit)
    if user is None:
        return _invalid(visit)
    words = visit.words("user")
    password = words.get("password")
    if not isinstance(password, str) or len(password) < 6 or words.get("password_confirmation", password) != password:
        visit.session.say_now("error", "The password is invalid")
        visit.session.say("error", "The password is invalid")  # once more on the next page
        drops = {"password_reset_token": visit.params["password_reset_token"], "user": UserDrop(visit.world(), user)}
        return show_page(visit, "password/show", drops)
    visit.db.update("users", user, password_digest=digest(password), lost_password_token=None)
    visit.session.say("notice", "The password has been changed.")
    return visit.to("/login")
