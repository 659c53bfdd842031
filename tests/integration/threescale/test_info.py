# SPDX-License-Identifier: GPL-3.0-or-later
"""The reading twins: what they return is what the modules take, without secrets; and it comes with an export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.integration.threescale.conftest import Runner, Step
from tests.support.standin import Standin

SECRET = "a-very-quiet-client-secret"
SCHEMA = {"name": "own", "version": "1.0", "summary": "Own", "configuration": {"type": "object"}}
BACKEND: dict[str, Any] = {
    "system_name": "told",
    "private_endpoint": "https://told.example.com",
    "metrics": [{"system_name": "tokens"}],
    "mapping_rules": [{"http_method": "GET", "pattern": "/told", "metric": "tokens"}],
}
SSO = {"kind": "keycloak", "client_id": "3scale", "site": "https://sso.example.com/realms/maas", "published": True}
DOC = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}


def test_told_is_taken(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """Each twin tells what was made, and its module has nothing to do with that."""
    master = {"master_url": standin.master_url, "master_token": standin.master_token}
    results = run.done(
        Step("threescale_backend", BACKEND),
        Step("threescale_policy", {"policies": [{"name": "own", "version": "1.0", "schema": SCHEMA}]}),
        Step("threescale_sso_integration", {**SSO, "client_secret": SECRET}),
        Step("threescale_active_doc", {"system_name": "told-doc", "product": "api", "body": DOC}),
        Step("threescale_backend_info", {"backends": ["told"]}),
        Step("threescale_policy_info"),
        Step("threescale_sso_integration_info", {"kinds": ["keycloak"]}),
        Step("threescale_active_doc_info", {"active_docs": ["told-doc"], "content": True}),
        Step("threescale_tenant_info", {**master, "state": "approved"}),
        Step("threescale_export", {"path": str(tmp_path), "parts": ["policies", "sso_integrations"]}),
    )[4:]
    told = [
        next(iter(value for key, value in result.data.items() if isinstance(value, list))) for result in results[:5]
    ]
    (backend,), (policy,), (sso,), (doc,), tenants = told
    assert sso["callback_url"].endswith("/auth/keycloak/callback") and doc["openapi"] == "3.0.3"
    assert standin.tenant in [str(tenant["admin_domain"]).partition("-admin.")[0] for tenant in tenants]
    assert SECRET not in json.dumps(told) and SECRET not in run.output
    taken = [{name: value for name, value in item.items() if name != "id"} for item in (backend, policy)]
    files = {name: yaml.safe_load((tmp_path / f"{name}.yml").read_text()) for name in ("policies", "sso_integrations")}
    assert files["policies"] == [taken[1]] and SECRET not in str(files)
    again = run(
        Step("threescale_backend", {"backends": [taken[0]]}),
        Step("threescale_policy", {"policies": files["policies"]}),
        Step("threescale_sso_integration", {"sso_integrations": files["sso_integrations"]}),
        Step("threescale_backend_info", {"backends": ["nowhere"]}),
    )
    assert not [result.message for result in again[:3] if result.failed or result.changed]
    assert "backends: there is no backend 'nowhere'" in again[3].message


def test_two_objects_of_one_name(standin: Standin, run: Runner) -> None:
    """The same one is compared, changed and reported, and a warning says so; the other stays as it is."""
    path, whose = f"{standin.admin_url}/admin/api/account_plans.json", ("", standin.token)
    for system_name in ("first-twin", "second-twin"):
        made = requests.post(path, json={"name": "Twin", "system_name": system_name}, auth=whose, timeout=10)
        assert made.status_code == 201
    wanted = {"account_plans": [{"name": "Twin", "published": True}]}
    changed, again = run.done(Step("threescale_provider", wanted), Step("threescale_provider", wanted))
    assert changed.actions == ["update account plan Twin"] and not again.changed
    for result in (changed, again):
        assert "there are 2 objects account plan 'Twin' on the server" in str(result.data["warnings"])
    plans = [row["account_plan"] for row in requests.get(path, auth=whose, timeout=10).json()["plans"]]
    assert [plan["state"] for plan in plans if plan["name"] == "Twin"] == ["published", "hidden"]
