# SPDX-License-Identifier: GPL-3.0-or-later
"""Application, service and account plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..http.context import Context
from ..http.errors import Forbidden, ServerError
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.fields import MONEY_END, Fields
from ..rules.names import system_name_from
from ..rules.plans import delete_plan, is_default, make_default
from ..rules.states import Machine
from ..rules.validate import Check
from ..store import Row
from .services import accessible, service_of

routes = Routes()

MACHINE = Machine(publish={"hidden": "published"}, hide={"published": "hidden"})
COLUMNS = (
    "issuer_id",
    "name",
    "rights",
    "full_legal",
    "cost_per_month",
    "trial_period_days",
    "created_at",
    "updated_at",
    "position",
    "state",
    "cancellation_period",
    "cost_aggregation_rule",
    "setup_fee",
    "master",
    "original_id",
    "type",
    "issuer_type",
    "description",
    "approval_required",
    "tenant_id",
    "system_name",
    "partner_id",
    "contracts_count",
    "id",
    "state_event",
)


def represent(ctx: Context, plan: Row) -> dict[str, Any]:
    """JSON of a plan of any kind."""
    out = {
        "id": plan["id"],
        "name": plan["name"],
        "state": plan["state"],
        "setup_fee": float(plan["setup_fee"]),
        "cost_per_month": float(plan["cost_per_month"]),
        "trial_period_days": plan["trial_period_days"] or 0,
        "cancellation_period": plan["cancellation_period"],
        "approval_required": plan["approval_required"],
        "default": is_default(ctx.sandbox, plan),
        "created_at": ctx.time(plan["created_at"]),
        "updated_at": ctx.time(plan["updated_at"]),
    }
    service = f"/admin/api/services/{plan['issuer_id']}"
    if plan["type"] == "ApplicationPlan":
        out.update({"custom": bool(plan["original_id"]), "system_name": plan["system_name"]})
    if plan["type"] != "AccountPlan":
        out["links"] = [
            ctx.link("service", service),
            ctx.link("self", f"{service}/{SEGMENTS[plan['type']]}/{plan['id']}"),
        ]
    return out


SEGMENTS = {"ApplicationPlan": "application_plans", "ServicePlan": "service_plans", "AccountPlan": "account_plans"}
KEYS = {"ApplicationPlan": "application_plan", "ServicePlan": "service_plan", "AccountPlan": "account_plan"}
_SHORT = Fields(text="name system_name", boolean="approval_required")
_LONG = Fields(
    text="name system_name description",
    boolean="approval_required",
    integer="trial_period_days",
    money="cost_per_month setup_fee",
)


def plan_of(ctx: Context, kind: str, variable: str) -> Row:
    """The plan that a path variable names, of a product that the caller may see; raises `NotFound`."""
    return visible_plan(ctx, kind, ctx.number(variable))


def visible_plan(ctx: Context, kind: str, plan_id: Any) -> Row:
    """The plan of this id and kind, if the caller may see it; raises `NotFound`."""
    plan = ctx.row("plans", plan_id, tenant_id=ctx.tenant["id"], type=kind)
    if kind != "AccountPlan":
        allowed = {service["id"] for service in accessible(ctx)} if not ctx.caller.is_admin else None
        service = ctx.row("services", plan["issuer_id"])
        if service["state"] == "deleted" or (allowed is not None and service["id"] not in allowed):
            return ctx.row("plans", None)
    return plan


@dataclass(frozen=True)
class Kind:
    """The handlers of one kind of plan."""

    type: str
    fields: Fields

    def authorize(self, ctx: Context) -> None:
        """Refuse (403) service and account plans to the master, and to members without the section plans."""
        if self.type != "ApplicationPlan":
            if ctx.tenant["master"]:
                raise Forbidden
            ctx.require("plans")

    def issuer(self, ctx: Context) -> dict[str, Any]:
        """The columns that say whose plans the path means."""
        self.authorize(ctx)
        if self.type == "AccountPlan":
            return {"issuer_type": "Account", "issuer_id": ctx.tenant["id"], "type": self.type}
        return {"issuer_type": "Service", "issuer_id": service_of(ctx)["id"], "type": self.type}

    def everywhere(self, ctx: Context) -> Reply:
        """The plans of all accessible products."""
        self.authorize(ctx)
        allowed = {service["id"] for service in accessible(ctx)}
        rows = [
            row
            for row in ctx.db.where("plans", tenant_id=ctx.tenant["id"], type=self.type)
            if row["issuer_id"] in allowed
        ]
        return ctx.many("plans", KEYS[self.type], rows, represent)

    def index(self, ctx: Context) -> Reply:
        """List."""
        return ctx.many("plans", KEYS[self.type], ctx.db.where("plans", **self.issuer(ctx)), represent)

    def create(self, ctx: Context) -> Reply:
        """Create, hidden unless published by `state_event`."""
        issuer = self.issuer(ctx)
        given = ctx.params.wrapped(KEYS[self.type], COLUMNS)
        values = self.fields.cast(given)
        if not values.get("system_name"):
            values["system_name"] = system_name_from(values.get("name"), KEYS[self.type])
        row = {"setup_fee": 0.0, "cost_per_month": 0.0, **values, **issuer}
        state = self.check(ctx, row, given, "hidden", new=True)
        plan = ctx.db.insert("plans", tenant_id=ctx.tenant["id"], state=state, **row)
        return ctx.created(KEYS[self.type], represent(ctx, plan), plan["id"])

    def show(self, ctx: Context) -> Reply:
        """Read."""
        return self.answer(ctx, self.plan(ctx))

    def update(self, ctx: Context) -> Reply:
        """Change; system_name is dropped."""
        plan = self.plan(ctx)
        given = ctx.params.wrapped(KEYS[self.type], COLUMNS)
        values = self.fields.cast(given)
        values.pop("system_name", None)
        state = self.check(ctx, {**plan, **values}, given, plan["state"], new=False)
        ctx.db.update("plans", plan, state=state, **values)
        return self.answer(ctx, plan)

    def destroy(self, ctx: Context) -> Reply:
        """Delete, if no contract hangs on it."""
        delete_plan(ctx.sandbox, self.plan(ctx))
        return ctx.empty()

    def default(self, ctx: Context) -> Reply:
        """Make it the default one."""
        plan = self.plan(ctx)
        make_default(ctx.sandbox, plan)
        return self.answer(ctx, plan)

    def plan(self, ctx: Context) -> Row:
        """The plan of the path."""
        return ctx.here("plans", "id", **self.issuer(ctx))

    def answer(self, ctx: Context, plan: Row) -> Reply:
        """The plan as answer."""
        return ctx.one(KEYS[self.type], represent(ctx, plan))

    def check(self, ctx: Context, row: dict[str, Any], given: dict[str, Any], state: str, *, new: bool) -> str:
        """Validate; returns the state after a `state_event`."""
        check = Check(ctx.db, row)
        if new:
            check.system_name("plans", issuer_type=row["issuer_type"], issuer_id=row["issuer_id"], type=self.type)
        check.presence("name")
        for name in ("setup_fee", "cost_per_month"):
            check.number(name, least=0.0, raw=given.get(name, ...))
        if row.get("trial_period_days") is not None:
            check.number("trial_period_days", least=0, raw=given.get("trial_period_days", ...))
        check.longest(255, "system_name", "name")
        check.longest(65535, "description")
        after = MACHINE.attribute(check, state, given.get("state_event"))
        check.done()
        check.fits("trial_period_days")
        if max(row["setup_fee"], row["cost_per_month"]) >= MONEY_END:
            raise ServerError
        return after


def _register(kind: Kind, base: str) -> None:
    routes.add("GET", base, kind.index)
    routes.add("POST", base, kind.create)
    for method, path, handler in (
        ("GET", "", kind.show),
        ("PUT", "", kind.update),
        ("DELETE", "", kind.destroy),
        ("PUT", "/default", kind.default),
    ):
        routes.add(method, base + "/{id}" + path, handler)


APPLICATION, SERVICE, ACCOUNT = (
    Kind("ApplicationPlan", _LONG),
    Kind("ServicePlan", _SHORT),
    Kind("AccountPlan", _SHORT),
)
_register(APPLICATION, "/admin/api/services/{service_id}/application_plans")
_register(SERVICE, "/admin/api/services/{service_id}/service_plans")
_register(ACCOUNT, "/admin/api/account_plans")
routes.add("GET", "/admin/api/application_plans", APPLICATION.everywhere)
routes.add("GET", "/admin/api/service_plans", SERVICE.everywhere)
