# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What the portal's pages say of each model. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.capabilities import capabilities_of
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.life import changes_of
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.offers import endpoints_of, offers
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.plans import KINDS, value_of, what_of, whole
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.snippets import example_of, snippets
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.threescale import gateway_url


def portal_models(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[Entry]:
    """Makes the data of the model list and of each card: one for each product that is sold.

    What is said of them is for the portal's table of texts: here are the words' keys, numbers and names.

    :param settings: ``tenant, superdomain, public_port, plans, products``, and ``runtimes`` as in
        ``model_serving_runtimes``
    :returns: for each product ``name, title, description, task, product, model_id, url, endpoints, plans, paid, facts,
        context and dimensions (numbers, or None), capabilities, preview, leaves (a day, or empty), changes (date, kind,
        text, title), snippets, example (path and body of a call)``
    """
    return [_card(offer, settings) for offer in offers(models, settings)]


def _card(offer: Entry, settings: Mapping[str, Any]) -> Entry:
    model, several = offer["models"][0], offer["routed"]
    url = gateway_url(offer["system_name"], settings)
    path, body = example_of(model)
    able = [capabilities_of(one, settings.get("runtimes") or {}) for one in offer["models"]]
    # of several models only what the one of the snippets can is shown as code
    shown = [name for name in able[0] if all(name in one for one in able)]
    plans = [_plan(plan) for plan in offer["plans"]]
    return {
        "name": offer["system_name"] if several else model["name"],
        "title": offer["title"],
        "description": offer["description"],
        "task": "several" if several else model["task"],
        "product": offer["system_name"],
        "model_id": model["served_name"],
        "url": url,
        "endpoints": endpoints_of(offer),
        "plans": plans,
        "paid": any(plan["prices"] or plan["cost_per_month"] or plan["setup_fee"] for plan in plans),
        "facts": _facts_of_several(offer) if several else _facts(model),
        "context": None if several else _context(model),
        "dimensions": None if several else _whole_or_none(model["card"].get("dimensions")),
        "capabilities": shown,
        "preview": not several and bool(model["card"].get("preview")),
        "leaves": "" if several else str(model["card"].get("leaves") or ""),
        "changes": [change for one in offer["models"] for change in changes_of(one)],
        "snippets": snippets(model, url, shown),
        "example": {"path": path, "body": body},
    }


def _plan(plan: Mapping[str, Any]) -> Entry:
    seen = [limit for limit in plan.get("limits") or [] if not limit.get("shadow")]
    return {
        "name": plan["name"],
        "title": plan["title"],
        "limits": [_limit(limit) for limit in seen],
        "prices": [_price(price) for price in plan.get("prices") or []],
        "cost_per_month": _money(plan.get("cost_per_month"), 2),
        "setup_fee": _money(plan.get("setup_fee"), 2),
    }


def _limit(limit: Mapping[str, Any]) -> Entry:
    """A limit: ``what`` is a word of the catalogue when it is ``known``, else the name of a metric."""
    return {
        "value": whole(value_of(limit)),
        "what": what_of(limit),
        "known": "metric" not in limit,
        "per": limit["per"],
        "model": limit.get("model") or "",
    }


def _price(price: Mapping[str, Any]) -> Entry:
    return {
        "cost": _money(price["cost_per_unit"], 4),
        "metric": price["metric"],
        "known": price["metric"] in KINDS.values(),
        "min": whole(price.get("min")) or 1,
        "model": price.get("model") or "",
    }


def _money(value: Any, digits: int) -> str:
    """An amount with this many digits behind the point; nothing for none, and for 0."""
    return f"{float(value):.{digits}f}" if float(value or 0) > 0 else ""


def _whole_or_none(value: Any) -> int | None:
    return int(value) if value else None


def _context(model: Entry) -> int | None:
    return _whole_or_none(model["card"].get("context_length") or (model["serving"] or {}).get("max_model_len"))


def _facts_of_several(offer: Entry) -> list[Entry]:
    return [{"id": "names", "value": ", ".join(model["served_name"] for model in offer["models"])}]


def _facts(model: Entry) -> list[Entry]:
    card = model["card"]
    facts = [
        ("model_id", model["served_name"]),
        ("context", _context(model)),
        ("dimensions", _whole_or_none(card.get("dimensions"))),
        ("licence", card.get("licence") or ""),
        ("weights", (model["source"] or {}).get("huggingface") or ""),
        ("served", "" if model["serving"] else "by a partner"),
    ]
    return [{"id": name, "value": value} for name, value in facts if value]
