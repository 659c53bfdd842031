# SPDX-License-Identifier: GPL-3.0-or-later
"""New tenants with their tokens, and a tenant's users, tokens and webhook: any wanted state is reached."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale import (
    access_tokens,
    tenant_users,
    tenants,
    webhooks,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from tests.support.model.own import SCOPES, TOKENS, USERS, Makers, Own
from tests.support.model.run import TRIED, bring, filled
from tests.support.model.server import Row
from tests.support.model.tenant import TENANTS


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield


def keep(session: Any, model: Any, module: Any, planner: Any, params: Row, seed: int) -> None:
    """Bring a model to the wanted state; planning again gives nothing."""
    given_ = filled(module.OPTIONS, params)
    bring(model, session(), planner, given_, getattr(module, "TASKS", {}), seed)
    again = planner(session(), given_)
    assert [(c.action, c.noun, c.key, c.before, c.after) for c in again.changes] == []


SCOPE_LISTS = st.lists(st.sampled_from(SCOPES[1:]), unique=True, min_size=1).map(lambda more: [SCOPES[0], *more])
TENANT = st.fixed_dictionaries(
    {"org_name": st.sampled_from(("One", "Two", "Three")), "from_email": st.sampled_from((None, "a@example.com")),
     "state": st.sampled_from(("present", "suspended", "absent")), "force": st.just(True),
     "token": st.none() | st.fixed_dictionaries({"name": st.just("own"), "scopes": SCOPE_LISTS})}
)  # fmt: skip


@TRIED
@given(st.data(), st.integers(0, 999))
def test_new_tenants(data: Any, seed: int) -> None:
    """Each is made once, in its state, and its file holds a token that opens what was asked for."""
    model = Makers()
    stranger = model.tenant("Stranger")
    steps = st.lists(st.lists(TENANT, max_size=3, unique_by=lambda item: item["org_name"]), min_size=2, max_size=3)

    def client(_master: Any, account: Row, token: str) -> Own:
        own = model.tenants[account["id"]]
        assert token in own.values.values()
        return own

    with tempfile.TemporaryDirectory() as folder, patch.object(tenants, "tenant_client", client):
        for step in data.draw(steps):
            before, known = copy.deepcopy(model.rows[TENANTS]), {row["org_name"] for row in model.rows[TENANTS]}
            items = [{**item, "username": "owner", "email": f"{item['org_name']}@example.com", "password": "secret-1",
                      "token_path": f"{folder}/{item['org_name']}"} for item in step]  # fmt: skip
            keep(
                lambda: Session(None, model),
                model,
                tenants,
                tenants.plan_tenants,
                {"tenants": items, "wait": False},
                seed,
            )
            rows = {row["org_name"]: row for row in model.rows[TENANTS]}
            assert len(rows) == len(model.rows[TENANTS]) and rows["Stranger"] == stranger
            named = {item["org_name"] for item in step}
            assert [row for row in before if row["org_name"] not in named] == [
                row for row in model.rows[TENANTS] if row["org_name"] not in named
            ]
            for item in step:
                _as_wanted(model, item, rows.get(item["org_name"]), Path(folder), item["org_name"] in known)


def _as_wanted(model: Makers, item: Row, row: Row | None, folder: Path, known: bool) -> None:
    if row is None:
        assert item["state"] == "absent" and not (folder / item["org_name"]).exists()
        return
    reached = {"present": "approved", "absent": "scheduled_for_deletion"}.get(item["state"], item["state"])
    assert row["state"] == reached
    own = model.tenants[row["id"]]
    held = (folder / item["org_name"]).read_text().strip()
    opened = next(token for token in own.rows[TOKENS] if own.values[token["id"]] == held)
    if item["token"] and item["state"] != "absent" and not (known and item["state"] == "suspended"):
        assert any(token["scopes"] == item["token"]["scopes"] for token in own.rows[TOKENS])
        assert known or opened["scopes"] == item["token"]["scopes"]


USER = st.fixed_dictionaries(
    {"username": st.sampled_from(("ann", "bob", "cleo")), "state": st.sampled_from(("active", "suspended", "absent")),
     "role": st.sampled_from((None, "admin", "member")), "mail": st.sampled_from("xy"),
     "sections": st.sampled_from((None, [], ["plans"], ["plans", "portal"])),
     "products": st.sampled_from((None, [], ["api"]))}
)  # fmt: skip


@TRIED
@given(st.lists(st.lists(USER, max_size=3, unique_by=lambda item: item["username"]), min_size=2, max_size=3),
       st.integers(0, 999))  # fmt: skip
def test_users_of_a_tenant(steps: list[list[Row]], seed: int) -> None:
    """Role, state and permissions; who is not named stays as is, and administrators have no limits."""
    model = Own()
    model.rows["/admin/api/services"] = [{"id": model.next(), "system_name": "api"}]
    for step in steps:
        items = [{**item, "email": f"{item['username']}-{item['mail']}@example.com"} for item in step]
        for item in items:
            item.pop("mail")
        before, written = copy.deepcopy(model.rows[USERS]), len(model.writes_done)
        try:
            keep(lambda: Session(model), model, tenant_users, tenant_users.plan_tenant_users, {"users": items}, seed)
        except RefusalError as refusal:
            assert "administrator" in str(refusal) and len(model.writes_done) == written
            continue
        rows = {row["username"]: row for row in model.rows[USERS]}
        named = {item["username"] for item in items}
        assert [row for row in before if row["username"] not in named] == [
            row for name, row in rows.items() if name not in named
        ]
        for item in items:
            row = rows.get(item["username"])
            if item["state"] == "absent":
                assert row is None
                continue
            assert row and (row["state"], row["email"]) == (item["state"], item["email"])
            assert item["role"] in (None, row["role"])
            permissions = model.permissions.get(row["id"], {"allowed_sections": [], "allowed_service_ids": None})
            assert item["sections"] in (None, permissions["allowed_sections"])
            ids = [model.rows["/admin/api/services"][0]["id"]] if item["products"] else item["products"]
            assert item["products"] is None or permissions["allowed_service_ids"] == ids


TOKEN = st.fixed_dictionaries(
    {"name": st.sampled_from(("metering", "portal")), "scopes": SCOPE_LISTS,
     "state": st.sampled_from(("present", "absent")), "permission": st.sampled_from(("ro", "rw"))}
)  # fmt: skip


@TRIED
@given(st.lists(st.lists(TOKEN, max_size=2, unique_by=lambda item: item["name"]), min_size=2, max_size=4),
       st.integers(0, 999))  # fmt: skip
def test_access_tokens(steps: list[list[Row]], seed: int) -> None:
    """One of a name, whose value is in its file; no token dies before its successor is kept."""
    model = Own()
    model.rows[TOKENS] = [{"id": model.next(), "name": "other", "scopes": ["stats"], "permission": "ro"}]
    model.values[model.number] = "of somebody else"
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in ("metering", "portal")}

        def watch() -> None:
            values = {model.values[row["id"]] for row in model.rows[TOKENS]}
            assert all(not file.exists() or not file.read_text() or file.read_text().strip() in values | gone
                       for file in files.values())  # fmt: skip

        gone: set[str] = set()
        model.watch = watch
        for step in steps:
            items = [{**item, "token_path": str(files[item["name"]])} for item in step]
            gone |= {files[item["name"]].read_text().strip() for item in step
                     if item["state"] == "absent" and files[item["name"]].exists()}  # fmt: skip
            keep(
                lambda: Session(model), model, access_tokens, access_tokens.plan_access_tokens, {"tokens": items}, seed
            )
            for item in step:
                rows = [row for row in model.rows[TOKENS] if row["name"] == item["name"]]
                assert len(rows) == (item["state"] == "present")
                if rows:
                    assert (set(rows[0]["scopes"]), rows[0]["permission"]) == (set(item["scopes"]), item["permission"])
                    assert files[item["name"]].read_text().strip() == model.values[rows[0]["id"]]
        assert [row["name"] for row in model.rows[TOKENS]].count("other") == 1


HOOK = st.fixed_dictionaries(
    {"url": st.sampled_from((None, "", "https://one.example.com", "https://two.example.com/x")),
     "active": st.sampled_from((None, True, False)), "provider_actions": st.sampled_from((None, True, False)),
     "events": st.none() | st.lists(st.sampled_from(webhooks.EVENTS), unique=True)}
)  # fmt: skip


@TRIED
@given(st.lists(HOOK, min_size=2, max_size=4), st.integers(0, 999))
def test_webhook(steps: list[Row], seed: int) -> None:
    """The tenant's one webhook; an active one without an address is refused before any write."""
    model = Own()
    for step in steps:
        before = dict(model.webhook)
        try:
            keep(lambda: Session(model), model, webhooks, webhooks.plan_webhook, step, seed)
        except RefusalError as refusal:
            assert str(refusal).startswith("url: ") and model.webhook == before
            continue
        for name in ("url", "active", "provider_actions"):
            assert step[name] is None or (model.webhook.get(name) or "") == (step[name] or "")
        chosen = {event for event in webhooks.EVENTS if model.webhook.get(f"{event}_on")}
        assert step["events"] is None or chosen == set(step["events"])
