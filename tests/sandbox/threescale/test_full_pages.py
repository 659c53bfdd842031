# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists with exactly as many objects as a page holds at most, and with one more."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api

Made = dict[str, Any]
UNIQUE = (
    "system_name",
    "path",
    "period",
    "pattern",
    "identifier",
    "friendly_id",
    "user_key",
    "application_id",
    "version",
)
_numbers = itertools.count(1)


def clone(server: Server, table: str, row: Made, count: int) -> None:
    """So many more rows like this one; what must be unique is."""
    with server.sandbox.db.transaction():
        for _ in range(count):
            values = {name: value for name, value in row.items() if name not in ("id", "created_at", "updated_at")}
            number = next(_numbers)
            for name in UNIQUE:
                if isinstance(values.get(name), str):
                    values[name] = f"{values[name]}{number}"
                elif isinstance(values.get(name), int):
                    values[name] += number
            server.sandbox.db.insert(table, **values)


def _usage_of_clones(server: Server, count: int) -> None:
    """One usage for each of so many backends more: a backend is used once by a product."""
    db = server.sandbox.db
    backend, usage = db.where("backend_apis")[-1], db.where("backend_api_configs")[-1]
    clone(server, "backend_apis", backend, count)
    with db.transaction():
        for row in db.where("backend_apis")[-count:]:
            path = f"/p{row['id']}"
            ours = {"service_id": usage["service_id"], "tenant_id": usage["tenant_id"]}
            db.insert("backend_api_configs", backend_api_id=row["id"], path=path, **ours)


def _limits(api: Api, made: Made) -> str:
    plan = api.make(f"/admin/api/services/{made['service']}/application_plans.json", {"name": "P1"}, "application_plan")
    path = f"/admin/api/application_plans/{plan['id']}"
    api.make(f"{path}/metrics/{made['metric']}/limits.json", {"period": "day", "value": 1}, "limit")
    return f"{path}/limits"


def _rules(api: Api, made: Made) -> str:
    path = f"/admin/api/backend_apis/{made['backend']}/mapping_rules"
    rule = {"http_method": "GET", "pattern": "/a", "delta": 1, "metric_id": made["backend_metric"]}
    api.make(f"{path}.json", rule, "mapping_rule")
    return path


def _pages(api: Api, made: Made) -> str:
    assert made
    status, _page = api.call(
        "POST", "/admin/api/cms/templates.json", {"type": "page", "title": "page", "path": "/page"}
    )
    assert status == 201
    return "/admin/api/cms/templates"


def _configs(api: Api, made: Made) -> str:
    assert api.call("POST", f"/admin/api/services/{made['service']}/proxy/deploy.json")[0] == 201
    return "/admin/api/account/proxy_configs/sandbox"


def at(path: str) -> Callable[[Api, Made], str]:
    return lambda _api, made: path.format(**made)


# table -> where it is listed, under which key ("" for a bare array), whether a longer list says how long it is, page
LISTS: dict[str, tuple[Callable[[Api, Made], str], str, bool, int]] = {
    "services": (at("/admin/api/services"), "services", True, 500),
    "backend_apis": (at("/admin/api/backend_apis"), "backend_apis", False, 500),
    "backend_api_configs": (at("/admin/api/services/{service}/backend_usages"), "", False, 500),
    "metrics": (at("/admin/api/backend_apis/{backend}/metrics"), "metrics", True, 500),
    "proxy_rules": (_rules, "mapping_rules", False, 500),
    "usage_limits": (_limits, "limits", True, 500),
    "accounts": (at("/admin/api/accounts"), "accounts", True, 500),
    "applications": (at("/admin/api/applications"), "applications", True, 500),
    "proxy_configs": (_configs, "proxy_configs", True, 500),
    "cms_templates": (_pages, "collection", True, 100),
}


@pytest.mark.parametrize("table", LISTS)
def test_a_full_page_and_one_more(api: Api, server: Server, product: Made, table: str) -> None:
    where, key, metadata, page = LISTS[table]
    backend = api.get("/admin/api/backend_apis.json")["backend_apis"][-1]["backend_api"]["id"]
    made = {
        "service": product["id"],
        "backend": backend,
        "metric": api.get(f"/admin/api/services/{product['id']}/metrics.json")["metrics"][0]["metric"]["id"],
        "backend_metric": api.get(f"/admin/api/backend_apis/{backend}/metrics.json")["metrics"][0]["metric"]["id"],
    }
    path = where(api, made)

    def listed(number: int) -> Any:
        found = api.get(f"{path}.json?per_page={page}&page={number}")
        return found if key else {"": found}

    def more(count: int) -> None:
        if table == "backend_api_configs":
            _usage_of_clones(server, count)
        else:
            clone(server, table, server.sandbox.db.where(table)[-1], count)

    more(page - len(listed(1)[key]))
    full = listed(1)
    assert (len(full[key]), "metadata" in full, listed(2)[key]) == (page, False, [])
    more(1)
    longer = listed(1)
    assert (len(longer[key]), len(listed(2)[key])) == (page, 1)
    numbers = {"per_page": page, "total_entries": page + 1, "total_pages": 2, "current_page": 1}
    assert longer.get("metadata") == (numbers if metadata else None)
