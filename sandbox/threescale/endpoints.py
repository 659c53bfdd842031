# SPDX-License-Identifier: GPL-3.0-or-later
"""`GET /_sandbox/endpoints`: the hosts of tenants and products, for what plays zync."""

from __future__ import annotations

from typing import Any

from .sandbox import Sandbox


def endpoints_of(sandbox: Sandbox) -> dict[str, Any]:
    """{"tenants": [{"id", "name", "domain", "self_domain", "master"}], "products": [{"tenant_id", "system_name",
    "staging", "production"}]}: providers and services that are not deleted; addresses are URLs or None."""
    db = sandbox.db
    # `provider` is True for tenants and for the master account, whose admin host is the master server.
    tenants = [
        {
            "id": row["id"],
            "name": row["domain"].split(".")[0],
            "domain": row["domain"],
            "self_domain": row["self_domain"],
            "master": row["master"],
        }
        for row in db.where("accounts", provider=True)
        if row["deleted_at"] is None and row["domain"]
    ]
    alive = {tenant["id"] for tenant in tenants if not tenant["master"]}
    products = []
    for proxy in list(db.rows["proxies"].values()):
        service = db.get("services", proxy["service_id"])
        if service is None or service["deleted_at"] is not None or service["tenant_id"] not in alive:
            continue
        addresses = {"staging": proxy["sandbox_endpoint"], "production": proxy["endpoint"]}
        products.append({"tenant_id": service["tenant_id"], "system_name": service["system_name"], **addresses})
    return {"tenants": tenants, "products": products}
