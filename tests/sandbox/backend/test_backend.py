# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's backend and analytics, through HTTP but in this process, with a clock that the tests set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from starlette.testclient import TestClient

from sandbox.threescale.__main__ import arguments, make_server

D = "apps.example.com"
START = datetime(2026, 11, 25, 11, 59, 30, tzinfo=timezone.utc)  # a Wednesday, half a minute before the hour ends
OPTIONS = {"3scale-options": "rejection_reason_header=1&limit_headers=1"}


@dataclass
class Shop:
    """One product with metrics, methods, a plan and an application."""

    client: TestClient
    now: datetime
    service: int = 0
    token: str = ""
    plan: int = 0
    application: int = 0
    account: int = 0
    key: str = ""
    stats: str = ""

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the Admin API."""
        headers = {"Host": f"maas-admin.{D}"}
        answer = self.client.request(method, f"/admin/api/{path}.json", json=body, headers=headers, auth=("", "TOKEN"))
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.text else None

    def call(self, kind: str, key: str | None = None, options: dict[str, str] | None = None, **usage: Any) -> Any:
        """authorize or authrep with usage[name]=value."""
        query: dict[str, Any] = {"service_id": self.service, "service_token": self.token, "user_key": key or self.key}
        query |= {f"usage[{name}]": value for name, value in usage.items()}
        headers = {"Host": f"backend.{D}", **(OPTIONS if options is None else options)}
        return self.client.get(f"/transactions/{kind}.xml", params=query, headers=headers)

    def report(self, *transactions: dict[str, Any]) -> None:
        """A batch of usage: {"user_key"?, "timestamp"?, "code"?, metric: value}."""
        form: dict[str, Any] = {"service_id": self.service, "service_token": self.token}
        for index, given in enumerate(transactions):
            usage = dict(given)
            front = f"transactions[{index}]"
            form[f"{front}[user_key]"] = usage.pop("user_key", self.key)
            if "timestamp" in usage:
                form[f"{front}[timestamp]"] = usage.pop("timestamp")
            if "code" in usage:
                form[f"{front}[log][code]"] = usage.pop("code")
            form |= {f"{front}[usage][{name}]": value for name, value in usage.items()}
        answer = self.client.post("/transactions.xml", data=form, headers={"Host": f"backend.{D}"})
        assert (answer.status_code, answer.text) == (202, "")

    def limit(self, metric: str, period: str, value: int) -> None:
        """A limit of the plan."""
        metrics = self.admin("GET", f"services/{self.service}/metrics")["metrics"]
        metric_id = next(m["metric"]["id"] for m in metrics if m["metric"]["system_name"] == metric)
        self.admin(
            "POST", f"application_plans/{self.plan}/metrics/{metric_id}/limits", {"period": period, "value": value}
        )

    def stored(self, metric: str, period: str) -> int:
        """The current value that the backend shows for a limit."""
        text = self.call("authorize", prompt_tokens=0).text
        found = re.search(rf'metric="{metric}" period="{period}".*?<current_value>(\d+)<', text)
        assert found, text
        return int(found[1])

    def usage(self, path: str | None = None, **query: Any) -> Any:
        """Analytics of the application (or of what `path` names)."""
        path = path or f"applications/{self.application}/usage"
        query = {"access_token": self.stats, "metric_name": "total_tokens", **query}
        return self.client.get(f"/stats/{path}.json", params=query, headers={"Host": f"maas-admin.{D}"})


@pytest.fixture
def shop() -> Shop:
    flags = ["--port", "1", "--superdomain", D, "--tenant", "maas", "--token", "TOKEN", "--master-token", "M"]
    server = make_server(arguments().parse_args(flags))
    shop = Shop(TestClient(server), START)

    def clock() -> float:
        return shop.now.timestamp()  # read anew each time: tests set it

    server.sandbox.db.clock = clock
    shop.service = shop.admin("POST", "services", {"name": "Shop", "system_name": "shop"})["service"]["id"]
    up = {"name": "up", "private_endpoint": "http://up.models.svc.cluster.local:8080"}
    backend = shop.admin("POST", "backend_apis", up)["backend_api"]["id"]
    shop.admin("POST", f"services/{shop.service}/backend_usages", {"backend_api_id": backend, "path": "/"})
    for name in ("total_tokens", "prompt_tokens"):
        metric = {"system_name": name, "friendly_name": name, "unit": "token"}
        shop.admin("POST", f"services/{shop.service}/metrics", metric)
    hits = shop.admin("GET", f"services/{shop.service}/metrics")["metrics"][0]["metric"]["id"]
    for name in ("chat", "embed"):
        method = {"system_name": name, "friendly_name": name}
        shop.admin("POST", f"services/{shop.service}/metrics/{hits}/methods", method)
    plan = {"name": "Plan", "state_event": "publish"}
    shop.plan = shop.admin("POST", f"services/{shop.service}/application_plans", plan)["application_plan"]["id"]
    person = {"org_name": "dev", "username": "dev", "email": "dev@example.com", "password": "a-Long-passw0rd!"}
    shop.account = shop.admin("POST", "signup", person)["account"]["id"]
    wish: dict[str, Any] = {"plan_id": shop.plan, "name": "app", "description": "app"}
    application = shop.admin("POST", f"accounts/{shop.account}/applications", wish)["application"]
    shop.application, shop.key = application["id"], application["user_key"]
    shop.admin("POST", f"services/{shop.service}/proxy/deploy")
    latest = shop.admin("GET", f"services/{shop.service}/proxy/configs/sandbox/latest")["proxy_config"]
    shop.token = latest["content"]["backend_authentication_value"]
    token = {"token": {"name": "stats", "permission": "ro", "scopes": ["stats"]}}
    shop.stats = shop.admin("POST", "personal/access_tokens", token)["access_token"]["value"]
    return shop


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
    shop.limit("total_tokens", "eternity", 10**19)
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
        ({"since": "soon", "until": "later", "granularity": "day"}, "should have valid date/time format"),
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
