# SPDX-License-Identifier: GPL-3.0-or-later
"""Errands for people, on a tenant of somebody else's 3scale, without any cluster: previews, refusals, what is done.

What is done in the end runs as a job of the platform; all before it, as somebody runs it by hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.errand_tenant import PLANS, PLANTED, Tenant
from tests.support.keycloak import ADMIN, Keycloak
from tests.support.playbook import Run
from tests.support.templates import ON_A_TENANT


def summary(run: Run, name: str) -> dict[str, Any]:
    """What a run left for the platform that runs it."""
    (told,) = re.findall(r"^\tRUN: (\{.*\})$", run.output, re.MULTILINE)
    found: dict[str, Any] = json.loads(told)[name]
    return found


@pytest.fixture(autouse=True)
def statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_SHOW_CUSTOM_STATS", "1")


def test_add_model(tenant: Tenant) -> None:
    wanted = {"add_model_name": "new-llm", "add_model_task": "chat", "add_model_plans": "standard, large"}
    tenant.refuses("add_model_source, add_model_endpoint: needs source", "add_model", **wanted)
    tenant.refuses("add_model_plans: plan 'gold'", "add_model", **{**wanted, "add_model_plans": "gold"})
    tenant.refuses("add_model_name: name 'My LLM'", "add_model", **{**wanted, "add_model_name": "My LLM"})
    branch = {"add_model_how": "branch", "add_model_repository": f"https://maas:{PLANTED}@git.example.com/maas.git"}
    tenant.refuses(
        "add_model_repository: its URL holds a login",
        *("add_model", "-vvv"),
        **wanted,
        **branch,
        add_model_endpoint="https://new.example.com",
    )
    with pytest.raises(ValueError, match="Value gold for 'add_model_plans' expected to be one of"):
        tenant.job("add_model", **{**wanted, "add_model_plans": ["gold"]})
    chosen = {**wanted, "add_model_plans": PLANS}
    (entry,) = yaml.safe_load(tenant.job("add_model", **chosen, add_model_endpoint="https://new.example.com")["entry"])
    assert entry == {"name": "new-llm", "task": "chat", "endpoint": "https://new.example.com", "plans": PLANS}
    assert tenant.writes() == 0


def test_issue_and_change_plan(tenant: Tenant) -> None:
    wanted = {"issue_account": "ann", "issue_product": "partner-llm", "issue_name": "bot"}
    plan = {"issue_plan": "standard"}
    tenant.refuses(
        "issue_account: the account of eve is pending", "issue", **{**wanted, **plan, "issue_account": "eve"}
    )
    tenant.refuses(
        "issue_plan: partner-llm has no plan gone; there are: ", "issue", "--check", **wanted, issue_plan="gone"
    )
    check = tenant.passes("issue", "--check", "--diff", **wanted, **plan)
    assert check.recap["changed"] == 1 and "application bot is new" in " ".join(check.output.split()), check.output
    made = tenant.passes("issue", "--diff", **wanted, **plan)
    assert tenant.states() == {"Ann/partner-llm/bot": "live standard"}
    number = next(row["id"] for row in tenant.applications().values() if row["name"] == "bot")
    assert summary(made, "maas_issue")["link"] == f"{tenant.standin.portal_url}/admin/applications/{number}"
    tenant.refuses("run playbook change_plan", "issue", **wanted, issue_plan="large")

    move = {"change_plan_account": "ann", "change_plan_product": "partner-llm", "change_plan_plan": "large"}
    tenant.refuses("there are: bot.", "change_plan", "--check", **move, change_plan_name="typo")
    check = tenant.passes("change_plan", "--check", "--diff", **move, change_plan_name="bot")
    assert "plan standard becomes large" in " ".join(check.output.split())
    assert tenant.job("change_plan", **move, change_plan_name="bot")["applications"] == 1
    assert tenant.states() == {"Ann/partner-llm/bot": "live large"}


def test_approve(tenant: Tenant) -> None:
    def waiting() -> set[str]:
        rows = tenant.call("GET", "accounts")["accounts"]
        return {row["account"]["org_name"] for row in rows if row["account"]["state"] == "pending"}

    assert waiting() == {"Eve", "Kim", "Sam"}
    tenant.refuses("Ann is approved already", "approve", "--check", approve_accounts="ann", approve_how="reject")
    check = tenant.passes("approve", "--check", "--diff", approve_domains=["partner.example.com"])
    found = summary(check, "maas_approve")
    assert (found["accounts"], found["names"], found["unconfirmed"]) == (1, ["Eve"], ["Kim"])
    assert tenant.job("approve", approve_domains="partner.example.com")["names"] == ["Eve"]
    assert waiting() == {"Kim", "Sam"}
    tenant.passes("approve", approve_accounts=["sam"], approve_domains="@Partner.example.com", approve_how="reject")
    assert waiting() == set()


def test_approve_by_group(tenant: Tenant, keycloak: Keycloak, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keycloak.admin("POST", "realms", realm="approvals", enabled=True)
    group = keycloak.admin("POST", "realms/approvals/groups", name="research")
    for name, enabled in (("Lea", True), ("max", False)):
        user = keycloak.admin(
            "POST", "realms/approvals/users", username=name, email=f"{name}@Example.org", enabled=enabled
        )
        keycloak.admin("PUT", f"realms/approvals/users/{user}/groups/{group}")
    for name in ("lea", "max", "ida"):
        values = {
            "org_name": name.title(),
            "username": name,
            "email": f"{name}@example.org",
            "password": "a-Long-passw0rd",
        }
        account = tenant.call("POST", "signup", **values)["account"]
        if account["state"] != "pending":
            tenant.call("PUT", f"accounts/{account['id']}/make_pending")
    given = {"sso_install": False, "sso_url": keycloak.url + "/", "sso_admin_username": ADMIN}
    given.update(sso_admin_password=keycloak.password, sso_realm="approvals")
    tenant.refuses("approve_groups: Keycloak has no group /nosuch.", "approve", approve_groups="nosuch", **given)
    monkeypatch.setenv("KEYCLOAK_URL", keycloak.url)
    monkeypatch.setenv("KEYCLOAK_USERNAME", ADMIN)
    monkeypatch.setenv("KEYCLOAK_PASSWORD", keycloak.password)
    run = tenant.passes("approve", approve_groups="research/", sso_realm="approvals")
    assert summary(run, "maas_approve")["names"] == ["Lea"]
    rows = [row["account"] for row in tenant.call("GET", "accounts")["accounts"]]
    states = {row["org_name"]: row["state"] for row in rows}
    assert (states["Lea"], states["Max"], states["Ida"]) == ("approved", "pending", "pending")
    folder = tmp_path / "exported"
    tenant.passes(
        "export", export_folder=str(folder), export_parts=["backends"], export_sso=True, sso_realm="approvals"
    )
    assert "path: /research" in (folder / "keycloak" / "groups.yml").read_text()
    taken = {"import_folder": str(folder), "import_parts": ["backends"], "import_sso": True}
    assert tenant.passes("import", "--diff", **taken, sso_realm="approvals").recap["changed"] == 0
    copied = tenant.passes("import", **taken, sso_realm="copied")
    assert copied.recap["changed"] > 0 and keycloak.realm("copied")


def test_revoke(tenant: Tenant) -> None:
    accounts = {row["account"]["org_name"]: row["account"]["id"] for row in tenant.call("GET", "accounts")["accounts"]}
    services = tenant.call("GET", "services")["services"]
    (old,) = (row["service"]["id"] for row in services if row["service"]["system_name"] == "old-llm")
    plan = tenant.call("GET", f"services/{old}/application_plans")["plans"][0]["application_plan"]["id"]
    for owner, name in (("Ann", "bot"), ("Bob", "twin"), ("Bob", "twin")):
        tenant.call("POST", f"accounts/{accounts[owner]}/applications", plan_id=plan, name=name, description="x")
    before = tenant.states()
    check = summary(tenant.passes("revoke", "--check", "--diff", revoke_product="old-llm"), "maas_revoke")
    assert (check["applications"], check["accounts"]) == (3, ["Ann", "Bob"])
    tenant.refuses("-e revoke_confirm=3", "revoke", revoke_product="old-llm", revoke_confirm=2)
    tenant.passes("revoke", revoke_product="old-llm", revoke_confirm=3)
    suspended = {"Ann/old-llm/bot": "suspended standard", "Bob/old-llm/twin": "suspended standard suspended standard"}
    assert tenant.states() == {**before, **suspended}
    with pytest.raises(ValueError, match="Value old-llm for 'revoke_product' expected to be one of"):
        tenant.job("revoke_preview", revoke_product=["old-llm"])
    gone = {"revoke_account": "bob", "revoke_how": "absent"}
    # that of the sample product, too
    owned = [row for row in tenant.applications().values() if row["org_name"] == "Bob"]
    assert tenant.job("revoke_preview", **gone)["applications"] == len(owned)
    tenant.job("revoke", **gone, revoke_confirm=len(owned))
    left = {name: line for name, line in before.items() if name != "Bob/old-llm/twin"}
    assert tenant.states() == {**left, "Ann/old-llm/bot": "suspended standard"}


def test_retire(tenant: Tenant) -> None:
    tenant.refuses("still names partner-llm", "retire", "--check", retire_model="partner-llm")
    ended = [row for row in tenant.applications().values() if row["service_name"] == "old-llm"]
    tenant.refuses(f"-e retire_confirm={len(ended)}", "retire", retire_model="old-llm", retire_confirm=len(ended) + 1)
    for template, given in (("retire_preview", {}), ("retire", {"retire_confirm": len(ended)})):
        told = tenant.job(template, retire_model="old-llm", **given)
        assert (told["applications"], told["removed"]) == (len(ended), 2)
    assert not any(row["service_name"] == "old-llm" for row in tenant.applications().values())
    again = tenant.passes("retire", retire_model="old-llm")
    assert again.recap["changed"] == 0 and tenant.writes() == 0


def test_a_run_that_fails_leaves_no_file_behind(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A preview that can't ask the cluster, after it has begun to keep plans."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("ANSIBLE_LOCAL_TEMP", str(tmp_path / "own"))
    run = tenant.run("preview", "--check", "-v")
    assert run.code != 0 and "maas-plan-" in run.output and "The cluster can't be asked" in run.output, run.output[
        -3000:
    ]
    assert [path for path in tmp_path.rglob("*") if path.name != "own"] == []


def test_every_template_ran(tenant: Tenant) -> None:
    """The last test: those of the whole service run in tests/e2e/test_errands.py."""
    assert ON_A_TENANT - tenant.platform.ran == set()
