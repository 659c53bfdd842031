# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways through the role's pages: what is closed is not linked, and whoever can't sign in is told why."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.portal.catalogue_pages import ODD, files, portal_pages, publish
from tests.sandbox.portal.test_role_pages import OWN, PUBLIC, Known, look, render
from tests.sandbox.portal.test_single_sign_on import CLAIMS, back, integrate
from tests.sandbox.portal.visitors import PASSWORD, Browser, D, Portal
from tests.support.provider import Provider

EXPLAINED = "Either the link in our e-mail was not followed yet"
FAILED = "Signing in elsewhere did not work"


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider on a port of its own."""
    server = Provider()
    yield server
    server.end()


@pytest.fixture
def dressed(portal: Portal) -> Portal:
    """The portal with the role's pages for two models."""
    publish(portal, 2, "en")
    for number in range(2):
        portal.product(f"model-{number}")
    return portal


def links(browser: Browser) -> set[str]:
    """Paths of the present page's links within the portal."""
    assert browser.answer is not None
    found = (html.unescape(link).strip() for link in re.findall(r'href="([^"]+)"', browser.answer.text))
    inside = [urlsplit(link) for link in found if not link.startswith(("mailto:", "#"))]
    return {link.path or "/" for link in inside if link.netloc in ("", f"maas.{D}")}


def crawl(browser: Browser, start: str) -> dict[str, int]:
    """Every page that links lead to, with its status; signing out and subscribing are left alone."""
    seen: dict[str, int] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        answer = browser.get(path + ("?service_id=model-0" if path == "/admin/applications/new" else ""))
        seen[path] = answer.status_code
        if "html" in answer.headers.get("content-type", ""):
            known = {*seen, *waiting, "/logout", "/admin/service_contracts/new"}
            waiting += sorted(link for link in links(browser) - known if not link.startswith(("/images/", "/swagger/")))
    return seen


@pytest.mark.parametrize("closed", [False, True], ids=["open", "sso"])
def test_no_link_leads_to_a_closed_page(dressed: Portal, provider: Provider, closed: bool) -> None:
    if closed:
        integrate(dressed, provider)
    account = dressed.developer()
    plans = dressed.admin("GET", "application_plans.json")["plans"]
    body = {"plan_id": plans[-1]["application_plan"]["id"], "name": "one", "description": "d"}
    dressed.admin("POST", f"accounts/{account}/applications.json", body)
    browser = dressed.browser()
    browser.sign_in()
    seen = crawl(browser, "/")
    assert {path: status for path, status in seen.items() if status != 200} == {}
    stranger = crawl(dressed.browser(), "/")
    assert {path: status for path, status in stranger.items() if status != 200} == {}
    assert ("/signup" in stranger) is not closed
    # the first is where a form leads, the second the usage page once more, the others are closed
    not_linked = {"/signup/success", "/buyer/stats", *(["/signup", "/admin/account/invitations"] if closed else [])}
    own = {path.partition("?")[0] for path in OWN} - not_linked
    assert own - set(seen) == set(), "open, and nothing leads there"
    assert set(PUBLIC) - not_linked - set(stranger) - {"/usage"} == set(), "open, and nothing leads there"
    assert [path for path in {*seen, *stranger} if "payment" in path or "/invitations" in path and closed] == []


def test_sign_up_and_invitations_are_closed_where_people_sign_in_elsewhere(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    page = dressed.browser().get("/signup").text
    assert "Continue with SSO" in page and "account[user][username]" not in page
    dressed.developer()
    browser = dressed.browser()
    browser.sign_in()
    users = browser.get("/admin/account/users").text
    assert "There are no invitations here" in users and "/invitations/new" not in users


def test_names_that_come_from_elsewhere_are_not_edited(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    browser = back(dressed, provider, CLAIMS)
    account = dressed.admin("GET", "accounts/find.json?username=ann")["account"]["id"]
    bob = {"username": "bob", "email": "bob@example.com", "password": PASSWORD}
    own = dressed.admin("POST", f"accounts/{account}/users.json", bob)["user"]["id"]
    back(dressed, provider, {**CLAIMS, "sub": "c", "preferred_username": "cid", "email": "cid@example.com"})
    other = dressed.admin("GET", "accounts/find.json?username=cid")["account"]["id"]
    moved = dressed.admin("GET", f"accounts/{other}/users.json")["users"][0]["user"]["id"]
    db = dressed.server.sandbox.db  # there is no mail here to invite anybody with
    with db.transaction():
        db.update("users", db.get("users", moved), account_id=account)
    for path in ("edit", "personal_details"):
        look(browser, f"/admin/account/{path}")
        assert "These come from the service that you sign in with" in told(browser)
        assert 'name="account[' not in told(browser) and 'name="user[' not in told(browser), path
    for user, shown in ((own, True), (moved, False)):
        look(browser, f"/admin/account/users/{user}/edit")
        assert ('name="user[username]"' in told(browser)) is shown, told(browser)
        assert ("These come from the service that the user signs in with" in told(browser)) is not shown
    browser.submit({"user[role]": "member"}, f"/users/{moved}")
    changed = dressed.admin("GET", f"accounts/{account}/users/{moved}.json")["user"]
    assert (changed["role"], changed["username"], changed["email"]) == ("member", "cid", "cid@example.com")


@pytest.mark.parametrize("name", [ODD, 'A "big" company\'s <b>', "{{ 7 | plus: 1 }}{% raw %}"])
def test_a_provider_and_a_tenant_of_any_name(dressed: Portal, provider: Provider, name: str) -> None:
    integrate(dressed, provider, name=name)
    db = dressed.server.sandbox.db
    tenant = db.first("accounts", domain=f"maas.{D}")
    assert tenant is not None
    with db.transaction():
        db.update("accounts", tenant, org_name=name)
    for path in ("/", "/login", "/signup"):
        page = look(dressed.browser(), path)
        assert page.title.endswith(f" · {name}") and page.words.count(name) >= 3, path
        assert (f"Continue with {name}" in page.words) is (path != "/"), path


def test_signing_in_elsewhere_leads_to_what_was_asked_for(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    provider.answers["userinfo"] = (200, CLAIMS)
    browser = dressed.browser()
    browser.get("/models/model-0")
    assert "/admin/applications/new" in links(browser)
    assert browser.get("/admin/applications/new?service_id=model-0").url.path == "/login"
    found = browser.get("/auth/sso/callback?code=c", follow=False)
    assert found.headers["location"].endswith("/admin/applications/new?service_id=model-0")


def test_a_button_that_leads_past_keycloaks_form(portal: Portal, provider: Provider) -> None:
    publish(portal, 1, "en", files(1, identity_provider="company & co"))
    integrate(portal, provider)
    integrate(portal, provider, kind="auth0", name="Other", system_name="other")
    for path in ("/login", "/signup"):
        found = re.findall(r'href="(http[^"]+/(?:auth|authorize)\?[^"]+)"', portal.browser().get(path).text)
        ours, other = sorted(html.unescape(link) for link in found)
        assert parse_qs(urlsplit(other).query)["kc_idp_hint"] == ["company & co"]
        assert "kc_idp_hint" not in ours


def told(browser: Browser) -> str:
    """The text of the page one is on."""
    assert browser.answer is not None
    return html.unescape(browser.answer.text)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"token": (401, {"error": "unauthorized_client"})}, "The code is incorrect or expired."),
        ({"userinfo": (401, {})}, "The code is incorrect or expired."),
    ],
    ids=["wrong-secret", "refused-token"],
)
def test_a_provider_that_refuses_us(dressed: Portal, provider: Provider, answers: dict[str, object], said: str) -> None:
    integrate(dressed, provider)
    provider.answers.update(answers)  # type: ignore[arg-type]
    browser = dressed.browser()
    browser.get("/auth/sso/callback?code=c")
    assert said in told(browser) and FAILED in told(browser) and "Continue with SSO" in told(browser)


def test_a_provider_that_is_down(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider, site="http://127.0.0.1:9/realms/maas")
    browser = dressed.browser()
    browser.get("/auth/sso/callback?code=c")
    assert "Connection failed" in told(browser) and FAILED in told(browser)


def test_an_address_that_is_not_confirmed_and_an_account_that_waits(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    unverified = back(dressed, provider, {**CLAIMS, "email_verified": False})
    assert "hasn't been approved yet" in told(unverified) and EXPLAINED in told(unverified)


def test_a_suspended_user_is_told_where_to_ask(dressed: Portal) -> None:
    account = dressed.developer()
    user = dressed.admin("GET", f"accounts/{account}/users.json")["users"][0]["user"]["id"]
    dressed.admin("PUT", f"accounts/{account}/users/{user}/suspend.json")
    browser = dressed.browser()
    browser.sign_in()
    assert EXPLAINED in told(browser) and "/docs/access" in links(browser)


def test_a_name_that_is_taken_is_asked_for_again(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    dressed.developer("ann")
    browser = back(dressed, provider, {**CLAIMS, "email": "other@example.com"})
    assert browser.answer is not None and browser.answer.url.path == "/signup"
    assert "account[user][username]" in told(browser) and 'type="password"' not in told(browser)


def test_a_wrong_password_leaves_its_form_open(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    browser = dressed.browser()
    assert "<details" in browser.get("/login").text and " open>" not in told(browser)
    browser.submit({"username": "dev", "password": PASSWORD + "x"}, "/session")
    assert " open>" in told(browser)


def test_states_of_an_application_have_sentences(dressed: Portal) -> None:
    account = dressed.developer()
    plan = dressed.admin("GET", "application_plans.json")["plans"][-1]["application_plan"]["id"]
    body = {"plan_id": plan, "name": "one", "description": "d"}
    made = dressed.admin("POST", f"accounts/{account}/applications.json", body)["application"]["id"]
    browser = dressed.browser()
    browser.sign_in()
    dressed.admin("PUT", f"accounts/{account}/applications/{made}/suspend.json")
    browser.get(f"/admin/applications/{made}")
    assert "the gateway refuses its key" in told(browser)
    browser.get("/admin/applications")
    assert "suspended" in told(browser)


def test_signing_out_ends_the_session_of_the_provider(dressed: Portal, provider: Provider) -> None:
    integrate(dressed, provider)
    browser = back(dressed, provider, CLAIMS)
    (leave,) = re.findall(r'href="/logout" data-sign-out="([^"]+)"', told(browser))
    out = f"{provider.url}/protocol/openid-connect/logout?client_id=3scale"
    assert leave == f"{out}&post_logout_redirect_uri=http%3A%2F%2Fmaas.{D}%2F"
    dressed.developer()
    local = dressed.browser()
    local.sign_in()
    assert "/logout" in links(local) and "data-sign-out" not in told(local)


def test_the_server_s_sentences_are_said_in_the_portal_s_language(portal: Portal) -> None:
    publish(portal, 0, "es")
    portal.developer()
    browser = portal.browser()
    browser.sign_in()
    assert "Sesión iniciada." in told(browser)


def test_only_certificates_are_offered() -> None:
    one = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----"
    secret = "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----"
    assert portal_pages.certificates(f"# of us\n{secret}\n{one}\n{one}\n") == f"{one}\n{one}\n"
    assert portal_pages.certificates(secret) == portal_pages.certificates((one + "\n") * 1000) == ""


def test_colours_and_policy_and_certificates() -> None:
    made = files(1, theme={"light": {"accent": "#123456"}, "dark": {}})
    assert "--accent: #123456;" in made["css/theme.css"] and made["trust/ca.txt"].startswith("-----BEGIN")
    assert "trust/ca.txt" not in files(1, trust="")
    head = made["maas/_head.html.liquid"]
    assert "default-src &#39;none&#39;" in head and f"https://*.{D}" in head and "theme.css" in head
    assert "Content-Security-Policy" not in files(1, security_policy="")["maas/_head.html.liquid"]
    assert render("errors/internal_server_error").faults == []


def test_an_invoice_has_a_page_of_the_portal(dressed: Portal) -> None:
    account = dressed.developer()
    invoices = "../../api/invoices"  # they have a place of their own beside the rest of the Admin API
    made = dressed.admin("POST", f"{invoices}.json", {"account_id": account, "period": "2026-02"})["invoice"]["id"]
    for name, cost in ((f"{ODD} & so on", "1200.5"), ("Calls", "0.25")):
        line = {"name": name, "description": ODD, "quantity": 3, "cost": cost}
        dressed.admin("POST", f"{invoices}/{made}/line_items.json", line)
    browser = dressed.browser()
    browser.sign_in()
    assert browser.get(f"/admin/account/invoices/{made}").status_code == 404  # before it is issued
    for state in ("finalized", "pending"):
        dressed.admin("PUT", f"{invoices}/{made}/state.json", {"state": state})
    page = look(browser, f"/admin/account/invoices/{made}")
    assert page.title.startswith("Invoice 2026-02-00000001 · ")
    assert page.words.count(ODD) == 3
    for words in ("2026-02-01 – 2026-02-28", "1,200.50", "0.25", "1,200.75", "pending"):
        assert words in page.words, words
    assert "Pay this invoice" not in page.words and "Download as PDF" not in page.words


@pytest.mark.parametrize("password", [True, False], ids=["password", "sso"])
def test_an_invited_person_has_a_page_of_the_portal(password: bool) -> None:
    field = {"name": "username", "label": ODD, "input_name": "user[username]", "html_id": "user_username", "errors": []}
    user = Known({"fields": [Known(field)], "password_required?": password, "errors": Known(password=["is too short"])})
    site = Known(authentication_providers=[Known(name="SSO", authorize_url="https://sso.example.com/auth")])
    page = render("accounts/invitee_signups/show", user=user, site=site)
    assert page.faults == [] and "Join an account" in page.words and ODD in page.words
    assert ("is too short" in page.words, "user_password_confirmation" in page.ids) == (password, password)
    assert ("Continue with SSO" in page.words) is password
