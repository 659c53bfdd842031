# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxy configurations: versions of a product's, those of a host, promotion."""

from __future__ import annotations

import json
from typing import Any

from ..http.context import Context
from ..http.errors import Invalid, NotFound, Refused
from ..http.paging import whole
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.configuration import api_backend, promote
from ..rules.metrics import latest_config
from ..rules.products import proxy_of
from ..store import Row
from .services import accessible, service_of

routes = Routes(json_only=True, sso_token=True)
_CONFIGS = "/admin/api/services/{service_id}/proxy/configs/{environment}"
ENVIRONMENTS = {"sandbox": "sandbox", "staging": "sandbox", "production": "production"}


def represent(_ctx: Context, config: Row) -> dict[str, Any]:
    """JSON of a configuration; its content is an object."""
    return {
        "id": config["id"],
        "version": config["version"],
        "environment": config["environment"],
        "content": json.loads(config["content"]),
    }


def _environment(ctx: Context, status: int = 400) -> str:
    given = ctx.variables["environment"]
    if given not in ENVIRONMENTS:
        raise Refused("invalid environment", status)
    return ENVIRONMENTS[given]


def _configs(ctx: Context) -> tuple[Row, list[Row]]:
    service = service_of(ctx)
    proxy = proxy_of(ctx.sandbox, service)
    return service, ctx.db.where("proxy_configs", proxy_id=proxy["id"], environment=_environment(ctx))


def _version(ctx: Context) -> tuple[Row, Row]:
    service, configs = _configs(ctx)
    wanted = whole(ctx.variables["version"])
    for config in configs:
        if config["version"] == wanted:
            return service, config
    raise NotFound


def current(ctx: Context, environment: str, services: list[Row]) -> list[Row]:
    """The latest configuration of each of these products, by id."""
    found = (latest_config(ctx.sandbox, proxy_of(ctx.sandbox, service)["id"], environment) for service in services)
    return sorted((config for config in found if config is not None), key=lambda config: config["id"])


@routes.get(_CONFIGS)
def index(ctx: Context) -> Reply:
    """All versions of an environment."""
    return ctx.many("proxy_configs", "proxy_config", _configs(ctx)[1], represent)


@routes.get(_CONFIGS + "/latest")
def latest(ctx: Context) -> Reply:
    """The highest version."""
    _service, configs = _configs(ctx)
    if not configs:
        raise NotFound
    return ctx.one("proxy_config", represent(ctx, max(configs, key=lambda row: (row["version"], row["id"]))))


@routes.get(_CONFIGS + "/{version}")
def show(ctx: Context) -> Reply:
    """One version."""
    return ctx.one("proxy_config", represent(ctx, _version(ctx)[1]))


@routes.post(_CONFIGS + "/{version}/promote")
def promote_version(ctx: Context) -> Reply:
    """Copy a version to another environment under its number."""
    target = ctx.params.require("to")
    service, config = _version(ctx)
    errors: dict[str, list[Any]] = {}
    made = promote(ctx.sandbox, config, target) if target in ("sandbox", "production") else None
    if target not in ("sandbox", "production"):
        errors["environment"] = ["is not included in the list"]
    elif made is None:
        errors["version"] = ["has already been taken"]
    if api_backend(ctx.sandbox, service) is None and not service["deployment_option"].startswith("service_mesh_"):
        errors["api_backend"] = ["is missing"]
    if errors or made is None:
        raise Invalid(errors)
    return ctx.created("proxy_config", represent(ctx, made), made["id"])


@routes.get("/admin/api/services/proxy/configs/{environment}")
def index_by_host(ctx: Context) -> Reply:
    """Current versions of the products that serve a host."""
    environment = _environment(ctx)
    host = str(ctx.params.require("host"))
    rows = [row for row in current(ctx, environment, accessible(ctx)) if host in row["hosts"]]
    return ctx.many("proxy_configs", "proxy_config", rows, represent)


@routes.get("/admin/api/account/proxy_configs/{environment}", default="json")
def index_of_account(ctx: Context) -> Reply:
    """What gateways read: by host and version, paged."""
    environment = _environment(ctx, 422)
    version, host = ctx.params.text("version"), ctx.params.text("host")
    services = accessible(ctx)
    if version == "latest":
        rows = current(ctx, environment, services)
    else:
        proxies = {proxy_of(ctx.sandbox, service)["id"] for service in services}
        rows = [
            row
            for row in ctx.db.where("proxy_configs", tenant_id=ctx.tenant["id"], environment=environment)
            if row["proxy_id"] in proxies and (version is None or row["version"] == whole(version))
        ]
    if host is not None:
        rows = [row for row in rows if host in row["hosts"]]
    return ctx.many("proxy_configs", "proxy_config", rows, represent, paged=True)


@routes.get("/admin/api/nginx/spec", sso_token=False, json_only=False)
def nginx_spec(_ctx: Context) -> Reply:
    """What gateways of the first kind read; gone where gateways are one's own."""
    raise NotFound
