# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry, fields, documents, providers, settings, tenants and the portal: any wanted state is reached."""

from __future__ import annotations

import copy
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale import (
    active_docs,
    field_definitions,
    policies,
    provider,
    sso,
    tenants,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal import portals, tables
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from tests.support.model.run import TRIED, bring, filled
from tests.support.model.server import Row
from tests.support.model.tenant import CMS, TENANTS, Master, Tenant


def lists(entry: st.SearchStrategy[Row], *key: str) -> st.SearchStrategy[list[Row]]:
    return st.lists(entry, max_size=5, unique_by=lambda item: tuple(item[name] for name in key))


POLICY = st.fixed_dictionaries(
    {"name": st.sampled_from("ab"), "version": st.sampled_from(("0.1", "0.2")), "summary": st.sampled_from("xyz"),
     "state": st.sampled_from(("present", "present", "absent"))}
).map(lambda item: {
    "name": item["name"], "version": item["version"], "state": item["state"],
    "schema": {"name": item["name"], "version": item["version"], "summary": item["summary"], "configuration": {}},
})  # fmt: skip
FIELD = st.fixed_dictionaries(
    {"target": st.sampled_from(("account", "user", "application")),
     "name": st.sampled_from(("vat", "team", "org_code")),
     "label": st.sampled_from((None, "One", "Two")), "choices": st.sampled_from((None, [], ["a", "b"])),
     "state": st.sampled_from(("present", "present", "absent")), "hidden": st.sampled_from((None, True, False))}
)  # fmt: skip
DOC = st.fixed_dictionaries(
    {"system_name": st.sampled_from(("doc-a", "doc-b", "doc-c")), "name": st.sampled_from((None, "One", "Two")),
     "body": st.sampled_from(({"openapi": "3.0.0", "info": {"title": "a", "version": "1"}}, {"swagger": "2.0"})),
     "published": st.sampled_from((None, True, False)), "state": st.sampled_from(("present", "present", "absent"))}
)  # fmt: skip
SSO = st.fixed_dictionaries(
    {"kind": st.sampled_from(("keycloak", "github", "auth0")), "client_id": st.sampled_from(("one", "two")),
     "client_secret": st.sampled_from(("secret-one", "secret-two")), "site": st.sampled_from(("https://a", "https://b")),
     "published": st.sampled_from((None, True, False)), "state": st.sampled_from(("present", "unpublished"))}
)  # fmt: skip
KINDS: list[Any] = [
    (policies, policies.plan_policies, "policies", lists(POLICY, "name", "version"), "/admin/api/registry/policies"),
    (field_definitions, field_definitions.plan_definitions, "fields", lists(FIELD, "target", "name"),
     "/admin/api/fields_definitions"),
    (active_docs, active_docs.plan_active_docs, "active_docs", lists(DOC, "system_name"), "/admin/api/active_docs"),
    (sso, sso.plan_sso, "sso_integrations", lists(SSO, "kind"), "/admin/api/authentication_providers"),
]  # fmt: skip


def keep(model: Any, module: Any, planner: Any, params: Row, seed: int) -> None:
    given_ = filled(module.OPTIONS, params)
    session = Session(None, model) if isinstance(model, Master) else Session(model)
    bring(model, session, planner, given_, {}, seed)
    session = Session(None, model) if isinstance(model, Master) else Session(model)
    again = planner(session, given_)
    assert [(c.action, c.noun, c.key, c.before, c.after) for c in again.changes] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[2])
def test_any_list_becomes_any_other(kind: Any) -> None:
    """Entries that are not named are left as they are; the others are as wanted."""
    module, planner, option, strategy, path = kind

    @TRIED
    @given(strategy, strategy, st.integers(0, 999))
    def run(first: list[Row], then: list[Row], seed: int) -> None:
        model = Tenant()
        keep(model, module, planner, {option: first}, seed)
        before = copy.deepcopy(model.rows.get(path, []))
        number = model.number
        keep(model, module, planner, {option: then}, seed)
        now = {row["id"]: row for row in model.rows.get(path, [])}
        changed = {row["id"] for row in before if now.get(row["id"]) != row}
        made = {key for key in now if key > number}
        assert len(changed | made) <= len(then)
        wanted = [item for item in then if item.get("state") != "absent"]
        if option == "sso_integrations":
            wanted = [item for item in wanted if item["state"] == "present"]
        for item in wanted:
            parts = ("name", "system_name", "kind", "version", "label", "client_id", "hidden", "choices")
            names = [name for name in parts if item.get(name) is not None]
            assert any(all(row.get(name) == item[name] for name in names) for row in now.values()), item

    run()


@TRIED
@given(st.data(), st.integers(0, 999))
def test_the_tenant_s_own_account(data: Any, seed: int) -> None:
    model = Tenant()
    flags = st.sampled_from((None, True, False))
    plans = st.lists(st.sampled_from(("Default", "Gold", "New")), unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: st.booleans() for name in names}).map(
            lambda found: [
                {"name": name, "published": shown, "default": name == names[0], "features": ["swift"] * (not shown)}
                for name, shown in found.items()
            ]
        )
    )
    wanted = st.fixed_dictionaries(
        {"from_email": st.sampled_from((None, "a@example.com", "b@example.com")), "account_plans": plans,
         "features": st.sampled_from(([{"system_name": "swift"}], [{"system_name": "swift", "name": "Swift"}])),
         "settings": st.fixed_dictionaries(dict.fromkeys(("signups_enabled", "hide_service", "enforce_sso"), flags))}
    )  # fmt: skip
    for step in data.draw(st.lists(wanted, min_size=2, max_size=3)):
        before = dict(model.settings)
        keep(model, provider, provider.plan_provider, step, seed)
        asked = {name: value for name, value in step["settings"].items() if value is not None}
        assert model.settings == {**before, **asked}
        rows = {row["name"]: row for row in model.rows["/admin/api/account_plans"]}
        for plan in step["account_plans"]:
            assert (rows[plan["name"]]["state"] == "published") is plan["published"]
            assert not plan["default"] or rows[plan["name"]]["default"]
            held = model.rows.get(f"/admin/api/account_plans/{rows[plan['name']]['id']}/features", [])
            assert [row["system_name"] for row in held] == plan["features"]


@TRIED
@given(st.data(), st.integers(0, 999))
def test_tenants_reach_their_state(data: Any, seed: int) -> None:
    """Of a deleted and a living tenant of one name the living one counts."""
    model = Master()
    rows = [model.tenant(name) for name in ("one", "one", "two", "three")]
    rows[0]["state"] = "scheduled_for_deletion"
    wanted = lists(
        st.fixed_dictionaries(
            {"org_name": st.sampled_from(("one", "two", "three")), "force": st.just(True),
             "state": st.sampled_from(("present", "suspended", "absent")),
             "from_email": st.sampled_from((None, "a@example.com", "b@example.com"))}
        ), "org_name",
    )  # fmt: skip
    for step in data.draw(st.lists(wanted, min_size=2, max_size=4)):
        before = copy.deepcopy(model.rows[TENANTS])
        keep(model, tenants, tenants.plan_tenants, {"tenants": step}, seed)
        named = {item["org_name"]: item for item in step}
        for old, row in zip(before[1:], model.rows[TENANTS][1:]):
            item = named.get(row["org_name"])
            if item is None:
                assert row == old
                continue
            reached = {"present": "approved", "absent": "scheduled_for_deletion"}.get(item["state"], item["state"])
            if old["state"] != "scheduled_for_deletion" or row["org_name"] != "one":
                assert row["state"] == reached
                assert item["state"] == "absent" or item["from_email"] in (None, row.get("from_email"))


@st.composite
def portal(draw: Any) -> list[Row]:
    """Wanted items of a portal, that name each other and nothing else."""
    layouts = draw(st.sets(st.sampled_from(("wide", "narrow"))))
    sections = draw(st.sets(st.sampled_from(("docs", "news"))))
    texts = st.sampled_from(("one", "two", "three"))
    items: list[Row] = [{"type": "layout", "system_name": name, "title": draw(texts), "content": "x {% content %}"}
                        for name in sorted(layouts)]  # fmt: skip
    titles = list(draw(st.permutations(("one", "two", "three"))))
    for name in sorted(sections):
        items.append({"type": "section", "system_name": name, "parent": "root", "title": titles.pop()})
    for path in draw(st.sets(st.sampled_from(("/a", "/b", "/c/d")))):
        items.append({
            "type": "page", "path": path, "title": draw(texts), "content": draw(texts),
            "layout": draw(st.sampled_from((None, "", "main_layout", *sorted(layouts)))),
            "section": draw(st.sampled_from((None, "root", *sorted(sections)))),
        })  # fmt: skip
    for name in draw(st.sets(st.sampled_from(("menu", "users_menu")), min_size=1)):
        items.append({"type": "partial", "system_name": name, "content": draw(texts)})
    for path in draw(st.sets(st.sampled_from(("/f.png", "/g.png")))):
        items.append({"type": "file", "path": path, "content": draw(texts), "downloadable": draw(st.booleans())})
    return items


def test_two_sections_of_one_title_are_refused() -> None:
    """Those that are wanted, and one that is there and keeps its title."""
    model = Tenant()
    sections = [{"type": "section", "system_name": name, "title": "Docs", "parent": "root"} for name in ("aa", "bb")]
    with pytest.raises(RefusalError, match="section 'bb' shall have the title of section 'aa'"):
        portals.plan_portal(Session(model), filled(tables.OPTIONS, {"content": sections}))
    _keep_portal(model, {"content": sections[:1]}, 0)
    with pytest.raises(RefusalError, match="section 'bb' shall have the title of section 'aa'"):
        portals.plan_portal(Session(model), filled(tables.OPTIONS, {"content": sections[1:]}))
    swapped = [{**sections[0], "title": "News"}, sections[1]]
    _keep_portal(model, {"content": swapped}, 0)


@TRIED
@given(portal(), portal(), st.booleans(), st.integers(0, 999))
def test_any_portal_becomes_any_other(first: list[Row], then: list[Row], publish: bool, seed: int) -> None:
    """Texts, links, files; what is pruned goes, a layout that a kept page uses is refused or stays."""
    model = Tenant()

    def download(_session: Any, _url: Any, paths: Any, _otherwise: str) -> list[bytes]:
        there = {row["path"]: row["content"] for row in model.rows[CMS + "/files"]}
        return [str(there[path]).encode() for path in paths]

    with patch.object(portals, "download", download):
        _keep_portal(model, {"content": first, "publish": True}, seed)
        builtin = [dict(row) for row in model.rows[CMS + "/templates"] if row["type"] == "builtin_page"]
        written = len(model.writes_done)
        try:
            _keep_portal(model, {"content": then, "publish": publish, "prune": ["/", "wide", "narrow", "menu"]}, seed)
        except RefusalError as refusal:
            assert len(model.writes_done) == written
            kept = any(item["type"] == "page" and item["layout"] is None for item in then)
            assert kept or "shall have the title of section" in str(refusal), refusal
            return
    templates = {(row["type"], row.get("path") or row["system_name"]): row for row in model.rows[CMS + "/templates"]}
    for item in then:
        if item["type"] in ("page", "layout", "partial"):
            name = item.get("path") or item["system_name"]
            row = templates.get((item["type"], name)) or templates[("builtin_partial", name)]
            shown = row["published"] if publish or row["draft"] is None else row["draft"]
            assert shown == item["content"] and not (publish and row["draft"])
    wanted = {item["path"] for item in then if item["type"] == "page"}
    assert {row["path"] for row in templates.values() if row["type"] == "page"} == wanted
    files = {row["path"]: row["content"] for row in model.rows.get(CMS + "/files", [])}
    assert files == {item["path"]: item["content"] for item in then if item["type"] == "file"}
    assert [dict(row) for row in model.rows[CMS + "/templates"] if row["type"] == "builtin_page"] == builtin


def _keep_portal(model: Tenant, params: Row, seed: int) -> None:
    given_ = filled(tables.OPTIONS, params)
    bring(model, Session(model), portals.plan_portal, given_, {}, seed)
    again = portals.plan_portal(Session(model), given_)
    assert [(c.action, c.noun, c.key, c.before, c.after) for c in again.changes] == []
