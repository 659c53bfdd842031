# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys offer what the inventory lists, and the platform keeps each of them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import CatalogueError
from ansible_collections.rhai.maas.plugins.module_utils.controller.surveys import choices, question
from ansible_collections.rhai.maas.plugins.modules.threescale_export import DOCUMENTATION
from tests.support.templates import ERRANDS, ROOT, job_templates

PLANS = [{"name": "basic", "title": "Basic"}, {"name": "gold", "title": "Gold"}]
MODELS = [
    {"name": "one-llm", "task": "chat", "endpoint": "https://one.example.com", "plans": ["basic"]},
    {"name": "two-llm", "task": "chat", "endpoint": "https://two.example.com", "product": "other", "plans": ["gold"]},
    {"name": "routed", "task": "chat", "endpoint": "https://three.example.com"},
]
BOTH = [{"name": "all-llms", "models": ["one-llm", "routed"], "plans": ["gold"]}]
QUESTIONS = [(errand["name"], item) for errand in ERRANDS for item in errand.get("survey", [])]


def catalogue(**changed: Any) -> dict[str, Any]:
    return {"models": MODELS, "plans": PLANS, "products": BOTH, "tenant": "maas", **changed}


def test_products_are_those_that_are_made() -> None:
    known = choices(catalogue())
    assert known["products"] == ["one-llm", "other", "all-llms"] and known["plans"] == ["basic", "gold"]
    with pytest.raises(CatalogueError, match="maas_models"):
        choices(catalogue(models=[{"name": "One LLM"}]))


def test_nothing_to_choose_from_is_asked_as_a_text() -> None:
    wanted = {"question": "Model", "variable": "model", "type": "multiplechoice", "choices": "products"}
    assert question(choices(catalogue()), wanted)["choices"] == ["one-llm", "other", "all-llms"]
    asked = question(choices(catalogue(models=[], products=[])), wanted)
    assert asked["type"] == "text" and "choices" not in asked


@pytest.mark.parametrize("inventory", [{}, {"maas_models": MODELS, "maas_plans": PLANS, "maas_products": BOTH}])
def test_the_platform_keeps_every_survey(inventory: dict[str, Any]) -> None:
    assert len(job_templates(inventory)) == len(ERRANDS)


def test_parts_of_an_export_are_those_of_its_module() -> None:
    parts = yaml.safe_load(DOCUMENTATION)["options"]["parts"]["choices"]
    asked = {item["variable"]: item["choices"] for _name, item in QUESTIONS if item["variable"].endswith("_parts")}
    assert asked == {"export_parts": parts, "import_parts": parts}


@pytest.mark.parametrize(("errand", "item"), QUESTIONS, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_asked_is_read_and_a_refusal_names_it(errand: str, item: dict[str, Any]) -> None:
    """A word that the platform can't hold against a list is refused by the playbook, which has to name it."""
    playbook = next(entry.get("playbook", errand) for entry in ERRANDS if entry["name"] == errand)
    text = (ROOT / "playbooks" / f"{playbook}.yml").read_text()
    assert item["variable"] in text
    listed, free = isinstance(item.get("choices"), list), item["variable"] in FREE
    told = f"{item['variable']}:" in text or f"{item['variable']}," in text or f"{item['variable']} is " in text
    assert listed or free or told or f"Give {item['variable']}" in text


#: any text will do, or number that the platform has looked at
FREE = {"add_model_title", "add_model_description", "metering_hours", "metering_tolerance"}
