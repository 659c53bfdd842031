# SPDX-License-Identifier: GPL-3.0-or-later
"""Each template that the role uploads is rendered by a page that some test here looks at."""

from __future__ import annotations

import re

import pytest

from tests.sandbox.portal.catalogue_pages import ODD, files, publish
from tests.sandbox.portal.test_role_pages import OWN, PUBLIC, look, render
from tests.sandbox.portal.test_role_rest import CASES
from tests.sandbox.portal.visitors import PASSWORD, Browser, Portal

MODELS = ("/models/model-0", "/models/model-1")
END = ".html.liquid"
#: what tells in a page that a template was rendered; where it stands within a tag or a title is no matter
MARK = re.compile(r"\(\(made by ([^)]+)\)\)")


def marked(made: dict[str, str]) -> dict[str, str]:
    """Templates that tell of themselves at their end."""
    return {name: f"{text}((made by {name}))" if name.endswith(END) else text for name, text in made.items()}


def seen_in(text: str) -> set[str]:
    """The templates that a page was made of."""
    return set(MARK.findall(text))


@pytest.fixture
def furnished(portal: Portal) -> tuple[Portal, list[str]]:
    """A portal where a developer has something of everything; the paths of the pages about these things."""
    publish(portal, 2, "en")
    for number in range(2):
        portal.product(f"model-{number}", description=ODD)
    account = portal.developer()
    plan = portal.admin("GET", "application_plans.json")["plans"][-1]["application_plan"]["id"]
    metric = portal.admin("GET", "services.json")["services"][-1]["service"]["id"]
    hits = portal.admin("GET", f"services/{metric}/metrics.json")["metrics"][0]["metric"]["id"]
    place = f"application_plans/{plan}/metrics/{hits}"
    portal.admin("POST", f"{place}/limits.json", {"period": "day", "value": 5})
    portal.admin("POST", f"{place}/pricing_rules.json", {"min": 1, "cost_per_unit": 0.25})
    body = {"plan_id": plan, "name": ODD, "description": ODD}
    made = portal.admin("POST", f"accounts/{account}/applications.json", body)["application"]["id"]
    colleague = {"username": "colleague", "email": "colleague@example.com", "password": PASSWORD}
    user = portal.admin("POST", f"accounts/{account}/users.json", colleague)["user"]["id"]
    own = f"/admin/applications/{made}"
    return portal, [
        *(own, f"{own}?show=key", f"{own}/edit", "/admin/applications/new?service_id=model-1", *MODELS),
        *("/admin/applications/choose_service", f"/admin/account/users/{user}/edit", "/admin/account/invitations/new"),
    ]


def written(browser: Browser) -> str:
    """The path of a message that was sent."""
    browser.get("/admin/messages/new")
    browser.submit({"message[subject]": "x", "message[body]": "y"}, "/admin/messages/sent")
    sent = browser.get("/admin/messages/sent").text
    found = re.search(r'href="(/admin/messages/sent/\d+)"', sent) or pytest.fail("no message was sent")
    return str(found[1])


def test_every_template_is_rendered(furnished: tuple[Portal, list[str]]) -> None:
    portal, own = furnished
    stranger, developer = portal.browser(), portal.browser()
    developer.sign_in()
    visits: list[tuple[Browser, str, int]] = [(stranger, path, 200) for path in PUBLIC]
    visits += [(developer, path, 200) for path in [*OWN, *own, written(developer)]]
    visits += [(stranger, "/no/such/page", 404)]
    for browser, path, status in visits:
        look(browser, path, status)
    made = marked(files(2))
    publish(portal, 2, "en", made)
    seen = seen_in(portal.browser().sign_in().text)
    for browser, path, _status in visits:
        seen |= seen_in(browser.get(path).text)
    for name, (given, _said) in CASES.items():
        seen |= seen_in(render(name, marked(files(1)), **given(1)).words)
    portal.builtin("account/show", "<h1>without a title</h1>")
    seen |= seen_in(developer.get("/admin/account").text)
    assert {name for name in made if name.endswith(END)} - seen == set()
