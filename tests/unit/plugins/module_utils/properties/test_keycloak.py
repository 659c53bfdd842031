# SPDX-License-Identifier: GPL-3.0-or-later
"""Realms, clients, scopes, roles, groups, identity providers and users: any wanted state is reached and stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Plan
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import (
    client,
    group,
    provider,
    realm,
    role,
    scope,
    user,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.many import plan_each
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session
from tests.support.model.keycloak import REALMS, Keycloak
from tests.support.model.run import TRIED, bring, filled
from tests.support.model.server import Row

MAAS = f"{REALMS}/maas"
TEXTS = st.sampled_from(("one", "two", "three"))
STATES = st.sampled_from(("present", "present", "present", "absent"))
MAPS = st.sampled_from((None, {"a": "1"}, {"b": True, "a": ""}, {"c": 3}))


def some(options: dict[str, st.SearchStrategy[Any]], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    """An object with what it must have and some of what it may have."""
    return st.fixed_dictionaries(fixed, optional=options)


MAPPERS = st.lists(
    some({"config": MAPS.filter(bool)}, name=TEXTS, protocol_mapper=st.sampled_from(("kind-a", "kind-b"))),
    unique_by=lambda item: item["name"], max_size=3,
)  # fmt: skip
LISTS = st.permutations(("basic", "email", "phone", "profile")).flatmap(
    lambda names: st.integers(0, 4).map(lambda cut: (list(names[:cut]), list(names[cut:])))
)
CLIENTS = st.tuples(
    some(
        {"name": TEXTS, "redirect_uris": st.lists(TEXTS), "attributes": MAPS, "secret": TEXTS, "enabled": st.booleans(),
         "protocol_mappers": MAPPERS, "prune_protocol_mappers": st.booleans()},
        client_id=st.sampled_from(("portal", "app")), state=STATES,
    ), st.none() | LISTS,
).map(lambda pair: {**pair[0], **({"default_client_scopes": pair[1][0], "optional_client_scopes": pair[1][1],
                                   "keep_basic_scope": False} if pair[1] else {})})  # fmt: skip
ROLES = st.sampled_from(("reader", "writer", "owner")).map(lambda name: {"name": name})
KINDS: dict[str, Any] = {
    "clients": (client.CLIENT, "client", client.plan_client, CLIENTS, ("client_id",)),
    "client_scopes": (scope.SCOPE, "client_scope", scope.plan_scope, some(
        {"description": TEXTS, "attributes": MAPS, "for_new_clients": st.sampled_from(("default", "optional", "no")),
         "protocol_mappers": MAPPERS, "prune_protocol_mappers": st.booleans()},
        name=st.sampled_from(("tier", "team")), state=STATES), ("name",)),
    "roles": (role.ROLES, "role", role.plan_role, some(
        {"description": TEXTS, "composites": st.lists(ROLES, max_size=3), "prune_composites": st.booleans()},
        name=st.sampled_from(("maas user", "maas/admin")), state=STATES), ("name",)),
    "groups": (group.GROUP, "group", group.plan_group, some(
        {"attributes": MAPS, "roles": st.lists(ROLES, max_size=3), "prune_roles": st.booleans()},
        path=st.sampled_from(("/dev", "ops/")), state=STATES), ("path",)),
    "identity_providers": (provider.PROVIDER, "identity_provider", provider.plan_identity_provider, some(
        {"display_name": TEXTS, "client_id": TEXTS, "client_secret": TEXTS, "token_url": TEXTS, "config": MAPS,
         "update_secret": st.sampled_from(("always", "on_create")),
         "mappers": st.lists(some({"config": MAPS.filter(bool)}, name=TEXTS, identity_provider_mapper=TEXTS),
                             unique_by=lambda item: item["name"], max_size=3), "prune_mappers": st.booleans()},
        alias=st.sampled_from(("company", "github")), state=STATES), ("alias",)),
    "users": (user.USER, "user", user.plan_user, some(
        {"first_name": TEXTS, "email_verified": st.booleans(), "password": TEXTS, "required_actions": st.lists(TEXTS)},
        username=st.sampled_from(("Dana", "eve")), state=STATES), ("username",)),
}  # fmt: skip


def started() -> Keycloak:
    model = Keycloak()
    given_ = filled({"realms": _list_of(realm.REALM)}, {"realms": [{"realm": "maas"}]})
    bring(model, Session(model, False), _each(realm.REALM, "realm", "realms", realm.plan_realm), given_, realm.TASKS, 0)
    return model


def _list_of(table: Any) -> Field:
    return Field("list", elements="dict", options=table.fields)


def _each(table: Any, one: str, many: str, planner: Any) -> Any:
    def whole(session: Session, params: Row) -> Plan:
        found = plan_each(session, params, table, one, many, planner)
        if planner is role.plan_role:
            role.finish(found)
        return found

    return whole


def keep(model: Keycloak, many: str, items: list[Row], seed: int) -> None:
    table, one, planner, _strategy, _key = KINDS[many]
    given_ = {"realm": "maas", **filled({many: _list_of(table)}, {many: items})}
    plan = _each(table, one, many, planner)
    bring(model, Session(model, False), plan, given_, {}, seed)
    again = plan(Session(model, False), given_)
    left = [(c.action, c.noun, c.key, c.before, c.after) for c in again.changes]
    sent_always = [change for change in left if set(change[4] or ()) == {"client_secret"}]  # it can't be compared
    assert [change for change in left if change not in sent_always] == []


@pytest.mark.parametrize("many", KINDS)
def test_any_list_becomes_any_other(many: str) -> None:
    """What is listed is as wanted, what is not listed stays as it was."""
    table, _one, _planner, strategy, key = KINDS[many]
    lists = st.lists(strategy, max_size=2, unique_by=lambda item: item[key[0]])

    @TRIED
    @given(st.lists(lists, min_size=2, max_size=3), st.integers(0, 999))
    def run(steps: list[list[Row]], seed: int) -> None:
        model = started()
        for items in steps:
            before = copy.deepcopy(model.rows)
            keep(model, many, items, seed)
            check(model, before, many, items)

    run()


def check(model: Keycloak, before: Any, many: str, items: list[Row]) -> None:
    table, _one, _planner, _strategy, (key,) = KINDS[many]
    path = {"groups": MAAS + "/groups", "client_scopes": MAAS + "/client-scopes", "roles": MAAS + "/roles",
            "identity_providers": MAAS + "/identity-provider/instances"}.get(many, f"{MAAS}/{many}")  # fmt: skip
    api = table.fields[key].api or key
    there = {table.fields[key].normal(row[api]): row for row in model.rows.get(path, [])}
    old = {table.fields[key].normal(row[api]): row for row in before.get(path, [])}
    named = {table.fields[key].normal(item[key]): item for item in items}
    assert {name: row for name, row in there.items() if name not in named} == {
        name: row for name, row in old.items() if name not in named
    }
    for name, item in named.items():
        if item["state"] == "absent":
            assert name not in there
            continue
        present = table.from_api(there[name])
        for option, value in item.items():
            entry = table.fields[option]
            if value is not None and not entry.local and entry.type == "dict":
                asked, now = entry.normal(value), entry.normal(present[option])
                assert all(now.get(part, "") == entry_ or entry_ in ("", [""]) for part, entry_ in asked.items())
            elif value is not None and not entry.local:
                assert not entry.differs(value, present[option]), option
        _check_below(model, old.get(name), there[name], path, item)


def _check_below(model: Keycloak, old: Row | None, row: Row, path: str, item: Row) -> None:
    """Mappers, scopes and roles: those that are listed, and without prune those that were there."""
    if item.get("protocol_mappers") is not None:
        listed = {entry["name"] for entry in item["protocol_mappers"]}
        kept = {entry["name"] for entry in (old or {}).get("protocolMappers", [])}
        now = {entry["name"] for entry in row.get("protocolMappers", [])}
        assert now == listed | (set() if item.get("prune_protocol_mappers") else kept)
    if item.get("default_client_scopes") is not None:
        assert sorted(row["defaultClientScopes"]) == sorted(item["default_client_scopes"])
        assert sorted(row["optionalClientScopes"]) == sorted(item["optional_client_scopes"])
    if item.get("client_secret") and old is None:
        assert row["secret"] == item["client_secret"]
    for option, end in (("composites", f"{MAAS}/roles-by-id/{row['id']}/composites"),
                        ("roles", f"{path}/{row['id']}/role-mappings/realm")):  # fmt: skip
        if item.get(option) is not None:
            now = {entry["name"] for entry in model.rows.get(end, [])}
            asked = {entry["name"] for entry in item[option]}
            assert asked <= now and (now == asked or not item.get(f"prune_{option}"))


@TRIED
@given(st.data(), st.integers(0, 999))
def test_a_realm_becomes_as_wanted(data: Any, seed: int) -> None:
    """Settings, the mail server with its password, attributes, what users may have."""
    mail = some(
        {"port": st.sampled_from((25, 587)), "auth": st.booleans(), "user": TEXTS, "password": TEXTS}, host=TEXTS
    )
    wanted = some(
        {"display_name": TEXTS, "enabled": st.booleans(), "access_token_lifespan": st.integers(60, 62), "smtp": mail,
         "attributes": MAPS, "supported_locales": st.lists(st.sampled_from(("en", "de"))),
         "unmanaged_attribute_policy": st.sampled_from(("disabled", "enabled", "admin_view"))},
        realm=st.sampled_from(("maas", "new")),
    )  # fmt: skip
    model = started()
    plan = _each(realm.REALM, "realm", "realms", realm.plan_realm)
    for item in data.draw(st.lists(wanted, min_size=2, max_size=4)):
        other = copy.deepcopy({name: row for name, row in model.realms.items() if name != item["realm"]})
        given_ = filled({"realms": _list_of(realm.REALM)}, {"realms": [item]})
        bring(model, Session(model, False), plan, given_, realm.TASKS, seed)
        again = plan(Session(model, False), given_)
        assert [(c.action, c.noun, c.key, c.before, c.after) for c in again.changes] == []
        assert {name: row for name, row in model.realms.items() if name != item["realm"]} == other
        row = model.realms[item["realm"]]
        assert item.get("display_name") in (None, row.get("displayName"))
        for name, value in item.get("smtp", {}).items():
            assert name == "password" or str(row["smtpServer"][name]).lower() == str(value).lower()
