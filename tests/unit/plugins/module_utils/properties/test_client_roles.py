# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles of clients: any list becomes any other, and roles of the realm of the same names stay what they are."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st

from tests.support.model.keycloak import Keycloak
from tests.support.model.run import TRIED
from tests.support.model.server import Row
from tests.unit.plugins.module_utils.properties.test_keycloak import MAAS, STATES, TEXTS, keep, some, started

NAMES = st.sampled_from(("reader", "may/write"))
BASE = {"name": "base", "client_id": "app"}
PARTS = st.lists(st.sampled_from(({"name": "reader"}, BASE)), max_size=2, unique_by=lambda part: part["name"])
ROLES = st.lists(
    some(
        {"description": TEXTS},
        name=NAMES, client_id=st.just("app"), state=STATES,
        composites=st.none() | PARTS, prune_composites=st.booleans(),
    ),
    min_size=1, max_size=2, unique_by=lambda item: item["name"],
)  # fmt: skip


def clients_roles(model: Keycloak) -> dict[str, Row]:
    """The roles of the client, by name."""
    number = next(row["id"] for row in model.rows[f"{MAAS}/clients"] if row["clientId"] == "app")
    return {row["name"]: row for row in model.rows.get(f"{MAAS}/clients/{number}/roles", [])}


def parts_of(model: Keycloak, role: Row) -> set[tuple[str, bool]]:
    """What a role is put together of: names, and whether they are a client's."""
    rows = model.rows.get(f"{MAAS}/roles-by-id/{role['id']}/composites", [])
    return {(row["name"], bool(row.get("clientRole"))) for row in rows}


@TRIED
@given(st.lists(ROLES, min_size=2, max_size=3), st.integers(0, 999))
def test_any_list_of_client_roles_becomes_any_other(steps: list[list[Row]], seed: int) -> None:
    model = started()
    keep(model, "clients", [{"client_id": "app", "state": "present"}], 0)
    keep(model, "roles", [{**BASE, "state": "present"}, {"name": "reader", "state": "present"}], 0)
    for items in steps:
        before, realm = copy.deepcopy(clients_roles(model)), copy.deepcopy(model.rows[f"{MAAS}/roles"])
        held = {name: parts_of(model, role) for name, role in before.items()}
        keep(model, "roles", items, seed)
        now, named = clients_roles(model), {item["name"]: item for item in items}
        assert model.rows[f"{MAAS}/roles"] == realm
        assert {name: row for name, row in now.items() if name not in named} == {
            name: row for name, row in before.items() if name not in named
        }
        for name, item in named.items():
            assert (name in now) is (item["state"] == "present")
            if item["state"] == "absent" or item.get("composites") is None:
                continue
            asked = {(part["name"], "client_id" in part) for part in item["composites"]}
            kept = set() if item.get("prune_composites") else held.get(name, set())
            assert parts_of(model, now[name]) == asked | kept
            assert item.get("description") in (None, now[name].get("description"))
