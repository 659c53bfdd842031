# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What 3scale keeps for the catalogue's models, in the form that the modules take. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.chain import policy_chain, refuse_policies
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import CatalogueError, Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.metering import (
    REQUESTS,
    backend_metrics,
    metrics_of,
    refuse_uncounted,
)
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.offers import (
    endpoints_of,
    offers,
    read_offers,
    rules_of,
)
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.openapi import document
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.quotas import application_plan, refuse_unknown_metrics
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.refusals import refusals
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.serving import address_of


def threescale_objects(models: Sequence[Entry], settings: Mapping[str, Any]) -> dict[str, list[Entry]]:
    """Makes backends, products and documents.

    :param settings: ``tenant, superdomain, public_port, portal_url, namespace`` (of the models), ``services`` (the
        predictors' Services as read from the cluster), ``plans, products`` (as in the inventory),
        ``credentials_location, auth_user_key``; policies (name, version, configuration; or empty): ``bearer_policy,
        key_policy, router_policy, usage_policy, token_policy`` and a list of more, ``policies``; ``caching,
        read_timeout, openai_errors, cors_origin`` (one or several), ``cors_headers, cors_credentials, alerts,
        promotion, prune``
    :returns: ``{"backends", "products", "active_docs"}``, lists for the modules of those names
    :raises CatalogueError: naming the variable and the fix
    """
    wrong = faults(models, settings)
    if wrong:
        raise CatalogueError("; ".join(wrong))
    services = {item["metadata"]["name"]: item for item in settings.get("services") or []}
    sold = offers(models, settings)
    return {
        "backends": [_backend(model, services, sold, settings) for model in models],
        "products": [_product(offer, settings) for offer in sold],
        "active_docs": [_active_doc(offer, settings) for offer in sold],
    }


def faults(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with the settings for these models, one sentence each."""
    sold, wrong = read_offers(models, settings)
    for check in (_refuse_location, _refuse_policies, refuse_uncounted, refuse_unknown_metrics):
        try:
            check(sold, settings)
        except CatalogueError as error:
            wrong.append(str(error))
    return wrong


def _refuse_location(_sold: Sequence[Entry], settings: Mapping[str, Any]) -> None:
    """Refuses settings that would lock every client out."""
    location, policy = settings["credentials_location"], settings.get("bearer_policy")
    if policy and settings.get("key_policy"):
        raise CatalogueError(
            "threescale_remove_bearer and threescale_api_key are both true, and both take the key from its header: set "
            "threescale_remove_bearer to false, since api-key is its successor"
        )
    if location == "authorization" and policy:
        raise CatalogueError(
            "threescale_credentials_location is authorization and threescale_remove_bearer is true: the policy takes "
            "the scheme away that this location looks for, so every client would be refused. Set "
            "threescale_remove_bearer to false, or threescale_credentials_location to headers"
        )
    if location == "query" and policy:
        raise CatalogueError(
            "threescale_credentials_location is query, where threescale_remove_bearer has nothing to do: set it to "
            "false, or threescale_credentials_location to headers"
        )


def _refuse_policies(sold: Sequence[Entry], settings: Mapping[str, Any]) -> None:
    refuse_policies("threescale_token_policy", [settings.get("token_policy") or {}])
    refuse_policies("threescale_policies", settings.get("policies") or [])
    for offer in sold:
        variable = "maas_products" if offer["routed"] else "maas_models"
        name = offer["system_name"] if offer["routed"] else offer["models"][0]["name"]
        refuse_policies(f"{variable} ({name}) policies", offer["policies"])


def _backend(model: Entry, services: Mapping[str, Any], sold: Sequence[Entry], settings: Mapping[str, Any]) -> Entry:
    wanted = {
        "name": model["title"],
        "system_name": model["backend"],
        "description": model["description"],
        "private_endpoint": endpoint_of(model, services, settings),
    }
    if settings.get("products"):
        # what a product over several models counts for each of them
        wanted["metrics"] = backend_metrics(sold, settings)
        wanted["mapping_rules"] = [
            _rule(item["method"], item["path"], REQUESTS[0]) for item in model["endpoints"] if item["counted"]
        ]
        wanted["prune"] = bool(settings.get("prune", True))
    return wanted


def endpoint_of(model: Entry, services: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Where the gateway finds the model: elsewhere, at its Service, or where that Service is going to be."""
    if model["endpoint"]:
        return str(model["endpoint"])
    name = f"{model['serving']['name']}-predictor"
    planned = {
        "metadata": {"name": name, "namespace": settings["namespace"]},
        "spec": {"clusterIP": "None", "ports": [{"port": 80, "targetPort": 8080}]},
    }
    return address_of(services.get(name, planned))


def model_addresses(models: Sequence[Entry], settings: Mapping[str, Any]) -> dict[str, str]:
    """Where each model answers, by the model's name; settings are ``namespace`` and ``services``."""
    services = {item["metadata"]["name"]: item for item in settings.get("services") or []}
    return {model["name"]: endpoint_of(model, services, settings) for model in models}


def public_url(label: str, settings: Mapping[str, Any]) -> str:
    """Address of one of the tenant's hosts as people see it."""
    port = int(settings.get("public_port") or 443)
    return f"https://{label}.{settings['superdomain']}" + (f":{port}" if port != 443 else "")


def gateway_url(product: str, settings: Mapping[str, Any]) -> str:
    """Production address of a product."""
    return public_url(f"{product}-{settings['tenant']}-apicast-production", settings)


def _product(offer: Entry, settings: Mapping[str, Any]) -> Entry:
    endpoints = endpoints_of(offer)
    usages = [{"backend": m["backend"], "path": f"/{m['name']}" if offer["routed"] else "/"} for m in offer["models"]]
    methods = {item["name"]: item["title"] for item in endpoints if item["counted"]}
    features = dict.fromkeys(name for plan in offer["plans"] for name in plan.get("features") or [])
    wanted = {
        "name": offer["title"],
        "system_name": offer["system_name"],
        "description": offer["description"],
        "backend_usages": usages,
        "metrics": metrics_of(offer, settings),
        "methods": [{"system_name": name, "friendly_name": title} for name, title in methods.items()],
        "mapping_rules": [_rule(*rule) for rule in rules_of(offer)],
        "proxy": {
            "credentials_location": settings["credentials_location"],
            "auth_user_key": settings["auth_user_key"],
            **refusals(endpoints, settings),
        },
        "policies": policy_chain(offer, settings),
        "application_plans": [application_plan(plan, offer) for plan in offer["plans"]],
        # accounts made from now on see the product; none of its applications is made by itself
        "service_plans": [{"name": "Default", "published": True, "default": True}],
        "prune": bool(settings.get("prune", True)),
        "promotion": settings["promotion"],
    }
    if settings.get("alerts"):
        wanted["notification_settings"] = {key: list(levels) for key, levels in settings["alerts"].items()}
    if features:
        wanted["features"] = [{"system_name": name, "name": name.replace("_", " ").capitalize()} for name in features]
    return wanted


def _rule(http_method: str, pattern: str, metric: str) -> Entry:
    return {"http_method": http_method, "pattern": pattern, "metric": metric, "delta": 1}


def _active_doc(offer: Entry, settings: Mapping[str, Any]) -> Entry:
    refused = "401" if settings.get("openai_errors") else "403"
    subject = {
        "title": offer["title"],
        "description": offer["description"],
        "endpoints": endpoints_of(offer),
        "served_name": offer["models"][0]["served_name"],
    }
    return {
        "name": offer["title"],
        "system_name": offer["system_name"],
        "description": offer["description"],
        "product": offer["system_name"],
        "published": True,
        "body": document(subject, gateway_url(offer["system_name"], settings), refused),
    }
