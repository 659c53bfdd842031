# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics as data: those of signed-in developers, those of tokens, each closed to the other."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from sandbox.threescale.__main__ import arguments, make_server
from tests.sandbox.portal.visitors import Browser, D, Portal

MINE = "applications/{mine}"
DAY = "metric_name=hits&period=day"
BOUNDS = "metric_name=hits&granularity={}&since={}&until={}"
FORBIDDEN = {"status": "Forbidden"}
NOT_MINE = {"error": "Application not found"}
BROWSER = {"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def shop() -> tuple[Portal, Browser, dict[str, int]]:
    """A portal, a developer who is signed in, ids of his application and of another's."""
    options = f"--port 1 --superdomain {D} --tenant maas --token TOKEN --master-token MASTER"
    portal = Portal(make_server(arguments().parse_args(options.split())))
    accounts = {name: portal.developer(name) for name in ("dev", "other")}
    found = {
        name: portal.admin("GET", f"accounts/{number}/applications.json")["applications"][0]["application"]
        for name, number in accounts.items()
    }
    browser = portal.browser()
    portal.admin("PUT", "provider.json", {"site_access_code": ""})
    assert browser.sign_in().status_code == 200
    portal.admin("PUT", "provider.json", {"site_access_code": "closed"})  # which does not stand before statistics
    return portal, browser, {"mine": found["dev"]["id"], "theirs": found["other"]["id"]}


def asked(client: TestClient, ids: dict[str, int], path: str, **given: Any) -> Response:
    return client.get(f"/stats/{path.format(**ids)}", **given)


@pytest.mark.parametrize(
    ("path", "status", "answer"),
    [
        (f"api/{MINE}/usage.json?metric_name=nope&period=day", 400, {"error": "metric nope not found"}),
        (f"api/{MINE}/usage.json?metric_name=nope", 400, "Required parameter missing: granularity"),
        (f"api/{MINE}/usage.json?metric_name=%20&period=day", 400, "Required parameter missing: metric_name"),
        (f"api/{MINE}/usage.json?metric_name=hits&granularity=day", 400, "Required parameter missing: since"),
        (f"api/{MINE}/usage_response_code.json?period=day", 400, "Required parameter missing: response_code"),
        (f"api/applications/{{theirs}}/usage.json?{DAY}", 404, NOT_MINE),
        ("api/applications/{theirs}/usage.json", 404, NOT_MINE),
        ("api/applications/abc/summary.json", 404, NOT_MINE),
        ("api/applications/{theirs}/usage.csv", 404, "Application not found"),
        (f"api/{MINE}/summary.csv", 406, 'The server does not understand "csv" request.'),
        (f"api/services/2/usage.json?{DAY}", 403, FORBIDDEN),
        ("api/services/2/top_applications.json", 403, FORBIDDEN),
        ("api/services/999/summary.json", 404, {"error": "Service not found"}),
        (f"api/backend_apis/2/usage.json?{DAY}", 404, {"status": "Not found"}),
        (f"applications/{{mine}}/usage.json?{DAY}", 403, FORBIDDEN),
        (f"services/2/usage.json?{DAY}", 403, FORBIDDEN),
        (f"applications/{{mine}}/usage.csv?{DAY}", 403, "Forbidden"),
        (f"applications/{{mine}}/usage.json?{DAY}&access_token=TOKEN", 404, {"status": "Not found"}),
        (f"api/{MINE}/usage.json?{DAY}&timezone=Nowhere", 500, {"status": 500, "error": "Internal Server Error"}),
    ],
)
def test_refusals(shop: tuple[Portal, Browser, dict[str, int]], path: str, status: int, answer: Any) -> None:
    found = asked(shop[1].client, shop[2], path)
    assert (found.status_code, found.json() if isinstance(answer, dict) else found.text) == (status, answer)


@pytest.mark.parametrize(
    ("query", "count", "since", "granularity"),
    [
        ("metric_name=hits&period=year", 13, None, "month"),
        ("metric_name=hits&period=week", 29, None, 21600),
        ("metric_name=hits&period=week&granularity=day&since=2026-01-05", 7, "2026-01-05T00:00:00Z", "day"),
        (BOUNDS.format("day", "2026-02-27", "2026-03-02"), 4, "2026-02-27T00:00:00Z", "day"),
        (BOUNDS.format("month", "2026-01-15", "2026-03-02"), 3, "2026-01-01T00:00:00Z", "month"),
        (BOUNDS.format("hour", "2026-01-01 10:20:00", "2026-01-01 12:59:59"), 3, "2026-01-01T10:00:00Z", "hour"),
        (BOUNDS.format("day", "2026-03-02", "2026-02-27"), 0, "2026-03-02T00:00:00Z", "day"),
        (BOUNDS.format("day", "2026-01-01", "2026-01-02") + "&timezone=Nowhere", 2, "2026-01-01T00:00:00Z", "day"),
        (BOUNDS.format("day", "2026-01-01", "2026-01-02") + "&timezone=Madrid", 2, "2026-01-01T00:00:00+01:00", "day"),
    ],
)
def test_ranges(
    shop: tuple[Portal, Browser, dict[str, int]], query: str, count: int, since: str | None, granularity: Any
) -> None:
    found = asked(shop[1].client, shop[2], f"api/{MINE}/usage.json?{query}").json()
    assert (len(found["values"]), found["period"]["granularity"]) == (count, granularity)
    assert since is None or found["period"]["since"] == since
    assert found["period"]["timezone"] == ("Europe/Madrid" if "Madrid" in query else "Etc/UTC")
    assert found["application"]["id"] == shop[2]["mine"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (BOUNDS.format("hour", "2026-01-01", "2026-04-01"), 400),  # whole hours: 90 days and one hour
        (BOUNDS.format("hour", "2026-01-01", "2026-03-31T22:00:00"), 200),
        (BOUNDS.format("day", "2026-01-01", "2027-01-01"), 400),
        (BOUNDS.format("day", "2026-01-01", "2026-12-31"), 200),
        (BOUNDS.format("day", "2026-13-01", "2026-12-31"), 400),
        (BOUNDS.format("day", "soon", "2026-12-31"), 500),
        (BOUNDS.format("week", "2026-01-01", "2026-12-31"), 400),
        ("metric_name=hits&period=day&granularity=minute", 500),
        ("metric_name=hits&period=eternity", 400),
    ],
)
def test_ranges_that_do_not_go(shop: tuple[Portal, Browser, dict[str, int]], query: str, status: int) -> None:
    assert asked(shop[1].client, shop[2], f"api/{MINE}/usage.json?{query}").status_code == status


def test_forms(shop: tuple[Portal, Browser, dict[str, int]]) -> None:
    client, ids = shop[1].client, shop[2]
    csv = asked(client, ids, f"api/{MINE}/usage.csv?{DAY}")
    assert csv.text.splitlines()[0] == "Metric System Name,Metric Name,Date,Value" and len(csv.text.splitlines()) == 26
    broken = asked(client, ids, f"api/{MINE}/usage.xml?{DAY}")
    assert broken.status_code == 500 and broken.text.splitlines()[1:3] == ["<hash>", "  <status>500</status>"]
    assert asked(client, ids, f"api/{MINE}/usage?{DAY}", headers={"Accept": "*/*"}).json()["total"] == 0
    assert asked(client, ids, f"api/{MINE}/usage?{DAY}", headers=BROWSER).status_code == 406


def test_a_methods_unit_is_that_of_its_metric(shop: tuple[Portal, Browser, dict[str, int]]) -> None:
    portal, browser, ids = shop
    hits = portal.admin("GET", "services/2/metrics.json")["metrics"][0]["metric"]["id"]
    portal.admin("POST", f"services/2/metrics/{hits}/methods.json", {"friendly_name": "Chat"})
    found = asked(browser.client, ids, f"api/{MINE}/summary.json").json()
    assert [one["metric"]["unit"] for one in found["methods"]] == ["hit"]
    token = TestClient(portal.server, base_url=f"http://maas-admin.{D}")
    listed = token.get("/stats/services/2/summary.json", auth=("", "TOKEN")).json()
    assert [one["metric"]["unit"] for one in listed] == ["hit"]


def test_strangers_and_tokens_are_kept_out(shop: tuple[Portal, Browser, dict[str, int]]) -> None:
    portal, _browser, ids = shop
    stranger = portal.browser().client
    for path in (f"api/{MINE}/usage", f"{MINE}/usage", "api/services/2/summary", "services/2/usage"):
        assert asked(stranger, ids, f"{path}.json?{DAY}").json() == FORBIDDEN
        assert asked(stranger, ids, f"{path}.xml?{DAY}").text == ""
        assert asked(stranger, ids, f"{path}?{DAY}").headers["location"].endswith("/login")
    admin = TestClient(portal.server, base_url=f"http://maas-admin.{D}")
    for path in (f"api/{MINE}/usage.json", "api/services/2/usage.json", "api/backend_apis/2/usage.json"):
        found = asked(admin, ids, f"{path}?{DAY}", auth=("", "TOKEN"))
        assert (found.status_code, found.json()) == (403, FORBIDDEN)
