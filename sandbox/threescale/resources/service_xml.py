# SPDX-License-Identifier: GPL-3.0-or-later
"""XML of products: unlike JSON it holds their metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.paging import page_of
from ..http.respond import Reply
from ..http.xml import Markup, document, element
from ..rules.people import first_admin
from ..store import Row

if TYPE_CHECKING:
    from ..http.context import Context

_SWITCHES = (
    "intentions_required",
    "buyers_manage_apps",
    "buyers_manage_keys",
    "referrer_filters_required",
    "custom_keys_enabled",
    "buyer_key_regenerate_enabled",
    "mandatory_app_key",
    "buyer_can_select_plan",
    "buyer_plan_change_permission",
)


def service_xml(ctx: Context, service: Row) -> Reply:
    """The answer for one product."""
    return Reply(200, document(_service(ctx, service)), "application/xml")


def services_xml(ctx: Context, rows: list[Row]) -> Reply:
    """The answer for a page of products; the numbers of the page are attributes where there is more than one."""
    page = page_of(rows, ctx.params.all)
    inner = Markup("".join(_service(ctx, row) for row in page.rows))
    return Reply(200, document(element("services", inner, page.numbers if page.more else None)), "application/xml")


def metric_xml(metric: Row, unit: str | None) -> str:
    """A metric or method as an element."""
    service_id = metric["owner_id"] if metric["owner_type"] == "Service" else None
    pairs: list[tuple[str, Any]] = [
        ("id", metric["id"]),
        ("name", metric["system_name"]),
        ("system_name", metric["system_name"]),
        ("friendly_name", metric["friendly_name"]),
        ("service_id", service_id),
        ("description", metric["description"]),
    ]
    if metric["parent_id"] is not None:
        return element("method", [*pairs, ("metric_id", metric["parent_id"])])
    return element("metric", [*pairs, ("unit", unit)])


def _service(ctx: Context, service: Row) -> str:
    proxy = ctx.db.first("proxies", service_id=service["id"])
    admin = first_admin(ctx.sandbox, ctx.tenant)
    metrics = ctx.db.where("metrics", owner_type="Service", owner_id=service["id"])
    pairs: list[tuple[str, Any]] = [
        ("id", service["id"]),
        ("account_id", service["account_id"]),
        ("name", service["name"]),
        ("state", service["state"]),
        ("system_name", service["system_name"]),
        ("backend_version", proxy["authentication_method"] if proxy else None),
        ("description", service["description"]),
        *((name, service[name]) for name in _SWITCHES),
        ("annotations", service["annotations"]),
    ]
    if service["notification_settings"]:
        pairs.append(("notification_settings", service["notification_settings"]))
    email = service["support_email"] or ctx.tenant["support_email"] or (admin["email"] if admin else None)
    pairs += [
        ("deployment_option", service["deployment_option"]),
        ("support_email", email),
        ("metrics", Markup("".join(metric_xml(row, row["unit"]) for row in metrics))),
    ]
    return element("service", pairs)
