# SPDX-License-Identifier: GPL-3.0-or-later
"""The form to sign up, also for those whom a sign-in provider sent here for what it does not know."""

from __future__ import annotations

from typing import Any

from ...rules.fields import to_integer
from ...rules.signup import activate_user
from ...store import Row
from ..answers import Answer, NotThereError, plain
from ..drops.account import AccountDrop
from ..drops.plans import plan_drop
from ..drops.users import UserDrop
from ..rendering import show as show_page
from ..routing import Routes
from ..signing_up import Attempt, attempt, forget_provider, provider_of, remember_authorization
from ..states import approve, can_sign_in
from ..templating.drop import Collection
from ..visit import Visit

routes = Routes(login=False)


def _closed(visit: Visit) -> Answer | None:
    settings = visit.db.first("settings", account_id=visit.tenant["id"])
    if visit.user is not None:
        return visit.to("/admin")
    has_plan = visit.db.get("plans", visit.tenant["default_account_plan_id"]) is not None
    if settings is None or not settings["signups_enabled"] or not has_plan:
        return plain("Signup disabled", 403)
    return None


def _plans(visit: Visit) -> list[Row]:
    given = visit.params.get("plan_ids") or visit.params.get("plans") or []
    plans = []
    for item in given if isinstance(given, list) else [given]:
        if item in ("", None):
            continue
        plan = visit.db.get("plans", to_integer(item))
        if plan is None or plan["tenant_id"] != visit.tenant["id"] or plan["state"] != "published":
            raise NotThereError
        plans.append(plan)
    return plans


def _form(visit: Visit, found: Attempt, plans: list[Row], sso: Row | None) -> Answer:
    world = visit.world()
    user: dict[str, Any] = {"role": "admin", **found.user}
    return show_page(
        visit,
        "signup/show",
        {
            "account": AccountDrop(world, found.account, found.account_errors),
            "user": UserDrop(world, user, found.user_errors, param="account[user]", sso=sso is not None),
            "plans": Collection(plan_drop(world, plan) for plan in plans),
        },
    )


@routes.on("GET", "/signup", "signup/show")
def show(visit: Visit) -> Answer:
    """The form; prefilled with what a sign-in provider told."""
    closed = _closed(visit)
    if closed is not None:
        return closed
    plans, sso = _plans(visit), provider_of(visit)
    known = visit.session.data if sso is not None else {}
    user = {"username": known.get("authentication_username"), "email": known.get("authentication_email")}
    return _form(visit, Attempt({"org_name": None}, user), plans, sso)


@routes.on("POST", "/signup", "signup/create")
def create(visit: Visit) -> Answer:
    """Sign up. What is wrong is shown with status 200; a newcomer waits for the activation mail, unless a sign-in
    provider vouched for the same e-mail."""
    closed = _closed(visit)
    if closed is not None:
        return closed
    plans, sso = _plans(visit), provider_of(visit)
    account = visit.words("account")
    user = account.get("user")
    found = attempt(visit, account, user if isinstance(user, dict) else {}, plans, sso)
    if found.made is None:
        return _form(visit, found, plans, sso)
    made, person = found.made
    if sso is not None:
        _settle(visit, sso, made, person)
    forget_provider(visit)
    if not can_sign_in(visit.db, person):
        return visit.to("/signup/success")
    visit.sign_in(person)
    visit.session.say("notice", "Signed up successfully")
    return visit.back_or_default("/")


def _settle(visit: Visit, sso: Row, account: Row, person: Row) -> None:
    known = visit.session.data
    remember_authorization(visit, person, sso, known.get("authentication_id"), known.get("id_token"))
    if known.get("authentication_email") and person["email"] == known["authentication_email"]:
        activate_user(visit.sandbox, person)
    if sso["automatically_approve_accounts"]:
        approve(visit.sandbox, account)


@routes.on("GET", "/signup/success", "signup/success")
def success(visit: Visit) -> Answer:
    """What is said after signing up."""
    return _closed(visit) or show_page(visit, "signup/success")
