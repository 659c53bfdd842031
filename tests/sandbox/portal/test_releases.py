# SPDX-License-Identifier: GPL-3.0-or-later
"""What the portal of 2.15 does otherwise, beyond what its recording holds."""

from __future__ import annotations

import pytest

from sandbox.threescale.__main__ import arguments, make_server
from tests.sandbox.portal.visitors import D, Portal


@pytest.fixture(scope="module")
def portal() -> Portal:
    """A portal of 2.15, open to everybody."""
    options = f"--port 1 --superdomain {D} --tenant maas --token TOKEN --master-token MASTER --release 2.15"
    found = Portal(make_server(arguments().parse_args(options.split())))
    found.admin("PUT", "provider.json", {"site_access_code": ""})
    found.developer()
    return found


@pytest.mark.parametrize(
    ("email", "place", "words"),
    [
        ("dev@example.com", "/login", "A password reset link has been emailed to you."),
        ("nobody@example.com", "/admin/account/password/new", "Email not found."),
    ],
)
def test_forgotten_passwords(portal: Portal, email: str, place: str, words: str) -> None:
    browser = portal.browser()
    browser.get("/admin/account/password/new")
    answer = browser.submit({"email": email}, "/admin/account/password")
    assert (answer.url.path, words in answer.text) == (place, True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/no.png", "image/png"), ("/no.css", "text/css"), ("/no.json", "application/json"), ("/no.odd", "text/plain")],
)
def test_errors_have_the_type_that_was_asked_for(portal: Portal, path: str, kind: str) -> None:
    answer = portal.browser().client.get(path)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (404, kind)


def test_statistics_as_xml(portal: Portal) -> None:
    account = portal.admin("GET", "accounts/find.json?username=dev")["account"]["id"]
    application = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]["id"]
    browser = portal.browser()
    browser.sign_in()
    path = f"/stats/api/applications/{application}"
    answer = browser.client.get(f"{path}/usage.xml?metric_name=hits&period=day")
    assert answer.text.splitlines()[1:3] == ["<usage>", "  <metric>"]
    assert browser.client.get(f"{path}/usage_response_code.xml?response_code=200&period=day").status_code == 500
