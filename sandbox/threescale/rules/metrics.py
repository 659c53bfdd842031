# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics and methods of products and backends: names, which may go, what is touched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..http.errors import Invalid
from ..store import Row
from .validate import Check

if TYPE_CHECKING:
    from ..sandbox import Sandbox

TABLES = {"Service": "services", "BackendApi": "backend_apis"}


def metrics_of(sandbox: Sandbox, owner_type: str, owner_id: int) -> list[Row]:
    """All metrics and methods of a product or backend."""
    return sandbox.db.where("metrics", owner_type=owner_type, owner_id=owner_id)


def is_hits(metric: Row) -> bool:
    """Whether it is the metric `hits` of its product or backend."""
    name: str = metric["system_name"]
    return name == "hits" or (metric["owner_type"] == "BackendApi" and name == f"hits.{metric['owner_id']}")


def all_metrics(sandbox: Sandbox, service: Row) -> list[Row]:
    """The metrics of a product and of the backends it uses."""
    found = metrics_of(sandbox, "Service", service["id"])
    for usage in sandbox.db.where("backend_api_configs", service_id=service["id"]):
        found += metrics_of(sandbox, "BackendApi", usage["backend_api_id"])
    return found


def bare_name(name: str, owner_type: str, owner_id: int | None) -> str:
    """The system name as it is sent: without the backend's `.<id>`."""
    return name.removesuffix(f".{owner_id}") if owner_type == "BackendApi" else name


def check_metric(sandbox: Sandbox, row: dict[str, Any], *, new: bool) -> None:
    """Validate; `row["system_name"]` is the bare one. Raises `Invalid`."""
    check = Check(sandbox.db, row)
    scope = {"owner_type": row["owner_type"], "owner_id": row["owner_id"]}
    if new:
        check.system_name("metrics", **scope)
        full = {**row, "system_name": f"{row['system_name']}.{row['owner_id']}"}
        if row["owner_type"] == "BackendApi":
            Check(sandbox.db, full, check.errors).unique("metrics", "system_name", **scope)
    if row.get("parent_id") is None:
        check.presence("unit")
    check.unique("metrics", "friendly_name", **scope)
    check.presence("friendly_name")
    check.longest(255, "system_name", "unit", "friendly_name")
    parent = sandbox.db.get("metrics", row.get("parent_id"))
    if parent is not None and not is_hits(parent):
        check.add("parent_id", "You can only create methods under 'hits'")
    check.done()


def touch_owner(sandbox: Sandbox, metric: Row) -> None:
    """A change of a metric touches its product or backend."""
    table = TABLES[metric["owner_type"]]
    owner = sandbox.db.get(table, metric["owner_id"])
    if owner is not None:
        sandbox.db.touch(table, owner)


def delete_metric(sandbox: Sandbox, metric: Row) -> None:
    """Delete with limits, prices, rules and methods. Raises `Invalid` (403) for `hits` and metrics in use."""
    kind = "Method" if metric["parent_id"] is not None else "Metric"
    messages = []
    if _in_latest_configuration(sandbox, metric):
        messages.append(f"{kind} is used by the latest gateway configuration and cannot be deleted")
    if metric["system_name"] == "hits":
        messages.append("The Hits metric cannot be deleted")
    if messages:
        raise Invalid({"base": messages}, status=403)
    touch_owner(sandbox, metric)
    sandbox.db.delete("metrics", metric)


def latest_config(sandbox: Sandbox, proxy_id: int, environment: str) -> Row | None:
    """The configuration with the highest version of an environment."""
    found = sandbox.db.where("proxy_configs", proxy_id=proxy_id, environment=environment)
    return max(found, key=lambda row: (row["version"], row["id"]), default=None)


def _in_latest_configuration(sandbox: Sandbox, metric: Row) -> bool:
    db = sandbox.db
    if metric["owner_type"] == "Service":
        services = [metric["owner_id"]]
    else:
        services = [usage["service_id"] for usage in db.where("backend_api_configs", backend_api_id=metric["owner_id"])]
    for service_id in services:
        proxy = db.first("proxies", service_id=service_id)
        for environment in ("sandbox", "production"):
            config = latest_config(sandbox, proxy["id"], environment) if proxy else None
            if config is not None and any(
                rule["metric_id"] == metric["id"] for rule in json.loads(config["content"])["proxy"]["proxy_rules"]
            ):
                return True
    return False
