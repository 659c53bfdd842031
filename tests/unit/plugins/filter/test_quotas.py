# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans, products over several models and what the gateway is told of both, as the filters make them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from tests.unit.plugins.filter.test_catalogue import FILTERS, GRANITE, NOMIC, PARTNER, THREESCALE, read

PORTAL = "https://maas.apps.example.com"
SHIPPED: dict[str, Any] = {
    **{key: value for key, value in THREESCALE.items() if key != "bearer_policy"},
    "key_policy": {"name": "api-key", "version": "1.0", "configuration": {"prefixes": ["sk-maas-"]}},
    "usage_policy": {"name": "llm-usage", "version": "1.0"},
    "router_policy": {"name": "llm-router", "version": "1.0"},
    "errors_policy": {"name": "openai-errors", "version": "1.0"},
    "openai_errors": True,
    "portal_url": PORTAL,
    "read_timeout": 600,
}
ALL = {"name": "models", "title": "All models", "models": "all", "plans": ["standard"]}


def sell(
    plan: dict[str, Any], *models: dict[str, Any], products: Any = None, **settings: Any
) -> dict[str, dict[str, Any]]:
    """The products of the models (GRANITE and NOMIC without any) under one plan, by system name."""
    plans = [{"name": "standard", **plan}]
    entries = read(*(models or (GRANITE, NOMIC)), plans=plans)
    wanted = {**SHIPPED, "plans": plans, "products": products or [], **settings}
    found: list[dict[str, Any]] = FILTERS["threescale_objects"](entries, wanted)["products"]
    return {item["system_name"]: item for item in found}


def plan_of(product: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = product["application_plans"][0]
    return found


def policy(product: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item["configuration"] for item in product["policies"] if item["name"] == name)
    return found


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        (
            [{"requests": 60, "per": "minute"}, {"tokens": 100000, "per": "day"}, {"tokens": "5000", "per": "hour"}],
            ["hits minute 60", "total_tokens day 100000", "total_tokens hour 5000"],
        ),
        (
            [{"input_tokens": 1, "per": "day"}, {"output_tokens": 2, "per": "day"}, {"cached_tokens": 3, "per": "day"}],
            ["prompt_tokens day 1", "completion_tokens day 2", "cached_tokens day 3"],
        ),
        ([{"requests": 60, "per": "minute", "shadow": True}], ["shadow_requests minute 60"]),
        (
            [{"tokens": 9, "per": "day"}, {"tokens": 5, "per": "day", "model": GRANITE["name"]}],
            ["total_tokens day 5"],
        ),
        ([{"tokens": 5, "per": "day", "model": NOMIC["name"]}], []),
        # of a method that the plan's other product has
        ([{"metric": "embed", "value": 5, "per": "day"}], []),
    ],
)
def test_limits_of_a_models_own_product(limits: list[dict[str, Any]], wanted: list[str]) -> None:
    product = sell({"limits": limits})[GRANITE["name"]]
    assert [f"{x['metric']} {x['period']} {x['value']}" for x in plan_of(product)["limits"]] == wanted
    known = {"hits", *(item["system_name"] for item in product["metrics"] + product["methods"])}
    assert {item["metric"] for item in plan_of(product)["limits"]} <= known


def test_a_shadow_limit_is_reported_and_never_asked_for() -> None:
    limits = [{"tokens": 9, "per": "day"}, {"tokens": 5, "per": "day", "shadow": True}]
    configuration = policy(sell({"limits": limits})[GRANITE["name"]], "llm-usage")
    assert configuration["report"] == [{"metric": "shadow_total_tokens", "counts": "total"}]
    assert configuration["check"] == ["total", "prompt", "completion"]


def test_a_shadow_limit_for_one_model() -> None:
    limits = [{"tokens": 9, "per": "day", "model": GRANITE["name"], "shadow": True}]
    plans = [{"name": "standard", "limits": limits}]
    wanted = {**SHIPPED, "plans": plans, "products": [ALL]}
    made = FILTERS["threescale_objects"](read(GRANITE, NOMIC, plans=plans), wanted)
    products = {item["system_name"]: item for item in made["products"]}

    own, models = products[GRANITE["name"]], products["models"]
    assert plan_of(own)["limits"] == [{"metric": "shadow_total_tokens", "period": "day", "value": 9}]
    assert policy(own, "llm-usage")["report"] == [{"metric": "shadow_total_tokens", "counts": "total"}]
    assert plan_of(products[NOMIC["name"]])["limits"] == []
    backend = next(item["backend"] for item in models["backend_usages"] if item["path"] == f"/{GRANITE['name']}")
    shadow = {"metric": "shadow_total_tokens", "backend": backend, "period": "day", "value": 9}
    assert plan_of(models)["limits"] == [shadow]
    reported = {"metric": "shadow_total_tokens", "counts": "total", "of": "backend"}
    assert policy(models, "llm-usage")["report"] == [reported]
    assert "shadow_total_tokens" not in {item["system_name"] for item in models["metrics"]}
    for backend in made["backends"]:  # the policy reports it for whichever a call goes to
        assert "shadow_total_tokens" in {item["system_name"] for item in backend["metrics"]}


def test_errors_of_models_in_one_product() -> None:
    several = {**ALL, "count_errors": False}
    limit = {"requests": 5, "per": "day", "model": GRANITE["name"]}
    counted = policy(sell({"limits": [limit]}, products=[several])["models"], "llm-usage")["successful_only"]
    assert "requests" in counted and "chat_completions" in counted
    closing = {"models": [GRANITE["name"]]}  # by a limit of 0 on requests, so these can't wait for the answer
    models = [GRANITE, {**NOMIC, "plans": []}]
    counted = policy(sell(closing, *models, products=[several])["models"], "llm-usage")["successful_only"]
    assert "requests" not in counted and "chat_completions" in counted
    for kept in ({"limits": [limit]}, {"prices": [{"metric": "hits", "cost_per_unit": 1, "model": GRANITE["name"]}]}):
        with pytest.raises(AnsibleFilterError, match="don't go together"):
            sell({**closing, **kept}, *models, products=[several])


@pytest.mark.parametrize(
    ("plan", "settings", "told"),
    [
        ({"limits": [{"tokens": 5, "per": "day"}]}, {"usage_policy": {}}, "would never trip"),
        (
            {"limits": [{"requests": 5, "per": "day", "shadow": True}]},
            {"usage_policy": {}},
            "only the policy llm-usage",
        ),
        ({"limits": [{"metric": "x", "value": 5, "per": "day"}]}, {}, "a limit names metric 'x'; known are"),
        ({"prices": [{"metric": "total_tokens", "cost_per_unit": 1}]}, {"usage_policy": {}}, "nothing counts it"),
        ({"prices": [{"metric": "embed", "cost_per_unit": 1, "model": NOMIC["name"]}]}, {}, "can't be for one model"),
        ({"weights": {"output": 3}}, {"usage_policy": {}}, "need threescale_count_tokens"),
    ],
)
def test_a_plan_that_nothing_would_keep(plan: dict[str, Any], settings: dict[str, Any], told: str) -> None:
    with pytest.raises(AnsibleFilterError, match="standard|granite") as error:
        sell(plan, **settings)
    assert told in str(error.value)


def test_prices_features_and_the_default_are_kept() -> None:
    plan = {
        "prices": [
            {"metric": "total_tokens", "cost_per_unit": "0.002", "max": 1000},
            {"metric": "embed", "cost_per_unit": 1},
        ],
        "features": ["priority_support"],
        "default": True,
        "approval_required": True,
    }
    product = sell(plan)[GRANITE["name"]]
    found = plan_of(product)
    assert found["pricing_rules"] == [{"metric": "total_tokens", "cost_per_unit": 0.002, "max": 1000}]
    assert found["features"] == ["priority_support"] and found["default"] and found["approval_required"]
    assert product["features"] == [{"system_name": "priority_support", "name": "Priority support"}]
    assert plan_of(sell({"prices": []})[GRANITE["name"]])["pricing_rules"] == []
    assert "pricing_rules" not in plan_of(sell({})[GRANITE["name"]])


def test_weights_are_the_products_own_or_what_its_plans_agree_on() -> None:
    weighed = {**GRANITE, "weights": {"output": 4}}
    assert policy(sell({"weights": {"output": 2}}, weighed)[GRANITE["name"]], "llm-usage")["weights"] == {"output": 4}
    assert policy(sell({"weights": {"output": 2}})[NOMIC["name"]], "llm-usage")["weights"] == {"output": 2}
    plans = [{"name": "standard", "weights": {"output": 2}}, {"name": "gold"}]
    models = read({**GRANITE, "plans": ["standard", "gold"]}, plans=plans)
    faults = FILTERS["catalogue_faults"]([{**GRANITE, "plans": ["standard", "gold"]}], plans, SHIPPED)
    assert len(faults) == 1 and "standard, gold weigh tokens differently" in faults[0]
    with pytest.raises(AnsibleFilterError, match="weigh tokens differently"):
        FILTERS["threescale_objects"](models, {**SHIPPED, "plans": plans})


def test_errors_of_the_model_may_be_left_out() -> None:
    own = sell({}, {**GRANITE, "count_errors": False}, NOMIC)
    counted = ["models", "chat_completions", "completions"]
    assert policy(own[GRANITE["name"]], "llm-usage")["successful_only"] == counted
    assert "successful_only" not in policy(own[NOMIC["name"]], "llm-usage")
    with pytest.raises(AnsibleFilterError, match="count_errors: false"):
        sell({}, {**GRANITE, "count_errors": False}, usage_policy={})


def test_a_models_weights_count_in_a_product_over_several_too() -> None:
    product = sell({"weights": {"output": 2}}, {**GRANITE, "weights": {"output": 4}}, NOMIC, products=[ALL])["models"]
    configuration = policy(product, "llm-usage")
    assert configuration["weights"] == {"output": 2}
    assert configuration["model_weights"] == [{"model": "granite-8b-code-instruct-128k", "output": 4}]


def test_a_product_over_several_models() -> None:
    limits = [{"tokens": 9, "per": "day"}, {"tokens": 5, "per": "day", "model": GRANITE["name"]}]
    plan = {
        "limits": [*limits, {"requests": 3, "per": "minute", "model": GRANITE["name"]}],
        "models": [GRANITE["name"]],
    }
    product = sell(plan, GRANITE, {**NOMIC, "plans": []}, products=[{**ALL, "aliases": {"gpt-4": GRANITE["name"]}}])[
        "models"
    ]
    assert product["backend_usages"] == [
        {"backend": GRANITE["name"], "path": "/granite-8b-code-instruct"},
        {"backend": NOMIC["name"], "path": "/nomic-embed-text-v1-5"},
    ]
    rules = [f"{rule['http_method']} {rule['pattern']} {rule['metric']}" for rule in product["mapping_rules"]]
    assert rules == [
        "GET /v1/models models",
        "POST /granite-8b-code-instruct/v1/chat/completions chat_completions",
        "POST /granite-8b-code-instruct/v1/completions completions",
        "POST /nomic-embed-text-v1-5/embed embed",
        "POST /nomic-embed-text-v1-5/rerank rerank",
        "POST /nomic-embed-text-v1-5/v1/embeddings openai_embed",
    ]
    assert {rule.split()[2] for rule in rules} == {item["system_name"] for item in product["methods"]}
    assert plan_of(product)["limits"] == [
        {"metric": "total_tokens", "period": "day", "value": 9},
        {"metric": "total_tokens", "backend": GRANITE["name"], "period": "day", "value": 5},
        {"metric": "requests", "backend": GRANITE["name"], "period": "minute", "value": 3},
        # what the plan does not open
        {"metric": "requests", "backend": NOMIC["name"], "period": "eternity", "value": 0},
    ]
    assert [item["name"] for item in product["policies"]] == [
        *("on_failed", "openai-errors", "cors", "api-key", "llm-router", "llm-usage", "upstream_connection", "apicast")
    ]
    assert policy(product, "llm-router")["models"] == [
        {
            "name": "granite-8b-code-instruct-128k",
            "path": "/granite-8b-code-instruct",
            "aliases": ["gpt-4", "granite-8b-code-instruct"],
        },
        {"name": NOMIC["name"], "path": "/nomic-embed-text-v1-5", "aliases": []},
    ]
    assert policy(product, "llm-usage")["backend_metrics"] is True


def test_what_the_backends_count_for_each_model() -> None:
    entries = read(GRANITE, NOMIC, plans=[{"name": "standard"}])
    wanted = FILTERS["threescale_objects"](entries, {**SHIPPED, "plans": [{"name": "standard"}], "products": [ALL]})
    granite = wanted["backends"][0]
    tokens = {"total_tokens", "prompt_tokens", "completion_tokens", "cached_tokens", "estimated_tokens"}
    assert {item["system_name"] for item in granite["metrics"]} == {"requests", *tokens}
    assert {rule["metric"] for rule in granite["mapping_rules"]} == {"requests"}, "hits would count twice"
    assert all(policy(item, "llm-usage")["backend_metrics"] for item in wanted["products"])
    assert "/health" not in {rule["pattern"] for rule in granite["mapping_rules"]}
    assert [item["system_name"] for item in wanted["products"]] == [GRANITE["name"], NOMIC["name"], "models"]
    assert [item["system_name"] for item in wanted["active_docs"]] == [GRANITE["name"], NOMIC["name"], "models"]
    document = wanted["active_docs"][2]["body"]
    body = document["paths"]["/v1/embeddings"]["post"]["requestBody"]["content"]["application/json"]
    assert body["example"]["model"] == NOMIC["name"]
    alone = FILTERS["threescale_objects"](entries, {**SHIPPED, "products": []})["backends"][0]
    assert "metrics" not in alone and "mapping_rules" not in alone


@pytest.mark.parametrize(
    ("products", "told"),
    [
        (["models"], "maas_products[0] is 'models' and not a mapping"),
        ({"name": "models"}, "maas_products is not a list"),
        ([{**ALL, "models": ["x"]}], "model 'x' is not in maas_models"),
        ([{**ALL, "models": []}], "models must be a list of names of maas_models, or all"),
        ([{**ALL, "models": [GRANITE["name"]] * 2}], "is listed twice"),
        ([{**ALL, "plans": ["gold"]}], "plan 'gold' is not in maas_plans"),
        ([{**ALL, "name": "All_Models"}], "name 'All_Models' must be of lower case letters"),
        ([{**ALL, "name": GRANITE["name"]}], "a model's product has that name already"),
        ([{**ALL, "aliases": {"gpt-4": "x"}}], "alias 'gpt-4' stands for 'x', which is not one of its models"),
        ([{**ALL, "modles": 1}], "modles is not known"),
        ([{**ALL, "policies": [{"name": "headers"}]}], "maas_products (models) policies: a policy lacks version"),
    ],
)
def test_a_wrong_product_is_refused(products: Any, told: str) -> None:
    plans = [{"name": "standard"}]
    faults = FILTERS["catalogue_faults"]([GRANITE, NOMIC], plans, {**SHIPPED, "plans": plans, "products": products})
    assert told in "; ".join(faults)
    assert FILTERS["catalogue_faults"]([GRANITE, NOMIC], plans, {**SHIPPED, "plans": plans, "products": [ALL]}) == []


def test_a_plan_that_does_not_open_a_model_is_refused_for_its_product() -> None:
    plans = [{"name": "standard", "models": [GRANITE["name"]]}]
    faults = FILTERS["catalogue_faults"]([GRANITE, NOMIC], plans, {**SHIPPED, "plans": plans})
    assert len(faults) == 1 and "plan 'standard' opens only granite-8b-code-instruct" in faults[0]


@pytest.mark.parametrize(
    ("more", "request_steps"),
    [
        ({}, [{"op": "delete", "header": "Authorization"}]),
        ({"endpoint_key": "PARTNER\n"}, [{"op": "set", "header": "Authorization", "value": "Bearer PARTNER"}]),
        (
            {"endpoint_key": "PARTNER", "endpoint_header": "x-api-key"},
            [
                {"op": "delete", "header": "Authorization"},
                {"op": "set", "header": "x-api-key", "value": "PARTNER"},
            ],
        ),
    ],
)
def test_a_partner_gets_its_own_key_behind_the_gateway(more: dict[str, Any], request_steps: list[Any]) -> None:
    chain = sell({}, {**PARTNER, **more})["partner-llm"]["policies"]
    assert [item["name"] for item in chain][-2:] == ["apicast", "headers"]
    assert chain[-1]["configuration"] == {"request": request_steps}


def test_a_partners_key_is_sent_to_its_model_alone() -> None:
    chain = sell({}, GRANITE, {**PARTNER, "endpoint_key": "PARTNER"}, products=[ALL])["models"]["policies"]
    assert chain[-1]["name"] == "apicast"
    models = {item["path"]: item.get("headers") for item in policy({"policies": chain}, "llm-router")["models"]}
    key = {"header": "Authorization", "value": "Bearer PARTNER"}
    assert models == {f"/{GRANITE['name']}": None, "/partner-llm": [key]}
    own = {**PARTNER, "endpoint_key": "PARTNER", "endpoint_header": "X-Api-Key"}
    (model,) = policy(sell({}, own, products=[ALL])["models"], "llm-router")["models"]
    taken = {"header": "Authorization", "value": ""}
    assert model["headers"] == [taken, {"header": "X-Api-Key", "value": "PARTNER"}]


def test_several_origins_are_one_expression() -> None:
    origins = ["https://maas.apps.example.com", "https://chat.example.com"]
    pattern = policy(sell({}, cors_origin=origins)[GRANITE["name"]], "cors")["allow_origin"]
    assert all(re.match(pattern, origin) for origin in origins)
    assert not re.match(pattern, "https://maas.apps.example.com.evil.example")
    assert not re.match(pattern, "https://chatXexample.com")
    assert policy(sell({}, cors_origin=origins[:1])[GRANITE["name"]], "cors")["allow_origin"] == origins[0]


def test_caching_is_the_products_choice_or_everyones() -> None:
    own = sell({}, {**GRANITE, "caching": "none"}, NOMIC, caching="resilient")
    assert policy(own[GRANITE["name"]], "caching") == {"caching_type": "none"}
    assert policy(own[NOMIC["name"]], "caching") == {"caching_type": "resilient"}
    assert "caching" not in [item["name"] for item in sell({})[GRANITE["name"]]["policies"]]


@pytest.mark.parametrize("portal", [PORTAL, "https://maas.apps." + "cluster-abc12.dynamic." * 3 + "example.com", ""])
def test_refusals_are_errors_that_clients_understand(portal: str) -> None:
    proxy = sell({}, portal_url=portal)[NOMIC["name"]]["proxy"]
    for name, status, code in [
        ("auth_missing", 401, "invalid_api_key"),
        ("auth_failed", 401, "invalid_api_key"),
        ("no_match", 404, "not_found"),
        ("limits_exceeded", 429, "rate_limit_exceeded"),
    ]:
        text = proxy[f"error_{name}"]
        # what 3scale takes: docs/threescale-behaviour.md#proxies-error-texts
        assert len(text) <= 255 and re.fullmatch(r"[{}\[\]\d,.;@#~%&()?\w\"= /\\:-]+", text, re.ASCII)
        error = json.loads(text)["error"]
        assert (error["code"], error["param"], proxy[f"error_status_{name}"]) == (code, None, status)
        assert proxy[f"error_headers_{name}"] == "application/json"
        assert portal in error["message"] or name == "no_match"
    missing = json.loads(proxy["error_no_match"])["error"]["message"]
    assert "/v1/embeddings" in missing and "end in /v1" in missing
    plain = sell({}, openai_errors=False)[NOMIC["name"]]["proxy"]
    assert set(plain) == {"credentials_location", "auth_user_key"}


def test_a_portal_whose_address_leaves_no_room_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="threescale_portal_url does not fit"):
        sell({}, portal_url="https://" + "a" * 200)


def test_alerts_take_the_place_of_what_a_product_had() -> None:
    levels = {"web_buyer": [80, 100], "email_buyer": [100]}
    assert sell({}, alerts=levels)[GRANITE["name"]]["notification_settings"] == levels
    for nothing in ({}, None):
        assert "notification_settings" not in sell({}, alerts=nothing)[GRANITE["name"]]
