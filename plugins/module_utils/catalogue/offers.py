# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What is sold: a product for each model that has plans, and the products over several models. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import (
    NAME,
    CatalogueError,
    Entry,
    faults_of_host,
    items_of,
    names,
    texts_of,
)
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.entries import faults_of_chosen
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.plans import read_plans

#: endpoints that no request to a product over several models can reach, since it names no model
_NOT_ROUTED = ("models", "health")
#: what the router answers itself
_LIST: Entry = {"method": "GET", "path": "/v1/models", "name": "models", "title": "List models", "counted": True}
_KNOWN = {
    "name",
    "title",
    "description",
    "models",
    "plans",
    "aliases",
    "policies",
    "caching",
    "weights",
    "count_errors",
}
_FORM = "mappings with name, models and plans"
_ALL = "all"


def offers(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[Entry]:
    """Makes one entry for each product of 3scale.

    :param models: what ``entries.catalogue`` returns
    :param settings: ``plans`` and ``products`` as in ``maas_plans`` and ``maas_products``, ``tenant``
    :returns: for each ``system_name, title, description, models (whole entries), routed (whether the request names the
        model), plans (whole plans), aliases (name to model), policies, caching, weights, count_errors``
    :raises CatalogueError: with every fault found
    """
    found, wrong = read_offers(models, settings)
    if wrong:
        raise CatalogueError("; ".join(wrong))
    return found


def read_offers(models: Sequence[Entry], settings: Mapping[str, Any]) -> tuple[list[Entry], list[str]]:
    """The offers, and what is wrong with ``maas_products``, one sentence each."""
    plans, _wrong = read_plans(settings.get("plans"), [model["name"] for model in models])
    known = {model["name"]: model for model in models}
    wanted, wrong = items_of("maas_products", settings.get("products"), _FORM)
    over_several = []
    for where, raw in wanted:
        found = list(_faults(raw, where, known, plans, str(settings.get("tenant") or "maas")))
        wrong += found
        if not found:
            over_several.append(_over_several(raw, known, plans))
    routed = {model["name"] for offer in over_several for model in offer["models"]}
    # a model without plans of its own that a product over several sells needs no product beside it
    alone = [_of_model(model) for model in models if model["plans"] or model["name"] not in routed]
    wrong += _doubles([*alone, *over_several])
    return [*alone, *over_several], wrong


def _of_model(model: Entry) -> Entry:
    same = ("title", "description", "plans", "policies", "caching", "weights", "count_errors")
    return {
        "system_name": model["product"],
        "models": [model],
        "routed": False,
        "aliases": {},
        **{key: model[key] for key in same},
    }


def _over_several(raw: Mapping[str, Any], known: Mapping[str, Entry], plans: Mapping[str, Entry]) -> Entry:
    chosen = list(known) if raw["models"] == _ALL else raw["models"]
    return {
        "system_name": raw["name"],
        "title": raw.get("title") or raw["name"],
        "description": raw.get("description") or "",
        "models": [known[name] for name in chosen],
        "routed": True,
        "aliases": dict(raw.get("aliases") or {}),
        "plans": [plans[name] for name in raw.get("plans") or []],
        "policies": list(raw.get("policies") or []),
        "caching": raw.get("caching"),
        "weights": raw.get("weights"),
        "count_errors": raw.get("count_errors", True),
    }


def _faults(
    raw: Mapping[str, Any], where: str, known: Mapping[str, Entry], plans: Mapping[str, Entry], tenant: str
) -> Iterable[str]:
    yield from (f"{where}: {key} is not known; known are {names(_KNOWN)}" for key in sorted(set(raw) - _KNOWN))
    name = str(raw.get("name") or "")
    if not NAME.match(name):
        yield f"{where}: name {name!r} must be of lower case letters, digits and - (it becomes part of host names)"
    else:
        yield from faults_of_host(f"{where}: product", name, tenant)
    chosen = list(known) if raw.get("models") == _ALL else texts_of(raw.get("models"))
    if not chosen:
        yield f"{where}: models must be a list of names of maas_models, or {_ALL}"
        return
    for model in chosen:
        if model not in known:
            yield f"{where}: model {model!r} is not in maas_models, which has {names(known) or 'none'}"
        if chosen.count(model) > 1:
            yield f"{where}: model {model!r} is listed twice; remove one"
    yield from faults_of_chosen(raw, where, plans, set(chosen))
    yield from _faults_of_aliases(raw, where, chosen)
    yield from _faults_of_names(where, [known[model] for model in chosen if model in known])


def _faults_of_aliases(raw: Mapping[str, Any], where: str, chosen: Sequence[str]) -> Iterable[str]:
    aliases = raw.get("aliases") or {}
    if not isinstance(aliases, Mapping):
        yield f"{where}: aliases must be a mapping of names to names of its models"
        return
    for alias, model in aliases.items():
        if model not in chosen:
            yield f"{where}: alias {alias!r} stands for {model!r}, which is not one of its models ({names(chosen)})"


def _faults_of_names(where: str, chosen: Sequence[Entry]) -> Iterable[str]:
    """The name in the request chooses the model, so two models can't have the same."""
    seen: dict[str, str] = {}
    for model in chosen:
        served = model["served_name"]
        if served in seen:
            both = f"{seen[served]} and {model['name']}"
            yield f"{where}: {both} are both called {served!r} in requests; change card.model_id of one"
        seen[served] = model["name"]


def _doubles(found: Sequence[Entry]) -> Iterable[str]:
    seen: dict[str, Entry] = {}
    for offer in found:
        if offer["system_name"] in seen:
            yield (
                f"maas_products ({offer['system_name']}): a model's product has that name already; give another name, "
                "or remove plans from the model's entry"
            )
        seen[offer["system_name"]] = offer


def endpoints_of(offer: Entry) -> list[Entry]:
    """The endpoints that a product answers to, each once; of several models those that any of them has.

    Those over several models name one that has it (``model``), for examples.
    """
    if not offer["routed"]:
        return list(offer["models"][0]["endpoints"])
    found: dict[tuple[str, str], Entry] = {("GET", "/v1/models"): _LIST}
    for model, endpoint in _routed_endpoints(offer):
        found.setdefault((endpoint["method"], endpoint["path"]), {**endpoint, "model": model["served_name"]})
    return list(found.values())


def rules_of(offer: Entry) -> list[tuple[str, str, str]]:
    """The mapping rules of a product: method, pattern and metric.

    Those of a product over several models are for the path that the router makes of a request's own.
    """
    if not offer["routed"]:
        return [(item["method"], item["path"], _metric(item)) for item in offer["models"][0]["endpoints"]]
    own = [(_LIST["method"], _LIST["path"], _LIST["name"])]
    routed = _routed_endpoints(offer)
    return own + [(item["method"], f"/{model['name']}{item['path']}", _metric(item)) for model, item in routed]


def _routed_endpoints(offer: Entry) -> Iterable[tuple[Entry, Entry]]:
    for model in offer["models"]:
        for endpoint in model["endpoints"]:
            if endpoint["name"] not in _NOT_ROUTED:
                yield model, endpoint


def _metric(endpoint: Entry) -> str:
    return str(endpoint["name"]) if endpoint["counted"] else "uncounted"


def opened(plan: Mapping[str, Any], offer: Entry) -> list[str]:
    """Names of the models of a product that a plan opens."""
    return [model["name"] for model in offer["models"] if model["name"] in plan.get("models", [model["name"]])]
