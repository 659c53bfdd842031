# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages: which lists have them, what odd numbers mean, when metadata is there."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.threescale.http.paging import page_of
from tests.sandbox.threescale.conftest import Api

ROWS: list[dict[str, Any]] = [{"id": number} for number in range(1, 8)]


@pytest.mark.parametrize(
    ("params", "ids", "more"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7], False),
        ({"per_page": "3"}, [1, 2, 3], True),
        ({"per_page": "3", "page": "3"}, [7], True),
        ({"per_page": "3", "page": "9"}, [], True),
        ({"per_page": "3", "page": "-1"}, [1, 2, 3], True),
        ({"per_page": "3", "page": "x"}, [1, 2, 3], True),
        ({"per_page": "0"}, [1, 2, 3, 4, 5, 6, 7], False),
        ({"per_page": "501"}, [1, 2, 3, 4, 5, 6, 7], False),
        ({"per_page": "x"}, [1, 2, 3, 4, 5, 6, 7], False),
    ],
)
def test_numbers(params: dict[str, str], ids: list[int], more: bool) -> None:
    page = page_of(ROWS, params)
    assert [row["id"] for row in page.rows] == ids
    assert page.more is more


PAGED = {"services": True, "backend_apis": False, "accounts": True, "applications": True}


@pytest.mark.parametrize(("name", "metadata"), PAGED.items())
def test_paged_lists(api: Api, product: dict[str, Any], name: str, metadata: bool) -> None:
    api.make(
        "/admin/api/signup.json", {"org_name": "o", "username": "dev", "email": "d@x.io", "password": "p"}, "account"
    )
    whole = api.get(f"/admin/api/{name}.json")
    assert len(whole[name]) >= 2
    assert "metadata" not in whole
    page = api.get(f"/admin/api/{name}.json?per_page=1&page=2")
    assert page[name] == whole[name][1:2]
    wanted = {"per_page": 1, "total_entries": len(whole[name]), "total_pages": len(whole[name]), "current_page": 2}
    assert page.get("metadata") == (wanted if metadata else None)


@pytest.mark.parametrize(
    "path",
    [
        "services/{id}/metrics",
        "services/{id}/proxy/mapping_rules",
        "application_plans",
        "service_plans",
        "users",
        "fields_definitions",
        "services/2/features",
        "active_docs",
        "accounts/3/applications",
        "accounts/3/users",
    ],
)
def test_lists_that_ignore_paging(api: Api, product: dict[str, Any], path: str) -> None:
    path = "/admin/api/" + path.format(id=product["id"]) + ".json"
    assert api.get(path + "?page=7&per_page=1") == api.get(path)


def test_usages_are_a_bare_array_and_paged(api: Api, product: dict[str, Any]) -> None:
    path = f"/admin/api/services/{product['id']}/backend_usages.json"
    assert isinstance(api.get(path), list)
    assert api.get(path + "?page=2&per_page=1") == []
