# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-up by the portal's form or by single sign-on: what is checked, what is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..rules.defined_fields import BUILT_IN, check_defined, definitions, extra_given
from ..rules.fields import to_text
from ..rules.names import random_hex
from ..rules.people import check_account, check_user
from ..rules.signup import NoPlans, plans_for, sign_up
from ..rules.validate import Check, blank
from ..store import Row
from .visit import Visit

SSO_KEYS = (
    "authentication_kind",
    "authentication_id",
    "authentication_username",
    "authentication_provider",
    "authentication_email",
    "id_token",
)


@dataclass
class Attempt:
    """A sign-up that is being tried: columns and errors of account and user, and the two rows once they are made."""

    account: dict[str, Any]
    user: dict[str, Any]
    account_errors: dict[str, list[str]] = field(default_factory=dict)
    user_errors: dict[str, list[str]] = field(default_factory=dict)
    made: tuple[Row, Row] | None = None


def provider_of(visit: Visit) -> Row | None:
    """The sign-in provider that sent this browser to the sign-up form."""
    name = visit.session.data.get("authentication_provider")
    if blank(name) or blank(visit.session.data.get("authentication_id")):
        return None
    return visit.db.first(
        "authentication_providers", account_id=visit.tenant["id"], account_type="developer", system_name=name
    )


def _writable(visit: Visit, target: str, given: dict[str, Any]) -> dict[str, Any]:
    locked = {row["name"] for row in definitions(visit.sandbox, visit.tenant["id"], target) if row["read_only"]}
    locked.add("vat_rate")  # taxes are the tenant's to set
    given = {name: value for name, value in given.items() if name not in locked}
    columns = {
        name: to_text(given[name])
        for name in BUILT_IN[target]
        if name in given and name in visit.db.tables["accounts" if target == "Account" else "users"].columns
    }
    extra = extra_given(visit.sandbox, visit.tenant["id"], target, given)
    return {**columns, "extra_fields": extra}


def attempt(visit: Visit, account: dict[str, Any], user: dict[str, Any], plans: list[Row], sso: Row | None) -> Attempt:
    """Check what was given and, when nothing is wrong, make the account. SSO: the provider in a password's place."""
    words = {name: value for name, value in account.items() if name != "user"}
    found = Attempt(_writable(visit, "Account", words), _writable(visit, "User", user))
    found.account.setdefault("org_name", None)
    if isinstance(found.user.get("username"), str):
        found.user["username"] = found.user["username"].strip()
    if sso is not None:
        for column, key in (("username", "authentication_username"), ("email", "authentication_email")):
            if found.user.get(column) is None and not blank(visit.session.data.get(key)):
                found.user[column] = visit.session.data[key]
    _check(visit, found, user, sso)
    if not found.account_errors and not found.user_errors:
        _make(visit, found, user, plans, sso)
    return found


def _check(visit: Visit, found: Attempt, user: dict[str, Any], sso: Row | None) -> None:
    account = Check(visit.db, {**found.account, "buyer": True})
    check_account(account, visit.sandbox.config.release)
    check_defined(visit.sandbox, account, visit.tenant["id"], "Account")
    found.account_errors = account.errors.by_attribute
    person = Check(visit.db, found.user)
    settings = visit.db.first("settings", account_id=visit.tenant["id"])
    strong = bool(settings and settings["strong_passwords_enabled"]) and sso is None
    password = to_text(user.get("password"))
    check_user(
        visit.sandbox,
        person,
        {"buyer": True, "tenant_id": visit.tenant["id"]},
        minimal=False,
        password=password or "",
        strong=strong,
    )
    check_defined(visit.sandbox, person, visit.tenant["id"], "User")
    if sso is None:
        _check_password(person, user, strong)
    found.user_errors = person.errors.by_attribute


def _check_password(check: Check, user: dict[str, Any], strong: bool) -> None:
    password = to_text(user.get("password")) or ""
    if not password:
        check.add("password", "can't be blank")
    elif len(password) < 6 and not strong:
        check.add("password", "is too short (minimum is 6 characters)")
    repeated = to_text(user.get("password_confirmation"))
    if repeated is not None and password and repeated != password:
        check.add("password_confirmation", "doesn't match Password")


def _make(visit: Visit, found: Attempt, user: dict[str, Any], plans: list[Row], sso: Row | None) -> None:
    try:
        chosen = plans_for(visit.sandbox, visit.tenant, plans)
    except NoPlans:
        found.account_errors = {"plans": ["can't be given together"]}
        return
    password = to_text(user.get("password")) if sso is None else None
    values = {**found.user, "signup_type": "new_signup", "activation_code": random_hex(40)}
    found.made = sign_up(
        visit.sandbox, visit.tenant, account=found.account, user=values, password=password, plans=chosen, activate=False
    )


def remember_authorization(visit: Visit, user: Row, provider: Row, uid: Any, id_token: Any) -> None:
    """Keep that the provider knows the user by this id."""
    own = {
        "authentication_provider_id": provider["id"],
        "uid": None if uid is None else str(uid),
        "user_id": user["id"],
    }
    known = visit.db.first("sso_authorizations", **own)
    if known is None:
        visit.db.insert("sso_authorizations", tenant_id=visit.tenant["id"], id_token=id_token, **own)
    else:
        visit.db.update("sso_authorizations", known, id_token=id_token, updated_at=visit.sandbox.now())


def forget_provider(visit: Visit) -> None:
    """The sign-up is complete: nothing of the provider stays in the session."""
    for key in SSO_KEYS:
        visit.session.data.pop(key, None)
