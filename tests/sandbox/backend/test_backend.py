# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's backend, through HTTP: limits, reports, refusals."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest

from tests.sandbox.backend.conftest import D, Shop


def test_a_period_ends_and_the_count_begins_anew(shop: Shop) -> None:
    for period in ("minute", "hour", "day", "week", "month", "year", "eternity"):
        shop.limit("hits", period, 2)
    assert [shop.call("authrep", hits=1).status_code for _ in range(3)] == [200, 200, 409]
    refused = shop.call("authrep", hits=1)
    assert refused.headers["3scale-limit-reset"] == "-1", "of equal limits headers speak of the longest"
    shop.now += timedelta(seconds=31)
    assert [shop.stored("hits", period) for period in ("minute", "hour", "day")] == [0, 0, 2]
    shop.now = datetime(2026, 11, 26, tzinfo=timezone.utc)
    assert [shop.stored("hits", period) for period in ("day", "week", "month")] == [0, 2, 2]
    shop.now = datetime(2026, 11, 30, tzinfo=timezone.utc)  # Monday
    assert [shop.stored("hits", period) for period in ("week", "month")] == [0, 2]
    shop.now = datetime(2026, 12, 1, tzinfo=timezone.utc)
    assert [shop.stored("hits", period) for period in ("month", "year")] == [0, 2]
    shop.now = datetime(2027, 1, 1, tzinfo=timezone.utc)
    assert [shop.stored("hits", period) for period in ("year", "eternity")] == [0, 2]


def test_headers_speak_of_the_tightest_limit(shop: Shop) -> None:
    shop.limit("hits", "hour", 10)
    shop.limit("chat", "day", 4)
    headers = shop.call("authrep", chat=2).headers
    assert (headers["3scale-limit-remaining"], headers["3scale-limit-max-value"]) == ("1", "4")
    assert headers["3scale-limit-reset"] == str(12 * 3600 + 30)
    assert shop.stored("hits", "hour") == 2, "a method counts for hits too"
    alone = shop.call("authrep", embed=1).headers
    assert (alone["3scale-limit-remaining"], alone["3scale-limit-reset"]) == ("7", "30")


def test_parent_of_the_backends_metrics(shop: Shop) -> None:
    shop.limit("hits", "day", 100)
    tree = shop.call("authorize", options={"3scale-options": "hierarchy=1"}).text
    assert re.search(r'<metric name="hits" children="hits\.\d+ chat embed"/>', tree)
    backend_hits = re.search(r"hits\.\d+", tree)
    assert backend_hits
    shop.report({backend_hits[0]: 3}, {"chat": 1})
    assert shop.stored("hits", "day") == 4
    flat = {"3scale-options": "flat_usage=1"}
    assert shop.call("authrep", options=flat, chat=1).status_code == 200
    assert shop.stored("hits", "day") == 4, "flat usage counts no parents"


@pytest.mark.parametrize(
    ("age", "counted"),
    [(timedelta(), 5), (timedelta(hours=23, minutes=59), 5), (timedelta(hours=24, seconds=1), 0),
     (-timedelta(minutes=59), 5), (-timedelta(minutes=61), 0)],
)  # fmt: skip
def test_old_and_future_transactions(shop: Shop, age: timedelta, counted: int) -> None:
    shop.limit("total_tokens", "eternity", 100)
    moment = shop.now - age
    shop.report({"total_tokens": 5, "timestamp": moment.strftime("%Y-%m-%d %H:%M:%S")})
    assert shop.stored("total_tokens", "eternity") == counted
    shifted = moment.astimezone(timezone(timedelta(hours=2))).strftime("%Y-%m-%d %H:%M:%S +0200")
    shop.report({"total_tokens": 5, "timestamp": shifted})
    assert shop.stored("total_tokens", "eternity") == 2 * counted
    shop.report({"total_tokens": 5, "timestamp": str(int(moment.timestamp()))})
    assert shop.stored("total_tokens", "eternity") == 3 * counted


def test_transaction_of_yesterday_counts_for_yesterday(shop: Shop) -> None:
    shop.limit("total_tokens", "day", 100)
    shop.report({"total_tokens": 7, "timestamp": "2026-11-24 13:00:00"})
    assert shop.stored("total_tokens", "day") == 0
    values = shop.usage(since="2026-11-24", until="2026-11-24 23:59:59", granularity="hour").json()
    assert values["values"][13] == 7 and values["total"] == 7


def test_one_bad_transaction_drops_the_batch(shop: Shop) -> None:
    shop.limit("total_tokens", "eternity", 2**63 - 1)
    for bad in ({"nope": 1}, {"user_key": "nobody", "total_tokens": 1}, {"total_tokens": "-1"}, {"total_tokens": 2**63},
                {"total_tokens": "1e3"}, {"total_tokens": 1, "timestamp": "2001-01-01 00:00:00"}):  # fmt: skip
        shop.report({"total_tokens": 1000}, bad)
    assert shop.stored("total_tokens", "eternity") == 0
    shop.report(*({"total_tokens": 1} for _ in range(1500)))
    assert shop.stored("total_tokens", "eternity") == 1500
    shop.report({"total_tokens": 2**63 - 1})
    assert shop.stored("total_tokens", "eternity") == 1500, "an addition beyond 64 bits is lost"


def test_setting_a_counter_sets_the_products_total_too(shop: Shop) -> None:
    shop.report({"total_tokens": 5})
    wish = {"plan_id": shop.plan, "name": "other", "description": "other"}
    other = shop.admin("POST", f"accounts/{shop.account}/applications", wish)["application"]["user_key"]
    shop.report({"user_key": other, "total_tokens": "#2"})
    total = shop.usage(f"services/{shop.service}/usage", period="day").json()
    assert total["total"] == 2


def test_deleted_application_and_its_key(shop: Shop) -> None:
    shop.admin("DELETE", f"accounts/{shop.account}/applications/{shop.application}")
    answer = shop.call("authrep", hits=1)
    assert answer.status_code == 404
    assert 'code="application_not_found"' in answer.text
    assert shop.call("authrep", key="never-was", hits=1).status_code == 403


def test_tenant_that_will_be_deleted(shop: Shop) -> None:
    headers = {"Host": f"master.{D}"}
    tenants = shop.client.get("/admin/api/accounts.json", headers=headers, auth=("", "M")).json()["accounts"]
    tenant = next(one["account"] for one in tenants if one["account"]["org_name"].lower() == "maas")
    assert shop.call("authrep", hits=1).status_code == 200
    path = f"/master/api/providers/{tenant['id']}.json"
    assert shop.client.delete(path, headers=headers, auth=("", "M")).is_success
    refused = shop.call("authrep", hits=1)
    assert (refused.status_code, refused.headers["3scale-rejection-reason"]) == (409, "service_not_active")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("usage[hits]=1&usage[]=1", 400, "bad_request"),
        ("user_key=%ff", 422, "not_valid_data"),
        ("user_id=5", 400, "end_users_no_longer_supported"),
    ],
)
def test_parameters_that_can_not_be_understood(shop: Shop, query: str, status: int, code: str) -> None:
    front = f"service_id={shop.service}&service_token={shop.token}&"
    answer = shop.client.get(f"/transactions/authrep.xml?{front}{query}", headers={"Host": f"backend.{D}"})
    assert answer.status_code == status
    assert f'code="{code}"' in answer.text


def test_status_check_and_preflight(shop: Shop) -> None:
    headers = {"Host": f"backend-maas.{D}"}
    assert shop.client.get("/status", headers=headers).json()["status"] == "ok"
    assert shop.client.get("/check.txt", headers=headers).text == "ok"
    preflight = shop.client.options("/transactions/authrep.xml", headers=headers)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "*")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("user_key", "user_key_invalid"),
        ("service_id", "service_token_invalid"),
        ("service_token", "service_token_invalid"),
        ("app_id", "application_not_found"),
        ("provider_key", "provider_key_invalid"),
    ],
)
@pytest.mark.parametrize("form", [" {}", "{} ", "\t{}"])
def test_blanks_around_credentials_count(shop: Shop, name: str, code: str, form: str) -> None:
    """They make another key of it; blanks alone are as good as nothing."""
    application = shop.admin("GET", f"accounts/{shop.account}/applications/{shop.application}")["application"]
    assert application["user_key"] == shop.key
    query = {"service_id": str(shop.service), "service_token": shop.token, "user_key": shop.key}
    if name == "app_id":
        query |= {"app_id": "an-id"}
        query.pop("user_key")
    if name == "provider_key":
        query |= {"provider_key": "a-key"}
    given = form.format(query[name])
    answer = shop.client.get(
        "/transactions/authorize.xml", params={**query, name: given}, headers={"Host": f"backend.{D}"}
    )
    assert f'code="{code}"' in answer.text
    assert given in answer.text or name == "service_token"


def test_blanks_alone_are_no_credentials(shop: Shop) -> None:
    assert 'code="application_not_found"' in shop.call("authorize", key="  ").text


def test_blanks_around_an_app_key_do_not(shop: Shop) -> None:
    shop.admin("PUT", f"services/{shop.service}", {"backend_version": "2"})
    application = shop.admin("GET", f"accounts/{shop.account}/applications/{shop.application}")["application"]
    shop.admin("POST", f"accounts/{shop.account}/applications/{shop.application}/keys", {"key": "a-good-key"})
    query = {"service_id": str(shop.service), "service_token": shop.token, "app_id": application["application_id"]}
    for key, status in ((" a-good-key ", 200), ("a-bad-key", 409)):
        answer = shop.client.get(
            "/transactions/authorize.xml", params={**query, "app_key": key}, headers={"Host": f"backend.{D}"}
        )
        assert answer.status_code == status
