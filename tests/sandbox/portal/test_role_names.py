# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of applications, whatever these are called and however their product knows them."""

from __future__ import annotations

import pytest

from tests.sandbox.portal.catalogue_pages import publish
from tests.sandbox.portal.test_role_pages import look
from tests.sandbox.portal.visitors import Portal

NAMES = [
    "مرحبا بالعالم",
    "one\ntwo\n# head\n* x </script><script>",
    "{% raw %}x{% endraw %}",
    "{{ 'a' }}{%",
    "x" * 120,
    "-- <!-- ",
    "'; alert(1)//",
]
PERIODS = ("minute", "hour", "day", "week", "month", "year", "eternity")


@pytest.mark.parametrize(
    ("version", "heading"), [("1", "Key"), ("2", "Keys"), ("oauth", "Keys")], ids=["key", "id", "oidc"]
)
def test_odd_names_and_limits_of_a_method(portal: Portal, version: str, heading: str) -> None:
    publish(portal, 1, "en")
    service, account = portal.product("model-0"), portal.developer()
    portal.admin("PUT", f"services/{service}.json", {"backend_version": version})
    plan = portal.admin("GET", f"services/{service}/application_plans.json")["plans"][0]["application_plan"]["id"]
    hits = portal.admin("GET", f"services/{service}/metrics.json")["metrics"][0]["metric"]["id"]
    given = {"friendly_name": "<b> {{ 1 }}", "system_name": "calls"}
    method = portal.admin("POST", f"services/{service}/metrics/{hits}/methods.json", given)["method"]["id"]
    for place, period in enumerate(PERIODS):
        limits = f"application_plans/{plan}/metrics/{method}/limits.json"
        portal.admin("POST", limits, {"period": period, "value": 7 * place})
    browser = portal.browser()
    browser.sign_in()
    for name in NAMES:
        body = {"plan_id": plan, "name": name, "description": name}
        made = portal.admin("POST", f"accounts/{account}/applications.json", body)["application"]["id"]
        for path, shown in (("", 0), ("?show=key", 1)):
            page = look(browser, f"/admin/applications/{made}{path}")
            assert name.strip() in page.title and page.words.count(name.strip()) >= 3
            assert page.words.count("<b> {{ 1 }}") == len(PERIODS) and heading in page.words
            assert len([one for one in page.ids if one.startswith(("key-", "user-key"))]) == shown, page.ids
        look(browser, f"/admin/applications/{made}/edit")
    for path in ("/usage", "/admin/applications"):
        words = look(browser, path).words
        assert [name for name in NAMES if name.strip() not in words] == []
