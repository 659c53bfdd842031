# SPDX-License-Identifier: GPL-3.0-or-later
"""XML where it differs from JSON in more than syntax: products hold metrics, accounts users, applications keys."""

from __future__ import annotations

from typing import Any

from ..http.context import Context, xml_form
from ..http.xml import Markup, element
from ..rules.defined_fields import shown
from ..rules.people import first_admin, visible_users
from ..rules.plans import is_default
from ..rules.products import proxy_of
from ..store import Row
from .accounts import GRACE, addresses
from .features import snake_case
from .proxies import flows_of

Pairs = list[tuple[str, Any]]
KINDS = {"ApplicationPlan": "application_plan", "ServicePlan": "service_plan", "AccountPlan": "account_plan"}
SWITCHES = (
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


def _times(ctx: Context, row: Row) -> Pairs:
    return [("created_at", ctx.time(row["created_at"])), ("updated_at", ctx.time(row["updated_at"]))]


def _plain(row: Row, *names: str) -> Pairs:
    return [(name, row[name]) for name in names]


def _fields(ctx: Context, owner: int, target: str, row: Row) -> Pairs:
    """Built-in fields as elements of their own, extra ones within `extra_fields`."""
    values = shown(ctx.sandbox, owner, target, row)
    extra = {name: values.pop(name) for name in list(values) if name in row["extra_fields"]}
    return [*((name, value) for name, value in values.items() if value not in (None, "")), ("extra_fields", extra)]


def _annotations(ctx: Context) -> tuple[str, ...]:
    return ("annotations",) if ctx.sandbox.config.release.annotations else ()


@xml_form("services", "service")
def service_xml(ctx: Context, service: Row) -> str:
    """A product with its metrics."""
    proxy = proxy_of(ctx.sandbox, service)
    admin = first_admin(ctx.sandbox, ctx.tenant)
    metrics = ctx.db.where("metrics", owner_type="Service", owner_id=service["id"])
    pairs: Pairs = [
        *_plain(service, "id", "account_id", "name", "state", "system_name"),
        ("backend_version", proxy["authentication_method"]),
        *_plain(service, "description", *SWITCHES, *_annotations(ctx)),
    ]
    if service["notification_settings"]:
        pairs += _plain(service, "notification_settings")
    email = service["support_email"] or ctx.tenant["support_email"] or (admin["email"] if admin else None)
    pairs += [
        *_plain(service, "deployment_option"),
        ("support_email", email),
        ("metrics", Markup("".join(metric_xml(ctx, metric) for metric in metrics))),
    ]
    return element("service", pairs)


@xml_form("metrics", "metric", "method")
def metric_xml(_ctx: Context, metric: Row) -> str:
    """A metric, or a method as such, however it was asked for."""
    service_id = metric["owner_id"] if metric["owner_type"] == "Service" else None
    pairs: Pairs = [
        ("id", metric["id"]),
        ("name", metric["system_name"]),
        *_plain(metric, "system_name", "friendly_name"),
        ("service_id", service_id),
        *_plain(metric, "description"),
    ]
    if metric["parent_id"] is not None:
        return element("method", [*pairs, ("metric_id", metric["parent_id"])])
    return element("metric", [*pairs, *_plain(metric, "unit")])


@xml_form("plans", "application_plan", "service_plan", "account_plan")
def plan_xml(ctx: Context, plan: Row) -> str:
    """A plan of any kind."""
    default = is_default(ctx.sandbox, plan)
    attributes: dict[str, Any] = {"default": "true"} if default else {}
    if plan["type"] == "ApplicationPlan":
        attributes = {"custom": "true" if plan["original_id"] else "false", "default": "true" if default else "false"}
    pairs: Pairs = [
        *_plain(plan, "id", "name"),
        ("type", KINDS[plan["type"]]),
        *_plain(plan, "state", "approval_required"),
        ("setup_fee", f"{float(plan['setup_fee']):.2f}"),
        ("cost_per_month", f"{float(plan['cost_per_month']):.2f}"),
        *_plain(plan, "trial_period_days", "cancellation_period"),
    ]
    if plan["type"] != "AccountPlan":
        pairs.append(("service_id", plan["issuer_id"]))
    return element("plan", pairs, attributes)


@xml_form("accounts", "account")
def account_xml(ctx: Context, account: Row) -> str:
    """An account with its plans and users."""
    pairs: Pairs = [("id", account["id"]), *_times(ctx, account), *_plain(account, "state", *_annotations(ctx))]
    if account["state"] == "scheduled_for_deletion" and account["state_changed_at"] is not None:
        pairs.append(("deletion_date", ctx.time(account["state_changed_at"] + GRACE)))
    if account["provider"]:
        pairs += list(addresses(ctx, account).items())
    owner = account["provider_account_id"] or account["id"]
    plans = Markup("".join(plan_xml(ctx, plan) for plan in _bought_plans(ctx, account)))
    users = Markup("".join(user_xml(ctx, user) for user in visible_users(ctx.sandbox, account)))
    pairs += _fields(ctx, owner, "Account", account)
    if account["state"] not in ("suspended", "scheduled_for_deletion"):
        pairs += _plain(account, "monthly_billing_enabled", "monthly_charging_enabled")
    stored = account["credit_card_auth_code"] is not None
    pairs.append(("credit_card_stored", stored))
    pairs += _plain(account, "credit_card_partial_number", "credit_card_expires_on") if stored else []
    pairs += [("plans", plans), ("users", users)]
    if ctx.notes.get("with_applications"):
        rows = ctx.db.where("applications", user_account_id=account["id"])
        pairs.append(("applications", Markup("".join(application_xml(ctx, row) for row in rows))))
    return element("account", pairs)


def _bought_plans(ctx: Context, account: Row) -> list[Row]:
    tables = ("account_contracts", "service_subscriptions", "applications")
    contracts = [row for table in tables for row in ctx.db.where(table, user_account_id=account["id"])]
    plans = (ctx.db.get("plans", contract["plan_id"]) for contract in contracts)
    return [plan for plan in plans if plan is not None]


@xml_form("users", "user")
def user_xml(ctx: Context, user: Row) -> str:
    """A user."""
    account = ctx.db.get("accounts", user["account_id"])
    buyer = account is not None and account["buyer"]
    owner = account["provider_account_id"] if account is not None and buyer else user["account_id"]
    head: Pairs = [("id", user["id"]), *_times(ctx, user), *_plain(user, "account_id", "state", "role")]
    head += [(name, user[name]) for name in ("cas_identifier", "open_id") if user[name]]
    return element("user", [*head, *_fields(ctx, owner, "User", user)])


@xml_form("applications", "application")
def application_xml(ctx: Context, application: Row) -> str:
    """An application with its keys and plan."""
    service = ctx.db.get("services", application["service_id"]) or {}
    plan = ctx.db.get("plans", application["plan_id"])
    pairs: Pairs = [
        ("id", application["id"]),
        *_times(ctx, application),
        *_plain(application, "state", "user_account_id"),
        ("first_traffic_at", ctx.time(application["first_traffic_at"])),
        ("first_daily_traffic_at", ctx.time(application["first_daily_traffic_at"])),
        ("service_id", application["service_id"]),
    ]
    if service.get("backend_version") == "1":
        pairs += [*_plain(application, "user_key"), ("provider_verification_key", application["provider_public_key"])]
    else:
        keys = ctx.db.where("application_keys", application_id=application["id"])
        pairs += _plain(application, "application_id")
        pairs += _plain(application, "redirect_url") if service.get("backend_version") == "oauth" else []
        pairs.append(("keys", [("key", key["value"]) for key in keys]))
    element_of_plan = plan_xml(ctx, plan) if plan is not None else ""
    rest: Pairs = []
    if service.get("backend_version") == "oauth" and proxy_of(ctx.sandbox, service)["authentication_method"] == "oidc":
        rest.append(("oidc_configuration", flows_of(proxy_of(ctx.sandbox, service))))
    rest += _fields(ctx, ctx.tenant["id"], "Cinstance", application)
    if service.get("referrer_filters_required"):
        filters = ctx.db.where("referrer_filters", application_id=application["id"])
        rest.append(("referrer_filters", [("referrer_filter", row["value"]) for row in filters]))
    inner = "".join(element(name, value) for name, value in pairs) + element_of_plan
    return element("application", Markup(inner + "".join(element(name, value) for name, value in rest)))


@xml_form("features", "feature")
def feature_xml(_ctx: Context, feature: Row) -> str:
    """A feature."""
    owner = f"{feature['featurable_type'].lower()}_id"
    pairs: Pairs = [
        *_plain(feature, "id", "name", "system_name"),
        (owner, feature["featurable_id"]),
        ("scope", snake_case(feature["scope"])),
        *_plain(feature, "visible", "description"),
    ]
    return element("feature", pairs)


@xml_form("usage_limits", "limit")
def limit_xml(_ctx: Context, limit: Row) -> str:
    """A limit."""
    return element("limit", _plain(limit, "id", "metric_id", "plan_id", "period", "value"))


@xml_form("pricing_rules", "pricing_rule")
def pricing_rule_xml(_ctx: Context, rule: Row) -> str:
    """A pricing rule."""
    return element("pricing_rule", _plain(rule, "id", "metric_id", "plan_id", "cost_per_unit", "min", "max"))
