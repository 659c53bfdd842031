# SPDX-License-Identifier: GPL-3.0-or-later
"""What is looked at of users and their passwords, which depends on who made them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api

USERS = "/admin/api/accounts/3/users"
SHORT = {"errors": {"password": ["is too short (minimum is 6 characters)"]}}
OTHER = {"password_confirmation": ["doesn't match Password"]}


def _user(server: Server, signup_type: str, **values: Any) -> str:
    db = server.sandbox.db
    with db.transaction():
        user = db.insert(
            "users",
            account_id=3,
            tenant_id=2,
            username="user1",
            email="user1@x.io",
            role="admin",
            state="active",
            signup_type=signup_type,
            **values,
        )
    return f"{USERS}/{user['id']}.json"


def test_only_who_signed_up_in_the_portal_needs_a_password_of_six_letters(api: Api, server: Server) -> None:
    path = _user(server, "new_signup")
    assert api.call("PUT", path, {"password": "x"}) == (422, SHORT)
    assert api.call("PUT", path, {"password": "longer"})[0] == 200
    api.call("PUT", "/admin/api/settings.json", {"strong_passwords_enabled": True})
    status, answer = api.call("PUT", path, {"password": "longer still"})
    assert (status, answer["errors"]["password"][0][:45]) == (422, "Password must be at least 8 characters long, ")
    assert api.call("PUT", path, {"password": "A-Long-passw0rd!"})[0] == 200


@pytest.mark.parametrize(
    ("signup_type", "values"),
    [("minimal", {}), ("api", {}), ("created_by_provider", {}), ("new_signup", {"open_id": "x"})],
)
def test_no_other_password_is_looked_at(api: Api, server: Server, signup_type: str, values: dict[str, Any]) -> None:
    path = _user(server, signup_type, **values)
    api.call("PUT", "/admin/api/settings.json", {"strong_passwords_enabled": True})
    assert api.call("PUT", path, {"password": "x"})[0] == 200
    signup = {"org_name": "Org", "username": "weak", "email": "weak@x.io", "password": "x"}
    assert api.call("POST", "/admin/api/signup.json", signup)[0] == 201


def test_a_confirmation_must_match(api: Api, master: Api) -> None:
    body = {"username": "other", "email": "other@x.io", "password": "one", "password_confirmation": "two"}
    assert api.call("POST", f"{USERS}.json", body) == (422, {"errors": OTHER})
    status, answer = api.call("POST", "/admin/api/signup.json", {**body, "org_name": "Org"})
    assert (status, answer["errors"]) == (422, {"users": ["invalid"], **OTHER})
    status, answer = master.call("POST", "/master/api/providers.json", {**body, "org_name": "Org"})
    assert (status, answer["errors"]["user"]) == (422, ["Password confirmation doesn't match Password"])
    assert api.call("POST", f"{USERS}.json", {**body, "password_confirmation": "one"})[0] == 201


def test_a_tenants_admin_needs_no_password(master: Api) -> None:
    body = {"org_name": "No password", "username": "admin", "email": "admin@x.io"}
    assert master.call("POST", "/master/api/providers.json", body)[0] == 201


def test_the_address_of_who_came_by_signup_express_is_not_looked_at_closely(api: Api, server: Server) -> None:
    assert api.call("PUT", _user(server, "minimal"), {"email": "no-address"})[0] == 200
    made = api.make(f"{USERS}.json", {"username": "other", "email": "other@x.io"}, "user")["id"]
    assert api.call("PUT", f"{USERS}/{made}.json", {"email": "no-address"})[0] == 422
    john = api.get(f"{USERS}.json")["users"][0]["user"]["id"]
    assert api.call("PUT", f"{USERS}/{john}.json", {"email": "no-address.either"})[0] == 200


def test_texts_of_a_user_have_a_length(api: Api) -> None:
    body = {"username": "other", "email": "other@x.io", "first_name": "a" * 256}
    assert api.call("POST", f"{USERS}.json", body) == (
        422,
        {"errors": {"first_name": ["is too long (maximum is 255 characters)"]}},
    )
