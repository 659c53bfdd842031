# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""A plan of the catalogue as the application plan of one product: limits, prices, features. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import CatalogueError, Entry, names
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.metering import (
    MORE_METRICS,
    REQUESTS,
    TOKEN_METRICS,
    UNCOUNTED,
    shadow_of,
    token_metrics,
)
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.offers import endpoints_of, opened
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.plans import KINDS, value_of, what_of, whole

_SAME = ("approval_required", "default", "setup_fee", "cost_per_month", "trial_period_days", "description")


def application_plan(plan: Mapping[str, Any], offer: Entry) -> Entry:
    """The plan as the module ``threescale_product`` takes it."""
    wanted: Entry = {"name": plan["title"], "system_name": plan["name"], "published": True}
    wanted.update({key: plan[key] for key in _SAME if plan.get(key) is not None})
    wanted["limits"] = _limits(plan, offer)
    if plan.get("prices") is not None:
        wanted["pricing_rules"] = list(_prices(plan, offer))
    if plan.get("features") is not None:
        wanted["features"] = list(plan["features"])
    return wanted


def _limits(plan: Mapping[str, Any], offer: Entry) -> list[Entry]:
    """The limits, and one of 0 for each model that the plan leaves closed.

    Where a limit for the whole and one for a model meet in the product of that model alone, the smaller one counts.
    """
    found: dict[Any, Entry] = {}
    for limit in plan.get("limits") or []:
        place = _place(limit, offer)
        if place is None or (what_of(limit) not in KINDS and what_of(limit) not in metric_names(offer)):
            continue
        metric = shadow_of(what_of(limit)) if limit.get("shadow") else KINDS.get(what_of(limit), what_of(limit))
        metric = _in_backend(metric) if "backend" in place else metric
        wanted = {"metric": metric, **place, "period": limit["per"], "value": whole(value_of(limit))}
        key = (metric, place.get("backend"), limit["per"])
        if key not in found or wanted["value"] < found[key]["value"]:
            found[key] = wanted
    for model in offer["models"]:
        if offer["routed"] and model["name"] not in opened(plan, offer):
            closed = {"metric": REQUESTS[0], "backend": model["backend"], "period": "eternity", "value": 0}
            found[REQUESTS[0], model["backend"], "eternity"] = closed
    return list(found.values())


def _place(item: Mapping[str, Any], offer: Entry) -> Entry | None:
    """Whose metric a limit or a price is for: the product's, or that of a model's backend; None: not this product's."""
    if item.get("model") is None:
        return {}
    model = next((model for model in offer["models"] if model["name"] == item["model"]), None)
    if model is None:
        return None
    return {"backend": model["backend"]} if offer["routed"] else {}


def _in_backend(metric: str) -> str:
    return REQUESTS[0] if metric == "hits" else metric


def _prices(plan: Mapping[str, Any], offer: Entry) -> Iterable[Entry]:
    for price in plan["prices"]:
        place = _place(price, offer)
        if place is not None and price["metric"] in metric_names(offer):
            bounds = {key: whole(price[key]) for key in ("min", "max") if price.get(key) is not None}
            metric = _in_backend(price["metric"]) if "backend" in place else price["metric"]
            yield {"metric": metric, **place, "cost_per_unit": float(price["cost_per_unit"]), **bounds}


def metric_names(offer: Entry) -> set[str]:
    """Metrics and methods that limits and prices of a product may name."""
    methods = {item["name"] for item in endpoints_of(offer) if item["counted"]}
    return {"hits", *methods, *(item[0] for item in (*TOKEN_METRICS, *MORE_METRICS))}


def refuse_unknown_metrics(sold: Sequence[Entry], settings: Mapping[str, Any]) -> None:
    """Refuses limits and prices of metrics that no product with the plan has, or that nothing counts."""
    counted = {item["system_name"] for item in token_metrics(settings)}
    tokens = {item[0] for item in (*TOKEN_METRICS, *MORE_METRICS)}
    known: dict[str, set[str]] = {}
    plans: dict[str, Entry] = {}
    for offer in sold:
        for plan in offer["plans"]:
            plans[plan["name"]] = plan
            known.setdefault(plan["name"], set()).update(metric_names(offer) - tokens | counted)
    for name, plan in plans.items():
        for what, item in _named(plan):
            metric = item["metric"]
            if metric not in known[name]:
                told = f"known are {names(known[name])}"
                if metric == UNCOUNTED[0]:
                    told = "its requests count for nothing"
                elif metric in tokens:
                    told = "nothing counts it: set threescale_count_tokens to true, or threescale_token_policy"
                raise CatalogueError(f"maas_plans ({name}): a {what} names metric {metric!r}; {told}")
            if item.get("model") and metric not in {"hits", *counted}:
                raise CatalogueError(
                    f"maas_plans ({name}): a {what} of {metric!r} can't be for one model; hits and tokens can"
                )


def _named(plan: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    yield from (("limit", limit) for limit in plan.get("limits") or [] if "metric" in limit)
    yield from (("price", price) for price in plan.get("prices") or [])
