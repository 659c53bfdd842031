# SPDX-License-Identifier: GPL-3.0-or-later
"""Products: `/admin/api/services`."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import Forbidden, NotFound, ServerError
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.annotations import annotations_of, merge_annotations
from ..rules.email import check_email
from ..rules.fields import Fields
from ..rules.names import system_name_from
from ..rules.products import (
    DELETED,
    create_product,
    delete_product,
    is_last,
    products_of,
    proxy_of,
    set_default_endpoints,
)
from ..rules.states import Machine
from ..rules.validate import Check
from ..store import Row

routes = Routes()

FIELDS = Fields(
    text="name system_name description txt_support terms support_email deployment_option backend_version"
    " buyer_plan_change_permission",
    boolean="intentions_required buyers_manage_apps buyers_manage_keys custom_keys_enabled buyer_key_regenerate_enabled"
    " mandatory_app_key referrer_filters_required buyer_can_select_plan",
    data="notification_settings annotations",
)
KNOWN = (
    *FIELDS.names,
    "state_event",
    "id",
    "account_id",
    "state",
    "logo_file_name",
    "created_at",
    "updated_at",
    "default_application_plan_id",
    "default_service_plan_id",
    "tenant_id",
    "kubernetes_service_link",
)
DEPLOYMENT_OPTIONS = (
    *(f"plugin_{name}" for name in ("ruby", "java", "python", "nodejs", "php", "rest", "csharp")),
    "hosted",
    "self_managed",
    "service_mesh_istio",
)
BACKEND_VERSIONS = ("1", "2", "oauth", "oidc")
MACHINE = Machine(
    take_offline={"published": "offline"},
    complete={"incomplete": "hidden"},
    publish=dict.fromkeys(("offline", "pending", "incomplete", "hidden", "published"), "published"),
    hide=dict.fromkeys(("incomplete", "published", "pending"), "hidden"),
    deprecate=dict.fromkeys(("incomplete", "published", "offline", "hidden"), "deprecated"),
    mark_as_deleted=dict.fromkeys(("incomplete", "published", "offline", "hidden"), DELETED),
    reject={"pending": "hidden"},
)


def accessible(ctx: Context) -> list[Row]:
    """The tenant's products that the caller may see."""
    return [row for row in products_of(ctx.sandbox, ctx.tenant) if ctx.caller.may_see(row["id"])]


def service_of(ctx: Context, variable: str = "service_id") -> Row:
    """The product that a path variable names; raises `NotFound`, also for deleted and forbidden ones."""
    return visible(ctx, ctx.number(variable))


def visible(ctx: Context, service_id: Any) -> Row:
    """The product of this id, if the caller may see it; raises `NotFound`."""
    service = ctx.row("services", service_id, account_id=ctx.tenant["id"])
    if service["state"] == DELETED or not ctx.caller.may_see(service["id"]):
        raise NotFound
    return service


def support_email(ctx: Context, service: Row) -> str | None:
    """The product's address for support, else the tenant's, else its first admin's."""
    if service["support_email"] or ctx.tenant["support_email"]:
        return str(service["support_email"] or ctx.tenant["support_email"])
    admin = ctx.db.first("users", account_id=ctx.tenant["id"], role="admin")
    return admin["email"] if admin else None


def represent(ctx: Context, service: Row) -> dict[str, Any]:
    """JSON of a product."""
    path = f"/admin/api/services/{service['id']}"
    proxy = ctx.db.first("proxies", service_id=service["id"])
    return {
        "id": service["id"],
        "name": service["name"],
        "state": service["state"],
        "system_name": service["system_name"],
        "backend_version": proxy["authentication_method"] if proxy else service["backend_version"],
        "deployment_option": service["deployment_option"],
        "support_email": support_email(ctx, service),
        "description": service["description"],
        **{
            name: service[name]
            for name in (
                "intentions_required",
                "buyers_manage_apps",
                "buyers_manage_keys",
                "referrer_filters_required",
                "custom_keys_enabled",
                "buyer_key_regenerate_enabled",
                "mandatory_app_key",
                "buyer_can_select_plan",
                "buyer_plan_change_permission",
                "notification_settings",
            )
        },
        "annotations": annotations_of(ctx.sandbox, service),
        "created_at": ctx.time(service["created_at"]),
        "updated_at": ctx.time(service["updated_at"]),
        "links": [
            ctx.link("metrics", f"{path}/metrics"),
            ctx.link("self", path),
            *(ctx.link(name, f"{path}/{name}") for name in ("service_plans", "application_plans", "features")),
        ],
    }


@routes.get("/admin/api/services")
def index(ctx: Context) -> Reply:
    """List."""
    return ctx.many("services", "service", accessible(ctx), represent, paged=True)


@routes.get("/admin/api/services/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("service", represent(ctx, service_of(ctx, "id")))


@routes.post("/admin/api/services")
def create(ctx: Context) -> Reply:
    """Create, with everything that a new product has."""
    if not ctx.caller.is_admin:
        raise Forbidden
    given = ctx.params.wrapped("service", KNOWN)
    values = FIELDS.cast(given)
    values["notification_settings"] = _levels(values.get("notification_settings"))
    if not values.get("system_name"):
        values["system_name"] = system_name_from(values.get("name"), "service")
    check = _checked(ctx, {"deployment_option": "hosted", "backend_version": "1", **values}, None)
    annotations = merge_annotations(check, {}, values.pop("annotations", None))
    state = MACHINE.attribute(check, "incomplete", given.get("state_event"))
    check.done()
    service = create_product(ctx.sandbox, ctx.tenant, **values, annotations=annotations, state=state)
    return ctx.created("service", represent(ctx, service), service["id"])


@routes.put("/admin/api/services/{id}")
def update(ctx: Context) -> Reply:
    """Change. A new system_name shows in this answer alone: the column is read only."""
    service = service_of(ctx, "id")
    given = ctx.params.wrapped("service", KNOWN)
    values = FIELDS.cast(given)
    if "notification_settings" in values:
        values["notification_settings"] = _levels(values["notification_settings"])
    check = _checked(ctx, {**service, **values}, service)
    if "annotations" in values:
        values["annotations"] = merge_annotations(check, service["annotations"], values["annotations"])
    state = MACHINE.attribute(check, service["state"], given.get("state_event"))
    if state == DELETED and _stays(ctx, service):
        check.add("state_event", f"cannot transition when {service['state']}")
    check.done()
    echo = values.pop("system_name", service["system_name"])
    if state == DELETED:
        delete_product(ctx.sandbox, service)
    else:
        changed = _store(ctx, service, values, state)
        if not changed and ctx.caller.read_only:
            raise ServerError
    return ctx.one("service", {**represent(ctx, service), "system_name": echo})


@routes.delete("/admin/api/services/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete, in the background."""
    service = service_of(ctx, "id")
    if not ctx.caller.is_admin:
        raise Forbidden
    if _stays(ctx, service):
        if ctx.caller.user is not None:
            raise Forbidden
        MACHINE.refuse(ctx, service, "mark_as_deleted", represent)
    if service["state"] not in MACHINE.events["mark_as_deleted"]:
        MACHINE.refuse(ctx, service, "mark_as_deleted", represent)
    delete_product(ctx.sandbox, service)
    return ctx.empty()


def _stays(ctx: Context, service: Row) -> bool:
    """The last product and the tenant's default one can't be deleted."""
    return is_last(ctx.sandbox, service) or bool(ctx.tenant["default_service_id"] == service["id"])


def _checked(ctx: Context, row: dict[str, Any], present: Row | None) -> Check:
    if row["deployment_option"] is None:
        raise ServerError  # the proxy asks it whether the gateway is hosted
    check = Check(ctx.db, row)
    check.included("backend_version", BACKEND_VERSIONS) if present is None or row["backend_version"] != present[
        "backend_version"
    ] else None
    check_email(check, "support_email")
    check.presence("name")
    check.longest(
        255, "name", "state", "buyer_plan_change_permission", "system_name", "support_email", "deployment_option"
    )
    check.longest(65535, "terms", "description", "txt_support")
    check.included("deployment_option", DEPLOYMENT_OPTIONS)
    check.presence("deployment_option")
    check.system_name("services", account_id=ctx.tenant["id"])
    return check


def _levels(given: Any) -> Any:
    """Alert levels as integers; nothing given clears them."""
    if not isinstance(given, dict):
        return None if given is None else {}
    return {
        name: [int(level) for level in levels if str(level).isdigit()]
        for name, levels in given.items()
        if name in ("web_provider", "email_provider", "web_buyer", "email_buyer") and isinstance(levels, list)
    }


def _store(ctx: Context, service: Row, values: dict[str, Any], state: str) -> set[str]:
    proxy = proxy_of(ctx.sandbox, service)
    changed: set[str] = set()
    method = values.pop("backend_version", None)
    if method is not None:
        changed |= ctx.db.update("proxies", proxy, authentication_method=method)
        values["backend_version"] = "oauth" if method == "oidc" else method
    changed |= ctx.db.update("services", service, **values, state=state)
    if "deployment_option" in changed:
        set_default_endpoints(ctx.sandbox, service, proxy)
    return changed
