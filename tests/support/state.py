# SPDX-License-Identifier: GPL-3.0-or-later
"""The state that a run leaves behind, in a form in which two runs compare: without ids, times, secrets. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

# What no two servers share: identities, moments, generated secrets; versions count how often something was deployed.
VOLATILE = re.compile(
    r"(^|_)(id|ids|at|until|token|secret|digest|version|code|salt|key)$|^(uid|resourceVersion|generation|creationTimestamp"
    r"|observedGeneration|managedFields|ownerReferences|status|data|clusterIPs?|nodeName|value|annotations|urls?)$"
)
# Traces of what happened, not of what is wanted.
PASSING = {
    "access_tokens", "deleted_application_keys", "installation", "jobs", "messages", "proxy_configs",
    "response_code_counters", "sso_tokens", "usage_counters", "user_sessions", "service_tokens",
}  # fmt: skip
# What the roles make under names that no server makes up, and of which of them no server writes into the wish.
KINDS = {
    "APIManager", "CustomPolicyDefinition", "InferenceService", "Keycloak", "Namespace", "ObjectBucketClaim",
    "OperatorGroup", "ServingRuntime", "Subscription",
}  # fmt: skip
OURS_ALONE = {"InferenceService", "ServingRuntime"}
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
AUTHORITY = r"(?s:-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----)"  # each sandbox has its own
RANDOM = re.compile(
    AUTHORITY + "|" + UUID + r"|[0-9a-f]{12,}|\b1\d{9}\b|models-[0-9a-z-]{6,}|:\d{4,5}\b|(?<=-)[a-z0-9]{5}$"
)


def normal(node: Any) -> Any:
    """A value without what no two servers share; lists in a stable order."""
    if isinstance(node, dict):
        return {key: normal(node[key]) for key in sorted(node) if not VOLATILE.search(key)}
    if isinstance(node, list):
        return sorted((normal(item) for item in node), key=repr)
    return RANDOM.sub("*", node) if isinstance(node, str) else node


def of_threescale(dump: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Rows of the stand-in's lasting tables, one text each; what is deleted and only waits to be purged is left out."""
    rows = []
    for table, items in dump.items():
        if table not in PASSING:
            rows += [f"{table} {json.dumps(normal(i))}" for i in items if i.get("state") != "deleted"]
    return sorted(rows)


def of_keycloak(dump: list[dict[str, Any]], realm: str) -> list[str]:
    """A realm's settings, clients and identity providers with their mappers, one text each."""
    (found,) = (item for item in dump if item["realm"] == realm)
    rows = [f"{key}={value}" for key, value in found.items() if not isinstance(value, (dict, list)) and key != "id"]
    for kind in ("clients", "identityProviders", "identityProviderMappers"):
        rows += [f"{kind} {json.dumps(normal(item))}" for item in found.get(kind) or []]
    return sorted(rows)


def of_cluster(dump: list[dict[str, Any]], namespaces: set[str]) -> list[str]:
    """The roles' objects in some namespaces, one text each: kind and name, and the wish where it is ours alone."""
    rows = []
    for item in dump:
        kind, meta = item["kind"], item["metadata"]
        here = meta.get("namespace") or (meta["name"] if kind == "Namespace" else "")
        if kind in KINDS and here in namespaces:
            wish = json.dumps(normal(item["spec"])) if kind in OURS_ALONE else ""
            rows.append(f"{kind} {here}/{meta['name']} {wish}")
    return sorted(rows)
