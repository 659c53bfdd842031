# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of an account: `…/accounts/{id}/applications`."""

from __future__ import annotations

import re
from typing import Any

from ..http.context import Context, or_null
from ..http.errors import Invalid, NotFound, Refused
from ..http.respond import Reply, error_reply
from ..http.router import Routes
from ..portal.notices import application_suspended
from ..rules.contracts import (
    change_plan,
    create_application,
    delete_contract,
    plan_to_subscribe,
    subscribe,
    subscription_of,
)
from ..rules.defined_fields import extra_given, shown
from ..rules.fields import Fields, to_text
from ..rules.names import random_hex
from ..rules.plans import customise
from ..rules.products import proxy_of
from ..rules.states import Machine
from ..rules.validate import Check
from ..store import Row
from .accounts import buyer_of
from .plans import represent as represent_plan
from .plans import visible_plan
from .proxies import flows_of

routes = Routes()

FIELDS = Fields(text="name description redirect_url", time="first_traffic_at first_daily_traffic_at")
MACHINE = Machine(accept={"pending": "live"}, suspend={"live": "suspended"}, resume={"suspended": "live"})
_USER_KEY = re.compile(
    r"\A(([\w\-.]+)|([A-Za-z0-9+]{4})*([A-Za-z0-9+]{4}|[A-Za-z0-9+]{3}=|[A-Za-z0-9+]{2}==))\Z", re.ASCII
)
_PRINTABLE = re.compile(r"\A[\x21-\x7E]+\Z")
_BASE = "/admin/api/accounts/{account_id}/applications"


def represent(ctx: Context, application: Row) -> dict[str, Any]:
    """JSON of an application; which keys it shows depends on the product's way of authentication."""
    service = ctx.db.get("services", application["service_id"]) or {}
    plan, account = ctx.db.get("plans", application["plan_id"]), ctx.db.get("accounts", application["user_account_id"])
    own = f"/admin/api/accounts/{application['user_account_id']}/applications/{application['id']}"
    product = f"/admin/api/services/{application['service_id']}"
    return {
        "id": application["id"],
        "state": application["state"],
        "enabled": is_enabled(application, account),
        "created_at": ctx.time(application["created_at"]),
        "updated_at": ctx.time(application["updated_at"]),
        "service_id": application["service_id"],
        "service_name": service.get("name"),
        "plan_id": application["plan_id"],
        "plan_name": plan["name"] if plan else None,
        "account_id": application["user_account_id"],
        "org_name": account["org_name"] if account else None,
        "first_traffic_at": or_null(ctx.time(application["first_traffic_at"])),
        "first_daily_traffic_at": or_null(ctx.time(application["first_daily_traffic_at"])),
        **_credentials(ctx, application, service),
        "links": [
            ctx.link("self", own),
            ctx.link("service", product),
            ctx.link("account", f"/admin/api/accounts/{application['user_account_id']}"),
            ctx.link("plan", f"{product}/application_plans/{application['plan_id']}"),
            ctx.link("keys", f"{own}/keys"),
            ctx.link("referrer_filters", f"{own}/referrer_filters"),
        ],
        **shown(ctx.sandbox, ctx.tenant["id"], "Cinstance", application),
    }


def is_enabled(application: Row, account: Row | None) -> bool:
    """Live, of an account that is not to be deleted."""
    return application["state"] == "live" and account is not None and account["state"] != "scheduled_for_deletion"


def _credentials(ctx: Context, application: Row, service: Row) -> dict[str, Any]:
    version = service.get("backend_version")
    if version == "1":
        return {
            "user_key": or_null(application["user_key"]),
            "provider_verification_key": or_null(application["provider_public_key"]),
        }
    out: dict[str, Any] = {"application_id": or_null(application["application_id"])}
    if version == "oauth":
        key = ctx.db.first("application_keys", application_id=application["id"])
        out.update(
            {
                "redirect_url": or_null(application["redirect_url"]),
                "client_id": or_null(application["application_id"]),
                "client_secret": or_null(key["value"] if key else None),
            }
        )
        proxy = proxy_of(ctx.sandbox, service)
        if proxy["authentication_method"] == "oidc":
            out["oidc_configuration"] = {name: value for name, value in flows_of(proxy).items() if value is not None}
    return out


def _is_there(ctx: Context, application: Row) -> bool:
    """Whether the application's product is there (not being removed) and the caller may see it."""
    service = ctx.db.get("services", application["service_id"])
    return service is not None and service["state"] != "deleted" and ctx.caller.may_see(service["id"])


def applications_of(ctx: Context) -> list[Row]:
    """The applications of the path's account that are there."""
    rows = ctx.db.where("applications", user_account_id=buyer_of(ctx)["id"])
    return [row for row in rows if _is_there(ctx, row)]


def application_of(ctx: Context, variable: str = "id") -> Row:
    """The application of the path's account that a variable names; raises `NotFound`."""
    application = ctx.row("applications", ctx.number(variable), user_account_id=buyer_of(ctx)["id"])
    if not _is_there(ctx, application):
        raise NotFound
    return application


def _answer(ctx: Context, application: Row) -> Reply:
    return ctx.one("application", represent(ctx, application))


@routes.get(_BASE)
def index_of_account(ctx: Context) -> Reply:
    """List of an account, whole."""
    state = ctx.params.text("state")
    rows = [row for row in applications_of(ctx) if not state or row["state"] == state]
    return ctx.many("applications", "application", rows, represent)


@routes.get(_BASE + "/find")
def find_of_account(ctx: Context) -> Reply:
    """By user_key or app_id."""
    for row in applications_of(ctx):
        service = ctx.db.get("services", row["service_id"])
        by_key = service is not None and service["backend_version"] == "1"
        if row["user_key" if by_key else "application_id"] == ctx.params.text("user_key" if by_key else "app_id"):
            return _answer(ctx, row)
    raise NotFound


@routes.post(_BASE)
def create(ctx: Context) -> Reply:
    """Create; an account without subscription to the product gets one, even where the application is refused."""
    account = buyer_of(ctx)
    plan = visible_plan(ctx, "ApplicationPlan", ctx.params.text("plan_id"))
    service = ctx.row("services", plan["issuer_id"])
    if subscription_of(ctx.sandbox, account, service) is None:
        service_plan = plan_to_subscribe(ctx.sandbox, service)
        if service_plan is None:
            raise Refused("You cannot subscribe to that service.")
        subscribe(ctx.sandbox, account, service_plan)
    given = ctx.params.all
    values = FIELDS.cast(given)
    for name in ("user_key", "application_id"):
        if given.get(name) is not None:
            values[name] = to_text(given[name])
    keys = given.get("application_key")
    keys = [str(key) for key in keys] if isinstance(keys, list) else [str(keys)] if keys is not None else []
    row = {"user_key": random_hex(32), "application_id": random_hex(8), **values, "service_id": service["id"]}
    try:
        _check(ctx, row, keys)
    except Invalid as error:
        return error_reply(error, ctx.form)  # raised it would undo the subscription
    extra = extra_given(ctx.sandbox, ctx.tenant["id"], "Cinstance", given)
    row.pop("service_id")
    application = create_application(ctx.sandbox, account, plan, keys, create_origin="api", extra_fields=extra, **row)
    return ctx.created("application", represent(ctx, application), application["id"])


@routes.get(_BASE + "/{id}")
def show(ctx: Context) -> Reply:
    """Read."""
    return _answer(ctx, application_of(ctx))


@routes.put(_BASE + "/{id}")
def update(ctx: Context) -> Reply:
    """Change; plan, state and application_id are dropped."""
    application = application_of(ctx)
    given = ctx.params.all
    values = FIELDS.cast(given)
    if given.get("user_key") is not None:
        values["user_key"] = to_text(given["user_key"])
    _check(ctx, {**application, **values}, [])
    extra = extra_given(ctx.sandbox, ctx.tenant["id"], "Cinstance", given)
    ctx.db.update("applications", application, **values, extra_fields={**application["extra_fields"], **extra})
    return _answer(ctx, application)


@routes.delete(_BASE + "/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete; the subscription stays."""
    delete_contract(ctx.sandbox, "applications", application_of(ctx))
    return ctx.empty()


@routes.put(_BASE + "/{id}/change_plan")
def change(ctx: Context) -> Reply:
    """Another plan of the same product; the answer is the plan."""
    application = application_of(ctx)
    plan = visible_plan(ctx, "ApplicationPlan", ctx.params.text("plan_id"))
    if plan["issuer_id"] != application["service_id"]:
        raise Invalid({"plan": ["not allowed in this context"]})
    change_plan(ctx.sandbox, "applications", application, plan)
    return ctx.one("application_plan", represent_plan(ctx, plan))


@routes.put(_BASE + "/{id}/customize_plan")
def customize(ctx: Context) -> Reply:
    """A copy of the plan for this application alone."""
    application = application_of(ctx)
    plan = ctx.row("plans", application["plan_id"])
    if not plan["original_id"]:
        plan = customise(ctx.sandbox, plan)
        ctx.db.update("applications", application, plan_id=plan["id"])
    return ctx.one("application_plan", represent_plan(ctx, plan))


@routes.put(_BASE + "/{id}/decustomize_plan")
def decustomize(ctx: Context) -> Reply:
    """Back to the plan that was copied; without a copy nothing changes."""
    application = application_of(ctx)
    plan = ctx.row("plans", application["plan_id"])
    if plan["original_id"]:
        plan = ctx.row("plans", plan["original_id"])
        change_plan(ctx.sandbox, "applications", application, plan)
    return ctx.one("application_plan", represent_plan(ctx, plan))


def _event(event: str) -> None:
    @routes.put(f"{_BASE}/{{id}}/{event}")
    def fire(ctx: Context) -> Reply:
        application = application_of(ctx)
        state = MACHINE.fire(application["state"], event)
        now = {"accepted_at": ctx.sandbox.now()} if state == "live" else {}
        ctx.db.update("applications", application, state=state, **now)
        if event == "suspend":
            application_suspended(ctx.sandbox, application)
        return _answer(ctx, application)


for _name in MACHINE.events:
    _event(_name)


def _check(ctx: Context, row: dict[str, Any], keys: list[str]) -> None:
    check = Check(ctx.db, row)
    check.unique("applications", "application_id", service_id=row["service_id"])
    check.unique("applications", "user_key", service_id=row["service_id"])
    check.matches("application_id", _PRINTABLE, allow_blank=False)
    check.shortest(4, "application_id")
    check.longest(255, "application_id", "name")
    check.matches("user_key", _USER_KEY, allow_blank=False)
    check.longest(256, "user_key")
    check.longest(65535, "description", "redirect_url")
    if any(not _PRINTABLE.match(key) or not 5 <= len(key) <= 255 for key in keys):
        check.add("application_keys", "invalid")
    check.done()
