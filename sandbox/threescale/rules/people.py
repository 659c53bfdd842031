# SPDX-License-Identifier: GPL-3.0-or-later
"""Validation of accounts and users, with the server's own messages; used by the API, the master API and the portal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..release import Release
from ..store import Row
from .email import BAD_EMAIL, EMAIL, check_email
from .validate import Check, blank
from .zones import ZONES

if TYPE_CHECKING:
    from ..sandbox import Sandbox

_LOGIN = re.compile(r"\A\w[\w.\-_@+]+\Z", re.ASCII)
_SPECIAL = "-+=><_$#.:;!?@&*()~][}{|"
_STRONG = re.compile(rf"\A(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[{re.escape(_SPECIAL)}])(?!.*\s).{{8,}}\Z")
WEAK_PASSWORD = (
    "Password must be at least 8 characters long, and contain both upper and lowercase letters, a digit and one"
    f" special character of {_SPECIAL}."
)
_BILLING = tuple(f"billing_address_{part}" for part in ("name", "address1", "city", "country"))
ACCOUNT_TEXTS = (
    "org_legaladdress",
    "telephone_number",
    "site_access_code",
    "billing_address_name",
    "city",
    "state_region",
    "state",
    "timezone",
    "from_email",
    "primary_business",
    "business_category",
    "zip",
    "support_email",
    "finance_support_email",
    "po_number",
    "vat_code",
    "fiscal_code",
)


def check_account(check: Check, release: Release) -> None:
    """Validate an account's columns."""
    if release.empty_error_lists:
        check.errors.name(*_BILLING)
    name = check.row.get("org_name")
    check.presence("org_name")
    check.longest(255, "org_name")
    if not re.match(r".*[a-zA-Z0-9]+.*", str(name or "")):
        check.add("org_name", "must contain at least one alphanumeric character")
    check.longest(255, *ACCOUNT_TEXTS)
    zone = check.row.get("timezone")
    if zone and not known_zone(str(zone)):
        check.add("timezone", f"Timezone {zone} is not allowed")
    if not check.row.get("buyer"):
        check_email(check, "support_email")
        check_email(check, "finance_support_email")


def known_zone(name: str) -> bool:
    """Whether it is the name of a time zone of whole hours, as the server lists them."""
    return name in ZONES and name not in _ODD_ZONES


_ODD_ZONES = {
    "Newfoundland",
    "Tehran",
    "Kabul",
    "Chennai",
    "Kolkata",
    "Mumbai",
    "New Delhi",
    "Kathmandu",
    "Sri Jayawardenepura",
    "Rangoon",
    "Darwin",
    "Adelaide",
    "Chatham Is.",
}


def is_taken(sandbox: Sandbox, account: dict[str, Any], column: str, value: Any, user_id: int | None = None) -> bool:
    """Whether another user of the same kind has this username or address."""
    if sandbox.db.lenient:
        return False
    buyer, tenant_id = bool(account.get("buyer")), account["tenant_id"]
    for user in sandbox.db.where("users", tenant_id=tenant_id, **{column: value}):
        owner = sandbox.db.get("accounts", user["account_id"])
        if user["id"] != user_id and owner is not None and bool(owner["buyer"]) == buyer:
            return True
    return False


def check_user(
    sandbox: Sandbox,
    check: Check,
    account: dict[str, Any],
    *,
    minimal: bool,
    password: str | None = None,
    strong: bool = False,
    confirmation: str | None = None,
) -> None:
    """Validate a user's columns. MINIMAL: signed up by Signup Express, the address is not looked at closely.

    ACCOUNT needs `buyer` and `tenant_id`; STRONG: the password has to be; CONFIRMATION: the password once more.
    """
    row = check.row
    if not blank(confirmation) and not blank(password) and confirmation != password:
        check.add("password_confirmation", "doesn't match Password")
    check.shortest(3, "username")
    if len(str(row.get("username") or "")) > 40:
        check.add("username", "is too long (maximum is 40 characters)")
    if not blank(row.get("username")) and not _LOGIN.match(str(row["username"])):
        check.add("username", "use only letters, numbers, and .-_@+ please.")
    email = row.get("email")
    if not blank(email):
        check.shortest(6, "email")
        check.longest(255, "email")
    if not minimal and not EMAIL.match(str(email or "")):
        check.add("email", BAD_EMAIL)
    if strong and password is not None and not _STRONG.match(password):
        check.add("password", WEAK_PASSWORD)
    check.longest(255, "first_name", "last_name", "job_role", "title", "cas_identifier", "open_id")
    for name in ("email", "username"):
        if not blank(row.get(name)) and is_taken(sandbox, account, name, row[name], row.get("id")):
            check.add(name, "has already been taken")


def chooses_password(sandbox: Sandbox, user: Row) -> bool:
    """Whether the user signed up in the portal by himself, with a password; only then is a new one looked at."""
    by_other_means = user["open_id"] or user["cas_identifier"] or user["authentication_id"]
    if user["signup_type"] != "new_signup" or by_other_means:
        return False
    return sandbox.db.first("sso_authorizations", user_id=user["id"]) is None


def visible_users(sandbox: Sandbox, account: Row) -> list[Row]:
    """The users of an account without the hidden one for impersonation."""
    return [user for user in sandbox.db.where("users", account_id=account["id"]) if user["username"] != "3scaleadmin"]


def first_admin(sandbox: Sandbox, account: Row) -> Row | None:
    """The account's first admin user."""
    return next((user for user in visible_users(sandbox, account) if user["role"] == "admin"), None)
