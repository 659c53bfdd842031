# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: N818 (named after what happened)
"""What a gateway gets: the content of a proxy configuration, and when a deployment makes a new version of it.

The server compares the stored JSON text, and writes it with its keys in another order after a PUT than on a plain
deploy; `after_put` keeps that difference.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..store import Row
from .addresses import host_of, with_port
from .fields import words
from .metrics import latest_config
from .patterns import query_variables, variables
from .positions import siblings
from .products import APICAST, DELETED
from .times import iso, zone

if TYPE_CHECKING:
    from ..sandbox import Sandbox

MOST_BYTES = 2 * 1024 * 1024
GATEWAYS = ("hosted", "self_managed")
_SERVICE = words("""
    id account_id name description txt_support created_at updated_at logo_file_name logo_content_type
    logo_file_size state intentions_required terms buyers_manage_apps buyers_manage_keys custom_keys_enabled
    buyer_plan_change_permission buyer_can_select_plan notification_settings default_application_plan_id
    default_service_plan_id tenant_id system_name backend_version mandatory_app_key buyer_key_regenerate_enabled
    support_email referrer_filters_required deployment_option kubernetes_service_link
""")
_PROXY = words("""
    endpoint deployed_at auth_app_key auth_app_id auth_user_key credentials_location error_auth_failed
    error_auth_missing created_at updated_at error_status_auth_failed error_headers_auth_failed
    error_status_auth_missing error_headers_auth_missing error_no_match error_status_no_match
    error_headers_no_match secret_token hostname_rewrite oauth_login_url sandbox_endpoint api_test_path
    api_test_success apicast_configuration_driven oidc_issuer_endpoint lock_version authentication_method
    oidc_issuer_type error_headers_limits_exceeded error_status_limits_exceeded error_limits_exceeded
    staging_domain production_domain
""")


class BrokenChain(Exception):
    """The chain has no enabled apicast before which `routing` could stand; the server fails (500)."""


def usages_of(sandbox: Sandbox, service: Row) -> list[Row]:
    """The product's usages of backends, oldest first."""
    return sandbox.db.where("backend_api_configs", service_id=service["id"])


def api_backend(sandbox: Sandbox, service: Row) -> str | None:
    """The private endpoint of the product's first backend."""
    for usage in usages_of(sandbox, service):
        backend = sandbox.db.get("backend_apis", usage["backend_api_id"])
        return backend["private_endpoint"] if backend else None
    return None


def policies_of(proxy: Row) -> list[dict[str, Any]]:
    """The policy chain as configured; apicast alone at first."""
    chain: list[dict[str, Any]] = proxy["policies_config"] or [APICAST]
    return chain


def domains_of(proxy: Row) -> dict[str, Any]:
    """The columns that follow from the endpoints."""
    return {"staging_domain": host_of(proxy["sandbox_endpoint"]), "production_domain": host_of(proxy["endpoint"])}


def is_deployable(service: Row) -> bool:
    """Whether a deployment does anything for this deployment option."""
    option: str = service["deployment_option"]
    return option in GATEWAYS or option.startswith("service_mesh_")


def deploy(sandbox: Sandbox, service: Row, proxy: Row, user: Row | None, *, after_put: bool) -> Row | None:
    """Deploy to staging; the configuration in force for this user, or None when nothing can be deployed.

    Raises `BrokenChain`.
    """
    text = json.dumps(
        content_of(sandbox, service, proxy, after_put=after_put), ensure_ascii=False, separators=(",", ":")
    )
    user_id = user["id"] if user else None
    mine = [
        row
        for row in sandbox.db.where("proxy_configs", proxy_id=proxy["id"], environment="sandbox")
        if row["user_id"] == user_id
    ]
    newest = max(mine, key=lambda row: (row["version"], row["id"]), default=None)
    if newest is not None and newest["content"] == text and not sandbox.db.lenient:
        return newest
    mesh = service["deployment_option"].startswith("service_mesh_")
    token = sandbox.db.first("service_tokens", service_id=service["id"])
    if token is None or len(text.encode()) > MOST_BYTES or (api_backend(sandbox, service) is None and not mesh):
        return None
    latest = latest_config(sandbox, proxy["id"], "sandbox")
    made = sandbox.db.insert(
        "proxy_configs",
        proxy_id=proxy["id"],
        tenant_id=proxy["tenant_id"],
        user_id=user_id,
        environment="sandbox",
        version=(latest["version"] if latest else 0) + 1,
        content=text,
        hosts=hosts_of(proxy),
    )
    if mesh:
        promote(sandbox, made, "production")
    return made


def promote(sandbox: Sandbox, config: Row, environment: str) -> Row | None:
    """A copy for another environment under the same version; None when that version is there already."""
    db = sandbox.db
    taken = db.where("proxy_configs", proxy_id=config["proxy_id"], environment=environment, version=config["version"])
    if taken and not db.lenient:
        return None
    names = ("proxy_id", "tenant_id", "user_id", "version", "content", "hosts")
    return db.insert("proxy_configs", environment=environment, **{name: config[name] for name in names})


def hosts_of(proxy: Row) -> list[str]:
    """Production and staging host."""
    hosts = [host_of(proxy["endpoint"]), host_of(proxy["sandbox_endpoint"])]
    return list(dict.fromkeys(host for host in hosts if host))


def content_of(sandbox: Sandbox, service: Row, proxy: Row, *, after_put: bool) -> dict[str, Any]:
    """The content of a configuration of this moment."""
    tenant = sandbox.db.get("accounts", service["account_id"])
    zone_name = tenant["timezone"] if tenant else None
    out = {name: _plain(service[name], name, zone_name) for name in _SERVICE}
    out["support_email"] = service["support_email"] or _support_email(sandbox, tenant)
    token = sandbox.db.first("service_tokens", service_id=service["id"])
    out["proxiable?"] = service["backend_version"] in ("1", "2", "oauth")
    out["backend_authentication_type"] = "service_token"
    out["backend_authentication_value"] = token["value"] if token else None
    out["proxy"] = _proxy(sandbox, service, proxy, zone_name, after_put=after_put)
    return out


def _support_email(sandbox: Sandbox, tenant: Row | None) -> str | None:
    if tenant is None:
        return None
    admin = sandbox.db.first("users", account_id=tenant["id"], role="admin")
    return tenant["support_email"] or (admin["email"] if admin else None)


def _plain(value: Any, name: str, zone_name: str | None) -> Any:
    return iso(value, zone_name) if name in ("created_at", "updated_at", "deployed_at") else value


def _proxy(sandbox: Sandbox, service: Row, proxy: Row, zone_name: str | None, *, after_put: bool) -> dict[str, Any]:
    names = ["service_id", "tenant_id", "id"] if after_put else ["id", "tenant_id", "service_id"]
    out = {name: _plain(proxy[name], name, zone_name) for name in [*names, *_PROXY]}
    out.update(domains_of(proxy))
    usages = usages_of(sandbox, service)
    endpoint = api_backend(sandbox, service)
    subpaths = any(usage["path"] != "/" for usage in usages)
    port = with_port(proxy["endpoint"])
    backend_host = sandbox.backend_host()
    out.update(
        {
            "hostname_rewrite_for_sandbox": proxy["hostname_rewrite"] or (host_of(endpoint) if endpoint else "none"),
            "endpoint_port": int(port.rpartition(":")[2].partition("/")[0]) if port else 80,
            "api_backend": None if subpaths else endpoint,
            "valid?": True,
            "service_backend_version": service["backend_version"],
            "hosts": hosts_of(proxy),
            "backend": {"endpoint": sandbox.config.secure_url(backend_host), "host": backend_host},
            "policy_chain": policy_chain(sandbox, proxy, usages),
            "jwt_claim_with_client_id": proxy["jwt_claim_with_client_id"],
            "jwt_claim_with_client_id_type": proxy["jwt_claim_with_client_id_type"],
            "proxy_rules": proxy_rules(sandbox, proxy, usages, zone_name),
        }
    )
    return out


def policy_chain(sandbox: Sandbox, proxy: Row, usages: list[Row]) -> list[dict[str, Any]]:
    """The enabled policies, with `routing` before apicast when a usage has a path. Raises `BrokenChain`."""
    chain: list[dict[str, Any]] = [
        {key: policy[key] for key in ("name", "version", "configuration") if key in policy}
        for policy in policies_of(proxy)
        if policy.get("enabled")
    ]
    if not any(usage["path"] != "/" for usage in usages):
        return chain
    own = [policy for policy in chain if policy["name"] == "routing"]
    others = [policy for policy in chain if policy["name"] != "routing"]
    rules: list[Any] = [
        _routing_rule(sandbox, usage) for usage in sorted(usages, key=lambda row: row["path"], reverse=True)
    ]
    for policy in own:
        rules += (policy["configuration"] or {}).get("rules") or []
    at = next((index for index, policy in enumerate(others) if policy["name"] == "apicast"), None)
    if at is None:
        raise BrokenChain
    routing = {"name": "routing", "version": "builtin", "enabled": True, "configuration": {"rules": rules}}
    return [*others[:at], routing, *others[at:]]


def _routing_rule(sandbox: Sandbox, usage: Row) -> dict[str, Any]:
    backend = sandbox.db.get("backend_apis", usage["backend_api_id"])
    path = usage["path"]
    value = "^(/.*)" if path == "/" else f"^({path}/.*|{path}/?)"
    rule = {
        "url": backend["private_endpoint"] if backend else None,
        "owner_id": usage["backend_api_id"],
        "owner_type": "BackendApi",
        "condition": {"operations": [{"match": "path", "op": "matches", "value": value}]},
    }
    if path != "/":
        rule["replace_path"] = f"{{{{uri | remove_first: '{path}'}}}}"
    return rule


def proxy_rules(sandbox: Sandbox, proxy: Row, usages: list[Row], zone_name: str | None) -> list[dict[str, Any]]:
    """The product's rules by position, then each backend's, their patterns prefixed with the usage's path."""
    out = [_rule(sandbox, rule, rule["pattern"], zone_name) for rule in siblings(sandbox, "Proxy", proxy["id"])]
    for usage in usages:
        backend = sandbox.db.get("backend_apis", usage["backend_api_id"])
        if backend is None or backend["state"] == DELETED:
            continue
        for rule in siblings(sandbox, "BackendApi", backend["id"]):
            pattern = rule["pattern"] if usage["path"] == "/" else usage["path"].rstrip("/") + rule["pattern"]
            out.append(_rule(sandbox, rule, pattern, zone_name))
    return out


def _rule(sandbox: Sandbox, rule: Row, pattern: str, zone_name: str | None) -> dict[str, Any]:
    metric = sandbox.db.get("metrics", rule["metric_id"])
    of_backend = rule["owner_type"] == "BackendApi"
    return {
        "id": rule["id"],
        "proxy_id": rule["proxy_id"],
        "http_method": rule["http_method"],
        "pattern": pattern,
        "metric_id": rule["metric_id"],
        "metric_system_name": metric["system_name"] if metric else None,
        "delta": rule["delta"],
        "tenant_id": None if of_backend else rule["tenant_id"],
        "created_at": iso(rule["created_at"], zone_name),
        "updated_at": _long(rule["updated_at"], zone_name) if of_backend else iso(rule["updated_at"], zone_name),
        "redirect_url": rule["redirect_url"],
        "position": rule["position"],
        "last": rule["last"],
        "owner_id": rule["owner_id"],
        "owner_type": rule["owner_type"],
        "parameters": variables(pattern),
        "querystring_parameters": query_variables(pattern),
    }


def _long(moment: float, zone_name: str | None) -> str:
    """`November 23, 2026 12:38`: how the server writes the date of a backend's rule."""
    return datetime.fromtimestamp(moment, zone(zone_name)).strftime("%B %d, %Y %H:%M")
