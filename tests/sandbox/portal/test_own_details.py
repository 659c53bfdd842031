# SPDX-License-Identifier: GPL-3.0-or-later
"""What developers change of themselves, and where that leads."""

from __future__ import annotations

import pytest

from tests.sandbox.portal.visitors import PASSWORD, Browser, D, Portal

DETAILS = "/admin/account/personal_details"
SHOW = "{% for message in flash.messages %}({{ message.text }}){% endfor %}{{ user.errors.current_password }}"
FORM = "{% form 'user.personal_details', current_user %}x{% endform %}"


@pytest.fixture
def visitor(portal: Portal) -> tuple[Portal, Browser]:
    """A portal with a short page of one's own details, and a developer who looks at it."""
    portal.developer()
    portal.builtin("user/show", SHOW + FORM)
    browser = portal.browser()
    browser.sign_in()
    browser.get(DETAILS)
    return portal, browser


def test_a_change_leads_to_the_users(visitor: tuple[Portal, Browser]) -> None:
    values = {"user[username]": "renamed", "user[current_password]": PASSWORD}
    answer = visitor[1].submit(values, DETAILS, follow=False)
    assert (answer.status_code, answer.headers["location"]) == (302, f"http://maas.{D}/admin/account/users")


def test_a_wrong_password_is_an_error_of_its_field(visitor: tuple[Portal, Browser]) -> None:
    answer = visitor[1].submit({"user[username]": "renamed", "user[current_password]": "wrong"}, DETAILS)
    assert "(Current password is incorrect)Current password is incorrect" in answer.text


def test_nothing_is_changed_while_the_account_area_is_shut(visitor: tuple[Portal, Browser]) -> None:
    portal, browser = visitor
    portal.admin("PUT", "settings.json", {"useraccountarea_enabled": False})
    answer = browser.get(DETAILS)
    assert (answer.status_code, answer.text) == (403, "Action disabled")


def test_a_password_that_does_not_go(portal: Portal) -> None:
    account = portal.developer()
    db = portal.server.sandbox.db
    user = db.first("users", account_id=account)
    assert user is not None
    with db.transaction():
        db.update("users", user, lost_password_token="t" * 64, lost_password_token_generated_at=db.clock())
    portal.builtin("password/show", SHOW + "{% form 'password_change', password_reset_token %}x{% endform %}")
    portal.builtin("login/new", SHOW)
    browser = portal.browser()
    browser.get(f"/admin/account/password?password_reset_token={'t' * 64}")
    answer = browser.submit({"user[password]": "abc", "user[password_confirmation]": "abc"}, "/admin/account/password")
    assert "(The password is invalid)" in answer.text
    assert "(The password is invalid)" in browser.get("/login").text
