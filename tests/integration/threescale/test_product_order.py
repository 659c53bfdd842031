# SPDX-License-Identifier: GPL-3.0-or-later
"""What only one sibling may hold, what a gateway still counts, where a rule stands: each in an order that works."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import Standin


def backend(name: str, **more: Any) -> dict[str, Any]:
    return {"system_name": name, "private_endpoint": f"http://{name}.example.com", **more}


def product(name: str, **parts: Any) -> dict[str, Any]:
    return {"system_name": name, "prune": True, "promotion": "production", **parts}


def rules(*metrics: str) -> list[dict[str, Any]]:
    return [{"http_method": "GET", "pattern": f"/{metric}", "metric": metric} for metric in metrics]


@pytest.fixture(scope="module")
def api(standin: Standin) -> Any:
    """The Admin API itself: ``api("GET", path)`` or ``api("POST", path, body)``."""

    def call(method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(
            method, f"{standin.admin_url}/admin/api/{path}.json", json=body, auth=("", standin.token), timeout=30
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    return call


def number_of(api: Any, name: str) -> int:
    found = [row["service"] for row in api("GET", "services")["services"]]
    return next(int(row["id"]) for row in found if row["system_name"] == name)


def usages(api: Any, name: str) -> dict[str, int]:
    rows = api("GET", f"services/{number_of(api, name)}/backend_usages")
    return {row["backend_usage"]["path"]: row["backend_usage"]["id"] for row in rows}


def test_a_path_passes_from_one_backend_to_another(run: Runner, api: Any) -> None:
    """Replaced, and swapped: the usages of a swap stay the same ones, and with them the limits on their backends."""
    limited = {"system_name": "basic", "limits": [{"backend": "second", "metric": "hits", "period": "day", "value": 9}]}
    first = product("paths", backend_usages=[{"backend": "first", "path": "/"}])
    both = product(
        "paths",
        backend_usages=[{"backend": "second", "path": "/"}, {"backend": "third", "path": "/x"}],
        application_plans=[limited],
    )
    swapped = {**both, "backend_usages": [{"backend": "second", "path": "/x"}, {"backend": "third", "path": "/"}]}
    backends = {"backends": [backend("first"), backend("second"), backend("third")]}
    run.done(Step("threescale_backend", backends), Step("threescale_product", first))
    assert_protocol(run.done(*protocol("threescale_product", both)))
    before = usages(api, "paths")
    assert_protocol(
        run.done(*protocol("threescale_product", swapped)),
        "set aside backend usage paths / second",
        "update backend usage paths / third",
        "update backend usage paths / second",
        "deploy product paths",
        "promote product paths",
    )
    assert usages(api, "paths") == {"/x": before["/"], "/": before["/x"]}
    taken = {**swapped, "prune": False, "backend_usages": [{"backend": "first", "path": "/X"}]}
    (refused,) = run(Step("threescale_product", taken))
    assert "path '/X' belongs to backend usage 'paths / second'" in refused.message and refused.writes == 0


def test_a_price_changes_without_prune(run: Runner) -> None:
    """The same range at another price replaces the old one; half a unit of the fifth decimal is rounded up."""

    def plan(cost: float, **more: Any) -> dict[str, Any]:
        prices = [{"metric": "hits", "cost_per_unit": cost, **more}]
        plans = [{"system_name": "paid", "pricing_rules": prices}]
        return product("prices", prune=False, promotion="none", application_plans=plans)

    run.done(Step("threescale_product", plan(0.01)))
    assert_protocol(
        run.done(*protocol("threescale_product", plan(0.12345))),
        "delete pricing rule prices / paid / hits 1–∞",
        "create pricing rule prices / paid / hits 1–∞",
    )
    (overlapping,) = run(Step("threescale_product", plan(0.01, min=5, max=9)))
    assert "overlaps that of 'prices / paid / hits 1–∞'" in overlapping.message and overlapping.writes == 0
    pruned = {**plan(0.01, min=5, max=9), "prune": True}
    assert_protocol(run.done(*protocol("threescale_product", pruned)))


@pytest.mark.parametrize("promotion", ["staging", "none"])
def test_a_method_that_production_counts_stays_for_now(run: Runner, promotion: str) -> None:
    """Nothing is refused by the server: a warning, everything else done; it goes once production has moved on."""
    name = f"counted-{promotion}"
    whole = product(
        name,
        methods=[{"system_name": "chat", "friendly_name": "Chat"}, {"system_name": "embed"}],
        mapping_rules=rules("chat", "embed"),
        backend_usages=[{"backend": name}],
    )
    fewer = {**whole, "methods": [{"system_name": "chat2", "friendly_name": "Chat"}], "mapping_rules": rules("chat2")}
    _b, _p, less, same, moved, again = run.done(
        Step("threescale_backend", backend(name)),
        Step("threescale_product", whole),
        Step("threescale_product", {**fewer, "promotion": promotion}),
        Step("threescale_product", {**fewer, "promotion": promotion}),
        Step("threescale_product", fewer),
        Step("threescale_product", fewer),
    )
    assert f"create method {name} / chat2" in less.actions and f"set aside method {name} / chat" in less.actions
    assert f"method '{name} / embed' stays for now" in str(less.data["warnings"])
    assert not same.changed and same.writes == 0
    assert {f"delete method {name} / chat", f"delete method {name} / embed"} <= set(moved.actions)
    assert not again.changed


def test_an_endpoint_dropped_from_backend_and_product(run: Runner) -> None:
    """Backend first, then product, as roles do it: the backend's method goes with the run after the promotion."""

    def play(*names: str) -> tuple[Step, Step]:
        own = backend("dropped", prune=True, methods=[{"system_name": n} for n in names], mapping_rules=rules(*names))
        using = product("dropped", backend_usages=[{"backend": "dropped"}])
        return Step("threescale_backend", own), Step("threescale_product", using)

    run.done(*play("chat", "embed"))
    first, deployed, second, unchanged, *third = run.done(*play("chat"), *play("chat"), *play("chat"))
    assert first.actions == ["delete mapping rule dropped / GET /embed → embed"]
    assert "method 'dropped / embed' stays for now" in str(first.data["warnings"])
    assert deployed.actions == ["deploy product dropped", "promote product dropped"]
    assert second.actions == ["delete method dropped / embed"] and not unchanged.changed
    assert not any(result.changed for result in third)


def test_a_rule_between_far_positions(run: Runner, api: Any) -> None:
    """Exact order, ids kept, one new version, no change on the next run."""
    name = "far"
    listed = [{"http_method": "GET", "pattern": f"/{letter}"} for letter in "abcd"]
    wanted = product(name, mapping_rules=listed, backend_usages=[{"backend": name}])
    run.done(Step("threescale_backend", backend(name)), Step("threescale_product", wanted))
    base = f"services/{number_of(api, name)}/proxy"

    def present() -> list[dict[str, Any]]:
        return [row["mapping_rule"] for row in api("GET", f"{base}/mapping_rules")["mapping_rules"]]

    for rule, position in zip(reversed(present()), (150, 99, 50, 1), strict=True):
        api("PUT", f"{base}/mapping_rules/{rule['id']}", {"mapping_rule": {"position": position}})
    ids = {rule["pattern"]: rule["id"] for rule in present()}
    assert [rule["position"] for rule in present()] == [1, 50, 99, 150]
    run.done(Step("threescale_product", wanted))
    version = api("GET", f"{base}/configs/sandbox/latest")["proxy_config"]["version"]
    more = {**wanted, "mapping_rules": [*listed[:3], {"http_method": "GET", "pattern": "/x"}, listed[3]]}
    changed, same = run.done(Step("threescale_product", more), Step("threescale_product", more))
    assert changed.actions == [f"create mapping rule {name} / GET /x → hits", *changed.actions[1:]]
    assert len(changed.actions) == 3 and not same.changed
    assert [rule["pattern"] for rule in present()] == ["/a", "/b", "/c", "/x", "/d"]
    assert ids.items() <= {rule["pattern"]: rule["id"] for rule in present()}.items()
    assert api("GET", f"{base}/configs/sandbox/latest")["proxy_config"]["version"] == version + 1


def test_defaults_and_versions_reach_production(run: Runner, api: Any) -> None:
    """A new default plan is deployed by the run that makes it; another version of a policy is promoted from staging."""
    name = "reach"
    wanted = product(
        name,
        backend_usages=[{"backend": name}],
        policies=[{"name": "llm-metrics", "version": "0.1", "configuration": {}}, {"name": "apicast"}],
    )
    planned = {**wanted, "application_plans": [{"system_name": "gold", "default": True}]}
    chain = [{**wanted["policies"][0], "version": "0.2"}, wanted["policies"][1]]
    later = {**planned, "policies": chain}
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "name": "M", "summary": "m", "configuration": {}}
    registry = [
        {"name": "llm-metrics", "version": version, "schema": {**schema, "version": version}}
        for version in ("0.1", "0.2")
    ]
    *_made, default, same, staged, promoted, last = run.done(
        Step("threescale_policy", {"policies": registry}),
        Step("threescale_backend", backend(name)),
        Step("threescale_product", wanted),
        Step("threescale_product", planned),
        Step("threescale_product", planned),
        Step("threescale_product", {**later, "promotion": "staging"}),
        Step("threescale_product", later),
        Step("threescale_product", later),
    )
    assert default.actions[-2:] == [f"deploy product {name}", f"promote product {name}"] and not same.changed
    assert f"update policy chain {name}" in staged.actions
    assert promoted.actions == [f"promote product {name}"] and not last.changed
    latest = api("GET", f"services/{number_of(api, name)}/proxy/configs/production/latest")["proxy_config"]
    assert latest["content"]["proxy"]["policy_chain"][0]["version"] == "0.2"
    assert latest["content"]["default_application_plan_id"]
