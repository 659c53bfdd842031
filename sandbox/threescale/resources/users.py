# SPDX-License-Identifier: GPL-3.0-or-later
"""Users: of developer accounts (`…/accounts/{id}/users`) and of the tenant itself (`/admin/api/users`)."""

from __future__ import annotations

from typing import Any

from ..http.context import Context, or_null
from ..http.errors import Forbidden, NotFound, Vetoed
from ..http.respond import Reply
from ..http.router import Routes
from ..rules.defined_fields import extra_given, shown
from ..rules.fields import Fields, to_text
from ..rules.passwords import digest
from ..rules.people import check_user, chooses_password, visible_users
from ..rules.signup import activate_user
from ..rules.states import Machine
from ..rules.validate import Check
from ..store import Row
from .accounts import buyer_of

routes = Routes()

FIELDS = Fields(text="username email title first_name last_name job_role cas_identifier open_id")
SECTIONS = ("portal", "finance", "settings", "partners", "monitoring", "plans", "policy_registry")
MACHINE = Machine(
    activate={"pending": "active"},
    suspend={"active": "suspended", "suspended": "suspended"},
    unsuspend={"suspended": "active"},
)
_OF_BUYER, _OF_TENANT = "/admin/api/accounts/{account_id}/users", "/admin/api/users"


def represent(ctx: Context, user: Row) -> dict[str, Any]:
    """JSON of a user."""
    account = ctx.db.get("accounts", user["account_id"]) or ctx.tenant
    if account["provider"]:
        links, owner = [ctx.link("self", f"/admin/api/users.{user['id']}")], account["id"]
    else:
        path = f"/admin/api/accounts/{account['id']}"
        links = [ctx.link("account", path), ctx.link("self", f"{path}/users/{user['id']}")]
        owner = account["provider_account_id"]
    return {
        "id": user["id"],
        "state": user["state"],
        "cas_identifier": user["cas_identifier"] or None,
        "open_id": user["open_id"] or None,
        "role": user["role"],
        "created_at": ctx.time(user["created_at"]),
        "updated_at": ctx.time(user["updated_at"]),
        "links": links,
        **shown(ctx.sandbox, owner, "User", user),
    }


def _account(ctx: Context) -> Row:
    return buyer_of(ctx) if "account_id" in ctx.variables else ctx.tenant


def _user(ctx: Context) -> Row:
    account = _account(ctx)
    user = ctx.row("users", ctx.number("id"), account_id=account["id"])
    if user["username"] == "3scaleadmin":
        raise NotFound
    if account is ctx.tenant and not ctx.caller.is_admin and ctx.caller.user is not user:
        raise Forbidden  # a member sees himself alone
    return user


def _answer(ctx: Context, user: Row) -> Reply:
    return ctx.one("user", represent(ctx, user))


def index(ctx: Context) -> Reply:
    """List, by state and role if asked."""
    rows = visible_users(ctx.sandbox, _account(ctx))
    for name in ("state", "role"):
        wanted = ctx.params.text(name)
        if wanted is not None:
            rows = [row for row in rows if row[name] == wanted]
    return ctx.many("users", "user", rows, represent)


def create(ctx: Context) -> Reply:
    """Create, pending until activated."""
    account = _account(ctx)
    if not ctx.caller.is_admin:
        raise Forbidden
    values = _values(ctx)
    password = to_text(ctx.params.get("password"))
    extra = extra_given(ctx.sandbox, ctx.tenant["id"], "User", ctx.params.all)
    _check(ctx, account, values, None)
    user = ctx.db.insert(
        "users",
        account_id=account["id"],
        tenant_id=ctx.tenant["id"],
        signup_type="api",
        password_digest=digest(password) if password else None,
        extra_fields=extra,
        **values,
    )
    if account is ctx.tenant:
        ctx.db.update("users", user, **_permissions(ctx, user, ctx.params.all))
    return ctx.created("user", represent(ctx, user), user["id"])


def show(ctx: Context) -> Reply:
    """Read."""
    return _answer(ctx, _user(ctx))


def update(ctx: Context) -> Reply:
    """Change; role and state are dropped."""
    account, user = _account(ctx), _user(ctx)
    values = _values(ctx)
    _check(ctx, account, {**user, **values}, user)
    password = to_text(ctx.params.get("password"))
    if password:
        values["password_digest"] = digest(password)
    extra = extra_given(ctx.sandbox, ctx.tenant["id"], "User", ctx.params.all)
    if account is ctx.tenant and ctx.caller.is_admin:
        values.update(_permissions(ctx, user, ctx.params.all))
    ctx.db.update("users", user, extra_fields={**user["extra_fields"], **extra}, **values)
    return _answer(ctx, user)


def destroy(ctx: Context) -> Reply:
    """Delete, but for oneself and the last admin."""
    user = _user(ctx)
    if ctx.caller.user is user:
        raise Forbidden
    admins = [row for row in visible_users(ctx.sandbox, _account(ctx)) if row["role"] == "admin"]
    if admins == [user]:
        raise Vetoed("Can't delete last admin")
    ctx.db.delete("users", user)
    return ctx.empty()


def _role(role: str) -> Any:
    def handler(ctx: Context) -> Reply:
        user = _user(ctx)
        if ctx.caller.user is user or (ctx.caller.user is not None and _is_last_admin_of_buyer(ctx, user)):
            raise Forbidden
        ctx.db.update("users", user, role=role)
        return _answer(ctx, user)

    return handler


def _is_last_admin_of_buyer(ctx: Context, user: Row) -> bool:
    if not ctx.caller.is_admin or "account_id" not in ctx.variables or user["role"] != "admin":
        return False
    return len(ctx.db.where("users", account_id=user["account_id"], role="admin")) <= 1


def suspend(ctx: Context) -> Reply:
    """Suspend, oneself too; again changes nothing."""
    user = _user(ctx)
    if user["state"] not in MACHINE.events["suspend"]:
        MACHINE.refuse(ctx, user, "suspend", represent, "user")
    ctx.db.update("users", user, state="suspended")
    for session in ctx.db.where("user_sessions", user_id=user["id"]):
        ctx.db.delete("user_sessions", session)
    return _answer(ctx, user)


def unsuspend(ctx: Context) -> Reply:
    """End a suspension."""
    user = _user(ctx)
    ctx.db.update("users", user, state=MACHINE.fire(user["state"], "unsuspend"))
    return _answer(ctx, user)


def activate(ctx: Context) -> Reply:
    """Activate; of a developer's active user nothing changes."""
    user = _user(ctx)
    if user["state"] == "active" and "account_id" in ctx.variables:
        return _answer(ctx, user)
    if "account_id" in ctx.variables and user["state"] != "pending":
        MACHINE.refuse(ctx, user, "activate", represent, "user")
    MACHINE.fire(user["state"], "activate")
    activate_user(ctx.sandbox, user)
    return _answer(ctx, user)


for _base in (_OF_BUYER, _OF_TENANT):
    routes.add("GET", _base, index)
    routes.add("POST", _base, create)
    for _method, _path, _handler in (
        ("GET", "", show),
        ("PUT", "", update),
        ("DELETE", "", destroy),
        ("PUT", "/activate", activate),
        ("PUT", "/suspend", suspend),
        ("PUT", "/unsuspend", unsuspend),
        ("PUT", "/admin", _role("admin")),
        ("PUT", "/member", _role("member")),
    ):
        routes.add(_method, _base + "/{id}" + _path, _handler)


@routes.get("/admin/api/users/{id}/permissions")
def show_permissions(ctx: Context) -> Reply:
    """Sections and products of a member."""
    return ctx.one("permissions", permissions_of(ctx, _user(ctx)))


@routes.put("/admin/api/users/{id}/permissions")
def update_permissions(ctx: Context) -> Reply:
    """Change them."""
    user = _user(ctx)
    if not ctx.caller.is_admin or user["role"] == "admin":
        raise Forbidden
    given = ctx.params.wrapped("permissions", ("allowed_sections", "allowed_service_ids"))
    names = {"allowed_sections": "member_permission_ids", "allowed_service_ids": "member_permission_service_ids"}
    ctx.db.update(
        "users", user, **_permissions(ctx, user, {names[key]: value for key, value in given.items() if key in names})
    )
    return ctx.one("permissions", permissions_of(ctx, user))


def permissions_of(ctx: Context, user: Row) -> dict[str, Any]:
    """JSON of a user's permissions."""
    admin = user["role"] == "admin"
    return {
        "user_id": user["id"],
        "role": user["role"],
        "allowed_sections": sorted(SECTIONS if admin else user["member_permissions"]),
        "allowed_service_ids": or_null(None if admin else user["allowed_service_ids"]),
        "links": [ctx.link("user", f"/admin/api/accounts/{user['account_id']}/users/{user['id']}")],
    }


def _permissions(ctx: Context, user: Row, given: dict[str, Any]) -> dict[str, Any]:
    """Columns for what is given of sections and products."""
    out: dict[str, Any] = {}
    sections = given.get("member_permission_ids")
    if isinstance(sections, list):
        out["member_permissions"] = [name for name in SECTIONS if name in sections]
    if "member_permission_service_ids" in given:
        wanted = given["member_permission_service_ids"]
        if isinstance(wanted, list):
            ours = {row["id"] for row in ctx.db.where("services", account_id=user["tenant_id"])}
            numbers = [int(item) for item in wanted if str(item).isdigit()]
            out["allowed_service_ids"] = [number for number in numbers if number in ours]
        elif not wanted:
            out["allowed_service_ids"] = None
    return out


def _values(ctx: Context) -> dict[str, Any]:
    values = FIELDS.cast(ctx.params.all)
    if isinstance(values.get("username"), str):
        values["username"] = values["username"].strip()
    return values


def _check(ctx: Context, account: Row, row: dict[str, Any], present: Row | None) -> None:
    check = Check(ctx.db, row)
    password = to_text(ctx.params.get("password"))
    chooses = present is not None and bool(password) and chooses_password(ctx.sandbox, present)
    settings = ctx.db.first("settings", account_id=ctx.tenant["id"])
    strong = chooses and bool(settings and settings["strong_passwords_enabled"])
    check_user(
        ctx.sandbox,
        check,
        account,
        minimal=row.get("signup_type") == "minimal",
        password=password,
        strong=strong,
        confirmation=to_text(ctx.params.get("password_confirmation")),
    )
    if chooses and not strong and len(password or "") < 6:
        check.add("password", "is too short (minimum is 6 characters)")
    check.done()
