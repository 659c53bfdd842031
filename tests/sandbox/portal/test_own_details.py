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


def test_filters_of_referrers(portal: Portal) -> None:
    account = portal.developer()
    application = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]["id"]
    portal.builtin("applications/show", SHOW)
    portal.page("/token", "{% csrf %}")
    browser = portal.browser()
    browser.sign_in()
    token = browser.get("/token").text.partition('csrf-token" content="')[2].partition('"')[0]

    def said(value: str) -> str:
        form = {"authenticity_token": token, "referrer_filter": value}
        browser.client.post(f"/admin/applications/{application}/referrer_filters", data=form)
        text = browser.get(f"/admin/applications/{application}").text
        return text.partition("(")[2].partition(")")[0].replace("&#39;", "'")

    assert said("") == "referrer filter can't be blank and referrer filter invalid"
    assert said("a b") == "referrer filter invalid"
    assert said("x.io") == "Referrer filter has been created."
    assert said("x.io") == "referrer filter has already been taken"
    assert [said(f"{number}.io") for number in range(4)] == ["Referrer filter has been created."] * 4
    assert said("more.io") == "Limit reached"


def test_another_plan_of_the_account(portal: Portal) -> None:
    account = portal.developer()
    portal.admin("PUT", "settings.json", {"change_account_plan_permission": "direct"})
    made = [
        portal.admin("POST", "account_plans.json", {"name": name, "state_event": event})["account_plan"]["id"]
        for name, event in (("Gold", "publish"), ("Secret", ""))
    ]
    portal.page("/token", "{% csrf %}")
    portal.builtin("account_plans/index", SHOW)
    browser = portal.browser()
    browser.sign_in()
    token = browser.get("/token").text.partition('csrf-token" content="')[2].partition('"')[0]
    form = {"_method": "put", "authenticity_token": token}
    assert browser.client.post("/buyer/account_contract", data={**form, "plan_id": str(made[1])}).status_code == 404
    answer = browser.client.post("/buyer/account_contract", data={**form, "plan_id": str(made[0])})
    assert answer.headers["location"] == f"http://maas.{D}/admin/account/account_plans"
    assert portal.admin("GET", f"accounts/{account}/plan.json")["account_plan"]["name"] == "Gold"


def test_plans_of_a_subscription(portal: Portal) -> None:
    account = portal.developer()
    found = portal.admin("GET", f"accounts/{account}/service_subscriptions.json")["service_subscriptions"][0]
    subscription = found["service_subscription"]
    plans = f"services/{subscription['service_id']}/service_plans.json"
    portal.admin("POST", plans, {"name": "Golden", "state_event": "publish"})
    portal.admin("POST", plans, {"name": "Secret"})
    browser = portal.browser()
    browser.sign_in()
    answer = browser.get(f"/admin/contracts/{subscription['id']}/service_plans")
    assert ("Golden" in answer.text, "Secret" in answer.text) == (True, False)
    assert browser.get("/admin/contracts/99999/service_plans").status_code == 404
