# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand, counters, purge: what tests of clients use. One real server, for what only a socket shows."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.sandbox.threescale.conftest import DOMAIN, MASTER, TOKEN, Api, Clock

SERVICES = "/admin/api/services.json"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The stand-in as its own process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "sandbox.threescale",
        "--port",
        str(port),
        "--superdomain",
        DOMAIN,
        "--tenant",
        "maas",
        "--token",
        TOKEN,
        "--master-token",
        MASTER,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(1200):
        try:
            httpx.get(f"{address}/_sandbox/ready")
            break
        except httpx.TransportError:
            time.sleep(0.05)
    yield address
    process.terminate()
    assert process.wait(10) == 0


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of the tenant's Admin API at the real server, without faults at first and at last."""
    with httpx.Client(base_url=url, headers={"Host": f"maas-admin.{DOMAIN}"}, auth=("", TOKEN)) as found:
        found.delete("/_sandbox/faults")
        yield found
        found.delete("/_sandbox/faults")


def names(client: httpx.Client) -> set[str]:
    return {item["service"]["name"] for item in client.get(SERVICES).json()["services"]}


def test_refusals_by_status(api: Api) -> None:
    rules = [
        {"match": {"method": "GET", "path": "^/admin/api/services"}, "do": "429", "times": 1, "retry_after": 3},
        {"match": {"path": "backend_apis"}, "do": "409", "body": None},
        {"match": {"method": "POST", "path": "accounts"}, "do": 503},
    ]
    assert api.call("PUT", "/_sandbox/faults", rules)[0] == 204
    refused = api.send("GET", SERVICES)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
    assert api.send("GET", SERVICES).status_code == 200, "once only"
    conflict = api.send("GET", "/admin/api/backend_apis.json")
    assert (conflict.status_code, conflict.content) == (409, b"")
    assert api.call("POST", "/admin/api/accounts/3/messages.json", {})[0] == 503
    assert api.call("GET", "/admin/api/accounts.json")[0] == 200
    assert api.call("DELETE", "/_sandbox/faults")[0] == 204
    assert api.call("GET", "/admin/api/backend_apis.json")[0] == 200


@pytest.mark.parametrize(
    "rules",
    [{"do": "429"}, [{"do": "explode"}], [{"match": {"path": "("}, "do": "429"}], ["429"], [{"do": "429", "wait": 1}]],
)
def test_unusable_rules_are_refused(api: Api, rules: Any) -> None:
    status, body = api.call("PUT", "/_sandbox/faults", rules)
    assert status == 422
    assert body["error"]


@pytest.mark.parametrize(("when", "kept"), [("500_before", False), ("500_after", True)])
def test_500_before_and_after_the_write(api: Api, when: str, kept: bool) -> None:
    api.call("PUT", "/_sandbox/faults", [{"match": {"method": "POST"}, "do": when, "times": 1}])
    assert api.call("POST", SERVICES, {"name": "Maybe"}) == (500, {"status": 500, "error": "Internal Server Error"})
    assert ("Maybe" in str(api.get(SERVICES))) is kept


def test_tokens_that_expired_or_may_only_read(api: Api) -> None:
    api.call("PUT", "/_sandbox/faults", [{"do": "token_expired", "times": 1}])
    assert api.call("GET", SERVICES) == (403, {"error": "Access denied"})
    api.call("PUT", "/_sandbox/faults", [{"do": "token_read_only"}])
    assert api.call("GET", SERVICES)[0] == 200
    assert api.call("POST", SERVICES, {"name": "New"}) == (
        403,
        {"error": "Your access token does not have the correct permissions"},
    )


@pytest.mark.parametrize("spelling", [{"seconds": 0.2}, {"from": 0.2, "to": 0.25}, {"ms": 200}, {"ms": [200, 250]}])
def test_latency(api: Api, spelling: dict[str, Any]) -> None:
    api.call("PUT", "/_sandbox/faults", [{"do": "latency", **spelling, "times": 1}])
    started = time.monotonic()
    api.get(SERVICES)
    assert 0.2 <= time.monotonic() - started < 0.9


@pytest.mark.parametrize(("when", "kept"), [("drop_before", False), ("drop_after", True)])
def test_connection_dropped_before_and_after_the_write(client: httpx.Client, when: str, kept: bool) -> None:
    client.put("/_sandbox/faults", json=[{"match": {"method": "POST"}, "do": when, "times": 1}])
    with pytest.raises(httpx.TransportError):
        client.post(SERVICES, json={"name": f"Lost {when}"})
    assert (f"Lost {when}" in names(client)) is kept


def test_truncated_and_slow_bodies(client: httpx.Client) -> None:
    whole = client.get("/admin/api/services/2.json").content
    client.put("/_sandbox/faults", json=[{"do": "truncate", "bytes": 20, "times": 1}])
    with pytest.raises(httpx.TransportError):
        client.get("/admin/api/services/2.json")
    client.put("/_sandbox/faults", json=[{"do": "slow", "seconds": 0.3, "times": 1}])
    started = time.monotonic()
    assert client.get("/admin/api/services/2.json").content == whole
    assert time.monotonic() - started >= 0.2


def at_once(client: httpx.Client, calls: list[tuple[str, str, Any]]) -> Counter[int]:
    """Send requests side by side; how often each status came back."""
    answers: Counter[int] = Counter()

    def send(method: str, path: str, body: Any) -> None:
        with httpx.Client(base_url=client.base_url, headers=client.headers, auth=("", TOKEN)) as own:
            answers[own.request(method, path, json=body).status_code] += 1

    threads = [threading.Thread(target=send, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_races(client: httpx.Client) -> None:
    service = client.post(SERVICES, json={"name": "Raced"}).json()["service"]["id"]
    path = f"/admin/api/services/{service}"
    hits = client.get(f"{path}/metrics.json").json()["metrics"][0]["metric"]["id"]
    client.put("/_sandbox/faults", json=[{"do": "races", "together": 4}])
    proxies = at_once(client, [("PUT", f"{path}/proxy.json", {"auth_user_key": f"key{number}"}) for number in range(4)])
    assert proxies == {200: 1, 409: 3}
    rule = {"http_method": "GET", "pattern": "/r", "delta": 1, "metric_id": hits}
    rules = at_once(client, [("POST", f"{path}/proxy/mapping_rules.json", rule) for _ in range(4)])
    assert rules == {201: 4}
    positions = [
        item["mapping_rule"]["position"]
        for item in client.get(f"{path}/proxy/mapping_rules.json").json()["mapping_rules"]
    ]
    assert len(positions) == 5
    assert len(set(positions)) < 5, "positions collide"
    client.put("/_sandbox/faults", json=[{"do": "races", "together": 3}])
    plans = at_once(client, [("POST", f"{path}/application_plans.json", {"name": "Twice"}) for _ in range(3)])
    assert plans == {201: 3}, "not guarded by the database"
    products = at_once(client, [("POST", SERVICES, {"name": "Guarded"}) for _ in range(3)])
    assert products == {201: 1, 409: 2}, "guarded by the database"

    user = {"org_name": "Twice", "username": "twice", "email": "twice@example.com", "password": "secret"}
    assert at_once(client, [("POST", "/admin/api/signup.json", user) for _ in range(3)]) == {201: 1, 422: 2}
    made = [item["account"] for item in client.get("/admin/api/accounts.json").json()["accounts"]]
    left = [item["id"] for item in made if item["org_name"] == "Twice"]
    users = [client.get(f"/admin/api/accounts/{number}/users.json").json()["users"] for number in left]
    assert sorted(found[0]["user"]["state"] for found in users) == ["active", "pending", "pending"]


def test_without_the_switch_the_loser_gets_the_usual_422(client: httpx.Client) -> None:
    assert at_once(client, [("POST", SERVICES, {"name": "Serial"}) for _ in range(3)]) == {201: 1, 422: 2}


def test_counters(api: Api) -> None:
    api.call("DELETE", "/_sandbox/counters")
    api.get(SERVICES)
    api.call("POST", SERVICES, {"name": ""})
    api.call("POST", f"{SERVICES}?dryRun=All", {"name": ""})
    counted = api.call("GET", "/_sandbox/counters")[1]
    assert counted == {"total": 3, "writes": 1, "dry_runs": 1, "by_path": {f"GET {SERVICES}": 1, f"POST {SERVICES}": 2}}


def test_purge_now(api: Api) -> None:
    made = api.make(SERVICES, {"name": "Gone"}, "service")["id"]
    api.call("DELETE", f"/admin/api/services/{made}.json")
    assert api.call("POST", SERVICES, {"name": "Gone"})[1] == {"errors": {"system_name": ["has already been taken"]}}
    assert api.call("POST", "/_sandbox/purge")[0] == 204
    assert api.call("POST", SERVICES, {"name": "Gone"})[0] == 201


def test_lag_of_background_work(api: Api, clock: Clock) -> None:
    api.call("PUT", "/_sandbox/faults", [{"do": "lag", "seconds": 0.5}])
    service = f"/admin/api/services/{api.make(SERVICES, {'name': 'Slow'}, 'service')['id']}"
    backend = api.make(
        "/admin/api/backend_apis.json", {"name": "Slow", "private_endpoint": "http://x.io"}, "backend_api"
    )
    usage = {"backend_api_id": backend["id"], "path": "/"}
    api.make(f"{service}/backend_usages.json", usage, "backend_usage")
    for status in (404, 200):
        assert api.call("POST", f"{service}/proxy/deploy.json")[0] == 201
        assert api.call("GET", f"{service}/proxy/configs/sandbox/latest.json")[0] == status, "a token comes later"
        clock.move(1)
    api.call("DELETE", f"{service}.json")
    for status in (403, 200):
        assert api.call("DELETE", f"/admin/api/backend_apis/{backend['id']}.json")[0] == status, "usages go later"
        clock.move(1)
