# SPDX-License-Identifier: GPL-3.0-or-later
"""A shop in this process: the whole stand-in behind a client, with a clock that the tests set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
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
