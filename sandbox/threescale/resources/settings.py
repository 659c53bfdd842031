# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the tenant: `/admin/api/settings`."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import Invalid, NotFound
from ..http.respond import Reply, error_reply
from ..http.router import Routes
from ..rules.fields import Fields, to_boolean
from ..rules.validate import Check
from ..store import Row

routes = Routes(json_only=True)

FIELDS = Fields(
    text="change_account_plan_permission change_service_plan_permission",
    boolean="useraccountarea_enabled hide_service signups_enabled strong_passwords_enabled public_search"
    " account_plans_ui_visible service_plans_ui_visible enforce_sso",
)
SHOWN = (
    "useraccountarea_enabled",
    "hide_service",
    "signups_enabled",
    "account_approval_required",
    "strong_passwords_enabled",
    "public_search",
    "account_plans_ui_visible",
    "change_account_plan_permission",
    "service_plans_ui_visible",
    "change_service_plan_permission",
    "enforce_sso",
)
KNOWN = (
    *SHOWN,
    "id",
    "account_id",
    "created_at",
    "updated_at",
    "tenant_id",
    "cas_server_url",
    "sso_key",
    "product",
    "authentication_strategy",
    "monthly_charging_enabled",
    "monthly_billing_enabled",
    "spam_protection_level",
    "multiple_applications_switch",
    "multiple_users_switch",
    "finance_switch",
    "multiple_services_switch",
    "groups_switch",
    "account_plans_switch",
    "service_plans_switch",
    "branding_switch",
    "web_hooks_switch",
    "iam_tools_switch",
    "require_cc_on_signup_switch",
    "skip_email_engagement_footer_switch",
    "welcome_text",
    "refund_policy",
    "privacy_policy",
    "can_create_service",
    "admin_bot_protection_level",
    "setup_fee_enabled",
)
PERMISSIONS = ("request", "none", "credit_card", "request_credit_card", "direct")
NOT_NULL = ("change_account_plan_permission", "change_service_plan_permission")
NO_SSO = "Password-based authentication could not be disabled. No published authentication providers."


def settings_of(ctx: Context) -> tuple[Row, Row | None]:
    """The tenant's settings and the account plan that they speak of, which a new tenant lacks for a while."""
    settings = ctx.db.first("settings", account_id=ctx.tenant["id"])
    if settings is None:
        raise NotFound
    return settings, ctx.db.get("plans", ctx.tenant["default_account_plan_id"]) or next(iter(stock_plans(ctx)), None)


def stock_plans(ctx: Context) -> list[Row]:
    """The tenant's account plans that are no copies."""
    rows = ctx.db.where("plans", issuer_type="Account", issuer_id=ctx.tenant["id"], type="AccountPlan")
    return [row for row in rows if not row["original_id"]]


def _answer(ctx: Context, settings: Row, plan: Row | None) -> Reply:
    """The settings; without an account plan 404, which undoes nothing (docs/threescale-behaviour.md#settings-404)."""
    return error_reply(NotFound(), ctx.form) if plan is None else ctx.one("settings", represent(ctx, settings, plan))


def represent(ctx: Context, settings: Row, plan: Row) -> dict[str, Any]:
    """JSON of the settings."""
    values = {**settings, "account_approval_required": plan["approval_required"]}
    lacking = () if ctx.sandbox.config.release.enforce_sso else ("enforce_sso",)
    return {name: values[name] for name in SHOWN if name not in lacking}


@routes.get("/admin/api/settings")
def show(ctx: Context) -> Reply:
    """Read."""
    return _answer(ctx, *settings_of(ctx))


@routes.put("/admin/api/settings")
def update(ctx: Context) -> Reply:
    """Change what is given."""
    release = ctx.sandbox.config.release
    given = dict(ctx.params.wrapped("settings", KNOWN))
    if not release.enforce_sso:
        given.pop("enforce_sso", None)
    if to_boolean(given.get("enforce_sso")) and not ctx.db.first(
        "authentication_providers", account_id=ctx.tenant["id"], account_type="provider", published=True
    ):
        raise Invalid({"enforce_sso": [NO_SSO]})
    settings, plan = settings_of(ctx)
    values = {
        name: value for name, value in FIELDS.cast(given).items() if not (name in NOT_NULL and value in (None, ""))
    }
    check = Check(ctx.db, {**settings, **values})
    for name in NOT_NULL:
        check.included(name, PERMISSIONS)
    check.done()
    approval = given.get("account_approval_required")
    given_or_lost = approval not in (None, "") or not release.settings_keep_approval
    if plan is not None and given_or_lost and len(stock_plans(ctx)) == 1:
        ctx.db.update("plans", plan, approval_required=bool(to_boolean(approval)))
    ctx.db.update("settings", settings, **values)
    return _answer(ctx, settings, plan)
