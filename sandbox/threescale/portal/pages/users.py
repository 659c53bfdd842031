# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of the account, one's own details, invitations."""

from __future__ import annotations

from typing import Any

from ...rules.defined_fields import BUILT_IN, check_defined, definitions, extra_given
from ...rules.fields import to_integer, to_text
from ...rules.passwords import digest, matches
from ...rules.people import check_user
from ...rules.validate import Check
from ...store import Row
from ..answers import Answer, NotAllowedError, NotThereError, plain
from ..drops.lists import PaginationDrop
from ..drops.users import CurrentUserDrop, InvitationDrop, UserDrop
from ..rendering import show as show_page
from ..routing import Routes
from ..templating.drop import Collection
from ..visit import Visit

routes = Routes(menu="account/users")
_USERS = "/admin/account/users"
_DETAILS = "/admin/account/personal_details"


def _seen(visit: Visit) -> list[Row]:
    """The account's users, for its admins while the account area is open; several users need not be allowed."""
    assert visit.account is not None and visit.user is not None
    if visit.user["role"] != "admin" or not visit.world().settings["useraccountarea_enabled"]:
        raise NotAllowedError
    return visit.db.where("users", account_id=visit.account["id"])


def _managed(visit: Visit) -> Row:
    rows = _seen(visit)
    row = next((row for row in rows if str(row["id"]) == visit.variables["id"]), None)
    if row is None:
        raise NotThereError
    return row


@routes.on("GET", _USERS, "users/index")
def index(visit: Visit) -> Answer:
    """The account's users."""
    rows, world = _seen(visit), visit.world()
    pages = PaginationDrop(len(rows), 30, 1, lambda number: f"{visit.origin}{_USERS}?page={number}")
    drops = {"users": Collection(UserDrop(world, row) for row in rows), "pagination": pages}
    return show_page(visit, "accounts/users/index", drops)


@routes.on("GET", _USERS + "/{id}/edit", "users/edit")
def edit(visit: Visit) -> Answer:
    """The form to change a user."""
    return show_page(visit, "accounts/users/edit", {"user": UserDrop(visit.world(), _managed(visit))})


def _changes(visit: Visit, row: Row) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """(columns to change, errors) from the form."""
    locked = {one["name"] for one in definitions(visit.sandbox, visit.tenant["id"], "User") if one["read_only"]}
    given = {name: value for name, value in visit.words("user").items() if name not in locked}
    changes: dict[str, Any] = {name: to_text(given[name]) for name in BUILT_IN["User"] if name in given}
    extra = extra_given(visit.sandbox, visit.tenant["id"], "User", given)
    changes["extra_fields"] = {**row["extra_fields"], **extra}
    check = Check(visit.db, {**row, **changes})
    check_user(visit.sandbox, check, {"buyer": True, "tenant_id": visit.tenant["id"]}, minimal=False)
    check_defined(visit.sandbox, check, visit.tenant["id"], "User")
    return changes, check.errors.by_attribute


@routes.on("PUT", _USERS + "/{id}", "users/update")
def update(visit: Visit) -> Answer:
    """Change a user; admins give roles too."""
    row = _managed(visit)
    changes, errors = _changes(visit, row)
    role = visit.words("user").get("role")
    if errors:
        drop = UserDrop(visit.world(), {**row, **changes}, errors)
        return show_page(visit, "accounts/users/edit", {"user": drop})
    if role in ("admin", "member"):
        changes["role"] = role
    visit.db.update("users", row, **changes)
    visit.session.say("notice", "User was successfully updated.")
    return visit.to(_USERS)


@routes.on("DELETE", _USERS + "/{id}", "users/destroy")
def destroy(visit: Visit) -> Answer:
    """Delete another user."""
    row = _managed(visit)
    if visit.user is None or row["id"] == visit.user["id"]:
        raise NotAllowedError
    visit.db.delete("users", row)
    visit.session.say("notice", "User was successfully deleted")
    return visit.to(_USERS)


@routes.on("GET", _DETAILS, "personal_details/show", menu="account/personal_details")
def details(visit: Visit) -> Answer:
    """One's own details."""
    if not visit.world().settings["useraccountarea_enabled"]:
        return plain("Action disabled", 403)
    assert visit.user is not None
    return show_page(visit, "user/show", {"user": CurrentUserDrop(visit.world(), visit.user)})


@routes.on("PUT", _DETAILS, "personal_details/update", menu="account/personal_details")
def update_details(visit: Visit) -> Answer:
    """Change one's own details; whoever signs in by password confirms with it."""
    user = visit.user
    if user is None or not visit.world().settings["useraccountarea_enabled"]:
        return plain("Action disabled", 403)
    words = visit.words("user")
    if user["password_digest"] and not matches(str(words.get("current_password") or ""), user["password_digest"]):
        visit.session.say_now("error", "Current password is incorrect")
        drop = CurrentUserDrop(visit.world(), user, {"current_password": ["is incorrect"]})
        return show_page(visit, "user/show", {"user": drop})
    changes, errors = _changes(visit, user)
    password = to_text(words.get("password"))
    if password and len(password) < 6:
        errors = {**errors, "password": ["is too short (minimum is 6 characters)"]}
    if errors:
        drop = CurrentUserDrop(visit.world(), {**user, **changes}, errors)
        return show_page(visit, "user/show", {"user": drop, "current_user": drop})
    if password:
        changes["password_digest"] = digest(password)
    visit.db.update("users", user, **changes)
    visit.session.say("notice", "User was successfully updated.")
    return visit.to(_USERS)


@routes.on("GET", "/admin/account/invitations", "invitations/index", menu="account/invitations")
def invitations(visit: Visit) -> Answer:
    """Invitations sent: there is no mail here to send any with."""
    if visit.user is None or visit.user["role"] != "admin" or not visit.world().visible("multiple_users"):
        raise NotAllowedError
    pages = PaginationDrop(0, 30, 1, lambda number: f"{visit.origin}/admin/account/invitations?page={number}")
    return show_page(visit, "invitations/index", {"invitations": Collection(), "pagination": pages})


@routes.on("GET", "/admin/account/invitations/new", "invitations/new", menu="account/invitations")
def new_invitation(visit: Visit) -> Answer:
    """The form for one."""
    if visit.user is None or visit.user["role"] != "admin" or not visit.world().visible("multiple_users"):
        raise NotAllowedError
    return show_page(visit, "invitations/new", {"invitation": InvitationDrop()})


@routes.on("GET", _USERS + "/{id}", "users/show")
def show(visit: Visit) -> Answer:
    """A user has no page of its own."""
    if to_integer(visit.variables["id"]) is None:
        raise NotThereError
    raise NotThereError
