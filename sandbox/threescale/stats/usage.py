# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of analytics, as JSON data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..rules.times import iso
from ..rules.zones import ZONES
from ..store import Database, Row
from . import values
from .ranges import SHOWN, Range

Data = dict[str, Any]
Read = Callable[[Range], list[int]]


def zone_name(name: str | None) -> str:
    """The tz identifier of a tenant's time zone."""
    return ZONES.get(name or "UTC", name or "Etc/UTC")


def moment_text(moment: datetime) -> str:
    """`2026-11-22T12:00:00Z` or with an offset."""
    text = moment.isoformat(timespec="seconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def metrics_of(db: Database, service: Row) -> list[Row]:
    """The product's own metrics and those of its backends."""
    found = db.where("metrics", owner_type="Service", owner_id=service["id"])
    for used in db.where("backend_api_configs", service_id=service["id"]):
        found += db.where("metrics", owner_type="BackendApi", owner_id=used["backend_api_id"])
    return found


def metric_data(db: Database, metric: Row) -> Data:
    """How a metric is shown; a method has the unit of its parent."""
    parent = db.get("metrics", metric["parent_id"])
    return {
        "id": metric["id"],
        "name": metric["friendly_name"],
        "system_name": metric["system_name"],
        "unit": (parent or metric)["unit"],
    }


def plain_metric(db: Database, metric: Row, zone: str | None) -> Data:
    """A metric with all that the server keeps of it; a method has the unit of its parent."""
    parent = db.get("metrics", metric["parent_id"])
    names = ("id", "system_name", "description", "friendly_name", "parent_id", "tenant_id", "owner_id", "owner_type")
    times = {name: iso(metric[name], zone) for name in ("created_at", "updated_at")}
    service_id = metric["owner_id"] if metric["owner_type"] == "Service" else None
    shown = {name: metric[name] for name in names}
    return {"metric": {**shown, "unit": (parent or metric)["unit"], **times, "service_id": service_id}}


def summary(db: Database, service_id: int, zone: str | None) -> Data:
    """Metrics and methods of a product."""
    rows = db.where("metrics", owner_type="Service", owner_id=service_id)
    return {
        "metrics": [plain_metric(db, row, zone) for row in rows if row["parent_id"] is None],
        "methods": [plain_metric(db, row, zone) for row in rows if row["parent_id"] is not None],
    }


def period_data(span: Range, zone: str | None) -> Data:
    """How a range is shown."""
    return {
        "name": span.period,
        "since": moment_text(span.since),
        "until": moment_text(span.until),
        "timezone": zone_name(zone),
        "granularity": SHOWN.get(span.granularity, span.granularity),
    }


def document(subject: Data, span: Range, zone: str | None, read: Read, with_change: bool) -> Data:
    """Values of a range with their sum. `subject`: {"metric": …} or {"response_code": …}."""
    found = read(span)
    out: Data = {**subject, "period": period_data(span, zone), "total": sum(found), "values": found}
    if with_change:
        previous = sum(read(span.previous()))
        out |= {"previous_total": previous, "change": values.change_in_percent(sum(found), previous)}
    return out


def application_data(db: Database, application: Row) -> Data:
    """How an application is shown below its usage."""
    plan, account = db.get("plans", application["plan_id"]), db.get("accounts", application["user_account_id"])
    return {
        "id": application["id"],
        "name": application["name"],
        "state": application["state"],
        "link": f"/p/admin/applications/{application['id']}",
        "description": application["description"],
        "plan": {"id": application["plan_id"], "name": plan["name"] if plan else None},
        "account": {
            "id": application["user_account_id"],
            "name": account["org_name"] if account else None,
            "link": f"/buyers/accounts/{application['user_account_id']}",
        },
        "service": {"id": application["service_id"]},
    }


def top_application_data(db: Database, application: Row, value: int) -> Data:
    """How an application is shown in the list of the busiest ones."""
    shown = application_data(db, application)
    account = {name: shown["account"][name] for name in ("id", "name")}
    return {
        "name": shown["name"],
        "id": shown["id"],
        "value": str(value),
        "account": account,
        "plan": shown["plan"],
        "service": shown["service"],
    }
