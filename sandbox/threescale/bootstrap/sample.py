# SPDX-License-Identifier: GPL-3.0-or-later
"""Sample content of a new tenant: account plan, application plans with features, a developer, an ActiveDoc."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..rules.signup import plans_for, sign_up
from ..store import Row
from .hooks import afterwards

if TYPE_CHECKING:
    from ..sandbox import Sandbox

ECHO = {
    "openapi": "3.0.2",
    "info": {"title": "Echo API", "description": "A sample echo API", "version": "1.0.0"},
    "servers": [{"url": "https://echo-api.3scale.net"}],
    "paths": {
        "/": {
            "get": {
                "summary": "Get",
                "description": "Echoes what it is sent",
                "operationId": "echo",
                "parameters": [
                    {
                        "name": "user_key",
                        "in": "query",
                        "description": "Your access key",
                        "required": True,
                        "schema": {"type": "string"},
                    }
                ],
                "responses": {"200": {"description": "The request, as JSON"}},
            }
        }
    },
}


@afterwards
def create_samples(sandbox: Sandbox, tenant: Row) -> None:
    """Everything of the module; an account plan or a developer made before is kept."""
    db = sandbox.db
    if tenant["default_account_plan_id"] is None:
        plan = db.first("plans", issuer_type="Account", issuer_id=tenant["id"], type="AccountPlan") or db.insert(
            "plans",
            type="AccountPlan",
            issuer_type="Account",
            issuer_id=tenant["id"],
            tenant_id=tenant["id"],
            name="Default",
            system_name="default",
        )
        db.update("accounts", tenant, default_account_plan_id=plan["id"])
    service = db.first("services", account_id=tenant["id"], system_name="api")
    if service is None or service["state"] == "deleted":
        return
    basic = _plan(sandbox, service, "Basic", ["Unlimited Greetings"])
    db.update("services", service, touch=False, default_application_plan_id=basic["id"])
    if not db.first("accounts", provider_account_id=tenant["id"]):
        _developer(sandbox, tenant)
    _plan(sandbox, service, "Unlimited", ["Unlimited Greetings", "24/7 support", "Unlimited calls"])
    db.insert(
        "api_docs_services",
        account_id=tenant["id"],
        tenant_id=tenant["id"],
        name="Echo",
        system_name="echo",
        body=json.dumps(ECHO, indent=2),
        published=True,
        service_id=service["id"],
        swagger_version="3.0",
        base_path="https://echo-api.3scale.net",
    )


def _plan(sandbox: Sandbox, service: Row, name: str, features: list[str]) -> Row:
    db = sandbox.db
    issuer = {"issuer_type": "Service", "issuer_id": service["id"], "type": "ApplicationPlan"}
    plan = db.first("plans", **issuer, name=name) or db.insert(
        "plans", **issuer, name=name, system_name=name.lower(), tenant_id=service["tenant_id"]
    )
    db.update("plans", plan, state="published")
    owner = {"featurable_type": "Service", "featurable_id": service["id"]}
    for label in features:
        feature = db.first("features", **owner, name=label) or db.insert(
            "features",
            **owner,
            name=label,
            system_name=label.lower().replace("/", "_").replace(" ", "_"),
            tenant_id=service["tenant_id"],
        )
        if not db.first("features_plans", plan_id=plan["id"], feature_id=feature["id"]):
            db.insert("features_plans", plan_id=plan["id"], feature_id=feature["id"], tenant_id=service["tenant_id"])
    return plan


def _developer(sandbox: Sandbox, tenant: Row) -> None:
    admin = sandbox.db.first("users", account_id=tenant["id"])
    name, _, domain = str(admin["email"] if admin else "admin@example.com").partition("@")
    user = {
        "username": "john",
        "email": f"{name}+test@{domain}",
        "first_name": "John",
        "last_name": "Doe",
        "signup_type": "minimal",
    }
    sign_up(
        sandbox,
        tenant,
        account={"org_name": "Developer"},
        user=user,
        password="123456",
        plans=plans_for(sandbox, tenant, []),
        activate=True,
    )
