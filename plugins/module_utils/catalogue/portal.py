# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What the portal's pages say of each model. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.offers import endpoints_of, offers
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.plans import value_of, what_of, whole
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.snippets import example_of, snippets
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.threescale import gateway_url

TASKS = {
    "chat": "Chat",
    "completion": "Text completion",
    "embedding": "Embeddings",
    "rerank": "Reranking",
    "transcription": "Transcription",
}


def portal_models(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[Entry]:
    """Makes the data of the model list and of each card: one for each product that is sold.

    :param settings: ``tenant, superdomain, public_port, plans, products``
    :returns: for each product ``name, title, description, task, product, model_id, url, endpoints, plans, facts,
        snippets, example (path and body of a call)``
    """
    return [_card(offer, settings) for offer in offers(models, settings)]


def _card(offer: Entry, settings: Mapping[str, Any]) -> Entry:
    model, several = offer["models"][0], offer["routed"]
    url = gateway_url(offer["system_name"], settings)
    path, body = example_of(model)
    return {
        "name": offer["system_name"] if several else model["name"],
        "title": offer["title"],
        "description": offer["description"],
        "task": "Several models" if several else TASKS[model["task"]],
        "product": offer["system_name"],
        "model_id": model["served_name"],
        "url": url,
        "endpoints": endpoints_of(offer),
        "plans": [_plan(plan) for plan in offer["plans"]],
        "facts": _facts_of_several(offer) if several else _facts(model),
        "snippets": snippets(model, url),
        "example": {"path": path, "body": body},
    }


def _plan(plan: Mapping[str, Any]) -> Entry:
    seen = [limit for limit in plan.get("limits") or [] if not limit.get("shadow")]
    return {"name": plan["name"], "title": plan["title"], "limits": [_limit(limit) for limit in seen]}


def _limit(limit: Mapping[str, Any]) -> str:
    """A limit as a person says it: ``100,000 tokens per day``."""
    noun = what_of(limit).replace("_", " ") if "metric" not in limit else str(limit["metric"])
    model = f" of {limit['model']}" if limit.get("model") else ""
    return f"{whole(value_of(limit)):,} {noun}{model} " + (
        "in all" if limit["per"] == "eternity" else f"per {limit['per']}"
    )


def _facts_of_several(offer: Entry) -> list[dict[str, str]]:
    return [{"label": "Model names in requests", "value": ", ".join(model["served_name"] for model in offer["models"])}]


def _facts(model: Entry) -> list[dict[str, str]]:
    card = model["card"]
    length = card.get("context_length") or (model["serving"] or {}).get("max_model_len")
    source = (model["source"] or {}).get("huggingface")
    facts = [
        ("Model name in requests", model["served_name"]),
        ("Context", f"{int(length):,} tokens" if length else ""),
        ("Licence", card.get("licence") or ""),
        ("Weights", source or ""),
        ("Served", "" if model["serving"] else "by a partner"),
    ]
    return [{"label": label, "value": str(value)} for label, value in facts if value]
