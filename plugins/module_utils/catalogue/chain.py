# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The policy chain of a product: what stands between client and model, in which order. Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import CatalogueError, Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.metering import (
    headers_for_partner,
    router_configuration,
    usage_configuration,
)
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.refusals import errors_configuration

APICAST: Entry = {"name": "apicast", "version": "builtin", "enabled": True, "configuration": {}}


def policy_chain(offer: Entry, settings: Mapping[str, Any]) -> list[Entry]:
    """The policies of a product, in order.

    A policy that is missing or fails refuses the request (``on_failed``); what changes or checks a request stands
    before the gateway's own ``apicast``, and what a partner's model is sent stands behind it, since ``apicast`` looks
    for the developer's key in the same header.
    """
    caching = offer["caching"] or settings.get("caching")
    timeout = settings.get("read_timeout")
    chain = [_policy("on_failed", "builtin", {"error_status_code": 503})]
    chain += _own("errors_policy", errors_configuration, offer, settings)
    chain.append(_cors(settings))
    chain += [_policy("caching", "builtin", {"caching_type": caching})] if caching else []
    chain += [*_optional(settings.get("bearer_policy")), *_optional(settings.get("key_policy"))]
    chain += _own("router_policy", router_configuration, offer, settings) if offer["routed"] else []
    chain += _own("usage_policy", usage_configuration, offer, settings)
    chain += _optional(settings.get("token_policy"))
    chain += [_policy("upstream_connection", "builtin", {"read_timeout": int(timeout)})] if timeout else []
    for item in [*(settings.get("policies") or []), *offer["policies"]]:
        chain += _optional(item)
    return [*chain, dict(APICAST), *_partner(offer)]


def _own(
    key: str, configuration: Callable[[Entry, Mapping[str, Any]], Entry], offer: Entry, settings: Mapping[str, Any]
) -> list[Entry]:
    """A policy of this collection, told what the product needs."""
    policy = settings.get(key)
    return [_policy(policy["name"], str(policy["version"]), configuration(offer, settings))] if policy else []


def _cors(settings: Mapping[str, Any]) -> Entry:
    configuration = {
        "allow_headers": list(settings["cors_headers"]),
        "allow_credentials": bool(settings["cors_credentials"]),
        "allow_origin": _origin(settings),
    }
    return _policy("cors", "builtin", configuration)


def _origin(settings: Mapping[str, Any]) -> str:
    """One origin as it is, several as the expression that the policy takes for them."""
    origins = settings["cors_origin"]
    if isinstance(origins, str):
        return origins
    if len(origins) == 1:
        return str(origins[0])
    return "^(" + "|".join(re.escape(str(item)).replace(r"\-", "-") for item in origins) + ")$"


def _partner(offer: Entry) -> list[Entry]:
    """What a model that is served elsewhere is sent in place of the developer's key."""
    model = offer["models"][0]
    if offer["routed"] or not model["endpoint"]:
        return []
    steps = [
        {"op": "set", **entry} if entry["value"] else {"op": "delete", "header": entry["header"]}
        for entry in headers_for_partner(model)
    ]
    return [_policy("headers", "builtin", {"request": steps})]


def _policy(name: str, version: str, configuration: Mapping[str, Any]) -> Entry:
    # an entry without "enabled" is stored and switched off
    return {"name": name, "version": version, "enabled": True, "configuration": dict(configuration)}


def _optional(policy: Mapping[str, Any] | None) -> list[Entry]:
    if not policy:
        return []
    return [_policy(policy["name"], str(policy["version"]), policy.get("configuration") or {})]


def refuse_policies(variable: str, policies: Sequence[Mapping[str, Any]]) -> None:
    """Refuses policies that the gateway could not find."""
    for policy in policies:
        lacking = [key for key in ("name", "version") if policy and not policy.get(key)]
        if lacking:
            raise CatalogueError(
                f"{variable}: a policy lacks {' and '.join(lacking)} ({policy.get('name') or dict(policy)}); the "
                "gateway finds its code by both, and those that it brings have the version builtin"
            )
