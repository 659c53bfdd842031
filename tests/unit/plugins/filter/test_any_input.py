# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever stands in a catalogue is taken, or refused in a sentence; never is there a traceback."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.rhai.maas.plugins.filter.catalogue import FilterModule

FILTERS = FilterModule().filters()
MODELS = [
    {
        "name": "granite-8b",
        "title": "Granite",
        "task": "chat",
        "description": "A model",
        "source": {"huggingface": "ibm-granite/granite", "revision": "main"},
        "serving": {"name": "granite-8b-it", "runtime": "vllm", "gpus": 1, "max_model_len": 6144, "args": ["--x"]},
        "endpoints": {
            "add": [{"name": "score", "path": "/v1/score", "method": "POST"}],
            "remove": ["completions"],
        },
        "card": {"provider": "IBM"},
        "policies": [{"name": "cors", "version": "builtin", "configuration": {"allow_origin": "*"}}],
        "plans": ["standard", "premium"],
    },
    {"name": "partner-llm", "task": "embedding", "endpoint": "https://llm.example.com", "plans": ["standard"]},
]
PLANS = [
    {"name": "standard", "title": "Standard Plan"},
    {
        "name": "premium",
        "limits": [{"requests": 60, "per": "minute"}],
        "prices": [{"metric": "score", "cost_per_unit": 0.1}],
    },
]
RUNTIME = {
    "title": "vLLM",
    "image": "quay.io/modh/vllm:1",
    "model_format": "vLLM",
    "name_flag": "--served-model-name",
    "length_flag": "--max-model-len",
    "args": ["--port=8080"],
    "resources": {"limits": {"cpu": "8"}},
}
SETTINGS: dict[str, Any] = {
    "tenant": "maas",
    "superdomain": "apps.example.com",
    "public_port": 443,
    "namespace": "llm-hosting",
    "credentials_location": "headers",
    "auth_user_key": "Authorization",
    "promotion": "production",
    "bearer_policy": {"name": "cp-bearer", "version": "0.1"},
    "cors_origin": "https://maas.apps.example.com",
    "cors_headers": ["Authorization"],
    "cors_credentials": True,
    "connection": "aws",
    "runtimes": {"vllm": RUNTIME},
    "gpu_resource": "nvidia.com/gpu",
    "tolerations": [],
    "deployment_mode": "RawDeployment",
    "plans": PLANS,
}
OTHERS = [
    None,
    5,
    "x",
    [],
    {},
    True,
    -1,
    10**19,
    "",
    ["a"],
    {"a": 1},
    1.5,
    [None],
    [[]],
    [{}],
    "60",
    "a b",
    "é",
    "../x",
]


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in entries:
        yield (*above, name)
        yield from places(entry, (*above, name))


def put(value: Any, place: tuple[Any, ...], other: Any) -> Any:
    changed = inner = copy.deepcopy(value)
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = other
    return changed


def outcome(models: Any, plans: Any) -> str:
    """``refused``, or ``taken`` by all that the roles do with it."""
    settings = {**SETTINGS, "plans": plans}
    try:
        if FILTERS["catalogue_faults"](models, plans, settings):
            return "refused"
        entries = FILTERS["catalogue"](models, plans, "maas")
        for name in ("threescale_objects", "serving_objects", "portal_models"):
            FILTERS[name](entries, settings)
    except AnsibleFilterError as error:
        assert "Error" not in str(error).split(":")[0]
        return "refused"
    return "taken"


def test_the_catalogue_itself_is_taken() -> None:
    assert outcome(MODELS, PLANS) == "taken", FILTERS["catalogue_faults"](MODELS, PLANS, SETTINGS)


@pytest.mark.parametrize("place", list(places(MODELS)), ids=str)
def test_models(place: tuple[Any, ...]) -> None:
    assert {outcome(put(MODELS, place, other), PLANS) for other in OTHERS} <= {"taken", "refused"}


@pytest.mark.parametrize("place", list(places(PLANS)), ids=str)
def test_plans(place: tuple[Any, ...]) -> None:
    assert {outcome(MODELS, put(PLANS, place, other)) for other in OTHERS} <= {"taken", "refused"}


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_no_lists(other: Any) -> None:
    assert outcome(other, PLANS) in ("taken", "refused") and outcome(MODELS, other) in ("taken", "refused")
