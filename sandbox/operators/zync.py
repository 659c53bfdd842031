# SPDX-License-Identifier: GPL-3.0-or-later
"""zync: Routes for the tenants' portals and for each product's gateways, as long as 3scale has them."""

from __future__ import annotations

import hashlib
import time
import urllib.parse
from typing import Any

from sandbox.operators.config import Config
from sandbox.operators.kube import API_MANAGER, ROUTE, Key, Kube, Object, fingerprint, owned
from sandbox.operators.runtime import Controller, Watch
from sandbox.operators.threescale_parts import parts
from sandbox.operators.threescale_server import ThreeScale

CREATED_BY = "3scale.net/created-by"
LOOK_EVERY = 1.0  # seconds; the real zync is told by 3scale, here it asks
COMPARE_EVERY = 10.0  # seconds between looks at the Routes while 3scale says the same


def host_of(url: str | None) -> str:
    """The host of an address, "" without one."""
    return urllib.parse.urlsplit(url or "").hostname or ""


def wanted(endpoints: dict[str, Any], tenant_name: str) -> list[dict[str, Any]]:
    """The Routes: ``{host, kind, service, port, tenant_id, ingress}``, for the master and for every tenant."""
    found: list[dict[str, Any]] = []

    def add(host: str | None, kind: str, service: str, port: str, tenant: int, ingress: str) -> None:
        if host:
            entry = {"host": host, "kind": kind, "service": service, "port": port}
            found.append({**entry, "tenant_id": tenant, "ingress": ingress})

    if not any(tenant["name"] == tenant_name for tenant in endpoints["tenants"]):
        return []
    for tenant in endpoints["tenants"]:
        if tenant["master"]:
            add(tenant["self_domain"], "master", "system-master", "http", tenant["id"], "provider")
            continue
        add(tenant["self_domain"], "provider", "system-provider", "http", tenant["id"], "provider")
        add(tenant["domain"], "provider", "system-developer", "http", tenant["id"], "provider")
    for product in endpoints["products"]:
        for stage in ("staging", "production"):
            add(host_of(product[stage]), "api", f"apicast-{stage}", "gateway", product["tenant_id"], "proxy")
    return found


class Zync(Controller):
    """Looks at 3scale again and again while an APIManager is there."""

    name = "zync"
    watches = (Watch(API_MANAGER),)

    def __init__(self, kube: Kube, config: Config) -> None:
        super().__init__(kube, config)
        self.server = ThreeScale(config)
        self._seen: dict[Key, tuple[float, str]] = {}

    async def reconcile(self, key: Key) -> float | None:
        """Make the Routes equal to what 3scale has."""
        body = await self.kube.get(API_MANAGER, key.namespace, key.name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            return None
        runs = "zync" in [part.name for part in parts(body["spec"])]
        ready = ((body.get("status") or {}).get("deployments") or {}).get("ready") or []
        if not runs or not {"zync", "zync-que", "system-app"} <= set(ready):
            return LOOK_EVERY
        found = wanted(await self.server.endpoints(), body["spec"].get("tenantName") or "3scale")
        last, same = self._seen.get(key, (0.0, ""))
        if fingerprint(found) == same and time.monotonic() - last < COMPARE_EVERY:
            return LOOK_EVERY
        await self._make_equal(key, body, found)
        self._seen[key] = (time.monotonic(), fingerprint(found))
        return LOOK_EVERY

    async def _make_equal(self, key: Key, body: Object, found: list[dict[str, Any]]) -> None:
        have = {
            route["spec"].get("host"): route
            for route in await self.kube.list(ROUTE, key.namespace, f"{CREATED_BY}=zync")
        }
        for entry in found:
            if entry["host"] not in have:
                await self.kube.apply(ROUTE, self._route(key, body, entry))
        gone = set(have) - {entry["host"] for entry in found}
        for host in gone if found else ():
            await self.kube.delete(ROUTE, key.namespace, have[host]["metadata"]["name"])

    @staticmethod
    def _route(key: Key, body: Object, entry: dict[str, Any]) -> Object:
        suffix = hashlib.sha256(entry["host"].encode()).hexdigest()[:5]
        labels = {
            CREATED_BY: "zync",
            "3scale.net/tenant_id": str(entry["tenant_id"]),
            "zync.3scale.net/ingress": entry["ingress"],
            "zync.3scale.net/route-to": entry["service"],
        }
        meta = {
            "name": f"zync-3scale-{entry['kind']}-{suffix}",
            "namespace": key.namespace,
            "labels": labels,
            "annotations": {"zync.3scale.net/host": entry["host"]},
            "ownerReferences": owned(API_MANAGER, body, controller=False),
        }
        spec = {
            "host": entry["host"],
            "to": {"kind": "Service", "name": entry["service"], "weight": 100},
            "port": {"targetPort": entry["port"]},
            "tls": {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"},
        }
        return {"metadata": meta, "spec": spec}
