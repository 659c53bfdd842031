# SPDX-License-Identifier: GPL-3.0-or-later
"""ActiveDocs: OpenAPI documents that the portal shows."""

from __future__ import annotations

from typing import Any

from ..http.context import Context
from ..http.errors import BLANK, INVALID, TAKEN, Errors, Invalid, Refused, ServerError
from ..http.params import UploadFile
from ..http.respond import Reply
from ..http.router import Routes
from ..portal.specifications import VERSIONS, Specification
from ..rules.fields import to_boolean, to_integer, to_text
from ..rules.names import SYSTEM_NAME, system_name_from
from ..rules.validate import blank
from ..store import Row

routes = Routes()
TABLE = "api_docs_services"
_KNOWN = (
    "account_id",
    "base_path",
    "body",
    "created_at",
    "description",
    "id",
    "name",
    "published",
    "service_id",
    "skip_swagger_validations",
    "swagger_version",
    "system_name",
    "tenant_id",
    "updated_at",
    "discovered",
)


def represent(ctx: Context, row: Row) -> dict[str, Any]:
    """A document as the Admin API shows it; its body byte for byte as it came."""
    names = ["id", "system_name", "name", "description", "published", "skip_swagger_validations", "body", "service_id"]
    return {
        **{name: row[name] for name in names},
        "created_at": ctx.time(row["created_at"]),
        "updated_at": ctx.time(row["updated_at"]),
    }


def _visible(ctx: Context, row: Row) -> bool:
    if row["service_id"] is None:
        return True
    service = ctx.db.get("services", row["service_id"])
    return service is not None and service["state"] != "deleted" and ctx.caller.may_see(service["id"])


def _values(ctx: Context, given: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {name: to_text(given[name]) for name in ("name", "body", "description") if name in given}
    if isinstance(given.get("body"), UploadFile):
        values["body"] = given["body"].file.read().decode("utf-8", "replace")
    for name in ("published", "skip_swagger_validations"):
        if name in given:
            values[name] = to_boolean(given[name])
    if "service_id" in given:
        values["service_id"] = _service_id(ctx, given["service_id"])
    return values


def _service_id(ctx: Context, value: Any) -> int | None:
    if blank(value):
        return None
    service = ctx.db.get("services", to_integer(value))
    if (
        service is None
        or service["account_id"] != ctx.tenant["id"]
        or service["state"] == "deleted"
        or not ctx.caller.may_see(service["id"])
    ):
        raise Refused("Service not found") if ctx.caller.user else Invalid({"service": ["not found"]})
    return int(service["id"])


def _check(ctx: Context, row: dict[str, Any], own_id: int | None) -> None:
    errors = Errors()
    name = row["system_name"] or ""
    if not SYSTEM_NAME.match(name):
        errors.add("system_name", INVALID)
    elif own_id is None and ctx.db.where(TABLE, account_id=ctx.tenant["id"], system_name=name):
        errors.add("system_name", TAKEN)
    for attribute in ("name", "body"):
        if blank(row[attribute]):
            errors.add(attribute, BLANK)
    for attribute in ("name", "system_name"):
        if len(row[attribute] or "") > 255:
            errors.add(attribute, "is too long (maximum is 255 characters)")
    if len(row["description"] or "") > 65535:
        errors.add("description", "is too long (maximum is 65535 characters)")
    specification = Specification(row["body"])
    if not specification.readable:
        raise ServerError
    versions = VERSIONS if ctx.sandbox.config.release.openapi_31 else VERSIONS[:-1]
    for attribute, message in specification.problems(not row["skip_swagger_validations"], versions):
        errors.add(attribute, message)
    errors.check()


@routes.get("/admin/api/active_docs")
def index(ctx: Context) -> Reply:
    """All documents, unpaged."""
    ctx.require("plans")
    rows = [row for row in ctx.db.where(TABLE, account_id=ctx.tenant["id"]) if _visible(ctx, row)]
    return ctx.many("api_docs", "api_doc", rows, represent)


@routes.post("/admin/api/active_docs")
def create(ctx: Context) -> Reply:
    """A document from a JSON text."""
    ctx.require("plans")
    given = ctx.params.wrapped("api_docs_service", _KNOWN)
    row: dict[str, Any] = {
        "name": None,
        "body": None,
        "description": None,
        "published": False,
        "skip_swagger_validations": False,
        "service_id": None,
        **_values(ctx, given),
    }
    system_name = to_text(given.get("system_name"))
    row["system_name"] = system_name_from(row["name"], "api_docs_service") if blank(system_name) else system_name
    _check(ctx, row, None)
    specification = Specification(row["body"])
    made = ctx.db.insert(
        TABLE,
        account_id=ctx.tenant["id"],
        tenant_id=ctx.tenant["id"],
        base_path=specification.base_path,
        swagger_version=specification.version,
        **row,
    )
    return ctx.created("api_doc", represent(ctx, made), made["id"])


def _found(ctx: Context) -> Row:
    ctx.require("plans")
    row = ctx.here(TABLE, "id")
    return row if _visible(ctx, row) else ctx.row(TABLE, None)


@routes.get("/admin/api/active_docs/{id}")
def show(ctx: Context) -> Reply:
    """One document."""
    return ctx.one("api_doc", represent(ctx, _found(ctx)))


@routes.put("/admin/api/active_docs/{id}")
def update(ctx: Context) -> Reply:
    """Change a document; its system_name stays."""
    row = _found(ctx)
    changes = _values(ctx, ctx.params.wrapped("api_docs_service", _KNOWN))
    _check(ctx, {**row, **changes}, row["id"])
    specification = Specification({**row, **changes}["body"])
    if ctx.db.update(TABLE, row, **changes):
        ctx.db.update(TABLE, row, touch=False, base_path=specification.base_path, swagger_version=specification.version)
    return ctx.one("api_doc", represent(ctx, row))


@routes.delete("/admin/api/active_docs/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete a document."""
    ctx.db.delete(TABLE, _found(ctx))
    return ctx.empty()
