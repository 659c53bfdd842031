# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""How tokens are counted: the metrics, and what the policies that count and route are told. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import CatalogueError, Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.offers import opened
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.plans import KINDS, what_of

#: the metrics that token counting reports; independent of each other and of hits
TOKEN_METRICS = (
    ("total_tokens", "Tokens", "Tokens of questions and answers, weighted"),
    ("prompt_tokens", "Prompt tokens", "Tokens of questions"),
    ("completion_tokens", "Completion tokens", "Tokens of answers"),
)
#: those that only the policy of this collection knows
MORE_METRICS = (
    ("cached_tokens", "Cached tokens", "Tokens of questions that the model had in its cache"),
    ("estimated_tokens", "Estimated tokens", "How many of the tokens were estimated, since an answer did not tell"),
)
#: calls of one model, in its backend; its hits would count a second time in the product
#: (docs/threescale-behaviour.md#backends-hits)
REQUESTS = ("requests", "Requests", "Requests to the model")
#: calls that no plan counts
UNCOUNTED = ("uncounted", "Uncounted requests", "Requests that count for nothing, such as health checks")
#: what the policy calls the kinds of a limit
_COUNTS = {
    "requests": "requests",
    "tokens": "total",
    "input_tokens": "prompt",
    "output_tokens": "completion",
    "cached_tokens": "cached",
}
_CHECKED = ("total", "prompt", "completion")
_SHADOW = "shadow_"


def shadow_of(kind: str) -> str:
    """The metric of a limit that is seen and never refuses: reported beside the real one, and never asked for."""
    return _SHADOW + (kind if kind == "requests" else KINDS[kind])


def metrics_of(offer: Entry, settings: Mapping[str, Any]) -> list[Entry]:
    """The metrics of a product beside hits."""
    found = token_metrics(settings)
    found += [_shadow(kind) for kind in shadows_of(offer)]
    if any(not item["counted"] for model in offer["models"] for item in model["endpoints"]):
        found.append(_metric(*UNCOUNTED, unit="hit"))
    return found


def backend_metrics(sold: Sequence[Entry], settings: Mapping[str, Any]) -> list[Entry]:
    """The metrics of a backend beside hits: what is counted for its model.

    A report that names an unknown metric is dropped, so each backend has what any of the products reports for one.
    """
    kinds = {kind for offer in sold for kind in shadows_of_models(offer)}
    tokens = token_metrics(settings) if settings.get("usage_policy") else []
    return [_metric(*REQUESTS, unit="hit"), *tokens, *(_shadow(kind) for kind in KINDS if kind in kinds)]


def token_metrics(settings: Mapping[str, Any]) -> list[Entry]:
    """The metrics that the policy in use reports."""
    if settings.get("usage_policy"):
        return [_metric(*item) for item in (*TOKEN_METRICS, *MORE_METRICS)]
    return [_metric(*item) for item in TOKEN_METRICS] if settings.get("token_policy") else []


def _metric(system_name: str, friendly_name: str, description: str, unit: str = "token") -> Entry:
    return {"system_name": system_name, "friendly_name": friendly_name, "unit": unit, "description": description}


def _shadow(kind: str) -> Entry:
    return _metric(shadow_of(kind), f"Shadow of {kind.replace('_', ' ')}", "Has limits that never refuse")


def shadows_of(offer: Entry) -> list[str]:
    """The kinds of which plans of a product have shadow limits for the whole, each once.

    In the product of one model alone a limit for that model is one for the whole.
    """
    return _shadows(offer, lambda model: model is None or (not offer["routed"] and model in _names(offer)))


def shadows_of_models(offer: Entry) -> list[str]:
    """The kinds of which plans of a product over several models have shadow limits for one of them, each once."""
    return _shadows(offer, lambda model: bool(offer["routed"]) and model in _names(offer))


def _names(offer: Entry) -> set[str]:
    return {model["name"] for model in offer["models"]}


def _shadows(offer: Entry, is_meant: Callable[[str | None], bool]) -> list[str]:
    kinds = {what_of(limit) for limit in _limits(offer) if limit.get("shadow") and is_meant(limit.get("model"))}
    return [kind for kind in KINDS if kind in kinds]


def _limits(offer: Entry) -> Iterable[Entry]:
    for plan in offer["plans"]:
        yield from plan.get("limits") or []


def weights_of(offer: Entry) -> Entry:
    """How much tokens weigh in a product: as it says, or as its plans agree."""
    if offer["weights"]:
        return dict(offer["weights"])
    found: list[Entry] = []
    for plan in offer["plans"]:
        weights = dict(plan.get("weights") or {})
        if weights not in found:
            found.append(weights)
    if len(found) > 1:
        raise CatalogueError(
            f"maas_plans: {', '.join(plan['name'] for plan in offer['plans'])} weigh tokens differently, but the "
            f"gateway counts those of product {offer['system_name']!r} once for all its plans; give them the same "
            "weights, or the product (or model) weights of its own"
        )
    return found[0] if found else {}


def usage_configuration(offer: Entry, settings: Mapping[str, Any]) -> Entry:
    """What ``llm-usage`` is told for a product.

    With products over several models each model's backend counts too, whatever product a call came through.
    """
    limited = {_COUNTS[what_of(limit)] for limit in _limits(offer) if what_of(limit) in _COUNTS}
    configuration: Entry = {
        "check": [*_CHECKED, *(["cached"] if "cached" in limited else [])],
        "report": [_reported(kind) for kind in shadows_of(offer)]
        + [{**_reported(kind), "of": "backend"} for kind in shadows_of_models(offer)],
        "backend_metrics": bool(settings.get("products")),
    }
    weights = weights_of(offer)
    own = [{"model": model["served_name"], **model["weights"]} for model in offer["models"] if model["weights"]]
    if weights:
        configuration["weights"] = weights
    if own and offer["routed"]:
        configuration["model_weights"] = own
    if not offer["count_errors"]:
        methods = [item["name"] for model in offer["models"] for item in model["endpoints"] if item["counted"]]
        of_models = [REQUESTS[0]] if offer["routed"] and not closing(offer) else []
        configuration["successful_only"] = [*dict.fromkeys(methods), *of_models]
    return configuration


def _reported(kind: str) -> Entry:
    return {"metric": shadow_of(kind), "counts": _COUNTS[kind]}


def closing(offer: Entry) -> list[str]:
    """The plans of a product over several models that close some of them."""
    names = _names(offer)
    return [plan["name"] for plan in offer["plans"] if offer["routed"] and names - set(opened(plan, offer))]


def router_configuration(offer: Entry, _settings: Mapping[str, Any]) -> Entry:
    """What ``llm-router`` is told for a product over several models."""
    return {"models": [_routed(model, offer) for model in offer["models"]], "list_plan_only": True}


def _routed(model: Entry, offer: Entry) -> Entry:
    others = [alias for alias, name in offer["aliases"].items() if name == model["name"]]
    if model["name"] != model["served_name"]:
        others.append(model["name"])
    routed: Entry = {"name": model["served_name"], "path": f"/{model['name']}", "aliases": sorted(set(others))}
    headers = headers_for_partner(model)
    return {**routed, "headers": headers} if headers else routed


def headers_for_partner(model: Entry) -> list[Entry]:
    """What a model that is served elsewhere is sent in place of the developer's key; an empty value takes away."""
    if not model["endpoint"]:
        return []
    auth = model["endpoint_auth"] or {}
    taken = [{"header": "Authorization", "value": ""}] if auth.get("header", "").lower() != "authorization" else []
    return [*taken, {"header": auth["header"], "value": auth["value"]}] if auth else taken


def refuse_uncounted(sold: Sequence[Entry], settings: Mapping[str, Any]) -> None:
    """Refuses quotas that would never trip, and weights that nothing uses."""
    for offer in sold:
        weighed = weights_of(offer)
        if not offer["count_errors"] and not settings.get("usage_policy"):
            raise CatalogueError(
                f"count_errors: false (product {offer['system_name']!r}) needs threescale_count_tokens: true, since "
                "only the policy llm-usage sees how a call ended"
            )
        _refuse_errors_of_models(offer)
        if weighed and not settings.get("usage_policy"):
            raise CatalogueError(
                f"weights of tokens (product {offer['system_name']!r}) need threescale_count_tokens: true, since only "
                "the policy llm-usage weighs tokens"
            )
        if offer["routed"] and not settings.get("router_policy"):
            raise CatalogueError(
                f"maas_products ({offer['system_name']}) needs the policy llm-router, and it is switched off"
            )
        for plan in offer["plans"]:
            _refuse_plan(plan, settings)


def _refuse_errors_of_models(offer: Entry) -> None:
    """A model is closed by a limit of 0 on its requests, which a call has to name with more than 0 before it is made.

    So they can't be left out of the count when the call has failed.
    """
    if offer["count_errors"] or not closing(offer):
        return
    for plan in offer["plans"]:
        for item in (*(plan.get("limits") or []), *(plan.get("prices") or [])):
            kind = "hits" if "requests" in item else item.get("metric")
            if kind == "hits" and item.get("model") in _names(offer):
                raise CatalogueError(
                    f"maas_products ({offer['system_name']}) count_errors: false, plan {plan['name']!r} that limits or "
                    f"prices requests of {item['model']!r}, and plan {closing(offer)[0]!r} that closes models don't go "
                    "together: where a plan closes models, a model's requests count with their errors. Give up one of "
                    "the three"
                )


def _refuse_plan(plan: Entry, settings: Mapping[str, Any]) -> None:
    for limit in plan.get("limits") or []:
        kind = what_of(limit)
        ours = limit.get("shadow") or kind == "cached_tokens" or ("tokens" in kind and limit.get("model"))
        if "tokens" in kind and not (settings.get("usage_policy") or settings.get("token_policy")):
            raise CatalogueError(
                f"maas_plans ({plan['name']}) limits tokens, but nothing counts them: such a limit would never "
                "trip. Set threescale_count_tokens to true, name a policy in threescale_token_policy, or remove the "
                "limit"
            )
        if ours and not settings.get("usage_policy"):
            raise CatalogueError(
                f"maas_plans ({plan['name']}) has a limit of {kind} that only the policy llm-usage counts; set "
                "threescale_count_tokens to true, or remove the limit"
            )
