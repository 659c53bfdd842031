# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secrets that the 3scale operator makes. A key that is there already stays."""

from __future__ import annotations

import secrets

from sandbox.operators.kube import API_MANAGER, SECRET, Key, Kube, Object, encoded, owned
from sandbox.operators.threescale_parts import external


def _random(size: int) -> str:
    return secrets.token_hex(size)


_SMTP = ("address", "port", "username", "password", "domain", "authentication", "openssl.verify.mode", "from_address")


def wanted(body: Object, master_token: str) -> dict[str, dict[str, str]]:
    """Every Secret's keys with fresh values."""
    spec = body["spec"]
    return _own(spec, master_token) | _databases(spec)


def _own(spec: Object, master_token: str) -> dict[str, dict[str, str]]:
    """Of the system's parts."""
    tenant = spec.get("tenantName") or "3scale"
    apicast_token, event_password, zync_password = _random(16), _random(8), _random(8)
    return {
        "system-seed": {
            "ADMIN_USER": "admin",
            "ADMIN_PASSWORD": _random(4),
            "ADMIN_EMAIL": "",
            "ADMIN_ACCESS_TOKEN": _random(32),
            "MASTER_USER": "master",
            "MASTER_PASSWORD": _random(4),
            "MASTER_ACCESS_TOKEN": master_token or _random(32),
            "MASTER_DOMAIN": "master",
            "TENANT_NAME": tenant,
        },
        "system-master-apicast": {
            "ACCESS_TOKEN": apicast_token,
            "BASE_URL": f"http://{apicast_token}@system-master:3000",
            "PROXY_CONFIGS_ENDPOINT": f"http://{apicast_token}@system-master:3000/master/api/proxy/configs",
        },
        "backend-internal-api": {"username": "3scale_api_user", "password": _random(4)},
        "backend-listener": {
            "service_endpoint": "http://backend-listener:3000",
            "route_endpoint": f"https://backend-{tenant}.{spec['wildcardDomain']}",
        },
        "system-app": {"SECRET_KEY_BASE": _random(64), "USER_SESSION_TTL": ""},
        "system-events-hook": {"URL": "http://system-master:3000/master/events/import", "PASSWORD": event_password},
        "system-memcache": {"SERVERS": "system-memcache:11211"},
        "system-recaptcha": {"PUBLIC_KEY": "", "PRIVATE_KEY": ""},
        "system-smtp": dict.fromkeys(_SMTP, ""),
        "zync": {
            "SECRET_KEY_BASE": _random(16),
            "ZYNC_AUTHENTICATION_TOKEN": _random(16),
            "ZYNC_DATABASE_PASSWORD": zync_password,
            "DATABASE_URL": f"postgresql://zync:{zync_password}@zync-database:5432/zync_production",
        },
    }


def _databases(spec: Object) -> dict[str, dict[str, str]]:
    """Of the databases: where one is that is not kept outside, and what else the programs read."""
    outside = external(spec)
    found: dict[str, dict[str, str]] = {
        "system-redis": dict.fromkeys(("NAMESPACE", "SENTINEL_HOSTS", "SENTINEL_ROLE"), ""),
        "backend-redis": {
            f"REDIS_{kind}_SENTINEL_{key}": "" for kind in ("STORAGE", "QUEUES") for key in ("HOSTS", "ROLE")
        },
    }
    if "system.redis" not in outside:
        found["system-redis"]["URL"] = "redis://system-redis:6379/1"
    if "backend.redis" not in outside:
        found["backend-redis"]["REDIS_STORAGE_URL"] = "redis://backend-redis:6379/0"
        found["backend-redis"]["REDIS_QUEUES_URL"] = "redis://backend-redis:6379/1"
    if "system.database" not in outside:
        found["system-database"] = _database(spec)
    return found


def _database(spec: Object) -> dict[str, str]:
    password = _random(8)
    if "postgresql" in ((spec.get("system") or {}).get("database") or {}):
        url = f"postgresql://system:{password}@system-postgresql/system"
    else:
        url = f"mysql2://root:{password}@system-mysql/system"
    return {"URL": url, "DB_USER": "system", "DB_PASSWORD": password}


async def fill(kube: Kube, body: Object, master_token: str) -> None:
    """Make what is missing: Secrets, and keys of Secrets that somebody made before."""
    namespace = body["metadata"]["namespace"]
    for name, values in wanted(body, master_token).items():
        found = await kube.get(SECRET, namespace, name)
        if found is None:
            meta = {"name": name, "namespace": namespace, "ownerReferences": owned(API_MANAGER, body)}
            await kube.create(SECRET, {"metadata": meta, "type": "Opaque", "data": encoded(values)})
            continue
        missing = {key: value for key, value in values.items() if key not in (found.get("data") or {})}
        if missing:
            await kube.patch(SECRET, Key(namespace, name), {"data": encoded(missing)})
