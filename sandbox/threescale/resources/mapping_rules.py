# SPDX-License-Identifier: GPL-3.0-or-later
"""Mapping rules of products (`…/services/{id}/proxy/mapping_rules`) and backends (`…/backend_apis/{id}/…`)."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import BLANK, NotFound
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.fields import Fields
from ..rules.patterns import METHODS, check_pattern
from ..rules.positions import TOP, close_gap, move, place_new, siblings
from ..rules.products import proxy_of
from ..rules.validate import Check
from ..store import Row
from .backend_apis import backend_of
from .services import service_of

routes = Routes()

FIELDS = Fields(text="http_method pattern", integer="delta position", boolean="last")
KNOWN = (
    *FIELDS.names,
    "metric_id",
    "id",
    "proxy_id",
    "metric_system_name",
    "tenant_id",
    "created_at",
    "updated_at",
    "redirect_url",
    "owner_id",
    "owner_type",
)
_PRODUCT = "/admin/api/services/{service_id}/proxy/mapping_rules"
_BACKEND = "/admin/api/backend_apis/{backend_api_id}/mapping_rules"
JSON_DEFAULT = {"default": "json", "json_only": True}


def represent(ctx: Context, rule: Row) -> dict[str, Any]:
    """JSON of a rule."""
    if rule["owner_type"] == "BackendApi":
        owner = f"/admin/api/backend_apis/{rule['owner_id']}"
        links = [{"rel": "self", "href": f"{owner}/mapping_rules/{rule['id']}"}, ctx.link("backend_api", owner)]
    else:
        proxy = ctx.db.get("proxies", rule["owner_id"])
        service = f"/admin/api/services/{proxy['service_id'] if proxy else 0}"
        links = [
            {"rel": "self", "href": f"{service}/proxy/mapping_rules/{rule['id']}"},
            {"rel": "service", "href": service},
            {"rel": "proxy", "href": f"{service}/proxy"},
        ]
    return {
        **{name: rule[name] for name in ("id", "metric_id", "pattern", "http_method", "delta", "position", "last")},
        "created_at": ctx.time(rule["created_at"]),
        "updated_at": ctx.time(rule["updated_at"]),
        "links": links,
    }


def _owner(ctx: Context) -> dict[str, Any]:
    """The columns that say whose rule it is."""
    if "backend_api_id" in ctx.variables:
        return {"owner_type": "BackendApi", "owner_id": backend_of(ctx)["id"]}
    return {"owner_type": "Proxy", "owner_id": proxy_of(ctx.sandbox, service_of(ctx))["id"]}


def _metric(ctx: Context, owner: dict[str, Any], metric_id: Any) -> int:
    """The id of a metric of the same product or backend; raises `NotFound`."""
    if owner["owner_type"] == "BackendApi":
        scope = {"owner_type": "BackendApi", "owner_id": owner["owner_id"]}
    else:
        proxy = ctx.db.get("proxies", owner["owner_id"])
        if proxy is None:
            raise NotFound
        scope = {"owner_type": "Service", "owner_id": proxy["service_id"]}
    return int(ctx.row("metrics", metric_id, **scope)["id"])


def _given(ctx: Context, owner: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    given = ctx.params.wrapped("mapping_rule", KNOWN)
    values = FIELDS.cast(given)
    wanted = given.get("metric_id")
    if "metric_id" in given and (wanted is not None or owner["owner_type"] == "Proxy"):
        values["metric_id"] = _metric(ctx, owner, wanted)
    return given, values


def _check(ctx: Context, row: dict[str, Any], given: dict[str, Any]) -> None:
    check = Check(ctx.db, row)
    check.presence("http_method")
    if row.get("metric_id") is None:
        check.add("metric_id", BLANK)
    check.number("delta", above=0, raw=given.get("delta", ...), whole=True)
    check_pattern(check)
    check.included("http_method", METHODS)
    check.done()
    check.fits("delta", "position")


def _touch(ctx: Context, owner: dict[str, Any]) -> None:
    """A change of a product's rule touches its proxy and product, without a new lock_version."""
    if owner["owner_type"] != "Proxy":
        return
    proxy = ctx.db.get("proxies", owner["owner_id"])
    service = ctx.db.get("services", proxy["service_id"]) if proxy else None
    if proxy is not None and service is not None:
        ctx.db.touch("proxies", proxy)
        ctx.db.touch("services", service)


@routes.get(_PRODUCT)
def index(ctx: Context) -> Reply:
    """List by position, whole."""
    owner = _owner(ctx)
    return ctx.many("mapping_rules", "mapping_rule", siblings(ctx.sandbox, **owner), represent)


@routes.get(_BACKEND, **JSON_DEFAULT)
def index_of_backend(ctx: Context) -> Reply:
    """List by id, paged."""
    rows = ctx.db.where("proxy_rules", **_owner(ctx))
    return ctx.many("mapping_rules", "mapping_rule", rows, represent, paged=True, metadata=False)


def create(ctx: Context) -> Reply:
    """Create; without a position at the end."""
    owner = _owner(ctx)
    given, values = _given(ctx, owner)
    _check(ctx, values, given)
    wanted = values.pop("position", None)
    if wanted is not None and owner["owner_type"] == "BackendApi":
        wanted = max(wanted, TOP)
    position = place_new(ctx.sandbox, owner["owner_type"], owner["owner_id"], wanted)
    rule = ctx.db.insert(
        "proxy_rules",
        tenant_id=ctx.tenant["id"],
        position=position,
        proxy_id=owner["owner_id"] if owner["owner_type"] == "Proxy" else None,
        **owner,
        **values,
    )
    _touch(ctx, owner)
    return ctx.created("mapping_rule", represent(ctx, rule), rule["id"])


def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("mapping_rule", represent(ctx, ctx.here("proxy_rules", "id", **_owner(ctx))))


def update(ctx: Context) -> Reply:
    """Change."""
    owner = _owner(ctx)
    rule = ctx.here("proxy_rules", "id", **owner)
    given, values = _given(ctx, owner)
    _check(ctx, {**rule, **values}, {"delta": given.get("delta", rule["delta"])})
    wanted = values.pop("position", None)
    changed = bool(ctx.db.update("proxy_rules", rule, **values))
    if wanted is not None and wanted != rule["position"]:
        move(ctx.sandbox, rule, wanted)
        changed = True
    if changed:
        _touch(ctx, owner)
    return ctx.one("mapping_rule", represent(ctx, rule))


def destroy(ctx: Context) -> Reply:
    """Delete; those below move up."""
    owner = _owner(ctx)
    rule = ctx.here("proxy_rules", "id", **owner)
    ctx.db.delete("proxy_rules", rule)
    close_gap(ctx.sandbox, rule)
    _touch(ctx, owner)
    return ctx.empty()


for _path, _options in ((_PRODUCT, {}), (_BACKEND, JSON_DEFAULT)):
    routes.add("POST", _path, create, **_options)
    routes.add("GET", _path + "/{id}", show, **_options)
    routes.add("PUT", _path + "/{id}", update, **_options)
    routes.add("DELETE", _path + "/{id}", destroy, **_options)
