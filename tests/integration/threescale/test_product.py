# SPDX-License-Identifier: GPL-3.0-or-later
"""threescale_product: create, change, delete, cut off, refused, counted."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.cases.product import BACKENDS, MAKE
from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import Standin

BACKEND: dict[str, Any] = BACKENDS[1]["backends"][0]
HEALTH = {"http_method": "GET", "pattern": "/health", "metric": "health"}
PRODUCT: dict[str, Any] = {
    **MAKE,
    "methods": [*MAKE["methods"], {"system_name": "health"}],
    "mapping_rules": [*MAKE["mapping_rules"], HEALTH],
}


@pytest.fixture(scope="module", autouse=True)
def _backend(standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The backend that the product uses."""
    Runner(standin, tmp_path_factory.mktemp("backend")).done(Step("threescale_backend", BACKEND))


def changed(**parts: Any) -> dict[str, Any]:
    """The product with some of its parts replaced."""
    return {**copy.deepcopy(PRODUCT), **parts}


def product(options: dict[str, Any]) -> dict[str, Any]:
    return {"products": [options]}


def versions(standin: Standin, run: Runner) -> dict[str, int]:
    """The latest version of each environment of the product."""
    (info,) = run.done(Step("threescale_proxy_config_info", {"products": ["granite"]}))
    return {entry["environment"]: entry["version"] for entry in info.data["proxy_configs"]}


def test_first_import(standin: Standin, run: Runner) -> None:
    """The whole tree, planned before anything of it is there; few calls; no secret shown."""
    results = run.done(*protocol("threescale_product", product(PRODUCT)))
    assert_protocol(results)
    real = results[2]
    for line in (
        "create product granite",
        "create metric granite / total_tokens",
        "update mapping rule granite / POST /v1/chat/completions → chat",
        "create mapping rule granite / GET /v1/models → models",
        "create limit granite / standard / hits per minute",
        "default service plan granite / Default",
        "deploy product granite",
        "promote product granite",
    ):
        assert line in real.actions
    assert MAKE["proxy"]["secret_token"] not in run.output
    made = real.data["products"][0]
    assert made["endpoint"].startswith("https://granite-maas-apicast-production.apps.example.com")
    endpoints = len(PRODUCT["mapping_rules"])
    assert real.reads + real.writes <= 2 * endpoints + 25
    assert versions(standin, run)["sandbox"] == versions(standin, run)["production"]


def test_unchanged_costs_little(standin: Standin, run: Runner) -> None:
    """No write, no new version, and below the product's own paths at most 7 reads + 2 for each plan."""
    before = versions(standin, run)
    plain = changed(application_plans=[{k: v for k, v in PRODUCT["application_plans"][0].items() if k != "features"}])
    (result,) = run.done(Step("threescale_product", product({k: v for k, v in plain.items() if k != "features"})))
    assert not result.changed and result.writes == 0
    paths = standin.counters()["by_path"]
    assert isinstance(paths, dict)
    own = [path for path in paths if "/services/" in path or "/application_plans/" in path]
    assert len(own) <= 7 + 2 * 1, own
    assert sum(paths[path] for path in paths if path not in own) <= 8
    assert versions(standin, run) == before


@pytest.mark.parametrize(
    ("parts", "actions"),
    [
        ({"description": "better"}, ["update product granite"]),
        ({"proxy": {"auth_user_key": "api-key"}}, ["update proxy granite"]),
        (
            {"mapping_rules": [PRODUCT["mapping_rules"][1], PRODUCT["mapping_rules"][0], PRODUCT["mapping_rules"][2]]},
            ["update mapping rule granite / GET /v1/models → models"],
        ),
        ({"policies": [{"name": "apicast"}]}, ["update policy chain granite"]),
    ],
)
def test_what_the_gateway_sees_is_promoted(
    standin: Standin, run: Runner, parts: dict[str, Any], actions: list[str]
) -> None:
    """A change reaches production by one deployment, once; the way back does too."""
    run.done(Step("threescale_product", product(PRODUCT)))
    before = versions(standin, run)
    results = run.done(*protocol("threescale_product", product(changed(**parts))))
    assert_protocol(results, *actions, "deploy product granite", "promote product granite")
    after = versions(standin, run)
    assert after["sandbox"] == after["production"] == before["sandbox"] + 1
    run.done(Step("threescale_product", product(PRODUCT)))


def test_limits_change_in_place(standin: Standin, run: Runner) -> None:
    """A value is changed by one PUT; a period is added before the old one goes; nothing is deployed."""
    before = versions(standin, run)
    plan = copy.deepcopy(PRODUCT["application_plans"][0])
    plan["limits"][0]["value"] = 120
    assert_protocol(
        run.done(*protocol("threescale_product", product(changed(application_plans=[plan])))),
        "update limit granite / standard / hits per minute",
    )
    plan["limits"][0].update(period="hour", value=3600)
    plan["pricing_rules"][0]["cost_per_unit"] = 0.0003
    assert_protocol(
        run.done(*protocol("threescale_product", product(changed(application_plans=[plan])))),
        "create limit granite / standard / hits per hour",
        "delete limit granite / standard / hits per minute",
        "delete pricing rule granite / standard / total_tokens 1–∞",
        "create pricing rule granite / standard / total_tokens 1–∞",
    )
    run.done(Step("threescale_product", product(PRODUCT)))
    assert versions(standin, run) == before


def test_method_goes_after_its_rule_is_out_of_production(run: Runner) -> None:
    """The server keeps a method that the latest configuration counts: it is deleted after the promotion."""
    fewer = changed(methods=PRODUCT["methods"][:2], mapping_rules=PRODUCT["mapping_rules"][:2])
    results = run.done(*protocol("threescale_product", product(fewer)))
    assert_protocol(
        results,
        "delete mapping rule granite / GET /health → health",
        "deploy product granite",
        "promote product granite",
        "delete method granite / health",
    )
    run.done(Step("threescale_product", product(PRODUCT)))


def test_backend_change_reaches_the_gateway(standin: Standin, run: Runner) -> None:
    """A backend that moved is deployed with the next run of the product, though nothing of the product changes."""
    moved = {**BACKEND, "private_endpoint": "http://elsewhere.llm.svc.cluster.local:8080"}
    _moved, result, again, back, last = run.done(
        Step("threescale_backend", moved),
        Step("threescale_product", product(PRODUCT)),
        Step("threescale_product", product(PRODUCT)),
        Step("threescale_backend", BACKEND),
        Step("threescale_product", product(PRODUCT)),
    )
    assert result.actions == ["deploy product granite", "promote product granite"]
    assert not again.changed and back.changed and last.changed


@pytest.mark.parametrize(("method", "path"), [("PUT", "proxy/policies.json"), ("POST", "promote.json")])
def test_cut_off_run_is_finished(standin: Standin, run: Runner, method: str, path: str) -> None:
    """The connection breaks after a write, or before the promotion: the next run reaches the wanted state."""
    other = changed(
        description=f"cut off at {path}",
        policies=[{"name": "cors", "configuration": {"allow_origin": f"https://{len(path)}.example.com"}}],
    )
    fault = {"match": {"method": method, "path": path}, "do": "drop_before"}
    standin.faults(fault)
    (cut,) = run(Step("threescale_product", {**product(other), "retries": 0}))
    standin.faults()
    assert cut.failed, cut.actions
    finished, again = run.done(Step("threescale_product", product(other)), Step("threescale_product", product(other)))
    assert finished.changed and not again.changed
    found = versions(standin, run)
    assert found["sandbox"] == found["production"]
    run.done(Step("threescale_product", product(PRODUCT)))


@pytest.mark.parametrize("fault", ["drop_after", "500_after", "429"])
def test_creation_with_lost_answer_makes_no_twin(standin: Standin, run: Runner, fault: str) -> None:
    """A creation whose answer is lost is looked up, not repeated blindly."""
    name = f"lost-{fault.replace('_', '-')}"
    standin.faults(
        {"match": {"method": "POST", "path": ".*mapping_rules.json"}, "do": fault, "times": 1},
        {"match": {"method": "POST", "path": ".*application_plans.json"}, "do": fault, "times": 1},
    )
    new = {**changed(system_name=name, name=name, service_plans=None), "promotion": "none"}
    (made,) = run(Step("threescale_product", product(new)))
    standin.faults()
    assert not made.failed, made.message
    (again,) = run.done(Step("threescale_product", product(new)))
    assert not again.changed, again.actions


def test_many_products_in_one_call(standin: Standin, run: Runner) -> None:
    """Sixteen products cost few calls when unchanged, and none is written twice."""
    many = [changed(system_name=f"model-{n:02}", name=f"Model {n:02}", features=None) for n in range(16)]
    for item in many:
        item["application_plans"][0].pop("features")
    backends = [{**BACKEND, "system_name": f"model-{n:02}"} for n in range(16)]
    for item, backend in zip(many, backends, strict=True):
        item["backend_usages"] = [{"backend": backend["system_name"]}]
    first = run.done(Step("threescale_backend", {"backends": backends}), Step("threescale_product", {"products": many}))
    assert all(result.changed for result in first)
    assert sum(result.reads for result in first) <= 16 + 6  # of each product only which rule came with it
    second = run.done(
        Step("threescale_backend", {"backends": backends}), Step("threescale_product", {"products": many})
    )
    assert not any(result.changed for result in second)
    assert sum(result.reads for result in second) <= 7 * 16 + 7
    assert sum(result.writes for result in second) == 0


def test_errors_say_what_to_do(standin: Standin, run: Runner) -> None:
    """Wrong token, unknown host, a twin in the list: one sentence each."""
    wrong, nowhere, twins = run(
        Step("threescale_product", {**product(PRODUCT), "access_token": "not-the-right-token-at-all-0123456789"}),
        Step("threescale_product", {**product(PRODUCT), "threescale_url": "http://127.0.0.1:9", "retries": 0}),
        Step("threescale_product", {"products": [PRODUCT, PRODUCT]}),
    )
    assert "answered 403: Access denied" in wrong.message and "Check access_token" in wrong.message
    assert "127.0.0.1:9 can't be reached" in nowhere.message and "threescale_url" in nowhere.message
    assert "product 'granite' is listed twice" in twins.message
    assert standin.counters()["writes"] == 0


def test_live_keys_need_force(standin: Standin, run: Runner) -> None:
    """A product with a live application, and a plan with one, stay without force."""
    account = {"username": "live-keys", "org_name": "Live", "email": "live@example.com", "password": "a-long-Passw0rd"}
    run.done(
        Step("threescale_account", account),
        Step(
            "threescale_application", {"account": "live-keys", "product": "granite", "plan": "standard", "name": "bot"}
        ),
    )
    absent = {"system_name": "granite", "state": "absent"}
    no_plan = changed(application_plans=[{"system_name": "standard", "state": "absent"}])
    kept, kept_plan = run(Step("threescale_product", absent), Step("threescale_product", product(no_plan)))
    assert "has 1 live application(s): bot (Live)" in kept.message and "force: true" in kept.message
    assert "has 1 application(s)" in kept_plan.message and "force: true" in kept_plan.message
    assert standin.counters()["writes"] == 0
    (revoked,) = run.done(Step("threescale_product", product({**no_plan, "force": True})))
    assert "delete application Live / bot" in revoked.actions
    assert_protocol(run.done(*protocol("threescale_product", {**absent, "force": True})), "delete product granite")


def test_service_token_that_comes_late(standin: Standin, run: Runner) -> None:
    """A new product's token is made by a background job: the deployment is repeated until it makes a configuration."""
    standin.faults({"do": "lag", "seconds": 2})
    late = {"system_name": "late", "private_endpoint": "http://late.example.com"}
    names = ["late", "later", "latest"]  # so many are looked at together before each is by itself
    new = [{**changed(system_name=name), "backend_usages": [{"backend": "late"}]} for name in names]
    _backend, made = run.done(Step("threescale_backend", late), Step("threescale_product", {"products": new}))
    standin.faults()
    assert {f"promote product {name}" for name in names} <= set(made.actions)
    info, alone = run.done(
        Step("threescale_proxy_config_info", {"products": names}),
        Step("threescale_proxy_config_info", {"products": names[:1]}),
    )
    assert len(info.data["proxy_configs"]) == 6 and all(entry["version"] for entry in info.data["proxy_configs"])
    assert info.data["proxy_configs"][:2] == alone.data["proxy_configs"] and info.reads == 3


def test_nobody_gets_an_application_of_a_removed_product(standin: Standin, run: Runner) -> None:
    """The sample product's default plan goes before it: until the purge a sign-up would still get an application."""
    late = {"username": "late-one", "org_name": "Late", "email": "late@example.com", "password": "a-Long-passw0rd"}
    _other, removed, made, again = run.done(
        Step("threescale_product", {"system_name": "another", "promotion": "none"}),
        Step("threescale_product", {"system_name": "api", "state": "absent", "force": True}),
        Step("threescale_account", late),
        Step("threescale_product", {"system_name": "api", "state": "absent"}),
    )
    assert removed.actions[-1] == "delete product api" and not again.changed
    dumped: Any = standin.dump()
    assert made.data["accounts"][0]["id"] not in [row["user_account_id"] for row in dumped["applications"]]
