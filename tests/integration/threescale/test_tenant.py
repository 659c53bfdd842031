# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant and its developers through Ansible: settings, sign-on, policies, documents, keys, subscriptions."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import NEEDS_2_16, Standin

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "API", "version": "1"},
    "servers": [{"url": "https://gateway.example.com:443"}],
    "paths": {"/v1/models": {"get": {"responses": {"200": {"description": "The models"}}}}},
}
SECRET = "walkthrough-client-secret-0123456789"


@pytest.fixture(scope="module")
def developers(standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A tenant with a product that has two plans."""
    run = Runner(standin, tmp_path_factory.mktemp("developers"))
    plans = [{"system_name": "standard", "published": True}, {"system_name": "premium", "published": True}]
    product = {
        "system_name": "granite",
        "application_plans": plans,
        "promotion": "none",
        "service_plans": [{"name": "Default", "published": True}],
    }
    run.done(Step("threescale_product", {"products": [product, {"system_name": "mistral", "promotion": "none"}]}))
    return run


def test_provider(standin: Standin, run: Runner) -> None:
    """What the tenant's own API sets, and what only the master's does; the access code is never shown."""
    wanted = {
        "support_email": "help@example.com",
        "site_access_code": "",
        "org_name": "Parasol",
        "timezone": "Madrid",
        "settings": {"public_search": True},
        "account_plans": [{"name": "Partners", "published": True}],
        "master_url": standin.master_url,
        "master_token": standin.master_token,
    }
    results = run.done(*protocol("threescale_provider", wanted))
    assert_protocol(results)
    assert "update settings tenant" in results[2].actions and "create account plan Partners" in results[2].actions
    assert results[3].data["provider"]["org_name"] == "Parasol"
    assert results[3].data["provider"]["site_access_code_set"] is False
    of_master = {name: wanted[name] for name in ("master_url", "master_token")}
    lacking, nowhere, coded = run(
        Step("threescale_provider", {"timezone": "Madrid"}),
        Step("threescale_provider", {**of_master, "timezone": "Atlantis"}),
        Step("threescale_provider", {"site_access_code": "open-sesame-0123"}),
    )
    assert "give master_url and master_token" in lacking.message
    assert "timezone: there is no time zone 'Atlantis'" in nowhere.message
    assert coded.changed and "open-sesame" not in run.output


def test_sso_integration(run: Runner) -> None:
    """Made with its callback, compared with its secret, which is never shown; what no API changes is said."""
    wanted = {
        "kind": "keycloak",
        "system_name": "rhsso",
        "name": "Company login",
        "client_id": "3scale",
        "client_secret": SECRET,
        "site": "https://sso.example.com/realms/maas",
        "published": True,
        "automatically_approve_accounts": True,
    }
    results = run.done(*protocol("threescale_sso_integration", wanted))
    assert_protocol(results, "create SSO integration keycloak")
    assert results[2].data["sso_integrations"][0]["callback_url"].endswith("/auth/rhsso/callback")
    other = {**wanted, "client_secret": SECRET + "-2"}
    assert_protocol(run.done(*protocol("threescale_sso_integration", other)), "update SSO integration keycloak")
    assert SECRET not in run.output
    renamed, slash = run(
        Step("threescale_sso_integration", {**other, "name": "Other"}),
        Step("threescale_sso_integration", {**other, "site": "https://sso.example.com/realms/maas/"}),
    )
    assert not renamed.changed and "no API changes it" in run.output
    assert "must not end with '/'" in slash.message


def test_policy(run: Runner) -> None:
    """A schema is registered, changed, removed."""
    schema = {
        "name": "remove-bearer",
        "version": "0.1",
        "summary": "Removes Bearer",
        "configuration": {"type": "object"},
    }
    policy = {"name": "remove-bearer", "version": "0.1", "schema": schema}
    absent = {"name": "remove-bearer", "version": "0.1", "state": "absent"}
    key = "remove-bearer 0.1"
    assert_protocol(run.done(*protocol("threescale_policy", {"policies": [policy]})), f"create policy {key}")
    better = {**policy, "schema": {**schema, "summary": "Removes the word Bearer"}}
    assert_protocol(run.done(*protocol("threescale_policy", {"policies": [better]})), f"update policy {key}")
    assert_protocol(run.done(*protocol("threescale_policy", {"policies": [absent]})), f"delete policy {key}")


def test_active_doc(developers: Runner, run: Runner) -> None:
    """Documents are compared parsed, linked to a product, and refused where the server would."""
    doc: dict[str, Any] = {"system_name": "granite", "product": "granite", "published": True, "body": DOCUMENT}
    assert_protocol(run.done(*protocol("threescale_active_doc", doc)), "create active doc granite")
    text = {**doc, "body": "openapi: 3.0.3\ninfo: {title: Better, version: '1'}\npaths: {}\n", "product": ""}
    assert_protocol(run.done(*protocol("threescale_active_doc", text)), "update active doc granite")
    relative, nowhere = run(
        Step("threescale_active_doc", {**doc, "body": {**DOCUMENT, "servers": [{"url": "/v1"}]}}),
        Step("threescale_active_doc", {**doc, "product": "nowhere"}),
    )
    assert "server '/v1' must be an absolute address" in relative.message
    assert "there is no product 'nowhere'" in nowhere.message
    gone = {"system_name": "granite", "state": "absent"}
    assert_protocol(run.done(*protocol("threescale_active_doc", gone)), "delete active doc granite")


def test_account(standin: Standin, run: Runner) -> None:
    """Signed up, renamed, rejected, removed; a lost answer makes no second account."""
    account = {
        "username": "team-a",
        "org_name": "Team A",
        "email": "team-a@example.com",
        "password": "a-Long-passw0rd-nobody-sees",
        "state": "approved",
    }
    assert_protocol(run.done(*protocol("threescale_account", account)), "create account team-a")
    assert "nobody-sees" not in run.output
    other = {**account, "org_name": "Team Alpha", "state": "rejected"}
    assert_protocol(run.done(*protocol("threescale_account", other)), "update account team-a", "reject account team-a")
    standin.faults({"match": {"method": "POST", "path": "signup.json"}, "do": "drop_after", "times": 1})
    (made,) = run(Step("threescale_account", {**account, "username": "team-b", "email": "b@example.com"}))
    (listed,) = run.done(Step("threescale_account_info", {"users": True}))
    assert not made.failed, made.message
    assert len([item for item in listed.data["accounts"] if item["org_name"] == "Team A"]) == 1
    gone = {"username": "team-a", "state": "absent"}
    (refused,) = run(Step("threescale_account", gone))  # the sample product gave it an application
    assert "has 1 live application(s); removing it revokes their keys" in refused.message
    assert_protocol(run.done(*protocol("threescale_account", {**gone, "force": True})), "delete account team-a")


def test_application(developers: Runner, run: Runner) -> None:
    """A key is issued, suspended, resumed, rotated with overlap, revoked; never shown unless asked."""
    run.done(
        Step(
            "threescale_account",
            {"username": "team-c", "org_name": "C", "email": "c@example.com", "password": "a-Long-passw0rd"},
        )
    )
    wanted = {"account": "team-c", "product": "granite", "plan": "standard", "name": "bot"}
    label = "team-c / granite / bot"
    issued = run.done(*protocol("threescale_application", wanted))
    assert_protocol(issued, f"create application {label}")
    assert "user_key" not in str(issued[2].data["applications"])
    suspended = {**wanted, "state": "suspended"}
    assert_protocol(run.done(*protocol("threescale_application", suspended)), f"suspend application {label}")
    premium = {**wanted, "plan": "premium"}
    assert_protocol(
        run.done(*protocol("threescale_application", premium)),
        f"change plan application {label}",
        f"resume application {label}",
    )
    first, second, both, retired, revoked, last = run.done(
        Step("threescale_application", {**premium, "show_keys": True}),
        Step("threescale_application", {**premium, "generation": "2026-11", "show_keys": True}),
        Step("threescale_application_info", {"accounts": ["team-c"], "products": ["granite"], "state": "live"}),
        Step("threescale_application", {**premium, "generation": "2026-11", "older": "suspend"}),
        Step("threescale_application", {**premium, "generation": "2026-11", "older": "absent"}),
        Step("threescale_application_info", {"accounts": ["team-c"], "products": ["granite"]}),
    )
    old, new = (result.data["applications"][0]["user_key"] for result in (first, second))
    assert old and new and old != new
    assert sorted(item["name"] for item in both.data["applications"]) == ["bot", "bot (2026-11)"]
    assert "user_key" not in str(both.data["applications"])
    assert retired.actions == [f"suspend application {label}"] and revoked.actions == [f"delete application {label}"]
    assert [item["name"] for item in last.data["applications"]] == ["bot (2026-11)"]
    bad_plan, nobody = run(
        Step("threescale_application", {**wanted, "name": "other", "plan": "nix"}),
        Step("threescale_application", {**wanted, "account": "nobody"}),
    )
    assert "there is no application plan 'nix'" in bad_plan.message
    assert "there is no developer 'nobody'" in nobody.message


@NEEDS_2_16
def test_service_subscription(standin: Standin, developers: Runner, run: Runner) -> None:
    """Only the missing pairs are written; a run that was cut off is finished by the next."""
    people = [
        {"username": f"dev-{n}", "org_name": f"Dev {n}", "email": f"dev-{n}@example.com", "password": "a-Long-passw0rd"}
        for n in range(4)
    ]
    run.done(Step("threescale_account", {"accounts": people}))
    wanted = {"products": ["granite", "mistral"], "accounts": [item["username"] for item in people]}
    (check,) = run.done(Step("threescale_service_subscription", wanted, True))
    assert len(check.actions) == 8 and check.writes == 0
    rule = {"match": {"method": "POST", "path": "service_subscriptions.json"}}
    standin.faults({**rule, "do": "latency", "seconds": 0, "times": 3}, {**rule, "do": "503"})
    (cut,) = run(Step("threescale_service_subscription", {**wanted, "retries": 0}))
    standin.faults()
    finished, again = run.done(
        Step("threescale_service_subscription", wanted), Step("threescale_service_subscription", wanted)
    )
    assert cut.failed and finished.changed and not again.changed
    assert again.reads <= len(people) * 2 + 3
    assert len(cut.actions) + len(finished.actions) == 8
    away = {**wanted, "accounts": ["dev-0"], "state": "absent"}
    assert_protocol(run.done(*protocol("threescale_service_subscription", away)))


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


def test_export_comes_back_unchanged(developers: Runner, run: Runner) -> None:
    """What threescale_product_info exports is what threescale_product takes: importing it changes nothing."""
    wanted = {
        "system_name": "export-me",
        "description": "to be exported",
        "metrics": [{"system_name": "tokens", "unit": "token"}],
        "methods": [{"system_name": "chat"}],
        "mapping_rules": [{"http_method": "POST", "pattern": "/chat", "metric": "chat"}],
        "features": [{"system_name": "fast"}],
        "application_plans": [
            {
                "system_name": "basic",
                "limits": [{"metric": "tokens", "period": "day", "value": 5}],
                "pricing_rules": [{"metric": "tokens", "cost_per_unit": 0.5}],
                "features": ["fast"],
            }
        ],
        "promotion": "none",
    }
    _made, exported = run.done(
        Step("threescale_product", wanted),
        Step("threescale_product_info", {"products": ["export-me"], "export": True}),
    )
    (tree,) = exported.data["products"]
    assert tree["application_plans"][0]["limits"] == [{"metric": "tokens", "period": "day", "value": 5}]
    assert tree["mapping_rules"][0]["metric"] == "chat"
    assert "secret_token" not in tree["proxy"]
    back, usage = run.done(
        Step("threescale_product", {"products": [{**tree, "prune": True, "promotion": "none"}]}),
        Step("threescale_usage_info", {"products": ["export-me"], "metrics": ["hits"], "period": "month"}),
    )
    assert not back.changed, back.actions
    assert [(entry["metric"], entry["total"]) for entry in usage.data["usage"]] == [("hits", 0)]


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
