# SPDX-License-Identifier: GPL-3.0-or-later
"""Making tenants: by the seed (complete at once) and by the master API (sample content follows)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..portal import content
from ..rules.contracts import contract_account, create_application, subscribe
from ..rules.names import parameterize, random_hex
from ..rules.passwords import digest
from ..sandbox import job
from ..store import Row
from . import hooks, sample
from .defaults import create_fields, create_first_product, create_settings

if TYPE_CHECKING:
    from ..sandbox import Sandbox

ALL_SCOPES = ["account_management", "cms", "finance", "policy_registry", "stats"]
_ = sample, content  # register their steps


@dataclass(frozen=True)
class TenantSeed:
    """What the seed job knows of a tenant."""

    name: str
    token: str
    admin_user: str = "admin"
    admin_password: str = "admin-password"
    admin_email: str | None = None

    @classmethod
    def from_json(cls, given: Any) -> TenantSeed:
        """From `{"name", "token", "admin_user", "admin_password", "admin_email"?}`; raises ValueError."""
        if not isinstance(given, dict):
            raise ValueError("a JSON object is wanted")  # noqa: TRY004 (bad input, not a bug)
        for key in ("name", "token", "admin_user", "admin_password"):
            if not isinstance(given.get(key), str) or not given[key]:
                raise ValueError(f'"{key}" is wanted, a text')
        return cls(
            given["name"], given["token"], given["admin_user"], given["admin_password"], given.get("admin_email")
        )


def ensure_tenant(sandbox: Sandbox, seed: TenantSeed) -> tuple[bool, Row]:
    """Make the tenant of this name with all its content, if it is not there; (made, account). Its token is set."""
    db = sandbox.db
    domain = f"{seed.name}.{sandbox.config.superdomain}"
    found = db.first("accounts", domain=domain)
    made = found is None
    if found is None:
        found = create_tenant_account(sandbox, seed.name, seed.name)
        user = create_admin(
            sandbox,
            found,
            seed.admin_user,
            seed.admin_email or f"{seed.admin_user}@{domain}",
            seed.admin_password,
            active=True,
        )
        fill_tenant(sandbox, found, subscribed=False)
        for step in hooks.AFTERWARDS:
            step(sandbox, found)
    else:
        user = db.first("users", account_id=found["id"]) or {}
    if not db.first("access_tokens", owner_id=user["id"], value=seed.token):
        db.insert(
            "access_tokens",
            owner_id=user["id"],
            tenant_id=found["id"],
            name="Administration",
            permission="rw",
            scopes=ALL_SCOPES,
            value=seed.token,
        )
    return made, found


def forget_tenants(sandbox: Sandbox) -> None:
    """The databases are new: no tenant, nor anything of one; the next that is seeded is the first again."""
    db = sandbox.db
    gone = [row for row in db.where("accounts", provider=True) if not row["master"]]
    for tenant in gone:
        db.delete("accounts", tenant)
        for name, table in db.tables.items():
            for row in db.where(name, tenant_id=tenant["id"]) if "tenant_id" in table.columns else ():
                db.delete(name, row)
    installation = sandbox.installation()
    if gone and installation is not None:
        db.update("installation", installation, first_tenant_id=None)


def free_subdomain(sandbox: Sandbox, org_name: str) -> str:
    """The subdomain made of an organisation's name, counted up when it is taken; "" when nothing is left."""
    name, superdomain = parameterize(org_name.replace("_", "-")), sandbox.config.superdomain
    while name and any(
        sandbox.db.first("accounts", domain=f"{taken}.{superdomain}") for taken in (name, f"{name}-admin")
    ):
        base, _, number = name.rpartition("-")
        name = f"{base}-{int(number) + 1}" if base and number.isdigit() else f"{name}-2"
    return name


def create_tenant_account(sandbox: Sandbox, org_name: str, subdomain: str, **values: Any) -> Row:
    """The bare account of a tenant, its settings and fields."""
    db, superdomain = sandbox.db, sandbox.config.superdomain
    account = db.insert(
        "accounts",
        **{
            "org_name": org_name,
            "provider": True,
            "provider_account_id": 1,
            "state": "approved",
            "domain": f"{subdomain}.{superdomain}",
            "self_domain": f"{subdomain}-admin.{superdomain}",
            "site_access_code": random_hex(10),
            "from_email": f"no-reply@{superdomain}",
            "provider_key": random_hex(32),
            "s3_prefix": parameterize(org_name),
            **values,
        },
    )
    db.update("accounts", account, touch=False, tenant_id=account["id"])
    installation = sandbox.installation()
    if installation is not None and installation["first_tenant_id"] is None:
        db.update("installation", installation, first_tenant_id=account["id"], backend_name=subdomain)
    create_settings(sandbox, account)
    create_fields(sandbox, account)
    return account


def create_admin(
    sandbox: Sandbox, account: Row, username: str, email: str, password: str, *, active: bool, **values: Any
) -> Row:
    """The first admin user of a tenant, and the hidden impersonation user."""
    db = sandbox.db
    user = db.insert(
        "users",
        account_id=account["id"],
        tenant_id=account["id"],
        username=username,
        email=email,
        role="admin",
        state="active" if active else "pending",
        password_digest=digest(password) if password else None,
        **{"signup_type": "minimal", **values},
    )
    db.insert(
        "users",
        account_id=account["id"],
        tenant_id=account["id"],
        username="3scaleadmin",
        role="admin",
        email=f"3scaleadmin+{account['self_domain']}@3scale.net",
        state="active",
        signup_type="minimal",
    )
    return user


def fill_tenant(sandbox: Sandbox, account: Row, *, subscribed: bool = True) -> None:
    """What a tenant has from its first moment: contracts with master, product `API`, what modules add at once.

    SUBSCRIBED to the master's product: not the one that came with the installation.
    """
    db = sandbox.db
    master = sandbox.master()
    assert master is not None
    service = db.first("services", account_id=master["id"])
    assert service is not None
    account_plan = db.get("plans", master["default_account_plan_id"])
    if account_plan is not None:
        contract_account(sandbox, account, account_plan)
    service_plan = db.get("plans", service["default_service_plan_id"])
    if service_plan is not None and subscribed:
        subscribe(sandbox, account, service_plan)
    plan = db.get("plans", service["default_application_plan_id"])
    if plan is not None:
        create_application(
            sandbox,
            account,
            plan,
            name=f"{account['org_name']}'s App",
            user_key=account["provider_key"],
            description="Default application created on signup.",
        )
    create_first_product(sandbox, account)
    for step in hooks.AT_ONCE:
        step(sandbox, account)


@job("set_up_tenant")
def set_up_tenant(sandbox: Sandbox, arguments: dict[str, Any]) -> None:
    """The sample content of a tenant that the master API made."""
    account = sandbox.db.get("accounts", arguments["id"])
    if account is not None:
        for step in hooks.AFTERWARDS:
            step(sandbox, account)
