# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server holds, in a form in which two servers compare: names in place of ids, nothing random. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Item = dict[str, Any]
Dump = Mapping[str, Sequence[Item]]

#: Traces of what happened, not of what is wanted.
PASSING = {
    "access_tokens", "deleted_application_keys", "installation", "jobs", "messages", "proxy_configs",
    "response_code_counters", "service_tokens", "sso_tokens", "usage_counters", "user_sessions",
}  # fmt: skip
#: Columns with ids of several rows, and the table of these.
LISTS = {"allowed_service_ids": "services"}
#: Columns that no two servers share.
VOLATILE = re.compile(
    r"(^|_)(id|at|until|digest|salt)$|^(lock_version|version|provider_key|s3_prefix|activation_code|lost_password_token|sso_key"
    r"|authentication_id|credit_card_auth_code|createdTimestamp|createdDate|notBefore)$"
)
NAMES = ("system_name", "username", "org_name", "name", "title", "path", "pattern", "value")
#: Where a column's name is not the one of its table.
TABLES = {
    "Service": "services", "BackendApi": "backend_apis", "Account": "accounts", "Provider": "accounts",
    "Metric": "metrics", "Plan": "plans", "ApplicationPlan": "plans", "ServicePlan": "plans", "AccountPlan": "plans",
    "Contract": "applications", "Cinstance": "applications", "Proxy": "proxies", "proxy": "proxies",
    "section": "cms_sections", "layout": "cms_templates", "user_account": "accounts", "provider_account": "accounts",
    "default_service_plan": "plans", "default_account_plan": "plans", "default_application_plan": "plans",
    "default_service": "services", "api_docs_service": "api_docs_services",
}  # fmt: skip
RANDOM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{10,}|(?<=[a-z_]\.)\d+(?=$| <)")


class _Tables:
    """A dump, asked for what an id means."""

    def __init__(self, dump: Dump) -> None:
        self.dump = dump
        self.rows = {(table, row["id"]): row for table, items in dump.items() for row in items if "id" in row}

    def meant(self, table: str, row: Item, column: str) -> tuple[str, Item] | None:
        """The row that a column ``…_id`` names, with its table."""
        stem = column.removesuffix("_id")
        kind = TABLES.get(str(row.get(f"{stem}_type")), "") or TABLES.get(stem) or f"{stem}s"
        kind = table if stem == "parent" else kind
        found = self.rows.get((kind, row[column]))
        return (kind, found) if found else None

    def references(self, table: str, row: Item) -> dict[str, tuple[str, Item]]:
        """What a row names, but for its tenant."""
        columns = [column for column in row if column.endswith("_id") and column != "tenant_id" and row[column]]
        return {column: found for column in columns if (found := self.meant(table, row, column))}

    def listed(self, row: Item) -> dict[str, list[str]]:
        """What a row names in lists of ids."""
        return {
            column: sorted(self.called(kind, self.rows[kind, number]) for number in row[column])
            for column, kind in LISTS.items()
            if row.get(column) is not None
        }

    def above(self, table: str, row: Item) -> list[tuple[str, Item]]:
        """What a row belongs to."""
        if table == "accounts":
            return []
        found = self.references(table, row)
        return [found[column] for column in sorted(found) if not column.startswith("default_")]

    def called(self, table: str, row: Item, depth: int = 3) -> str:
        """A name by which a row is known among all."""
        own = next((str(row[name]) for name in NAMES if row.get(name)), "")
        above = self.above(table, row) if depth else []
        return f"{table} {own}" + "".join(f" < {self.called(*found, depth - 1)}" for found in above)

    def alive(self, table: str, row: Item, depth: int = 4) -> bool:
        """Whether neither the row nor what it hangs on is only waiting to be purged."""
        if row.get("state") == "deleted" or row.get("deleted_at"):
            return False
        return not depth or all(self.alive(*found, depth - 1) for found in self.above(table, row))


def of_tenant(dump: Dump, tenant: int | None) -> list[str]:
    """Lasting rows of one tenant of the stand-in (None: of all), one text each; configurations by content."""
    tables, rows = _Tables(dump), []
    for table, items in dump.items():
        for row in items if table not in PASSING else ():
            mine = tenant is None or row.get("tenant_id") == tenant or (table == "accounts" and row["id"] == tenant)
            if mine and tables.alive(table, row):
                rows.append(_row(tables, table, row))
    return sorted([*rows, *_in_force(tables, tenant)])


def _row(tables: _Tables, table: str, row: Item) -> str:
    values = {
        name: plain(value) for name, value in sorted(row.items()) if value is not None and not VOLATILE.search(name)
    }
    values.update(plain(tables.listed(row)))
    named = {column: plain(tables.called(*found)) for column, found in sorted(tables.references(table, row).items())}
    return f"{table} {json.dumps(values, ensure_ascii=False)} {json.dumps(named, ensure_ascii=False)}"


def _in_force(tables: _Tables, tenant: int | None) -> list[str]:
    """The latest configuration of each product and environment."""
    latest: dict[tuple[int, str], Item] = {}
    for row in tables.dump.get("proxy_configs", ()):
        if tenant is None or row.get("tenant_id") == tenant:
            found = tables.meant("proxy_configs", row, "proxy_id")
            if found and tables.alive(*found):
                key = (row["proxy_id"], row["environment"])
                latest[key] = max(latest.get(key, row), row, key=lambda one: int(one["version"]))
    return [f"in force {row['environment']} {json.dumps(plain(_content(row)))}" for row in latest.values()]


def _content(row: Item) -> Any:
    content = row.get("content")
    return json.loads(content) if isinstance(content, str) else content


def plain(node: Any) -> Any:
    """A value without ids, moments and what servers make up; lists in a stable order."""
    if isinstance(node, dict):
        return {name: plain(node[name]) for name in sorted(node) if not VOLATILE.search(name)}
    if isinstance(node, list):
        return sorted((plain(item) for item in node), key=repr)
    return RANDOM.sub("*", node) if isinstance(node, str) else node


def of_realm(ask: Callable[[str], Any]) -> list[str]:
    """A realm of Keycloak, one text for each thing in it. ``ask`` reads a path below the realm; None is "not there"."""
    exported = ask("/partial-export?exportClients=true&exportGroupsAndRoles=true")
    if exported is None:
        return []
    rows = []
    for name, value in exported.items():
        rows += [f"{name} {json.dumps(plain(item))}" for item in (value if isinstance(value, list) else [value])]
    for user in ask("/users?max=1000"):
        rows += _person("user", user, user["username"], ask, f"/users/{user['id']}")
    for client in ask("/clients?max=1000"):
        account = ask(f"/clients/{client['id']}/service-account-user") if client.get("serviceAccountsEnabled") else None
        if account:
            rows += _person("account of", account, client["clientId"], ask, f"/users/{account['id']}")
    return sorted(rows)


def _person(noun: str, user: Item, name: str, ask: Callable[[str], Any], path: str) -> list[str]:
    held = ask(f"{path}/role-mappings") or {}
    rows = [f"{noun} {name} {json.dumps(plain(user))}", f"{noun} {name} has {json.dumps(plain(held))}"]
    return [*rows, *(f"{noun} {name} signs in by {item['type']}" for item in ask(f"{path}/credentials") or [])]
