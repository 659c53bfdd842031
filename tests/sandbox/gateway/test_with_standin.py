# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in, gateway and model server together: a product sold by the Admin API, called with a key, counted."""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox.gateway.conftest import CLIENT, SHIPPED, start, wait_until_ready
from tests.support.ports import free_port
from tests.support.standin import Standin, running_standin

CORS = {
    "allow_headers": ["Authorization", "Content-type", "Accept"],
    "allow_origin": "https://maas.apps.example.com",
    "allow_credentials": True,
}
NUMBERS = itertools.count(1)


def entry(name: str, version: str = "builtin", configuration: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "version": version, "configuration": configuration or {}, "enabled": True}


WALKTHROUGH = [entry("cors", configuration=CORS), entry("remove-bearer", "0.1"), entry("apicast")]


@dataclass
class House:
    """What runs, and the ways to it."""

    standin: Standin
    port: int
    model: int
    stats_token: str
    log: Path

    def admin(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the Admin API; its JSON. Fails for anything but success."""
        url = f"{self.standin.admin_url}/admin/api/{path}.json"
        answer = CLIENT.request(method, url, json=body, auth=("", self.standin.token))
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.text else None

    def send(self, host: str, path: str, key: str | None = None, method: str = "GET", **more: Any) -> httpx.Response:
        """A client's call, with the key as clients of the OpenAI kind send it."""
        headers = {"Host": host, **more.pop("headers", {})}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        url = f"http://127.0.0.1:{self.port}{path}"
        return CLIENT.request(method, url, headers=headers, **more)

    def used(self, application: int, metric: str, wanted: int) -> int:
        """Usage that analytics show, once it is what the test waits for (reports follow the answer)."""
        query = {"metric_name": metric, "period": "day", "access_token": self.stats_token}
        url = f"{self.standin.admin_url}/stats/applications/{application}/usage.json"
        deadline = time.monotonic() + 60
        while True:
            total: int = CLIENT.get(url, params=query).json()["total"]
            if total == wanted or time.monotonic() > deadline:
                return total
            time.sleep(0.05)


@dataclass
class Product:
    """A product for sale, deployed to staging, with one application."""

    id: int
    staging: str
    production: str
    application: int
    account: int
    key: str


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, port, model = tmp_path_factory.mktemp("house"), free_port(), free_port()
    # As the front starts it: the model server of the sandbox, the gateway with the master's list of configurations.
    command = [sys.executable, "-m", "sandbox.models", "--host", "127.0.0.1", "--port", str(model)]
    with (folder / "models").open("wb") as out:
        server = subprocess.Popen([*command, "--name", "granite", "--task", "chat"], stdout=out, stderr=out)
    with running_standin() as standin:
        flags = ["--port", str(port), "--admin-url", standin.url, "--admin-host", f"master.{standin.superdomain}"]
        flags += ["--config-path", "/master/api/proxy/configs", "--backend-url", standin.url]
        flags += ["--backend-host", f"backend.{standin.superdomain}", "--policies", str(SHIPPED)]
        flags += ["--state", str(folder / "state"), "--production-cache", "1"]
        gateway = start(folder / "log", *flags, token=standin.master_token)
        wait_until_ready(port, gateway, folder / "log")
        url = f"{standin.admin_url}/admin/api/personal/access_tokens.json"
        wish = {"token": {"name": "stats", "permission": "ro", "scopes": ["stats"]}}
        token = CLIENT.post(url, json=wish, auth=("", standin.token)).json()["access_token"]["value"]
        yield House(standin, port, model, token, folder / "log")
        gateway.terminate()
        assert gateway.wait(10) == 0
    server.terminate()
    server.wait(10)


def host_of(endpoint: str) -> str:
    return endpoint.removeprefix("https://").partition(":")[0]


def sell(house: House, chain: list[dict[str, Any]] | None = None, limits: dict[str, int] | None = None) -> Product:
    """A product with the walkthrough's rules, chain and credentials; a plan with daily limits; an application."""
    name = f"granite-{next(NUMBERS)}"
    service = house.admin("POST", "services", {"name": name, "system_name": name})["service"]["id"]
    # The Admin API refuses addresses of this machine, so the backend is named as in a cluster and then rewritten by a
    # policy to where the model server of this test listens.
    backend = {"name": name, "private_endpoint": f"http://{name}.llm-hosting.svc.cluster.local:8080"}
    backend_id = house.admin("POST", "backend_apis", backend)["backend_api"]["id"]
    house.admin("POST", f"services/{service}/backend_usages", {"backend_api_id": backend_id, "path": "/"})
    metrics = house.admin("GET", f"services/{service}/metrics")["metrics"]
    hits = metrics[0]["metric"]["id"]
    tokens = {"system_name": "total_tokens", "friendly_name": "total_tokens", "unit": "token"}
    ids = {"hits": hits, "total_tokens": house.admin("POST", f"services/{service}/metrics", tokens)["metric"]["id"]}
    for rule in house.admin("GET", f"services/{service}/proxy/mapping_rules")["mapping_rules"]:
        house.admin("DELETE", f"services/{service}/proxy/mapping_rules/{rule['mapping_rule']['id']}")
    for method, pattern, system_name in [
        ("GET", "/v1/models", "models"),
        ("POST", "/v1/chat/completions", "chat_completions"),
    ]:
        made = {"system_name": system_name, "friendly_name": system_name}
        metric = house.admin("POST", f"services/{service}/metrics/{hits}/methods", made)["method"]["id"]
        rule = {"http_method": method, "pattern": pattern, "metric_id": metric, "delta": 1}
        house.admin("POST", f"services/{service}/proxy/mapping_rules", rule)
    credentials = {"credentials_location": "headers", "auth_user_key": "Authorization"}
    house.admin("PUT", f"services/{service}/proxy", credentials)
    here = entry("upstream", configuration={"rules": [{"regex": "/", "url": f"http://127.0.0.1:{house.model}"}]})
    steps = chain or WALKTHROUGH
    house.admin("PUT", f"services/{service}/proxy/policies", {"policies_config": [*steps[:-1], here, steps[-1]]})
    plan = house.admin("POST", f"services/{service}/application_plans", {"name": "Standard", "state_event": "publish"})
    plan_id = plan["application_plan"]["id"]
    for metric_name, value in (limits or {}).items():
        wish = {"period": "day", "value": value}
        house.admin("POST", f"application_plans/{plan_id}/metrics/{ids[metric_name]}/limits", wish)
    proxy = house.admin("POST", f"services/{service}/proxy/deploy")["proxy"]
    account, application = buy(house, plan_id, name)
    return Product(
        service,
        host_of(proxy["sandbox_endpoint"]),
        host_of(proxy["endpoint"]),
        application["id"],
        account,
        application["user_key"],
    )


def buy(house: House, plan: int, name: str) -> tuple[int, dict[str, Any]]:
    person = {"org_name": name, "username": name, "email": f"{name}@example.com", "password": "a-Long-passw0rd!"}
    account: int = house.admin("POST", "signup", person)["account"]["id"]
    wish = {"plan_id": plan, "name": name, "description": name}
    application: dict[str, Any] = house.admin("POST", f"accounts/{account}/applications", wish)["application"]
    return account, application


def test_key_as_bearer_and_what_is_refused(house: House) -> None:
    product = sell(house)
    answer = house.send(product.staging, "/v1/models", product.key)
    assert answer.status_code == 200
    assert answer.json()["data"][0]["id"] == "granite"
    assert house.send(product.staging, "/v1/models").text == "Authentication parameters missing"
    wrong = house.send(product.staging, "/v1/models", "no-such-key")
    assert (wrong.status_code, wrong.text) == (403, "Authentication failed")
    unmatched = house.send(product.staging, "/v1/embeddings", product.key, "POST")
    assert (unmatched.status_code, unmatched.text) == (404, "No Mapping Rule matched")


def test_preflight_from_the_portal(house: House) -> None:
    asked = {"Origin": CORS["allow_origin"], "Access-Control-Request-Method": "POST"}
    answer = house.send(sell(house).staging, "/v1/chat/completions", method="OPTIONS", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == CORS["allow_origin"]


def test_usage_is_in_analytics_at_once(house: House) -> None:
    product = sell(house)
    for _ in range(3):
        assert house.send(product.staging, "/v1/models", product.key).status_code == 200
    assert house.used(product.application, "models", 3) == 3
    assert house.used(product.application, "hits", 3) == 3
    assert house.used(product.application, "chat_completions", 0) == 0


def test_limit_trips_one_late_with_the_cache_and_exactly_without(house: House) -> None:
    product = sell(house, limits={"hits": 3})

    def statuses() -> Iterator[int]:
        for _ in range(6):
            yield house.send(product.staging, "/v1/models", product.key).status_code

    assert list(statuses()) == [200, 200, 200, 200, 429, 429]
    refused = house.send(product.staging, "/v1/models", product.key)
    assert refused.text == "Usage limit exceeded"
    assert 0 < int(refused.headers["retry-after"]) <= 86400
    assert house.used(product.application, "hits", 3) == 3, "the one too many is not counted"

    exact = sell(house, [entry("caching", configuration={"caching_type": "none"}), *WALKTHROUGH], {"hits": 3})
    found = [house.send(exact.staging, "/v1/models", exact.key).status_code for _ in range(5)]
    assert found == [200, 200, 200, 429, 429]


def regenerate(house: House, product: Product, key: str) -> None:
    path = f"accounts/{product.account}/applications/{product.application}"
    house.admin("PUT", path, {"user_key": key})


def test_old_key_is_refused_at_its_second_call_or_first_without_cache(house: House) -> None:
    product = sell(house)
    assert house.send(product.staging, "/v1/models", product.key).status_code == 200
    regenerate(house, product, "a-new-key-for-everyone")
    assert house.send(product.staging, "/v1/models", product.key).status_code == 200, "admitted by the cache"
    assert house.send(product.staging, "/v1/models", product.key).status_code == 403
    assert house.send(product.staging, "/v1/models", "a-new-key-for-everyone").status_code == 200

    exact = sell(house, [entry("caching", configuration={"caching_type": "none"}), *WALKTHROUGH])
    assert house.send(exact.staging, "/v1/models", exact.key).status_code == 200
    regenerate(house, exact, "another-key-for-everyone")
    assert house.send(exact.staging, "/v1/models", exact.key).status_code == 403


def test_suspended_application_is_refused(house: House) -> None:
    product = sell(house, [entry("caching", configuration={"caching_type": "none"}), *WALKTHROUGH])
    assert house.send(product.staging, "/v1/models", product.key).status_code == 200
    house.admin("PUT", f"accounts/{product.account}/applications/{product.application}/suspend")
    assert house.send(product.staging, "/v1/models", product.key).status_code == 403


def test_promotion_is_picked_up(house: House) -> None:
    product = sell(house)
    assert house.send(product.production, "/v1/models", product.key).status_code == 404
    version = house.admin("GET", f"services/{product.id}/proxy/configs/sandbox/latest")["proxy_config"]["version"]
    house.admin("POST", f"services/{product.id}/proxy/configs/sandbox/{version}/promote", {"to": "production"})
    assert house.send(product.production, "/v1/models", product.key).status_code == 200


def test_missing_policy_is_skipped_and_on_failed_refuses(house: House) -> None:
    product = sell(house, [*WALKTHROUGH[:-1], entry("llm-nowhere", "0.1"), WALKTHROUGH[-1]])
    assert house.send(product.staging, "/v1/models", product.key).status_code == 200
    assert "failed to load policy: llm-nowhere version: 0.1" in house.log.read_text()
    strict = sell(house, [entry("on_failed"), entry("llm-nowhere", "0.1"), *WALKTHROUGH])
    assert house.send(strict.staging, "/v1/models", strict.key).status_code == 503


def test_stream_of_the_model_server_arrives_in_pieces(house: House) -> None:
    product = sell(house)
    body = {"model": "granite", "stream": True, "messages": [{"role": "user", "content": "Count to twenty, please."}]}
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=30)
    headers = {"Host": product.staging, "Authorization": f"Bearer {product.key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    events = [line for line in iter(answer.readline, b"") if line.startswith(b"data: ")]
    assert len(events) > 3
    assert events[-1].strip() == b"data: [DONE]"
    assert house.used(product.application, "chat_completions", 1) == 1


def test_response_codes_of_calls_that_the_cache_admitted(house: House) -> None:
    product = sell(house)
    for _ in range(3):
        house.send(product.staging, "/v1/models", product.key)
    assert house.used(product.application, "hits", 3) == 3
    query = {"response_code": "200", "period": "day", "access_token": house.stats_token}
    url = f"{house.standin.admin_url}/stats/applications/{product.application}/usage_response_code.json"
    found = CLIENT.get(url, params=query).json()
    assert (found["response_code"], found["total"]) == ({"code": "200"}, 2), (
        "the first call was asked for before it ran"
    )
