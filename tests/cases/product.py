# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of ``threescale_product``: a whole tree, and one with OpenID Connect."""

from __future__ import annotations

from typing import Any

from tests.cases import Call, Row
from tests.cases.planted import planted

BACKENDS: Call = (
    "threescale_backend",
    {
        "backends": [
            {"system_name": name, "private_endpoint": f"http://{name}.llm.svc.cluster.local:8080"}
            for name in ("granite", "second")
        ]
    },
)


def header(name: str, value: str) -> dict[str, str]:
    """What the policy ``headers`` does to one header."""
    return {"op": "set", "header": name, "value": value, "value_type": "plain"}


INTROSPECTION = {
    "auth_type": "client_id+client_secret",
    "client_id": "gateway",
    "client_secret": planted("introspection"),
    "introspection_url": "https://sso.example.com/introspect",
}
MAKE: dict[str, Any] = {
    "system_name": "granite",
    "name": "Granite 8B",
    "description": "Granite behind the gateway",
    "prune": True,
    "proxy": {
        "credentials_location": "authorization",
        "auth_user_key": "Authorization",
        "secret_token": planted("gateway-token"),
        "error_status_auth_failed": 401,
    },
    "policies": [
        {"name": "cors", "configuration": {"allow_origin": "https://maas.example.com"}},
        {"name": "headers", "configuration": {"request": [header("X-Api-Key", planted("header"))]}},
        {"name": "apicast"},
    ],
    "metrics": [{"system_name": "total_tokens", "friendly_name": "Tokens", "unit": "token"}],
    "methods": [{"system_name": "chat"}, {"system_name": "models"}],
    "mapping_rules": [
        {"http_method": "POST", "pattern": "/v1/chat/completions", "metric": "chat"},
        {"http_method": "GET", "pattern": "/v1/models", "metric": "models"},
    ],
    "backend_usages": [{"backend": "granite", "path": "/"}],
    "features": [{"system_name": "streaming", "name": "Streaming"}],
    "application_plans": [
        {
            "system_name": "standard",
            "published": True,
            "limits": [
                {"metric": "hits", "period": "minute", "value": 60},
                {"metric": "total_tokens", "period": "day", "value": 100000},
            ],
            "pricing_rules": [{"metric": "total_tokens", "cost_per_unit": 0.02}],
            "features": ["streaming"],
        }
    ],
    "service_plans": [{"name": "Default", "default": True}],
    "promotion": "production",
}
CHANGE: dict[str, Any] = {
    "system_name": "granite",
    "description": "",
    "prune": True,
    "proxy": {"auth_user_key": "api-key"},
    "policies": [{"name": "token_introspection", "configuration": INTROSPECTION}, {"name": "apicast"}],
    "methods": [{"system_name": "chat"}, {"system_name": "embed"}],
    "mapping_rules": [
        {"http_method": "POST", "pattern": "/v1/embeddings", "metric": "embed"},
        {"http_method": "POST", "pattern": "/v1/chat/completions", "metric": "chat", "delta": 2},
    ],
    "backend_usages": [{"backend": "second", "path": "/"}, {"backend": "granite", "path": "/old"}],
    "application_plans": [
        {
            "system_name": "standard",
            "limits": [
                {"metric": "hits", "period": "hour", "value": 600},
                {"metric": "total_tokens", "period": "day", "value": 5},
            ],
            "pricing_rules": [{"metric": "total_tokens", "cost_per_unit": 0.03}],
            "features": [],
        },
        {"system_name": "premium", "published": True, "default": True},
    ],
    "promotion": "production",
}
PRODUCTS = [
    Row(
        "threescale_product",
        make=MAKE,
        change=CHANGE,
        gone={"system_name": "granite", "state": "absent"},
        given=(BACKENDS,),
    ),
    Row(
        "threescale_product",
        make={
            "system_name": "by-token",
            "backend_version": "oidc",
            "proxy": {"oidc_issuer_endpoint": f"https://zync:{planted('issuer')}@sso.example.com/realms/maas"},
            "oidc_configuration": {"standard_flow_enabled": True, "service_accounts_enabled": True},
            "application_plans": [{"system_name": "by-token-plan", "published": True}],
            "features": [{"system_name": "on-call", "scope": "ServicePlan", "description": "Day and night"}],
            "service_plans": [{"name": "Default", "features": ["on-call"]}],
            "promotion": "production",
        },
        change={
            "system_name": "by-token",
            "proxy": {"jwt_claim_with_client_id": "client", "jwt_claim_with_client_id_type": "plain"},
            "oidc_configuration": {"standard_flow_enabled": False},
            "features": [{"system_name": "on-call"}, {"system_name": "trial", "scope": "ServicePlan"}],
            "service_plans": [{"name": "Default", "features": ["trial"]}, {"name": "Other", "features": ["on-call"]}],
            "promotion": "production",
        },
        gone={"system_name": "by-token", "state": "absent"},
        variant="with OpenID Connect",
    ),
]
