# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to every account that sells: settings, field definitions, the first product and backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules.products import create_backend, create_product
from ..store import Row

if TYPE_CHECKING:
    from ..sandbox import Sandbox

FIELDS = [
    ("Account", "org_name", "Organization/Group Name", True, 1),
    ("User", "username", "Username", True, 1),
    ("User", "email", "Email", True, 2),
    ("Cinstance", "name", "Name", True, 1),
    ("Cinstance", "description", "Description", False, 2),
]


def create_fields(sandbox: Sandbox, account: Row) -> None:
    """The field definitions that the real server starts with."""
    for target, name, label, required, position in FIELDS:
        sandbox.db.insert(
            "fields_definitions",
            account_id=account["id"],
            tenant_id=account["id"],
            target=target,
            name=name,
            label=label,
            required=required,
            pos=position,
        )


def create_settings(sandbox: Sandbox, account: Row) -> Row:
    """Settings with their defaults."""
    return sandbox.db.insert("settings", account_id=account["id"], tenant_id=account["id"])


def create_first_product(sandbox: Sandbox, account: Row) -> Row:
    """Product `API` with backend `API Backend` at `/`, its service plan being the default one."""
    db = sandbox.db
    service = create_product(sandbox, account, name="API", system_name="api")
    backend = create_backend(
        sandbox,
        account,
        name="API Backend",
        system_name="api",
        description="Backend of API",
        private_endpoint="https://echo-api.3scale.net:443",
    )
    db.insert(
        "backend_api_configs", service_id=service["id"], backend_api_id=backend["id"], path="/", tenant_id=account["id"]
    )
    plan = db.first("plans", issuer_type="Service", issuer_id=service["id"], type="ServicePlan")
    assert plan is not None
    db.update("services", service, touch=False, default_service_plan_id=plan["id"])
    return service
