# SPDX-License-Identifier: GPL-3.0-or-later
"""Signup Express: `POST /admin/api/signup`, an account with its admin user, subscriptions and applications."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import TAKEN, Forbidden, Invalid, NotFound
from ..http.respond import Reply, error_reply
from ..http.router import Routes
from ..rules.annotations import first_annotations
from ..rules.defined_fields import check_defined, extra_given
from ..rules.fields import Fields, to_text
from ..rules.people import check_account, check_user, is_taken
from ..rules.signup import NoPlans, plans_for, sign_up
from ..rules.validate import Check
from ..store import Row
from .accounts import FIELDS as ACCOUNT_FIELDS
from .accounts import represent

routes = Routes()
USER_FIELDS = Fields(text="username email title first_name last_name job_role cas_identifier open_id")
_FIRST = {"name": "API signup", "description": "API signup", "create_origin": "api"}


@routes.post("/admin/api/signup")
def create(ctx: Context) -> Reply:
    """Create; unknown plan ids are ignored, an impossible set of plans is 404."""
    if not ctx.caller.may("partners"):
        raise Forbidden
    given = dict(ctx.params.all)
    account, user, password = account_values(ctx, given), user_values(ctx, given), to_text(given.get("password"))
    _validate(ctx, account, user, password)
    try:
        plans = plans_for(ctx.sandbox, ctx.tenant, _chosen(ctx))
    except NoPlans as error:
        raise NotFound from error
    approval = any(plan["approval_required"] for plan in plans if plan["type"] == "AccountPlan")
    taken = _taken(ctx, user) if ctx.db.lenient else {}
    state = account.pop("state", None)
    made, _person = sign_up(
        ctx.sandbox,
        ctx.tenant,
        account=account,
        user=user,
        password=password,
        plans=plans,
        activate=bool(password) and not approval and not taken,
        application=_FIRST,
    )
    if taken:  # by a signup at the same time: refused when the user is made active, everything stays
        ctx.db.update("accounts", made, state="approved", state_changed_at=ctx.sandbox.now())
        return error_reply(Invalid(taken), ctx.form)
    if state:
        ctx.db.update("accounts", made, state=state)
    ctx.notes["with_applications"] = True  # in XML, and only here
    return ctx.created("account", represent(ctx, made), made["id"])


def _taken(ctx: Context, user: dict[str, Any]) -> dict[str, list[Any]]:
    owner = {"buyer": True, "tenant_id": ctx.tenant["id"]}
    with ctx.db.leniency(wanted=False):
        return {
            name: [TAKEN]
            for name in ("email", "username")
            if user.get(name) and is_taken(ctx.sandbox, owner, name, user[name])
        }


def account_values(ctx: Context, given: dict[str, Any]) -> dict[str, Any]:
    """The account's columns among what is given."""
    values = ACCOUNT_FIELDS.cast(given)
    for name in ("annotations", "vat_rate"):  # a tax rate is given by a change only
        values.pop(name, None)
    if "org_name" not in values and "name" in given:
        values["org_name"] = to_text(given["name"])
    return {**values, "extra_fields": extra_given(ctx.sandbox, ctx.tenant["id"], "Account", given)}


def user_values(ctx: Context, given: dict[str, Any]) -> dict[str, Any]:
    """The user's columns among what is given."""
    values = USER_FIELDS.cast(given)
    if isinstance(values.get("username"), str):
        values["username"] = values["username"].strip()
    return {
        **values,
        "signup_type": "minimal",
        "extra_fields": extra_given(ctx.sandbox, ctx.tenant["id"], "User", given),
    }


def _validate(ctx: Context, account: dict[str, Any], user: dict[str, Any], password: str | None) -> None:
    check = Check(ctx.db, {**account, "buyer": True})
    check_account(check, ctx.sandbox.config.release)
    check_defined(ctx.sandbox, check, ctx.tenant["id"], "Account")
    account["annotations"] = first_annotations(ctx.params.get("annotations"))
    people = Check(ctx.db, user)
    check_user(
        ctx.sandbox,
        people,
        {"buyer": True, "tenant_id": ctx.tenant["id"]},
        minimal=True,
        password=password,
        confirmation=to_text(ctx.params.get("password_confirmation")),
    )
    check_defined(ctx.sandbox, people, ctx.tenant["id"], "User")
    if people.errors.by_attribute:
        check.add("users", "invalid")
        for name, messages in people.errors.by_attribute.items():
            for message in messages:
                check.add(name, message)
    check.done()


def _chosen(ctx: Context) -> list[Row]:
    plans: list[Row] = []
    for kind in ("service", "account", "application"):
        given = ctx.params.text(f"{kind}_plan_id")
        plan = ctx.db.get("plans", int(given)) if given and given.isdigit() else None
        if plan is not None and plan["tenant_id"] == ctx.tenant["id"] and plan not in plans:
            plans.append(plan)
    return plans
