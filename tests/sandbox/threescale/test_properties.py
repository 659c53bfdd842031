# SPDX-License-Identifier: GPL-3.0-or-later
"""Random sequences of valid and invalid requests, and what must hold after each of them."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.threescale.control import dump_of
from tests.sandbox.threescale.conftest import TOKEN, Api, Clock, make_server

NAMES = st.sampled_from(["Granite", "granite", "Mistral 7B", "x", "", "é", "日本", "a" * 300])
SMALL = st.integers(0, 6)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
PATTERNS = st.sampled_from(["/", "/v1/chat", "/{a}", "/x$", "nope", "", "/{a}/{a}", None, 5])
CHAINS: st.SearchStrategy[list[dict[str, object]]] = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.sampled_from(["cors", "apicast", ""]),
            "version": st.sampled_from(["builtin", None]),
            "configuration": st.sampled_from([{}, {"a": 1}, None, []]),
            "enabled": st.booleans(),
        },
    ),
    max_size=3,
)
# what may be sent to almost any address: attributes of everything
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        [
            "name",
            "system_name",
            "description",
            "state_event",
            "annotations",
            "path",
            "backend_api_id",
            "position",
            "delta",
            "pattern",
            "http_method",
            "metric_id",
            "value",
            "period",
            "min",
            "max",
            "cost_per_unit",
            "unit",
            "friendly_name",
            "plan_id",
            "user_key",
            "email",
            "username",
            "org_name",
            "endpoint",
            "api_backend",
            "private_endpoint",
            "deployment_option",
            "backend_version",
            "scope",
            "feature_id",
            "key",
            "label",
            "target",
            "choices",
            "permission",
            "scopes",
            "expires_at",
            "schema",
            "version",
            "to",
            "url",
            "active",
            "setup_fee",
            "trial_period_days",
            "error_status_no_match",
            "site_access_code",
            "from_email",
        ]
    ),
    VALUES,
    max_size=4,
)
PATHS = st.sampled_from([
    "services", "services/{s}", "services/{s}/proxy", "services/{s}/proxy/policies", "services/{s}/proxy/deploy",
    "services/{s}/proxy/mapping_rules", "services/{s}/proxy/mapping_rules/{n}", "services/{s}/metrics",
    "services/{s}/metrics/{n}", "services/{s}/metrics/{n}/methods", "services/{s}/backend_usages",
    "services/{s}/backend_usages/{n}", "services/{s}/application_plans", "services/{s}/application_plans/{n}",
    "services/{s}/service_plans", "services/{s}/service_plans/{n}/default", "services/{s}/features",
    "services/{s}/features/{n}", "services/{s}/proxy/configs/sandbox/{n}/promote", "backend_apis", "backend_apis/{s}",
    "backend_apis/{s}/mapping_rules", "backend_apis/{s}/metrics", "application_plans/{n}/metrics/{m}/limits",
    "application_plans/{n}/metrics/{m}/pricing_rules", "application_plans/{n}/features", "account_plans",
    "account_plans/{n}", "accounts/{n}", "accounts/{n}/users", "accounts/{n}/users/{m}", "accounts/{n}/applications",
    "accounts/{n}/applications/{m}", "accounts/{n}/applications/{m}/keys", "accounts/{n}/applications/{m}/suspend",
    "accounts/{n}/applications/{m}/change_plan", "accounts/{n}/service_subscriptions", "accounts/{n}/approve", "signup",
    "users", "users/{n}", "users/{n}/permissions", "settings", "provider", "webhooks", "fields_definitions",
    "fields_definitions/{n}", "registry/policies", "personal/access_tokens", "features", "sso_tokens", "active_docs",
    "accounts/{n}/messages",
])  # fmt: skip


class Standin(RuleBasedStateMachine):
    """The Admin API of one tenant under random requests."""

    @initialize()
    def start(self) -> None:
        self.clock = Clock()
        self.server = make_server(self.clock)
        self.api = Api(self.server, "maas-admin", TOKEN)
        self.positions_named = False
        self.configs: dict[int, str] = {}
        self.newest: dict[int, int] = {}

    def send(self, method: str, path: str, body: Any = None) -> Any:
        self.clock.move(1)
        self.server.sandbox.run_due()  # what was waiting for its time is no effect of this request
        before = dump_of(self.server)
        status, answer = self.api.call(method, f"/admin/api/{path}.json", body)
        if 400 <= status < 500:
            assert dump_of(self.server) == before, (method, path, body, answer)
        broken_chain = path.endswith(("/policies", "/deploy", "/proxy")) and method != "GET"
        # whole numbers that columns can't hold, and a message without a body, are too much for the real server too
        too_much = path.endswith("/messages") or any(
            isinstance(value, int) and value >= 2**31 for value in (body or {}).values()
        )
        assert status != 500 or broken_chain or too_much, (method, path, body, answer)
        return answer if status in (200, 201) else {}

    def service(self, number: int) -> int:
        ids = [item["service"]["id"] for item in self.api.get("/admin/api/services.json")["services"]]
        return int(ids[number % len(ids)])

    @rule(name=NAMES)
    def add_product(self, name: str) -> None:
        self.send("POST", "services", {"name": name})

    @rule(name=NAMES, endpoint=st.sampled_from(["https://x.io", "http://localhost", "ws://y", "nope", "", None]))
    def add_backend(self, name: str, endpoint: str | None) -> None:
        self.send("POST", "backend_apis", {"name": name, "private_endpoint": endpoint})

    @rule(number=SMALL, backend=SMALL, path=st.sampled_from(["/", "sub", "/a/b/", "a b", "", None]))
    def use_backend(self, number: int, backend: int, path: str | None) -> None:
        self.send("POST", f"services/{self.service(number)}/backend_usages", {"backend_api_id": backend, "path": path})

    @rule(number=SMALL, pattern=PATTERNS, delta=st.sampled_from([1, 2, 0, None, "x"]))
    def add_rule(self, number: int, pattern: Any, delta: Any) -> None:
        path = f"services/{self.service(number)}"
        hits = self.api.get(f"/admin/api/{path}/metrics.json")["metrics"][0]["metric"]["id"]
        self.send(
            "POST",
            f"{path}/proxy/mapping_rules",
            {"http_method": "GET", "pattern": pattern, "delta": delta, "metric_id": hits},
        )

    @rule(number=SMALL, which=SMALL)
    def drop_rule(self, number: int, which: int) -> None:
        path = f"services/{self.service(number)}/proxy/mapping_rules"
        rules = self.api.get(f"/admin/api/{path}.json")["mapping_rules"]
        if rules:
            self.send("DELETE", f"{path}/{rules[which % len(rules)]['mapping_rule']['id']}")

    @rule(number=SMALL, chain=CHAINS)
    def set_policies(self, number: int, chain: list[Any]) -> None:
        self.send("PUT", f"services/{self.service(number)}/proxy/policies", {"policies_config": chain})

    @rule(number=SMALL)
    def deploy(self, number: int) -> None:
        self.send("POST", f"services/{self.service(number)}/proxy/deploy")

    @rule(number=SMALL, plan=st.integers(5, 12))
    def add_application(self, number: int, plan: int) -> None:
        self.send("POST", f"accounts/{3 + number}/applications", {"plan_id": plan, "name": "app"})

    @rule(
        method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
        path=PATHS,
        body=ATTRIBUTES,
        number=SMALL,
        n=st.integers(1, 12),
        m=st.integers(1, 12),
    )
    def anything(self, method: str, path: str, body: dict[str, Any], number: int, n: int, m: int) -> None:
        self.positions_named = self.positions_named or "position" in body
        words = path.format(s=self.service(number), n=n, m=m)
        self.send(method, words, None if method in ("GET", "DELETE") else body)

    @rule(seconds=st.sampled_from([1, 200, 400]))
    def wait(self, seconds: int) -> None:
        self.clock.move(seconds)
        self.api.get("/admin/api/services.json")

    @invariant()
    def nothing_dangles(self) -> None:
        database = self.server.sandbox.db
        for table in database.tables.values():
            for row in database.rows[table.name].values():
                for ref in table.refs:
                    wanted = row[ref.column]
                    if ref.on_delete == "keep" or wanted is None or (ref.when and row[ref.when[0]] != ref.when[1]):
                        continue
                    assert wanted in database.rows[ref.table], (table.name, row["id"], ref.column)

    @invariant()
    def rules_stand_in_a_row(self) -> None:
        if self.positions_named:
            return
        places: dict[tuple[str, int], list[int]] = {}
        for row in self.server.sandbox.db.rows["proxy_rules"].values():
            places.setdefault((row["owner_type"], row["owner_id"]), []).append(row["position"])
        for owner, positions in places.items():
            if owner[1] == 1 and owner[0] == "Proxy":
                continue
            assert sorted(positions) == list(range(1, len(positions) + 1)), owner

    @invariant()
    def configurations_stay_and_versions_grow(self) -> None:
        rows = self.server.sandbox.db.rows["proxy_configs"]
        for row in sorted(rows.values(), key=lambda row: int(row["id"])):
            if row["id"] not in self.configs and row["environment"] == "sandbox":
                assert row["version"] > self.newest.get(row["proxy_id"], 0)
                self.newest[row["proxy_id"]] = row["version"]
            assert self.configs.setdefault(row["id"], row["content"]) == row["content"]


Standin.TestCase.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestStandin = Standin.TestCase
