# SPDX-License-Identifier: GPL-3.0-or-later
"""What templates read of accounts, users and invoices beyond what pages of the portal use."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sandbox.threescale.portal.drops.messages import MessageDrop
from sandbox.threescale.portal.drops.world import World
from tests.sandbox.portal.visitors import Portal

ACCOUNT = {
    "bought_plan.name": "Basic",
    "bought_account_plan.name": "Default",
    "timezone.identifier": "Etc/UTC",
    "full_address": "1 Main Street, Springfield",
    "fields_plain_text": "* Organization/Group Name: Org of dev\n* Team: blue",
    "extra_fields_plain_text": "* Team: blue",
    "billing_address.name": "",
    "billing_address.fields.first.value": "Org of dev",
    "billing_address.fields.first.label": "Contact / Company Name",
    "billing_address.fields.last.input_name": "account[billing_address][zip]",
    "has_billing_address?": "false",
    "credit_card_display_number": "",
    "edit_stripe_billing_address_url": "/admin/account/stripe/edit",
}
USER = {
    "display_name": "Ann Lee",
    "informal_name": "Ann",
    "roles_collection.last.name": "member",
    "roles_collection.last.key": "",
    "can.create_application?": "true",
    "can.be_managed?": "",
}
FIELD = {"target": "Account", "name": "team", "label": "Team"}


@pytest.fixture
def pages(portal: Portal) -> Portal:
    """A portal with a developer who has an address, a field and a name."""
    portal.admin("POST", "fields_definitions.json", FIELD)
    account = portal.developer()
    values = {"org_legaladdress": "1 Main Street", "city": "Springfield", "team": "blue"}
    portal.admin("PUT", f"accounts/{account}.json", values)
    user = portal.admin("GET", f"accounts/{account}/users.json")["users"][0]["user"]["id"]
    portal.admin("PUT", f"accounts/{account}/users/{user}.json", {"first_name": "Ann", "last_name": "Lee"})
    return portal


def test_accounts_and_users(pages: Portal) -> None:
    wanted = {f"current_account.{name}": text for name, text in ACCOUNT.items()}
    wanted |= {f"current_user.{name}": text for name, text in USER.items()}
    pages.page("/facts", "".join(f"{name}:::{{{{ {name} }}}};;;" for name in wanted))
    browser = pages.browser()
    assert browser.sign_in().status_code == 200
    parts = (part.partition(":::") for part in browser.get("/facts").text.split(";;;"))
    found = {name.strip(): text.strip() for name, sign, text in parts if sign}
    assert {name.rpartition("\n")[2]: text for name, text in found.items()} == wanted


def test_an_invoice_with_tax(pages: Portal) -> None:
    accounts = pages.admin("GET", "accounts.json")["accounts"]
    account = next(one["account"]["id"] for one in accounts if one["account"]["org_name"] == "Org of dev")
    pages.admin("PUT", f"accounts/{account}.json", {"vat_rate": 21, "vat_code": "V-1"})
    invoices = "../../api/invoices"
    made = pages.admin("POST", f"{invoices}.json", {"account_id": account, "period": "2026-02"})["invoice"]
    pages.admin("POST", f"{invoices}/{made['id']}/line_items.json", {"name": "Tokens", "cost": 1000.5})
    told = pages.admin("GET", f"{invoices}/{made['id']}.json")["invoice"]
    sums = [told[name] for name in ("vat_rate", "vat_amount", "cost_without_vat", "cost")]
    assert sums == [21.0, 210.105, 1000.5, 1210.61]
    for state in ("finalized", "pending"):
        pages.admin("PUT", f"{invoices}/{made['id']}/state.json", {"state": state})
    told = pages.admin("GET", f"{invoices}/{made['id']}.json")["invoice"]
    assert date.fromisoformat(told["due_on"]) - date.fromisoformat(told["issued_on"]) == timedelta(days=2)
    names = ("name", "cost", "cost_without_vat", "vat_amount", "vat_code", "account.name")
    pages.builtin("invoices/index", "".join(f"{{{{ invoices.first.{name} }}}};" for name in names))
    browser = pages.browser()
    browser.sign_in()
    assert "February, 2026;1,210.61;1,000.50;210.1" in browser.get("/admin/account/invoices").text


def test_no_tax_rate_at_a_sign_up(portal: Portal) -> None:
    portal.admin("POST", "fields_definitions.json", {"target": "Account", "name": "vat_rate", "label": "VAT"})
    body = {"org_name": "Taxed", "username": "taxed", "email": "taxed@example.com", "vat_rate": 21}
    assert "vat_rate" not in portal.admin("POST", "signup.json", body)["account"]
    account = portal.developer()
    browser = portal.browser()
    browser.sign_in()
    browser.get("/admin/account/edit")
    browser.submit({"account[org_name]": "Renamed", "account[vat_rate]": "3"}, "/admin/account")
    told = portal.admin("GET", f"accounts/{account}.json")["account"]
    assert (told["org_name"], "vat_rate" in told) == ("Renamed", False)


def test_the_page_of_statistics_leaves_out_what_the_plan_forbids(portal: Portal) -> None:
    account = portal.developer()
    portal.builtin("stats/index", "{% for metric in metrics %}[{{ metric.system_name }}]{% endfor %}")
    application = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]
    metric = {"friendly_name": "Tokens", "unit": "token"}
    made = portal.admin("POST", f"services/{application['service_id']}/metrics.json", metric)["metric"]["id"]
    browser = portal.browser()
    browser.sign_in()
    assert "[hits][tokens]" in browser.get("/buyer/stats").text
    limits = f"application_plans/{application['plan_id']}/metrics/{made}/limits.json"
    portal.admin("POST", limits, {"period": "day", "value": 0})
    assert "[hits]" in browser.get("/buyer/stats").text and "[tokens]" not in browser.get("/buyer/stats").text


def test_pages_that_there_are_not(portal: Portal) -> None:
    """Invoices before they are issued or while finances are not shown; details of no application; no plans."""
    account = portal.developer()
    made = portal.admin("POST", "../../api/invoices.json", {"account_id": account, "period": "2026-02"})["invoice"][
        "id"
    ]
    application = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]["id"]
    browser = portal.browser()
    browser.sign_in()
    assert browser.get(f"/admin/account/invoices/{made}").status_code == 404
    assert browser.get("/admin/access_details").status_code == 200
    portal.admin("DELETE", f"accounts/{account}/applications/{application}.json")
    assert browser.get("/admin/access_details").status_code == 404
    db = portal.server.sandbox.db
    settings = db.first("settings", account_id=2)
    assert settings is not None
    with db.transaction():
        db.update("settings", settings, finance_switch="hidden")
        for plan in db.where("plans", issuer_type="Service", type="ApplicationPlan"):
            db.update("plans", plan, state="hidden")
        for service in db.where("services", account_id=2):
            db.update("services", service, default_application_plan_id=None)
    assert browser.get("/admin/account/invoices").status_code == 403
    answer = browser.get("/admin/applications/new")
    assert (answer.status_code, answer.text) == (404, "No published plan")


def test_features_of_account_plans_and_units_of_methods(portal: Portal) -> None:
    account = portal.developer()
    application = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]
    metrics = f"services/{application['service_id']}/metrics"
    hits = portal.admin("GET", f"{metrics}.json")["metrics"][0]["metric"]["id"]
    portal.admin("POST", f"{metrics}/{hits}/methods.json", {"friendly_name": "Chat"})
    plan = portal.admin("GET", f"accounts/{account}/plan.json")["account_plan"]["id"]
    made = [portal.admin("POST", "features.json", {"name": name})["feature"]["id"] for name in ("Fast", "Slow")]
    portal.admin("POST", f"account_plans/{plan}/features.json", {"feature_id": made[0]})
    portal.admin("PUT", f"account_plans/{plan}.json", {"state_event": "publish"})
    portal.page(
        "/facts",
        "{% for plan in provider.account_plans %}{% for feature in plan.features %}[{{ feature.name }}"
        " {{ feature.enabled? }}]{% endfor %}{% endfor %}{% for app in current_account.applications %}"
        "{% for metric in app.plan.metrics %}({{ metric.name }} {{ metric.unit }}){% endfor %}{% endfor %}",
    )
    browser = portal.browser()
    browser.sign_in()
    assert "[Fast true][Slow false](Hits hit)(Chat hit)" in browser.get("/facts").text


@pytest.mark.parametrize(
    ("subject", "body", "shown"),
    [
        ("Hello", "x", "Hello"),
        ("", "fifteen letters", "fifteen letters"),
        ("", "sixteen letters.", "sixteen lett..."),
        (None, " ", "(no subject)"),
    ],
)
def test_the_subject_of_a_message(portal: Portal, subject: str | None, body: str, shown: str) -> None:
    tenant = portal.server.sandbox.db.rows["accounts"][2]
    world = World(portal.server.sandbox, tenant)
    assert MessageDrop(world, {"subject": subject, "body": body}).subject() == shown
