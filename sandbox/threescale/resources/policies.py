# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of custom policies: `/admin/api/registry/policies`."""

from __future__ import annotations

import json
import re
from typing import Any

from ..http.context import Context
from ..http.errors import Invalid, NotFound, ParameterMissing
from ..http.respond import Reply
from ..http.router import REGISTRY, Routes
from ..rules.configuration import policies_of
from ..rules.fields import to_text
from ..rules.validate import Check, blank
from ..store import Row

routes = Routes(default="json", json_only=True, needs_user=True, scopes=REGISTRY)

KNOWN = ("name", "version", "schema", "id", "account_id", "tenant_id", "created_at", "updated_at", "identifier")
IN_USE = "This policy is currently being used in one of your APIs and cannot be modified."
_SCHEMA = "in schema http://apicast.io/policy-v1/schema#"
_VERSION = re.compile(r"^((\d+\.)?(\d+\.)?(\*|\d+))|builtin$")


def represent(ctx: Context, policy: Row) -> dict[str, Any]:
    """JSON of a policy."""
    return {
        **{name: policy[name] for name in ("id", "name", "version", "schema")},
        "created_at": ctx.time(policy["created_at"]),
        "updated_at": ctx.time(policy["updated_at"]),
    }


@routes.get("/admin/api/registry/policies")
def index(ctx: Context) -> Reply:
    """List."""
    return ctx.many("policies", "policy", ctx.db.where("policies", account_id=ctx.tenant["id"]), represent)


@routes.post("/admin/api/registry/policies")
def create(ctx: Context) -> Reply:
    """Create."""
    values, check = _given(ctx, None)
    check.done()
    policy = ctx.db.insert("policies", account_id=ctx.tenant["id"], tenant_id=ctx.tenant["id"], **values)
    return ctx.created("policy", represent(ctx, policy), policy["id"])


@routes.get("/admin/api/registry/policies/{id}")
def show(ctx: Context) -> Reply:
    """Read by id or `name-version`."""
    return ctx.one("policy", represent(ctx, _policy(ctx)))


@routes.put("/admin/api/registry/policies/{id}")
def update(ctx: Context) -> Reply:
    """Change; what products use stays as it is."""
    policy = _policy(ctx)
    values, check = _given(ctx, policy)
    changed = any(policy[name] != values[name] for name in ("name", "version", "schema"))
    if changed and _in_use(ctx, policy):
        check.add("base", IN_USE)
    check.done()
    ctx.db.update("policies", policy, **values)
    return ctx.one("policy", represent(ctx, policy))


@routes.delete("/admin/api/registry/policies/{id}")
def destroy(ctx: Context) -> Reply:
    """Delete, if no product uses it."""
    policy = _policy(ctx)
    if _in_use(ctx, policy):
        raise Invalid({"base": [IN_USE]}, status=403)
    ctx.db.delete("policies", policy)
    return ctx.empty()


def _policy(ctx: Context) -> Row:
    wanted = ctx.variables["id"]
    if wanted.isdigit():
        policy = ctx.db.get("policies", int(wanted))
        if policy is not None and policy["account_id"] == ctx.tenant["id"]:
            return policy
    found = ctx.db.first("policies", account_id=ctx.tenant["id"], identifier=wanted)
    if found is None:
        raise NotFound
    return found


def _in_use(ctx: Context, policy: Row) -> bool:
    key = (policy["name"], policy["version"])
    return any(
        (one.get("name"), one.get("version")) == key
        for service in ctx.db.where("services", account_id=ctx.tenant["id"])
        for proxy in ctx.db.where("proxies", service_id=service["id"])
        for one in policies_of(proxy)
    )


def _given(ctx: Context, present: Row | None) -> tuple[dict[str, Any], Check]:
    given = ctx.params.wrapped("policy", KNOWN)
    schema = given.get("schema")
    if blank(schema):
        raise ParameterMissing("schema")
    values = {
        name: to_text(given[name]) if name in given else (present[name] if present else None)
        for name in ("name", "version")
    }
    row: dict[str, Any] = {**(present or {}), **values}
    check = Check(ctx.db, row)
    if isinstance(schema, str):
        try:
            schema = json.loads(schema.strip())
        except ValueError:
            check.add("schema", "Invalid JSON schema")
            schema = None
    row.update({"schema": schema, "identifier": f"{values['name']}-{values['version']}"})
    others = [one for one in ctx.db.where("policies", account_id=ctx.tenant["id"]) if one is not present]
    if any((one["name"], one["version"]) == (row["name"], row["version"]) for one in others):
        check.add("version", "has already been taken")
    check.presence("name", "version", "schema")
    for message in manifest_problems(schema):
        check.add("schema", message)
    if str(row["version"] or "") == "builtin":
        check.add("version", "cannot be 'builtin'")
    elif str(row["version"] or "") != str((schema or {}).get("version", "") if isinstance(schema, dict) else ""):
        check.add("version", "differs from the schema version")
    if any(one["identifier"] == row["identifier"] for one in others):
        check.add("identifier", "has already been taken")
    check.longest(255, "name", "version")
    return {**values, "schema": schema, "identifier": row["identifier"]}, check


def manifest_problems(schema: Any) -> list[str]:
    """What is wrong with a manifest, in the words of the server's validator."""
    if not isinstance(schema, dict):
        return [f"The property '#/' of type {_kind(schema)} did not match the following type: object {_SCHEMA}"]
    problems = [
        f"The property '#/' did not contain a required property of '{name}' {_SCHEMA}"
        for name in ("name", "version", "configuration", "summary")
        if name not in schema
    ]
    for name in ("name", "summary", "version"):
        if name in schema and not isinstance(schema[name], str):
            problems.append(
                f"The property '#/{name}' of type {_kind(schema[name])} did not match the following type:"
                f" string {_SCHEMA}"
            )
    if schema.get("name") == "":
        problems.append(f"The property '#/name' was not of a minimum string length of 1 {_SCHEMA}")
    if isinstance(schema.get("summary"), str) and len(schema["summary"]) > 75:
        problems.append(f"The property '#/summary' was not of a maximum string length of 75 {_SCHEMA}")
    version = schema.get("version")
    if isinstance(version, str) and not _VERSION.search(version):
        problems.append(
            f"The property '#/version' value \"{version}\" did not match the regex"
            f" '^((\\d+\\.)?(\\d+\\.)?(\\*|\\d+))|builtin$' {_SCHEMA}"
        )
    if "configuration" in schema and not isinstance(schema["configuration"], (dict, bool)):
        problems.append(
            f"The property '#/configuration' of type {_kind(schema['configuration'])} did not match one or more"
            f" of the following types: object, boolean {_SCHEMA}"
        )
    return problems


def _kind(value: Any) -> str:
    names = {
        dict: "object",
        list: "array",
        str: "string",
        bool: "boolean",
        int: "integer",
        float: "number",
        type(None): "null",
    }
    return names.get(type(value), "any")
