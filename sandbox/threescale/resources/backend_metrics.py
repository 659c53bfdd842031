# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics and methods of backends; the lists are paged, unlike those of products."""

from __future__ import annotations

from ..http.context import Context
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.metrics import delete_metric, metrics_of
from ..store import Row
from .backend_apis import backend_of
from .metrics import create_metric, represent, represent_method, update_metric

routes = Routes(default="json", json_only=True)
_METRICS = "/admin/api/backend_apis/{backend_api_id}/metrics"
_METHODS = _METRICS + "/{metric_id}/methods"


def _metric(ctx: Context, variable: str) -> Row:
    return ctx.here("metrics", variable, owner_type="BackendApi", owner_id=backend_of(ctx)["id"])


def _method(ctx: Context) -> Row:
    return ctx.here("metrics", "id", parent_id=_metric(ctx, "metric_id")["id"])


@routes.get(_METRICS)
def index(ctx: Context) -> Reply:
    """List."""
    rows = metrics_of(ctx.sandbox, "BackendApi", backend_of(ctx)["id"])
    return ctx.many("metrics", "metric", rows, represent, paged=True)


@routes.post(_METRICS)
def create(ctx: Context) -> Reply:
    """Create."""
    metric = create_metric(ctx, "BackendApi", backend_of(ctx)["id"], None)
    return ctx.created("metric", represent(ctx, metric), metric["id"])


@routes.get(_METRICS + "/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("metric", represent(ctx, _metric(ctx, "id")))


@routes.put(_METRICS + "/{id}")
def update(ctx: Context) -> Reply:
    """Change."""
    metric = _metric(ctx, "id")
    update_metric(ctx, metric)
    return ctx.one("metric", represent(ctx, metric))


@routes.delete(_METRICS + "/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete."""
    delete_metric(ctx.sandbox, _metric(ctx, "id"))
    return ctx.empty()


@routes.get(_METHODS)
def methods(ctx: Context) -> Reply:
    """List."""
    rows = ctx.db.where("metrics", parent_id=_metric(ctx, "metric_id")["id"])
    return ctx.many("methods", "method", rows, represent_method, paged=True)


@routes.post(_METHODS)
def create_method(ctx: Context) -> Reply:
    """Create."""
    parent = _metric(ctx, "metric_id")
    method = create_metric(ctx, "BackendApi", parent["owner_id"], parent)
    return ctx.created("method", represent_method(ctx, method), method["id"])


@routes.get(_METHODS + "/{id}")
def show_method(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("method", represent_method(ctx, _method(ctx)))


@routes.put(_METHODS + "/{id}")
def update_method(ctx: Context) -> Reply:
    """Change."""
    method = _method(ctx)
    update_metric(ctx, method)
    return ctx.one("method", represent_method(ctx, method))


@routes.delete(_METHODS + "/{id}")
def destroy_method(ctx: Context) -> Reply:
    """Delete."""
    delete_metric(ctx.sandbox, _method(ctx))
    return ctx.empty()
