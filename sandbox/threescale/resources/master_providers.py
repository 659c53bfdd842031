# SPDX-License-Identifier: GPL-3.0-or-later
"""The master API: tenants, `/master/api/providers`; configurations over all tenants."""

from __future__ import annotations

from typing import Any

from ..bootstrap.tenants import create_admin, create_tenant_account, fill_tenant, free_subdomain
from ..http.context import Context, compact
from ..http.errors import Errors, Forbidden, Invalid, NotFound, ParameterMissing, Refused
from ..http.paging import whole
from ..http.respond import Reply, json_reply
from ..http.router import Routes
from ..rules.annotations import merge_annotations
from ..rules.defined_fields import extra_given
from ..rules.fields import to_text, words
from ..rules.names import random_hex
from ..rules.people import check_account, check_user
from ..rules.states import Machine
from ..rules.validate import Check
from ..store import Row
from .accounts import FIELDS, represent
from .proxy_configs import ENVIRONMENTS
from .proxy_configs import represent as represent_config
from .signups import user_values

routes = Routes(default="json")

_ALL = ("created", "pending", "approved", "rejected", "suspended", "scheduled_for_deletion")
MACHINE = Machine(
    suspend=dict.fromkeys(_ALL, "suspended"),
    resume={"suspended": "approved", "scheduled_for_deletion": "approved"},
    schedule_for_deletion=dict.fromkeys(_ALL, "scheduled_for_deletion"),
    make_pending=dict.fromkeys(("created", "approved", "rejected"), "pending"),
    approve=dict.fromkeys(("created", "pending", "rejected"), "approved"),
    reject=dict.fromkeys(("created", "pending", "approved"), "rejected"),
)
LABELS = {"org_name": "Organization/Group Name", "timezone": "Time Zone", "state_event": "State event"}


def _answer(ctx: Context, account: Row, status: int = 200, token: dict[str, Any] | None = None) -> Reply:
    out: dict[str, Any] = {"account": compact(represent(ctx, account))}
    if token is not None:
        out["access_token"] = token
    reply = json_reply(status, {"signup": out})
    if status == 201:
        reply.headers["Location"] = ctx.location(account["id"])
    return reply


def tenant_of(ctx: Context, *, deleted: bool) -> Row:
    account = ctx.row("accounts", ctx.number("id"), provider=True)
    if account["master"] or (account["state"] == "scheduled_for_deletion" and not deleted):
        raise NotFound
    return account


def full_messages(errors: Errors, labels: dict[str, str]) -> list[str]:
    """`Organization/Group Name can't be blank` for each message."""
    return [
        f"{labels.get(name, name.replace('_', ' ').capitalize())} {message}"
        for name, messages in errors.by_attribute.items()
        for message in messages
    ]


@routes.post("/master/api/providers")
def create(ctx: Context) -> Reply:
    """Make a tenant; its sample content follows in the background."""
    given = ctx.params.all
    org_name = to_text(given.get("org_name")) or ""
    subdomain = free_subdomain(ctx.sandbox, org_name)
    values = {
        name: value for name, value in FIELDS.cast(given).items() if name not in ("state", "annotations", "org_name")
    }
    user = user_values(ctx, given)
    password = to_text(given.get("password"))
    _validate(ctx, {**values, "org_name": org_name}, user, password, subdomain)
    check = Check(ctx.db, {})
    annotations = merge_annotations(check, {}, given.get("annotations"))
    extra = extra_given(ctx.sandbox, ctx.tenant["id"], "Account", given)
    account = create_tenant_account(
        ctx.sandbox,
        org_name,
        subdomain,
        annotations=annotations,
        extra_fields=extra,
        **{name: value for name, value in values.items() if value is not None},
    )
    username, email = str(user.pop("username")), str(user.pop("email"))
    person = create_admin(
        ctx.sandbox,
        account,
        username,
        email,
        password or "",
        active=False,
        **{**user, "signup_type": "created_by_provider"},
    )
    fill_tenant(ctx.sandbox, account)
    ctx.sandbox.later(ctx.sandbox.config.setup_seconds, "set_up_tenant", id=account["id"])
    return _answer(ctx, account, 201, _first_token(ctx, account, person))


def _first_token(ctx: Context, account: Row, person: Row) -> Row:
    """The token that the master is told once, to set the tenant up with."""
    token = ctx.db.insert(
        "access_tokens",
        owner_id=person["id"],
        tenant_id=account["id"],
        name="Administration",
        permission="rw",
        scopes=["account_management", "policy_registry"],
        value=random_hex(64),
    )
    return {name: token[name] for name in ("id", "name", "scopes", "permission", "value")}


def _validate(
    ctx: Context, account: dict[str, Any], user: dict[str, Any], password: str | None, subdomain: str
) -> None:
    people = Check(ctx.db, user)
    check_user(
        ctx.sandbox,
        people,
        {"buyer": False, "tenant_id": None},
        minimal=False,
        password=password,
        confirmation=to_text(ctx.params.get("password_confirmation")),
    )
    check = Check(ctx.db, account)
    if not subdomain:
        check.add("domain", "can't be blank")
        check.add("admin_domain", "can't be blank")
    if people.errors.by_attribute:
        check.add("users", "invalid")
    check_account(check, ctx.sandbox.config.release)
    wrong: dict[str, list[Any]] = {}
    if people.errors.by_attribute:
        wrong["user"] = full_messages(people.errors, {})
    if check.errors.by_attribute:
        wrong["account"] = full_messages(check.errors, {**LABELS, "admin_domain": "Admin domain"})
    if wrong:
        raise Invalid(wrong)


@routes.get("/master/api/providers/{id}")
def show(ctx: Context) -> Reply:
    """Read, also one scheduled for deletion."""
    return _answer(ctx, tenant_of(ctx, deleted=True))


@routes.put("/master/api/providers/{id}")
def update(ctx: Context) -> Reply:
    """Change; on 2.16 name and time zone too. One scheduled for deletion takes only `state_event`."""
    account = tenant_of(ctx, deleted=True)
    given = ctx.params.all.get("account", ctx.params.body)
    if not isinstance(given, dict) or not given:
        raise ParameterMissing("account")
    waiting = account["state"] == "scheduled_for_deletion"
    values = {} if waiting else {name: value for name, value in FIELDS.cast(given).items() if name != "state"}
    if "from_email" in given and not waiting:
        values["from_email"] = to_text(given["from_email"])
    check = Check(ctx.db, {**account, **values})
    check_account(check, ctx.sandbox.config.release)
    if "annotations" in values:
        values["annotations"] = merge_annotations(check, account["annotations"], values["annotations"])
    state = MACHINE.attribute(check, account["state"], given.get("state_event"))
    if check.errors.by_attribute:
        raise Invalid({"account": full_messages(check.errors, LABELS)})
    if state != account["state"]:
        values.update({"state": state, "state_changed_at": ctx.sandbox.now()})
    extra = extra_given(ctx.sandbox, ctx.tenant["id"], "Account", given)
    ctx.db.update("accounts", account, **values, extra_fields={**account["extra_fields"], **extra})
    return _answer(ctx, account)


@routes.delete("/master/api/providers/{id}")
def destroy(ctx: Context) -> Reply:
    """Schedule for deletion; it is removed after fifteen days."""
    account = tenant_of(ctx, deleted=False)
    ctx.db.update("accounts", account, state="scheduled_for_deletion", state_changed_at=ctx.sandbox.now())
    return ctx.empty()


@routes.put("/master/api/providers/{id}/plan_upgrade")
def plan_upgrade(ctx: Context) -> Reply:
    """Another plan of the master service."""
    plan_id = ctx.params.text("plan_id")
    plan = ctx.db.get("plans", whole(plan_id)) if plan_id else None
    if (
        plan is None
        or plan["type"] != "ApplicationPlan"
        or plan["tenant_id"] != ctx.tenant["id"]
        or plan["original_id"]
    ):
        raise Refused(f"Plan with ID {plan_id or ''} not found", 404)
    account = tenant_of(ctx, deleted=False)
    if plan["system_name"] != "enterprise":
        raise Refused(
            f"Plan {plan['name']} is not one of the 3scale stock plans. Cannot automatically change to it.", 400
        )
    application = ctx.db.first("applications", user_account_id=account["id"])
    if application is not None:
        ctx.db.update("applications", application, plan_id=plan["id"])
    return _answer(ctx, account)


@routes.post("/master/api/providers/{id}/change_partner")
def change_partner(ctx: Context) -> Reply:
    """Another plan without a partner, of which there are none; the answer is the bare record with its contract."""
    account = ctx.row("accounts", ctx.number("id"), provider=True, master=False)
    wanted = ctx.params.text("application_plan")
    plans = ctx.db.where("plans", tenant_id=ctx.tenant["id"], type="ApplicationPlan")
    plan = next((row for row in plans if row["system_name"] == wanted), None)
    if plan is None:
        raise NotFound
    application = ctx.db.first("applications", user_account_id=account["id"])
    if application is not None:
        ctx.db.update("applications", application, plan_id=plan["id"])
    names = words("id org_name domain self_domain state provider buyer provider_account_id tenant_id from_email")
    bare: dict[str, Any] = {name: account[name] for name in names}
    bare["created_at"], bare["updated_at"] = ctx.time(account["created_at"]), ctx.time(account["updated_at"])
    if application is not None:
        columns = words("id plan_id user_account_id user_key state service_id name description tenant_id")
        bare["bought_cinstance"] = {name: application[name] for name in columns}
    return json_reply(200, {"account": bare})


@routes.delete("/master/api/providers/{id}/services/{service_id}", key_only=True)
def destroy_service(_ctx: Context) -> Reply:
    """No way to delete a tenant's product: shut where 3scale is installed by oneself."""
    raise Forbidden


@routes.get("/master/api/proxy/configs/{environment}")
def configs(ctx: Context) -> Reply:
    """Current configurations of all tenants that serve a host."""
    environment = ENVIRONMENTS.get(ctx.variables["environment"])
    if environment is None:
        raise Refused("invalid environment", 400)
    host = ctx.params.text("host")
    latest: dict[int, Row] = {}
    for row in ctx.db.where("proxy_configs", environment=environment):
        if row["proxy_id"] not in latest or row["version"] > latest[row["proxy_id"]]["version"]:
            latest[row["proxy_id"]] = row
    rows = [row for row in latest.values() if host is None or host in row["hosts"]]
    return ctx.many("proxy_configs", "proxy_config", sorted(rows, key=lambda row: row["id"]), represent_config)
