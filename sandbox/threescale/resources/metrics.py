# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics and methods of products: `…/services/{id}/metrics`, `…/metrics/{id}/methods`."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.fields import Fields
from ..rules.metrics import bare_name, check_metric, delete_metric, metrics_of, touch_owner
from ..rules.names import system_name_from
from ..store import Row
from .services import service_of

routes = Routes()

FIELDS = Fields(text="system_name friendly_name unit description")
KNOWN = (*FIELDS.names, "name")
PATHS = {"Service": "/admin/api/services", "BackendApi": "/admin/api/backend_apis"}
LINKS = {"Service": "service", "BackendApi": "backend_api"}


def represent(ctx: Context, metric: Row) -> dict[str, Any]:
    """JSON as a metric."""
    owner = f"{PATHS[metric['owner_type']]}/{metric['owner_id']}"
    return {
        **_common(metric),
        "unit": _unit(ctx, metric),
        "parent_id": metric["parent_id"],
        **_times(ctx, metric),
        "links": [ctx.link(LINKS[metric["owner_type"]], owner), ctx.link("self", f"{owner}/metrics/{metric['id']}")],
    }


def represent_method(ctx: Context, method: Row) -> dict[str, Any]:
    """JSON as a method."""
    parent = f"{PATHS[method['owner_type']]}/{method['owner_id']}/metrics/{method['parent_id']}"
    return {
        **_common(method),
        "parent_id": method["parent_id"],
        **_times(ctx, method),
        "links": [ctx.link("parent", parent), ctx.link("self", f"{parent}/methods?id={method['id']}")],
    }


def _common(metric: Row) -> dict[str, Any]:
    name = metric["system_name"] if metric["owner_type"] == "Service" else None
    return {
        "id": metric["id"],
        "name": name,
        "system_name": metric["system_name"],
        "friendly_name": metric["friendly_name"],
        "description": metric["description"],
    }


def _times(ctx: Context, metric: Row) -> dict[str, Any]:
    return {"created_at": ctx.time(metric["created_at"]), "updated_at": ctx.time(metric["updated_at"])}


def _unit(ctx: Context, metric: Row) -> str | None:
    parent = ctx.db.get("metrics", metric["parent_id"])
    unit: str | None = (parent or metric)["unit"]
    return unit


def create_metric(ctx: Context, owner_type: str, owner_id: int, parent: Row | None) -> Row:
    """Make a metric, or a method of PARENT, from what was sent."""
    values = FIELDS.cast(ctx.params.wrapped("metric", KNOWN, required=False))
    if parent is not None:
        values.pop("unit", None)
    name = values.get("system_name") or system_name_from(values.get("friendly_name"), "metric")
    values["system_name"] = bare_name(name, owner_type, owner_id)
    row = {"owner_type": owner_type, "owner_id": owner_id, "parent_id": parent["id"] if parent else None, **values}
    check_metric(ctx.sandbox, row, new=True)
    if owner_type == "BackendApi":
        row["system_name"] += f".{owner_id}"
    metric = ctx.db.insert("metrics", tenant_id=ctx.tenant["id"], **row)
    touch_owner(ctx.sandbox, metric)
    return metric


def update_metric(ctx: Context, metric: Row) -> None:
    """Change a metric; its system_name is dropped silently."""
    values = FIELDS.cast(ctx.params.wrapped("metric", KNOWN, required=False))
    values.pop("system_name", None)
    if metric["parent_id"] is not None:
        values.pop("unit", None)
    check_metric(ctx.sandbox, {**metric, **values}, new=False)
    if ctx.db.update("metrics", metric, **values):
        touch_owner(ctx.sandbox, metric)


def _metric(ctx: Context, variable: str) -> Row:
    return ctx.here("metrics", variable, owner_type="Service", owner_id=service_of(ctx)["id"])


def _method(ctx: Context) -> Row:
    return ctx.here("metrics", "id", parent_id=_metric(ctx, "metric_id")["id"])


@routes.get("/admin/api/services/{service_id}/metrics")
def index(ctx: Context) -> Reply:
    """List metrics and methods."""
    return ctx.many("metrics", "metric", metrics_of(ctx.sandbox, "Service", service_of(ctx)["id"]), represent)


@routes.post("/admin/api/services/{service_id}/metrics")
def create(ctx: Context) -> Reply:
    """Create a metric."""
    metric = create_metric(ctx, "Service", service_of(ctx)["id"], None)
    return ctx.created("metric", represent(ctx, metric), metric["id"])


@routes.get("/admin/api/services/{service_id}/metrics/{id}")
def show(ctx: Context) -> Reply:
    """Read a metric (or a method as one)."""
    return ctx.one("metric", represent(ctx, _metric(ctx, "id")))


@routes.put("/admin/api/services/{service_id}/metrics/{id}")
def update(ctx: Context) -> Reply:
    """Change a metric."""
    metric = _metric(ctx, "id")
    update_metric(ctx, metric)
    return ctx.one("metric", represent(ctx, metric))


@routes.delete("/admin/api/services/{service_id}/metrics/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete a metric with all that counts on it."""
    delete_metric(ctx.sandbox, _metric(ctx, "id"))
    return ctx.empty()


@routes.get("/admin/api/services/{service_id}/metrics/{metric_id}/methods")
def methods(ctx: Context) -> Reply:
    """List the methods of a metric."""
    parent = _metric(ctx, "metric_id")
    return ctx.many("methods", "method", ctx.db.where("metrics", parent_id=parent["id"]), represent_method)


@routes.post("/admin/api/services/{service_id}/metrics/{metric_id}/methods")
def create_method(ctx: Context) -> Reply:
    """Create a method."""
    parent = _metric(ctx, "metric_id")
    method = create_metric(ctx, "Service", parent["owner_id"], parent)
    return ctx.created("method", represent_method(ctx, method), method["id"])


@routes.get("/admin/api/services/{service_id}/metrics/{metric_id}/methods/{id}")
def show_method(ctx: Context) -> Reply:
    """Read a method."""
    return ctx.one("method", represent_method(ctx, _method(ctx)))


@routes.put("/admin/api/services/{service_id}/metrics/{metric_id}/methods/{id}")
def update_method(ctx: Context) -> Reply:
    """Change a method."""
    method = _method(ctx)
    update_metric(ctx, method)
    return ctx.one("method", represent_method(ctx, method))


@routes.delete("/admin/api/services/{service_id}/metrics/{metric_id}/methods/{id}")
def destroy_method(ctx: Context) -> Reply:
    """Delete a method."""
    delete_metric(ctx.sandbox, _method(ctx))
    return ctx.empty()
