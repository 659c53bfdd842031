# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant has once: its settings, its identity provider, its registry of policies."""

from __future__ import annotations

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import NEEDS_2_16, Standin

SECRET = "walkthrough-client-secret-0123456789"


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


@NEEDS_2_16
def test_passwords_are_not_shut_out_alone(run: Runner) -> None:
    """``enforce_sso`` waits for a provider that administrators can sign in by; check mode only warns of that."""
    wanted = {"settings": {"enforce_sso": True, "public_search": False}}
    (refused,) = run(Step("threescale_provider", wanted))
    assert "settings.enforce_sso: the admin portal has no published identity provider" in refused.message
    assert not refused.writes
    (planned,) = run.done(Step("threescale_provider", wanted, True))
    assert planned.changed and "Publish one first" in str(planned.data["warnings"])
    provider = {"kind": "keycloak", "system_name": "team", "client_id": "admin", "client_secret": SECRET}
    provider.update({"site": "https://sso.example.com/realms/team", "portal": "admin", "published": True})
    run.done(Step("threescale_sso_integration", provider))
    assert_protocol(run.done(*protocol("threescale_provider", wanted)), "update settings tenant")


def test_names_that_make_no_system_name(run: Runner) -> None:
    """A plan's system_name is made of its name, for which one letter is too short: refused before any write."""
    plans = [{"name": "Long enough"}, {"name": "7"}]
    short, long, twice = run(
        Step("threescale_provider", {"account_plans": plans}),
        Step("threescale_provider", {"account_plans": [{"name": "n" * 256}]}),
        Step("threescale_provider", {"account_plans": [{"name": "7", "system_name": "seven"}]}),
    )
    assert "account plan '7': 3scale makes its system_name of the name" in short.message and not short.writes
    assert "account_plans[0].name: 'nnn" in long.message and "has 256 characters, the most is 255" in long.message
    assert twice.changed


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
