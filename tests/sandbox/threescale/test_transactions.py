# SPDX-License-Identifier: GPL-3.0-or-later
"""A refused request leaves nothing behind; a delete leaves nothing dangling."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api, Clock

REFUSED = [
    ("POST", "services.json", {"name": ""}, 422),
    ("POST", "services.json", {"description": "nameless"}, 422),
    ("POST", "services.json", {"name": "API"}, 422),
    ("POST", "backend_apis.json", {"name": "B", "private_endpoint": "http://localhost"}, 422),
    ("POST", "services/{id}/backend_usages.json", {"backend_api_id": 2, "path": "/"}, 422),
    ("POST", "services/{id}/application_plans.json", {"name": "P1", "cost_per_month": -1}, 422),
    ("POST", "services/{id}/proxy/mapping_rules.json", {"http_method": "GET", "pattern": "/", "metric_id": 0}, 404),
    ("PUT", "services/{id}/proxy.json", {"credentials_location": "cookie", "endpoint": "https://x.io"}, 422),
    ("PUT", "services/{id}/proxy.json", {"api_backend": "http://127.0.0.1", "auth_user_key": "ok"}, 422),
    ("PUT", "services/{id}/proxy/policies.json", {"policies_config": [{"name": "cors"}]}, 422),
    ("POST", "signup.json", {"org_name": "o", "username": "john", "email": "j@x.io", "password": "p"}, 422),
    (
        "POST",
        "signup.json",
        {
            "org_name": "o",
            "username": "jane",
            "email": "j@x.io",
            "password": "p",
            "application_plan_id": "{loose}",
        },
        404,
    ),
    ("POST", "accounts/3/applications.json", {"plan_id": "{loose}"}, 422),
    ("POST", "accounts/3/applications.json", {"plan_id": 7, "user_key": "not ok"}, 422),
    ("DELETE", "backend_apis/2.json", None, 403),
    ("DELETE", "services/2/metrics/{hits}.json", None, 403),
    ("DELETE", "services/2/application_plans/7.json", None, 403),
    ("POST", "application_plans/7/features.json", {"feature_id": 1}, 409),
    ("PUT", "provider.json", {"site_access_code": "x", "support_email": "nope"}, 422),
    ("PUT", "settings.json", {"signups_enabled": False, "change_account_plan_permission": "never"}, 422),
]


def dump(server: Server) -> dict[str, Any]:
    tables = server.sandbox.db.rows.items()
    return {
        table: {key: dict(row) for key, row in rows.items()}
        for table, rows in tables
        if table != "deleted_application_keys"  # the backend remembers them for late reports
    }


@pytest.mark.parametrize(("method", "path", "body", "status"), REFUSED)
def test_nothing_is_left(
    api: Api, server: Server, product: dict[str, Any], method: str, path: str, body: Any, status: int
) -> None:
    service = f"/admin/api/services/{product['id']}"
    loose = api.make(f"{service}/application_plans.json", {"name": "Loose"}, "application_plan")["id"]
    for plan in api.get(f"{service}/service_plans.json")["plans"]:
        assert api.call("DELETE", f"{service}/service_plans/{plan['service_plan']['id']}.json")[0] == 200
    hits = api.get("/admin/api/services/2/metrics.json")["metrics"][0]["metric"]["id"]
    text = json.dumps(body).replace('"{loose}"', str(loose)) if body else None
    before = dump(server)
    answer = api.call(
        method, "/admin/api/" + path.format(id=product["id"], hits=hits), json.loads(text) if text else None
    )
    assert answer[0] == status, answer
    assert dump(server) == before


def test_deleting_a_product_takes_everything_along(
    api: Api, server: Server, product: dict[str, Any], clock: Clock
) -> None:
    before = {table: set(rows) for table, rows in dump(server).items()}
    made = api.make("/admin/api/services.json", {"name": "Short-lived"}, "service")["id"]
    service = f"/admin/api/services/{made}"
    backend = {"backend_api_id": 2, "path": "/"}
    api.make(f"{service}/backend_usages.json", backend, "backend_usage")
    hits = api.get(f"{service}/metrics.json")["metrics"][0]["metric"]["id"]
    api.make(f"{service}/metrics/{hits}/methods.json", {"friendly_name": "Chat"}, "method")
    plan = api.make(f"{service}/application_plans.json", {"name": "Plan"}, "application_plan")["id"]
    api.make(f"/admin/api/application_plans/{plan}/metrics/{hits}/limits.json", {"period": "day", "value": 1}, "limit")
    api.make(
        f"/admin/api/application_plans/{plan}/metrics/{hits}/pricing_rules.json", {"cost_per_unit": 1}, "pricing_rule"
    )
    feature = api.make(f"{service}/features.json", {"name": "Feature"}, "feature")["id"]
    api.make(f"/admin/api/application_plans/{plan}/features.json", {"feature_id": feature}, "feature")
    application = api.make("/admin/api/accounts/3/applications.json", {"plan_id": plan, "name": "app"}, "application")[
        "id"
    ]
    assert api.call("POST", f"/admin/api/accounts/3/applications/{application}/keys.json", {})[0] == 201
    assert api.call("PUT", f"/admin/api/accounts/3/applications/{application}/customize_plan.json")[0] == 200
    body = json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}})
    api.make("/admin/api/active_docs.json", {"name": "Doc", "body": body, "service_id": made}, "api_doc")
    assert api.call("POST", f"{service}/proxy/deploy.json")[0] == 201
    assert api.call("DELETE", f"{service}.json") == (200, "")
    assert api.call("GET", f"/admin/api/accounts/3/applications/{application}.json")[0] == 404
    assert len(api.get("/admin/api/active_docs.json")["api_docs"]) == 1
    clock.move(301)
    assert (
        api.call("GET", "/admin/api/objects/status.json", params={"object_type": "service", "object_id": made})[0]
        == 404
    )
    assert {table: set(rows) for table, rows in dump(server).items()} == before
