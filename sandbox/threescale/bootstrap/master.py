# SPDX-License-Identifier: GPL-3.0-or-later
"""The master account of an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules.names import random_hex
from ..rules.products import create_backend, create_product
from ..store import Row
from .defaults import create_fields, create_settings

if TYPE_CHECKING:
    from ..sandbox import Sandbox

ALERTS = ("web_buyer", "email_buyer", "web_provider", "email_provider")
ALERT_LEVELS = [0, 50, 80, 90, 100, 120, 150, 200, 300]


def ensure_master(sandbox: Sandbox) -> Row:
    """Make the master account, its service and plans, if they are not there; its token is the configuration's."""
    found = sandbox.master()
    if found is None:
        found = _create(sandbox)
    token = sandbox.config.master_token
    user = sandbox.db.first("users", account_id=found["id"])
    assert user is not None
    if not sandbox.db.first("access_tokens", owner_id=user["id"], value=token):
        sandbox.db.insert(
            "access_tokens",
            owner_id=user["id"],
            tenant_id=found["id"],
            name="Master Token",
            permission="rw",
            scopes=["account_management"],
            value=token,
        )
    return found


def _create(sandbox: Sandbox) -> Row:
    db, config = sandbox.db, sandbox.config
    db.insert("installation")
    master = db.insert(
        "accounts",
        org_name="Master Account",
        master=True,
        provider=True,
        state="approved",
        domain=config.master_domain,
        self_domain=config.master_domain,
        site_access_code="",
        from_email=f"no-reply@{config.superdomain}",
        provider_key=random_hex(32),
    )
    db.update("accounts", master, touch=False, provider_account_id=master["id"], tenant_id=master["id"])
    create_settings(sandbox, master)
    create_fields(sandbox, master)
    admin = {"username": "master", "role": "admin", "state": "active", "signup_type": "minimal"}
    db.insert("users", account_id=master["id"], tenant_id=master["id"], **admin)
    _create_service(sandbox, master)
    return master


def _create_service(sandbox: Sandbox, master: Row) -> None:
    db, ours = sandbox.db, {"tenant_id": master["id"]}
    service = create_product(
        sandbox,
        master,
        name="Master Service",
        system_name="master_service",
        deployment_option="self_managed",
        notification_settings=dict.fromkeys(ALERTS, ALERT_LEVELS),
    )
    backend = create_backend(
        sandbox,
        master,
        name="Master Service Backend",
        system_name="master_service",
        description="Backend of Master Service",
        private_endpoint="https://echo-api.3scale.net:443",
    )
    db.insert("backend_api_configs", service_id=service["id"], backend_api_id=backend["id"], path="/", **ours)
    _create_plans(sandbox, master, service)
    for name, label in (
        ("billing", "Billing API"),
        ("account", "Account Management API"),
        ("analytics", "Analytics API"),
    ):
        db.insert(
            "metrics",
            owner_type="Service",
            owner_id=service["id"],
            system_name=name,
            friendly_name=label,
            unit="hit",
            **ours,
        )


def _create_plans(sandbox: Sandbox, master: Row, service: Row) -> None:
    db, ours = sandbox.db, {"tenant_id": master["id"]}
    service_plan = db.first("plans", issuer_type="Service", issuer_id=service["id"], type="ServicePlan")
    assert service_plan is not None
    product = {"type": "ApplicationPlan", "issuer_type": "Service", "issuer_id": service["id"], **ours}
    db.insert("plans", name="Master Plan", system_name="master_plan", **product)
    account_plan = db.insert(
        "plans",
        type="AccountPlan",
        issuer_type="Account",
        issuer_id=master["id"],
        name="Default account plan",
        system_name="default_account_plan",
        **ours,
    )
    enterprise = db.insert("plans", name="enterprise", system_name="enterprise", **product)
    db.update(
        "services", service, default_service_plan_id=service_plan["id"], default_application_plan_id=enterprise["id"]
    )
    db.update("accounts", master, default_account_plan_id=account_plan["id"])
