# SPDX-License-Identifier: GPL-3.0-or-later
"""Analytics, through HTTP: what the backend counted, by hour, day and month."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.sandbox.backend.conftest import D, Shop


def test_analytics_by_period(shop: Shop) -> None:
    shop.report({"total_tokens": 18})
    day = shop.usage(period="day").json()
    assert (day["total"], len(day["values"]), day["values"][-1]) == (18, 25, 18)
    assert day["period"]["since"] == "2026-11-24T11:00:00Z" and day["period"]["until"] == "2026-11-25T11:59:59Z"
    assert [len(shop.usage(period=period).json()["values"]) for period in ("week", "month", "year")] == [29, 32, 13]
    assert shop.usage(period="week").json()["period"]["granularity"] == 21600
    from_midnight = shop.usage(period="day", since="2026-11-25").json()
    assert (len(from_midnight["values"]), from_midnight["values"][11]) == (24, 18)
    until = shop.usage(since="2026-11-01", until="2026-11-25", granularity="hour").json()["period"]["until"]
    assert until == "2026-11-25T00:59:59Z"


def test_analytics_in_another_time_zone(shop: Shop) -> None:
    shop.now = datetime(2026, 11, 25, 23, 30, tzinfo=timezone.utc)
    shop.report({"total_tokens": 18})
    days = shop.usage(since="2026-11-25", until="2026-11-26", granularity="day", timezone="Madrid").json()
    assert days["values"] == [0, 18]
    assert days["period"]["timezone"] == "Europe/Madrid"
    assert days["period"]["since"] == "2026-11-25T00:00:00+01:00"


def test_change_against_the_time_before(shop: Shop) -> None:
    shop.report({"total_tokens": 10})
    shop.now += timedelta(days=1)
    shop.report({"total_tokens": 15})
    found = shop.usage(since="2026-11-26", until="2026-11-26", granularity="day", skip_change="false").json()
    assert (found["total"], found["previous_total"], found["change"]) == (15, 10, 50.0)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"period": "eternity"}, 'Period must be one of ["year", "month", "week", "day"] not "eternity"'),
        ({"since": "2026-01-01", "granularity": "hour"}, "You need to specify either 'range' or 'since' and 'until'"),
        ({"since": "2026-01-01", "until": "2026-11-01", "granularity": "hour"}, "must be less than 90 days"),
        ({"since": "2026-02-32", "until": "2026-03-01", "granularity": "day"}, "should have valid date/time format"),
        ({"since": "2026-01-01", "until": "2026-01-02", "granularity": "6h"}, "Granularity must be one of"),
    ],
)
def test_ranges_that_are_refused(shop: Shop, query: dict[str, str], text: str) -> None:
    answer = shop.usage(**query)
    assert answer.status_code == 400
    assert text in answer.json()["error"]


def test_analytics_need_the_scope(shop: Shop) -> None:
    def status(**query: str) -> tuple[int, Any]:
        path = f"/stats/services/{shop.service}/usage.json"
        answer = shop.client.get(path, params={"metric_name": "hits", "period": "day", **query}, headers=host)
        return answer.status_code, answer.json()

    host = {"Host": f"maas-admin.{D}"}
    assert status() == (403, {"status": "Forbidden"})
    token = {"token": {"name": "no", "permission": "rw", "scopes": ["account_management"]}}
    other = shop.admin("POST", "personal/access_tokens", token)["access_token"]["value"]
    assert status(access_token=other)[0] == 403
    assert status(access_token=shop.stats)[0] == 200


def test_response_codes_top_applications_and_backend(shop: Shop) -> None:
    shop.report({"hits": 1, "code": "200"}, {"hits": 1, "code": "404"}, {"hits": 1, "code": "204"})

    def codes(code: str) -> int:
        path = f"services/{shop.service}/usage_response_code"
        total: int = shop.usage(path, response_code=code, period="day").json()["total"]
        return total

    assert [codes(code) for code in ("200", "404", "204", "2XX", "4XX")] == [1, 1, 0, 2, 1]
    top = shop.usage(
        f"services/{shop.service}/top_applications", metric_name="hits", period="month", since="2026-11-01"
    )
    assert [one["name"] for one in top.json()["applications"]] == ["app"]
    backend = shop.admin("GET", "backend_apis")["backend_apis"][-1]["backend_api"]["id"]
    shop.report({f"hits.{backend}": 4})
    assert shop.usage(f"backend_apis/{backend}/usage", metric_name="hits", period="day").json()["total"] == 4


@pytest.mark.parametrize(
    ("period", "since", "bounds"),
    [
        ("year", "2026-11-25", ("2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z")),
        ("month", "2026-11-25", ("2026-11-01T00:00:00Z", "2026-11-30T23:59:59Z")),
        ("week", "2026-11-25", ("2026-11-23T00:00:00Z", "2026-11-29T23:59:59Z")),
        ("day", "2026-11-25 17:00", ("2026-11-25T00:00:00Z", "2026-11-25T23:59:59Z")),
    ],
)
def test_the_busiest_are_counted_by_the_calendar(shop: Shop, period: str, since: str, bounds: tuple[str, str]) -> None:
    path = f"services/{shop.service}/top_applications"
    found = shop.usage(path, metric_name="hits", period=period, since=since).json()["period"]
    assert (found["name"], found["since"], found["until"]) == (period, *bounds)


@pytest.mark.parametrize(
    ("query", "status"),
    [({"since": "2026-13-01"}, 500), ({"timezone": "Nowhere"}, 500), ({"period": "hour"}, 400), ({"since": ""}, 400)],
)
def test_the_busiest_of_no_time(shop: Shop, query: dict[str, str], status: int) -> None:
    asked = {"metric_name": "hits", "period": "month", "since": "2026-11-01", **query}
    assert shop.usage(f"services/{shop.service}/top_applications", **asked).status_code == status
