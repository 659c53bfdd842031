# SPDX-License-Identifier: GPL-3.0-or-later
"""Wanted states for the measurements: models with endpoints, token metric, plan, limits, price, policies and documents.

Pure. The shape is that of the modules' options; sizes are those of the design's table ("What it must reach").
"""

from __future__ import annotations

import json
from typing import Any

ENDPOINTS = 8  # of one model, as measured on a real 3scale with other tools
PERIODS = ["minute", "hour", "day", "month"]  # four limits


def backend(name: str) -> dict[str, Any]:
    """One backend."""
    return {"system_name": name, "name": name, "private_endpoint": f"http://{name}.llm.svc.cluster.local:8080"}


def product(name: str, endpoints: int = ENDPOINTS) -> dict[str, Any]:
    """One product with everything below it."""
    methods = [f"endpoint_{number}" for number in range(endpoints)]
    cors = {"allow_headers": ["Authorization", "Content-type", "Accept"], "allow_origin": "https://portal.example.com"}
    return {
        "system_name": name,
        "name": name.upper(),
        "proxy": {"credentials_location": "authorization", "auth_user_key": "Authorization"},
        "backend_usages": [{"backend": name, "path": "/"}],
        "metrics": [{"system_name": "tokens", "friendly_name": "Tokens", "unit": "token"}],
        "methods": [{"system_name": method, "friendly_name": method} for method in methods],
        "mapping_rules": [{"http_method": "POST", "pattern": f"/v1/{method}", "metric": method} for method in methods],
        "policies": [{"name": "cors", "configuration": {**cors, "allow_credentials": True}}, {"name": "apicast"}],
        "application_plans": [
            {
                "system_name": "standard",
                "name": "Standard Plan",
                "published": True,
                "limits": [
                    {"metric": "tokens", "period": period, "value": 1000 * n} for n, period in enumerate(PERIODS, 1)
                ],
                "pricing_rules": [{"metric": "tokens", "cost_per_unit": 0.01, "min": 1}],
            }
        ],
        "promotion": "production",
    }


def document(name: str) -> dict[str, Any]:
    """One ActiveDoc."""
    paths = {"/v1/models": {"get": {"responses": {"200": {"description": "the models"}}}}}
    info = {"title": name, "version": "1"}
    body = {"openapi": "3.0.3", "info": info, "servers": [{"url": f"https://{name}.example.com"}], "paths": paths}
    return {"system_name": name, "name": name, "product": name, "published": True, "body": json.dumps(body)}


def portal(pages: int, changed: bool = False) -> list[dict[str, Any]]:
    """So many pages; with ``changed`` one of them has another text."""
    items: list[dict[str, Any]] = []
    for number in range(pages):
        text = f"<h1>Page {number}</h1>" + ("<p>changed</p>" if changed and number == pages // 2 else "")
        named = {"type": "page", "path": f"/bench/{number}", "title": f"Bench {number}"}
        items.append({**named, "layout": "main_layout", "liquid_enabled": True, "content": text})
    return items
