# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways through the role's pages: what is open is linked, what is closed is not."""

from __future__ import annotations

import pytest

from tests.sandbox.portal.catalogue_pages import ODD, files, portal_pages, publish
from tests.sandbox.portal.test_role_pages import OWN, PUBLIC, Known, look, render
from tests.sandbox.portal.test_single_sign_on import integrate
from tests.sandbox.portal.visitors import Browser, D, Portal, links, told
from tests.support.provider import Provider


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
