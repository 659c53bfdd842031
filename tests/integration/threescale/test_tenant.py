# SPDX-License-Identifier: GPL-3.0-or-later
"""threescale_tenant: made with a token that is kept, waited for, suspended, told apart from a namesake, removed."""

from __future__ import annotations

import stat
from pathlib import Path

import requests

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import Standin


def test_tenant(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """A tenant is made, suspended, resumed, removed only with force; its token lands in a file of its owner's."""
    master = {"master_url": standin.master_url, "master_token": standin.master_token}
    tenant = {
        "org_name": "Department",
        "username": "owner",
        "email": "owner@example.com",
        "password": "a-Long-passw0rd",
        "token_path": str(tmp_path / "token"),
    }
    results = run.done(*protocol("threescale_tenant", {**master, "tenants": [tenant]}))
    assert_protocol(results, "create tenant Department")
    file = tmp_path / "token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and len(file.read_text().strip()) > 30
    assert file.read_text().strip() not in run.output
    suspended = {"org_name": "Department", "state": "suspended"}
    assert_protocol(
        run.done(*protocol("threescale_tenant", {**master, "tenants": [suspended]})), "suspend tenant Department"
    )
    gone = {"org_name": "Department", "state": "absent"}
    (refused,) = run(Step("threescale_tenant", {**master, "tenants": [gone]}))
    assert "Set force: true" in refused.message
    assert_protocol(
        run.done(*protocol("threescale_tenant", {**master, "tenants": [{**gone, "force": True}]})),
        "delete tenant Department",
    )


def test_new_tenant_is_waited_for(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """A tenant fresh from the master API has neither settings nor portal until background jobs have made them."""
    tenant = {
        "org_name": "Brand new",
        "username": "fresh",
        "email": "fresh@example.com",
        "password": "a-Long-passw0rd",
        "token_path": str(tmp_path / "token"),
        "token": {"scopes": ["account_management", "cms", "stats"]},
    }
    master = {"master_url": standin.master_url, "master_token": standin.master_token}
    lost, made, again = run(
        Step("threescale_tenant", {**master, "tenants": [{**tenant, "token_path": str(tmp_path / "nowhere/token")}]}),
        Step("threescale_tenant", {**master, "tenants": [tenant]}),
        Step("threescale_tenant", {**master, "tenants": [tenant]}),
    )
    assert "make it first, the token is kept there" in lost.message and lost.writes == 0
    assert made.changed and not again.changed, made.message
    host = made.data["tenants"][0]["admin_domain"]
    address = {
        "threescale_url": f"{standin.url}/_host/{host}",
        "access_token": (tmp_path / "token").read_text().strip(),
        "retries": 0,
    }
    there = requests.get(
        f"{address['threescale_url']}/admin/api/settings.json", auth=("", str(address["access_token"])), timeout=10
    )
    assert there.status_code == 200
    portal = {"content": [{"type": "partial", "system_name": "submenu", "content": "<nav/>"}]}
    settings, filled, usage = run.done(
        Step("threescale_provider", {**address, "settings": {"public_search": True}}),
        Step("threescale_portal", {**address, **portal}),
        Step("threescale_usage_info", {**address, "period": "day", "products": ["api"]}),
    )
    assert settings.actions == ["update settings tenant"] and settings.reads == 2
    assert filled.actions == ["update builtin_partial submenu"]
    assert usage.data["usage"]
    assert str(address["access_token"]) not in run.output


def test_living_tenant_counts(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """Of a deleted and a living tenant of one name the living one is meant."""
    master = {"master_url": standin.master_url, "master_token": standin.master_token, "wait": False}
    tenant = {"org_name": "Twice", "username": "twice", "email": "t@example.com", "password": "a-Long-passw0rd"}
    tenant["token_path"] = str(tmp_path / "token")
    gone = {"org_name": "Twice", "state": "absent", "force": True}
    run.done(
        Step("threescale_tenant", {**master, "tenants": [tenant]}),
        Step("threescale_tenant", {**master, "tenants": [gone]}),
    )
    body = {"org_name": "Twice", "username": "second", "email": "s@example.com", "password": "a-Long-passw0rd"}
    path = f"{standin.master_url}/master/api/providers.json"
    made = requests.post(path, json=body, auth=("", standin.master_token), timeout=10).json()["signup"]["account"]
    kept, removed, again = run.done(
        Step("threescale_tenant", {**master, "tenants": [{"org_name": "Twice"}]}),
        Step("threescale_tenant", {**master, "tenants": [gone]}),
        Step("threescale_tenant", {**master, "tenants": [gone]}),
    )
    assert not kept.changed and kept.data["tenants"][0]["id"] == made["id"]
    assert removed.changed and not again.changed
