# SPDX-License-Identifier: GPL-3.0-or-later
"""Products: what is made with one, what goes with one, where its gateways stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..sandbox import job
from ..store import Row
from .names import domain_label, parameterize, random_hex

if TYPE_CHECKING:
    from ..sandbox import Sandbox

DELETED = "deleted"
APICAST = {"name": "apicast", "version": "builtin", "configuration": {}, "enabled": True}


def default_endpoint(sandbox: Sandbox, service: Row, environment: str) -> str:
    """`https://granite-maas-apicast-production.apps.example.com` (with the router's port where it is not 443)."""
    tenant = sandbox.db.get("accounts", service["account_id"])
    domain = str(tenant["domain"]) if tenant else ""
    name = parameterize(service["system_name"]).replace("_", "-")
    label = domain_label(f"{name}-{domain.partition('.')[0]}-apicast-{environment}")
    return sandbox.config.secure_url(f"{label}.{sandbox.config.superdomain}")


def set_default_endpoints(sandbox: Sandbox, service: Row, proxy: Row) -> None:
    """The endpoints of a product's deployment option: generated ones when hosted, none when self-managed."""
    if service["deployment_option"] == "hosted":
        values: dict[str, Any] = {
            "endpoint": default_endpoint(sandbox, service, "production"),
            "sandbox_endpoint": default_endpoint(sandbox, service, "staging"),
        }
    elif service["deployment_option"] == "self_managed":
        values = {"endpoint": None, "sandbox_endpoint": None}
    else:
        return
    sandbox.db.update("proxies", proxy, **values)


def create_product(sandbox: Sandbox, tenant: Row, **values: Any) -> Row:
    """A product with metric `hits`, service plan `Default`, proxy, mapping rule `GET /` and service token."""
    db, ours = sandbox.db, {"tenant_id": tenant["id"]}
    service = db.insert("services", account_id=tenant["id"], **ours, **values)
    hits = create_hits(sandbox, "Service", service)
    settings = db.first("settings", account_id=tenant["id"])
    ui_visible = bool(settings and settings["service_plans_ui_visible"])
    db.insert(
        "plans",
        type="ServicePlan",
        issuer_type="Service",
        issuer_id=service["id"],
        name="Default",
        system_name="default",
        state="hidden" if ui_visible else "published",
        **ours,
    )
    create_proxy(sandbox, service, hits)
    sandbox.soon("service_token", id=service["id"])
    return service


def create_proxy(sandbox: Sandbox, service: Row, hits: Row) -> Row:
    """The proxy of a new product."""
    db = sandbox.db
    method = service["backend_version"]
    proxy = db.insert(
        "proxies",
        service_id=service["id"],
        tenant_id=service["tenant_id"],
        authentication_method=method,
        secret_token=f"Shared_secret_sent_from_proxy_to_API_backend_{random_hex(16)}",
    )
    if method == "oidc":
        db.update("services", service, backend_version="oauth")
    if service["deployment_option"] != "self_managed":
        db.update(
            "proxies",
            proxy,
            endpoint=default_endpoint(sandbox, service, "production"),
            sandbox_endpoint=default_endpoint(sandbox, service, "staging"),
        )
    db.insert(
        "proxy_rules",
        proxy_id=proxy["id"],
        owner_type="Proxy",
        owner_id=proxy["id"],
        http_method="GET",
        pattern="/",
        delta=1,
        metric_id=hits["id"],
        position=1,
        tenant_id=service["tenant_id"],
    )
    return proxy


def create_hits(sandbox: Sandbox, owner_type: str, owner: Row) -> Row:
    """The metric that every product and backend has."""
    name = "hits" if owner_type == "Service" else f"hits.{owner['id']}"
    return sandbox.db.insert(
        "metrics",
        owner_type=owner_type,
        owner_id=owner["id"],
        tenant_id=owner["tenant_id"],
        system_name=name,
        friendly_name="Hits",
        unit="hit",
        description="Number of API hits",
    )


def create_backend(sandbox: Sandbox, tenant: Row, **values: Any) -> Row:
    """A backend with its metric `hits`."""
    backend = sandbox.db.insert("backend_apis", account_id=tenant["id"], tenant_id=tenant["id"], **values)
    create_hits(sandbox, "BackendApi", backend)
    return backend


def proxy_of(sandbox: Sandbox, service: Row) -> Row:
    """The proxy of a product; every product has one."""
    proxy = sandbox.db.first("proxies", service_id=service["id"])
    if proxy is None:
        raise LookupError(f"product {service['id']} has no proxy")
    return proxy


def products_of(sandbox: Sandbox, tenant: Row) -> list[Row]:
    """The tenant's products that are not deleted."""
    return [row for row in sandbox.db.where("services", account_id=tenant["id"]) if row["state"] != DELETED]


def is_last(sandbox: Sandbox, service: Row) -> bool:
    """Whether the tenant has no other product."""
    tenant = {"id": service["account_id"]}
    return all(other["id"] == service["id"] for other in products_of(sandbox, tenant))


def delete_product(sandbox: Sandbox, service: Row) -> None:
    """Out of sight at once, with usages and docs; the rest goes after `purge_seconds`, when its name is free again."""
    db = sandbox.db
    db.update("services", service, state=DELETED, deleted_at=sandbox.now())
    sandbox.soon("drop_usages", id=service["id"])
    for doc in db.where("api_docs_services", service_id=service["id"]):
        db.delete("api_docs_services", doc)
    for table in ("applications", "service_subscriptions"):
        for contract in db.where(table, service_id=service["id"]):
            db.delete(table, contract)
    sandbox.later(sandbox.config.purge_seconds, "purge", table="services", id=service["id"])


def delete_backend(sandbox: Sandbox, backend: Row) -> None:
    """Out of sight at once, gone after `purge_seconds`."""
    sandbox.db.update("backend_apis", backend, state=DELETED, deleted_at=sandbox.now())
    sandbox.later(sandbox.config.purge_seconds, "purge", table="backend_apis", id=backend["id"])


@job("purge")
def purge(sandbox: Sandbox, arguments: dict[str, Any]) -> None:
    """Remove what was deleted, with all that hangs on it."""
    row = sandbox.db.get(arguments["table"], arguments["id"])
    if row is not None and row["state"] == DELETED:
        sandbox.db.delete(arguments["table"], row)


@job("service_token")
def create_service_token(sandbox: Sandbox, arguments: dict[str, Any]) -> None:
    """The token by which gateways ask the backend for a product."""
    service = sandbox.db.get("services", arguments["id"])
    if service is not None:
        ours = {"service_id": service["id"], "tenant_id": service["tenant_id"]}
        sandbox.db.insert("service_tokens", value=random_hex(64), **ours)


@job("drop_usages")
def drop_usages(sandbox: Sandbox, arguments: dict[str, Any]) -> None:
    """A deleted product uses no backend any more."""
    for usage in sandbox.db.where("backend_api_configs", service_id=arguments["id"]):
        sandbox.db.delete("backend_api_configs", usage)
