# SPDX-License-Identifier: GPL-3.0-or-later
"""What a developer does in a browser, on the pages that a new tenant starts with."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from tests.sandbox.portal.visitors import PASSWORD, Browser, D, Portal


def key_on(browser: Browser) -> str:
    """The key that the page of an application shows."""
    assert browser.answer is not None
    found = re.search(r'class="key"[^>]*>([^<]+)<', browser.answer.text)
    assert found, browser.answer.text
    return found[1]


def test_sign_up_waits_for_activation(portal: Portal) -> None:
    browser = portal.browser()
    browser.get("/signup")
    wrong = browser.submit({"account[org_name]": "", "account[user][username]": "x"}, "/signup")
    assert wrong.status_code == 200 and "must contain at least one alphanumeric character" in wrong.text
    done = browser.submit(
        {
            "account[org_name]": "Team",
            "account[user][username]": "dev",
            "account[user][email]": "dev@example.com",
            "account[user][password]": PASSWORD,
            "account[user][password_confirmation]": PASSWORD,
        },
        "/signup",
    )
    assert done.url.path == "/signup/success"
    assert "hasn&#39;t been approved yet" in browser.sign_in().text
    account = portal.admin("GET", "accounts/find.json?username=dev")["account"]
    user = portal.admin("GET", f"accounts/{account['id']}/users.json")["users"][0]["user"]
    portal.admin("PUT", f"accounts/{account['id']}/users/{user['id']}/activate.json")
    assert "Signed in successfully" in browser.sign_in("dev@example.com").text
    assert browser.get("/logout").url.path == "/"
    assert browser.get("/admin/applications").url.path == "/login"


def test_wrong_password_and_what_was_asked_for(portal: Portal) -> None:
    portal.developer()
    browser = portal.browser()
    assert browser.get("/admin/applications?page=1").url.path == "/login"
    wrong = browser.submit({"username": "dev", "password": "x"}, "/session")
    assert wrong.status_code == 200 and "Incorrect email or password" in wrong.text
    right = browser.submit({"username": "dev", "password": PASSWORD}, "/session")
    assert str(right.url).endswith("/admin/applications?page=1")
    assert browser.get("/login", follow=False).headers["location"].endswith("/admin")


def test_subscribe_create_read_and_regenerate_the_key(portal: Portal) -> None:
    portal.developer()
    service = portal.product("granite", buyer_can_select_plan=True)
    gold = portal.admin(
        "POST",
        f"services/{service}/application_plans.json",
        {"name": "Gold", "approval_required": True, "state_event": "publish"},
    )["application_plan"]["id"]
    browser = portal.browser()
    browser.sign_in()
    refused = browser.get("/admin/applications/new?service_id=granite")
    assert refused.url.path == "/admin/services" and "you are not subscribed" in refused.text
    assert "Subscribe to granite" in refused.text
    assert "successfully subscribed" in browser.get(f"/admin/service_contracts/new?service_id={service}").text
    form = browser.get("/admin/applications/new?service_id=granite")
    assert "Standard" in form.text and "Gold" in form.text
    blank = browser.submit({"application[name]": ""}, "/admin/applications")
    assert blank.status_code == 422 and "can&#39;t be blank" in blank.text
    waiting = browser.submit({"application[name]": "Waiting", "application[plan_id]": str(gold)}, "/admin/applications")
    assert "Application was successfully created." in waiting.text and "pending" in waiting.text
    browser.get("/admin/applications/new?service_id=granite")
    browser.submit({"application[name]": "My <app>"}, "/admin/applications")
    old = key_on(browser)
    browser.submit({}, "/user_key")
    assert browser.answer is not None and "The user key was regenerated." in browser.answer.text
    assert key_on(browser) != old
    assert (
        portal.admin("GET", f"applications/find.json?user_key={key_on(browser)}")["application"]["name"] == "My <app>"
    )


def test_usage_that_the_backend_counted(portal: Portal) -> None:
    account = portal.developer()
    found = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]
    service = found["service_id"]
    token = portal.server.sandbox.db.first("service_tokens", service_id=service)
    assert token is not None
    told = portal.backend(
        "/transactions/authrep.xml",
        service_id=service,
        service_token=token["value"],
        user_key=found["user_key"],
        **{"usage[hits]": 3},
    )
    assert told.status_code == 200, told.text
    browser = portal.browser()
    browser.sign_in()
    page = browser.get("/buyer/stats")
    address = re.search(r'data-usage-url="([^"]+metric_name=hits[^"]*)"', page.text)
    assert address
    assert browser.get(address[1].replace("&amp;", "&")).json()["total"] == 3
    portal.developer("other")
    stranger = portal.browser()
    stranger.sign_in("other")
    assert (
        stranger.get(f"/stats/api/applications/{found['id']}/usage.json?metric_name=hits&period=month").status_code
        == 404
    )


def test_another_developers_application_is_not_there(portal: Portal) -> None:
    account = portal.developer()
    found = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]["id"]
    portal.developer("other")
    browser = portal.browser()
    browser.sign_in("other")
    assert browser.get(f"/admin/applications/{found}").status_code == 404


def test_a_product_may_keep_applications_to_its_owner(portal: Portal) -> None:
    account = portal.developer()
    service = portal.product("granite")
    browser = portal.browser()
    browser.sign_in()
    browser.get(f"/admin/service_contracts/new?service_id={service}")
    form = browser.get("/admin/applications/new?service_id=granite")
    portal.admin("PUT", f"services/{service}.json", {"buyers_manage_apps": False})
    assert browser.get("/admin/applications/new?service_id=granite").status_code == 403
    browser.answer = form  # opened before
    assert browser.submit({"application[name]": "No"}, "/admin/applications").status_code == 403
    assert len(portal.admin("GET", f"accounts/{account}/applications.json")["applications"]) == 1


def test_a_post_without_token_is_refused_and_signs_out(portal: Portal) -> None:
    account = portal.developer()
    found = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]["id"]
    browser = portal.browser()
    browser.sign_in()
    assert browser.get("/admin/applications").status_code == 200
    answer = browser.client.post(f"/admin/applications/{found}", data={"_method": "delete"})
    assert answer.status_code == 403
    assert browser.get("/admin/applications").url.path == "/login"
    assert portal.admin("GET", f"accounts/{account}/applications.json")["applications"]


def test_change_of_plan_as_the_product_permits(portal: Portal) -> None:
    account = portal.developer()
    found = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]
    browser = portal.browser()
    browser.sign_in()
    page = f"/admin/applications/{found['id']}"
    said = {
        "request": "A request to change your application plan has been sent.",
        "direct": "Plan change was successful.",
    }
    plans = {}
    for permission, words in said.items():
        portal.admin("PUT", f"services/{found['service_id']}.json", {"buyer_plan_change_permission": permission})
        browser.get(page)
        choice = re.search(r'<option value="(\d+)">', browser.answer.text)  # type: ignore[union-attr]
        assert choice
        assert words in browser.submit({"plan_id": choice[1]}, "/admin/contracts/").text
        plans[permission] = portal.admin("GET", f"accounts/{account}/applications/{found['id']}.json")["application"][
            "plan_id"
        ]
    assert plans["request"] == found["plan_id"] != plans["direct"]
    portal.admin("PUT", f"services/{found['service_id']}.json", {"buyer_plan_change_permission": "request"})
    browser.get(page)
    portal.admin("PUT", f"services/{found['service_id']}.json", {"buyer_plan_change_permission": "none"})
    assert browser.submit({"plan_id": str(found["plan_id"])}, "/admin/contracts/").status_code == 500


def test_every_page_of_a_new_tenant_is_whole(portal: Portal) -> None:
    account = portal.developer()
    application = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]["id"]
    browser = portal.browser()
    browser.sign_in()
    paths = [
        "/",
        "/docs",
        "/admin",
        "/admin/applications",
        "/admin/services",
        "/buyer/stats",
        "/admin/account",
        "/admin/account/edit",
        "/admin/account/users",
        "/admin/account/personal_details",
        "/admin/account/invoices",
        "/admin/account/invitations",
        "/admin/messages/received",
        "/admin/messages/sent",
        "/admin/messages/new",
        "/admin/messages/trash",
        "/search?q=key",
        "/admin/access_details",
        f"/admin/applications/{application}",
        f"/admin/applications/{application}/edit",
        "/admin/applications/choose_service",
    ]
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "Liquid error" not in answer.text and "form_tag error" not in answer.text, path
        assert "</html>" in answer.text, path


def test_account_and_messages(portal: Portal) -> None:
    account = portal.developer()
    application = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]["id"]
    browser = portal.browser()
    browser.sign_in()
    browser.get("/admin/account/edit")
    assert (
        "The account information was updated."
        in browser.submit({"account[org_name]": "Renamed"}, "/admin/account").text
    )
    assert portal.admin("GET", f"accounts/{account}.json")["account"]["org_name"] == "Renamed"
    portal.admin("PUT", f"accounts/{account}/applications/{application}/suspend.json")
    inbox = browser.get("/admin/messages/received")
    assert "Application has been suspended" in inbox.text
    browser.get("/admin/messages/new")
    then = browser.submit({"message[subject]": "Hello", "message[body]": "there"}, "/admin/messages/sent")
    assert "Application has been suspended" in then.text and str(then.url).endswith("/admin/messages/received")
    assert "Hello" in browser.get("/admin/messages/sent").text


def test_users_of_an_account_are_listed_for_its_admins(portal: Portal) -> None:
    """Several users need not be allowed for it; the account area has to be open."""
    portal.developer()
    settings = portal.server.sandbox.db.first("settings", account_id=2)
    assert settings is not None
    with portal.server.sandbox.db.transaction():
        portal.server.sandbox.db.update("settings", settings, multiple_users_switch="hidden")
    browser = portal.browser()
    browser.sign_in()
    page = browser.get("/admin/account/users")
    assert page.status_code == 200 and '<table id="users">' in page.text and "YOU" in page.text
    assert browser.get("/admin/account/invitations").status_code == 403
    portal.admin("PUT", "settings.json", {"useraccountarea_enabled": False})
    assert browser.get("/admin/account/users").status_code == 403


def test_a_plan_chosen_at_sign_up_comes_before_the_default_ones(portal: Portal) -> None:
    """The sample product has a default plan and is the older one."""
    service = portal.product("granite")
    plans = portal.admin("GET", f"services/{service}/service_plans.json")["plans"]
    portal.admin("PUT", f"services/{service}/service_plans/{plans[0]['service_plan']['id']}/default.json")
    plan = portal.admin("GET", f"services/{service}/application_plans.json")["plans"][0]["application_plan"]["id"]
    body = {"org_name": "o", "username": "chooser", "email": "c@example.com", "application_plan_id": plan}
    account = portal.admin("POST", "signup.json", body)["account"]["id"]
    listed = portal.admin("GET", f"accounts/{account}/applications.json")["applications"]
    assert [row["application"]["service_id"] for row in listed] == [service, 2]


def test_a_removed_product_is_shown_until_its_purge(portal: Portal) -> None:
    """With the application that a sign-up got of it."""
    portal.product("granite")
    portal.admin("DELETE", "services/2.json")
    portal.developer()
    portal.page("/list", "{% for service in provider.services %}{{ service.system_name }} {% endfor %}")
    browser = portal.browser()
    browser.sign_in()
    assert "API signup" in browser.get("/admin/applications").text
    assert browser.get("/list").text.split() == ["api", "granite"]
    TestClient(portal.server, base_url=f"http://maas.{D}").post("/_sandbox/purge")
    assert "API signup" not in browser.get("/admin/applications").text
    assert browser.get("/list").text.split() == ["granite"]


def test_products_that_were_changed_last_come_last_at_sign_up(portal: Portal) -> None:
    service = portal.product("granite")
    plan = portal.admin("GET", f"services/{service}/application_plans.json")["plans"][0]["application_plan"]["id"]
    portal.admin("PUT", f"services/{service}/application_plans/{plan}/default.json")

    def order(name: str) -> list[int]:
        listed = portal.admin("GET", f"accounts/{portal.developer(name)}/applications.json")["applications"]
        return [row["application"]["service_id"] for row in listed]

    assert order("first") == [2, service]
    portal.admin("PUT", "services/2/proxy.json", {"error_no_match": "none"})
    assert order("second") == [service, 2]


def test_forgotten_passwords(portal: Portal) -> None:
    portal.developer()
    browser = portal.browser()
    for email in ("dev@example.com", "nobody@example.com"):
        browser.get("/admin/account/password/new")
        answer = browser.submit({"email": email}, "/admin/account/password")
        assert f"A password reset link will be sent to {email} if" in answer.text
