# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions of fields: `/admin/api/fields_definitions`."""

from __future__ import annotations

import re
from typing import Any

from ..http.context import Context
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.defined_fields import REQUIRED, definitions
from ..rules.fields import Fields, to_integer, words
from ..rules.validate import Check
from ..store import Row

routes = Routes()

FIELDS = Fields(text="target name label", boolean="required hidden read_only", data="choices")
KNOWN = (*FIELDS.names, "position", "id", "account_id", "hint", "pos", "created_at", "updated_at", "tenant_id")
TARGETS = ("Account", "User", "Cinstance")
_NAME = re.compile(r"\A[A-Za-z][A-Za-z\d_-]*\Z")
_BAD_NAME = "Name should start with letters, and can contain numbers, - and _"
# columns that are no fields
FORBIDDEN = {
    "Account": words("""
        id created_at updated_at provider buyer country_id provider_account_id domain site_access_code
        credit_card_partial_number credit_card_expires_on credit_card_auth_code master billing_address_name
        billing_address_address1 billing_address_address2 billing_address_city billing_address_state
        billing_address_country billing_address_zip billing_address_phone state paid paid_at signs_legal_terms timezone
        delta from_email extra_fields invoice_footnote vat_zero_text default_account_plan_id default_service_id
        credit_card_authorize_net_payment_profile_token tenant_id self_domain s3_prefix prepared_assets_version
        sample_data proxy_configs_file_size proxy_configs_updated_at proxy_configs_content_type proxy_configs_file_name
        support_email finance_support_email billing_address_first_name billing_address_last_name email_all_users
        partner_id proxy_configs_conf_file_name proxy_configs_conf_content_type proxy_configs_conf_file_size
        proxy_configs_conf_updated_at hosted_proxy_deployed_at state_changed_at
    """),
    "User": words("""
        id crypted_password salt created_at updated_at remember_token remember_token_expires_at activation_code
        activated_at state role lost_password_token posts_count account_id signup_type last_login_at last_login_ip
        email_verification_code extra_fields tenant_id cas_identifier lost_password_token_generated_at authentication_id
        open_id password_digest
    """),
    "Cinstance": words("""
        id plan_id user_account_id user_key provider_public_key created_at updated_at state paid_until application_id
        trial_period_expires_at setup_fee type redirect_url variable_cost_paid_until extra_fields tenant_id
        create_origin first_traffic_at first_daily_traffic_at service_id accepted_at
    """),
}
# built-in fields that are no texts, and how the server calls them: they have no choices
NO_TEXT = {"vat_rate": "decimal", "country": "this type of", "billing_address": "this type of"}


def represent(ctx: Context, row: Row) -> dict[str, Any]:
    """JSON of a definition."""
    return {
        **{name: row[name] for name in ("id", "target", "name", "label", "required", "hidden", "read_only", "choices")},
        "position": row["pos"],
        "created_at": ctx.time(row["created_at"]),
        "updated_at": ctx.time(row["updated_at"]),
    }


@routes.get("/admin/api/fields_definitions")
def index(ctx: Context) -> Reply:
    """List by position, the targets mixed; XML is broken on the real server."""
    rows = ctx.db.where("fields_definitions", account_id=ctx.tenant["id"])
    rows.sort(key=lambda row: (row["pos"], row["id"]))
    if ctx.form == "xml":
        return Reply(200, b"#<FieldsDefinition::ActiveRecord_AssociationRelation>", "application/xml")
    return ctx.many("fields_definitions", "fields_definition", rows, represent)


@routes.get("/admin/api/fields_definitions/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("fields_definition", represent(ctx, _definition(ctx)))


@routes.post("/admin/api/fields_definitions")
def create(ctx: Context) -> Reply:
    """Create, as the last of its target."""
    values = FIELDS.cast(ctx.params.wrapped("fields_definition", KNOWN))
    if values.get("target") not in TARGETS:
        values["target"] = None
    values["choices"] = _choices(values.get("choices"))
    row = {"required": False, "hidden": False, "read_only": False, **values}
    _check(ctx, row, new=True)
    last = max((one["pos"] for one in definitions(ctx.sandbox, ctx.tenant["id"], row["target"])), default=0)
    made = ctx.db.insert(
        "fields_definitions", account_id=ctx.tenant["id"], tenant_id=ctx.tenant["id"], pos=last + 1, **row
    )
    return ctx.created("fields_definition", represent(ctx, made), made["id"])


@routes.put("/admin/api/fields_definitions/{id}")
def update(ctx: Context) -> Reply:
    """Change all but the name; `position` moves it in its list."""
    definition = _definition(ctx)
    given = ctx.params.wrapped("fields_definition", KNOWN)
    values = {name: value for name, value in FIELDS.cast(given).items() if name != "name"}
    if "target" in values and values["target"] not in TARGETS:
        values["target"] = None
    if "choices" in values:
        values["choices"] = _choices(values["choices"])
    row = {**definition, **values}
    _check(ctx, row, new=False)
    ctx.db.update(
        "fields_definitions", definition, **{name: row[name] for name in (*values, "required", "hidden", "read_only")}
    )
    wanted = to_integer(given.get("position")) if "position" in given else None
    if wanted is not None:
        _move(ctx, definition, max(wanted, 1))
    return ctx.one("fields_definition", represent(ctx, definition))


@routes.delete("/admin/api/fields_definitions/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete; a required built-in one stays, without a word."""
    definition = _definition(ctx)
    if definition["name"] in REQUIRED[definition["target"]]:
        return ctx.empty()
    ctx.db.delete("fields_definitions", definition)
    for row in definitions(ctx.sandbox, ctx.tenant["id"], definition["target"]):
        if row["pos"] > definition["pos"]:
            ctx.db.update("fields_definitions", row, pos=row["pos"] - 1)
    return ctx.empty()


def _definition(ctx: Context) -> Row:
    return ctx.row("fields_definitions", ctx.number("id"), account_id=ctx.tenant["id"])


def _choices(given: Any) -> list[str]:
    return [str(item) for item in given] if isinstance(given, list) else []


def _move(ctx: Context, definition: Row, wanted: int) -> None:
    """Move within the target; neighbours shift when the position is taken."""
    old = definition["pos"]
    others = [row for row in definitions(ctx.sandbox, ctx.tenant["id"], definition["target"]) if row is not definition]
    ctx.db.update("fields_definitions", definition, pos=wanted)
    if wanted == old or not any(row["pos"] == wanted for row in others):
        return
    for row in others:
        if old < row["pos"] <= wanted:
            ctx.db.update("fields_definitions", row, pos=row["pos"] - 1)
        elif wanted <= row["pos"] < old:
            ctx.db.update("fields_definitions", row, pos=row["pos"] + 1)


def _check(ctx: Context, row: dict[str, Any], *, new: bool) -> None:
    target, name = row.get("target"), str(row.get("name") or "")
    if target and name in REQUIRED[target]:
        row.update({"required": True, "hidden": False, "read_only": False})
    check = Check(ctx.db, row)
    check.presence("label", "target", "name")
    check.longest(255, "label", "target", "name")
    check.matches("name", _NAME, _BAD_NAME, allow_blank=False)
    if new and target:
        check.unique("fields_definitions", "name", account_id=ctx.tenant["id"], target=target)
    if target and name in FORBIDDEN[target]:
        check.add("name", "Field name is not allowed")
    if row["required"] and (row["hidden"] or row["read_only"]):
        check.add("required", "Fields cannot be required AND hidden/read_only")
    if target == "Account" and name == "billing_address" and not row["read_only"]:
        check.add("read_only", "billing_address has to be read_only")
    if target == "Account" and row.get("choices") and name in NO_TEXT:
        check.add("choices", f"are not allowed for {NO_TEXT[name]} fields")
    check.done()
