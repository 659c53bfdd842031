# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What 3scale keeps for the catalogue's models, in the form that the modules take. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.entries import CatalogueError, Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.openapi import document
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.serving import address_of

#: the metrics that token counting reports; independent of each other and of hits
TOKEN_METRICS = (
    ("total_tokens", "Tokens", "Tokens of questions and answers"),
    ("prompt_tokens", "Prompt tokens", "Tokens of questions"),
    ("completion_tokens", "Completion tokens", "Tokens of answers"),
)
APICAST: Entry = {"name": "apicast", "version": "builtin", "enabled": True, "configuration": {}}


def threescale_objects(models: Sequence[Entry], settings: Mapping[str, Any]) -> dict[str, list[Entry]]:
    """Makes backends, products and documents.

    :param settings: ``tenant, superdomain, public_port, namespace`` (of the models), ``services`` (the predictors'
        Services as read from the cluster), ``credentials_location, auth_user_key``, ``bearer_policy`` and
        ``token_policy`` (name, version, configuration; or empty), ``policies`` (more of them, before apicast),
        ``cors_origin, cors_headers, cors_credentials, promotion``
    :returns: ``{"backends", "products", "active_docs"}``, lists for the modules of those names
    :raises CatalogueError: naming the variable and the fix
    """
    refuse_settings(models, settings)
    services = {item["metadata"]["name"]: item for item in settings.get("services") or []}
    return {
        "backends": [_backend(model, services, settings) for model in models],
        "products": [_product(model, settings) for model in models],
        "active_docs": [_active_doc(model, settings) for model in models],
    }


def refuse_settings(models: Sequence[Entry], settings: Mapping[str, Any]) -> None:
    """Refuses settings that would lock every client out, or quotas that would never trip."""
    location, policy = settings["credentials_location"], settings.get("bearer_policy")
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
    _refuse_policies("threescale_token_policy", [settings.get("token_policy") or {}])
    _refuse_policies("threescale_policies", settings.get("policies") or [])
    for model in models:
        _refuse_policies(f"maas_models ({model['name']}) policies", model["policies"])
    if settings.get("token_policy"):
        return
    for model in models:
        for plan in model["plans"]:
            if any("tokens" in limit for limit in plan.get("limits") or []):
                raise CatalogueError(
                    f"maas_plans ({plan['name']}) limits tokens, but nothing counts them: such a limit would never "
                    "trip. Set threescale_token_policy, or take the limit away"
                )


def _refuse_policies(variable: str, policies: Sequence[Mapping[str, Any]]) -> None:
    for policy in policies:
        lacking = [key for key in ("name", "version") if policy and not policy.get(key)]
        if lacking:
            raise CatalogueError(
                f"{variable}: a policy lacks {' and '.join(lacking)} ({policy.get('name') or dict(policy)}); the "
                "gateway finds its code by both, and those that it brings have the version builtin"
            )


def faults(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with the settings for these models, one sentence each."""
    try:
        refuse_settings(models, settings)
    except CatalogueError as error:
        return [str(error)]
    return []


def _backend(model: Entry, services: Mapping[str, Any], settings: Mapping[str, Any]) -> Entry:
    return {
        "name": model["title"],
        "system_name": model["backend"],
        "description": model["description"],
        "private_endpoint": endpoint_of(model, services, settings),
    }


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


def gateway_url(model: Entry, settings: Mapping[str, Any]) -> str:
    """Production address of the model's product."""
    return public_url(f"{model['product']}-{settings['tenant']}-apicast-production", settings)


def _product(model: Entry, settings: Mapping[str, Any]) -> Entry:
    metered = [plan for plan in model["plans"] if _counts_tokens(plan, settings)]
    methods = [{"system_name": item["name"], "friendly_name": item["title"]} for item in model["endpoints"]]
    rules = [_rule(item["method"], item["path"], item["name"]) for item in model["endpoints"]]
    metrics = [_metric(*item) for item in TOKEN_METRICS] if metered or settings.get("token_policy") else []
    return {
        "name": model["title"],
        "system_name": model["product"],
        "description": model["description"],
        "backend_usages": [{"backend": model["backend"], "path": "/"}],
        "metrics": metrics,
        "methods": methods,
        "mapping_rules": rules,
        "proxy": {
            "credentials_location": settings["credentials_location"],
            "auth_user_key": settings["auth_user_key"],
        },
        "policies": policy_chain(model, settings),
        "application_plans": [_plan(plan, model) for plan in model["plans"]],
        # accounts made from now on see the product; none of its applications is made by itself
        "service_plans": [{"name": "Default", "published": True, "default": True}],
        "prune": bool(settings.get("prune", True)),
        "promotion": settings["promotion"],
    }


def _counts_tokens(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    return bool(settings.get("token_policy")) and any("tokens" in limit for limit in plan.get("limits") or [])


def _rule(http_method: str, pattern: str, metric: str) -> Entry:
    return {"http_method": http_method, "pattern": pattern, "metric": metric, "delta": 1}


def _metric(system_name: str, friendly_name: str, description: str) -> Entry:
    return {"system_name": system_name, "friendly_name": friendly_name, "unit": "token", "description": description}


def policy_chain(model: Entry, settings: Mapping[str, Any]) -> list[Entry]:
    """CORS, remove bearer, token counting, those of the inventory and of the model, then the gateway's own."""
    chain = [
        _policy(
            "cors",
            "builtin",
            {
                "allow_headers": list(settings["cors_headers"]),
                "allow_credentials": bool(settings["cors_credentials"]),
                "allow_origin": settings["cors_origin"],
            },
        )
    ]
    for key in ("bearer_policy", "token_policy"):
        chain += _optional(settings.get(key))
    for item in [*(settings.get("policies") or []), *model["policies"]]:
        chain += _optional(item)
    return [*chain, dict(APICAST)]


def _policy(name: str, version: str, configuration: Mapping[str, Any]) -> Entry:
    # an entry without "enabled" is stored and switched off
    return {"name": name, "version": version, "enabled": True, "configuration": dict(configuration)}


def _optional(policy: Mapping[str, Any] | None) -> list[Entry]:
    if not policy:
        return []
    return [_policy(policy["name"], str(policy["version"]), policy.get("configuration") or {})]


def _plan(plan: Mapping[str, Any], model: Entry) -> Entry:
    simple = ("approval_required", "setup_fee", "cost_per_month", "trial_period_days", "description")
    wanted: Entry = {"name": plan["title"], "system_name": plan["name"], "published": True}
    wanted.update({key: plan[key] for key in simple if key in plan})
    names = {"hits", *(item["name"] for item in model["endpoints"]), *(item[0] for item in TOKEN_METRICS)}
    wanted["limits"] = [_limit(limit, plan, names) for limit in plan.get("limits") or []]
    if plan.get("prices"):
        wanted["pricing_rules"] = [dict(price) for price in plan["prices"]]
    return wanted


def _limit(limit: Mapping[str, Any], plan: Mapping[str, Any], names: set[str]) -> Entry:
    if "requests" in limit:
        metric, value = "hits", limit["requests"]
    elif "tokens" in limit:
        metric, value = "total_tokens", limit["tokens"]
    else:
        metric, value = limit["metric"], limit["value"]
    if metric not in names:
        raise CatalogueError(
            f"maas_plans ({plan['name']}): a limit names metric {metric!r}, known are {', '.join(sorted(names))}"
        )
    return {"metric": metric, "period": limit["per"], "value": value}


def _active_doc(model: Entry, settings: Mapping[str, Any]) -> Entry:
    return {
        "name": model["title"],
        "system_name": model["product"],
        "description": model["description"],
        "product": model["product"],
        "published": True,
        "body": document(model, gateway_url(model, settings)),
    }
