# SPDX-License-Identifier: GPL-3.0-or-later
"""Developer accounts through Ansible: everything at sign-up, further users, other identifiers, suspension, refusals."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import OLDER, Standin

MODULE = "threescale_account"
NEWER: dict[str, Any] = {} if OLDER else {"annotations": {"managed_by": "ansible"}}
TEAM: dict[str, Any] = {
    "username": "team-u",
    "org_name": "Team U",
    "email": "u@example.com",
    "password": "a-Long-passw0rd-u",
    "state": "approved",
    "fields": {"cost_center": 7, "on_call": True},
    **NEWER,
    "monthly_billing_enabled": False,
    "monthly_charging_enabled": False,
    "users": [
        {"username": "second-u", "email": "s@example.com", "role": "admin", "password": "an0ther-Secret-u"},
        {"username": "third-u", "email": "t@example.com", "state": "suspended"},
    ],
}


@pytest.fixture(scope="module", autouse=True)
def fields(standin: Standin) -> None:
    """Two fields that the tenant has defined for accounts."""
    for name in ("cost_center", "on_call"):
        body = {"target": "Account", "name": name, "label": name}
        call(standin, "POST", "fields_definitions.json", body)


def call(standin: Standin, method: str, path: str, body: Any = None) -> Any:
    """A call of the Admin API by hand."""
    address = f"{standin.admin_url}/admin/api/{path}"
    answer = requests.request(method, address, json=body, auth=("", standin.token), timeout=10)
    answer.raise_for_status()
    return answer.json()


def users(standin: Standin, username: str) -> dict[str, tuple[str, str]]:
    """Role and state of an account's users."""
    account = call(standin, "GET", f"accounts/find.json?username={username}")["account"]
    rows = call(standin, "GET", f"accounts/{account['id']}/users.json")["users"]
    return {row["user"]["username"]: (row["user"]["role"], row["user"]["state"]) for row in rows}


def test_whole_account(standin: Standin, run: Runner) -> None:
    """A sign-up ends where an update would: the second run finds nothing to do."""
    check, made, again = run.done(Step(MODULE, TEAM, check=True), Step(MODULE, TEAM), Step(MODULE, TEAM))
    assert check.actions == made.actions == ["create account team-u"] and not again.changed, again.diff
    account = call(standin, "GET", "accounts/find.json?username=team-u")["account"]
    assert {key: account[key] for key in NEWER} == NEWER and account["monthly_billing_enabled"] is False
    assert (account["cost_center"], account["on_call"]) == ("7", "true")
    everybody = {"team-u": ("admin", "active"), "second-u": ("admin", "active"), "third-u": ("member", "suspended")}
    assert users(standin, "team-u") == everybody
    assert "an0ther-Secret" not in run.output and "passw0rd-u" not in run.output


def test_found_suspended_resumed(standin: Standin, run: Runner) -> None:
    """By mail address and by organisation; nobody signs in and no key works until it is live again."""
    suspended, again, live, once_more, removed = run.done(
        Step(MODULE, {"email": "u@example.com", "state": "suspended"}),
        Step(MODULE, {"email": "u@example.com", "state": "suspended"}),
        Step(MODULE, {"org_name": "Team U", "state": "live"}),
        Step(MODULE, {"org_name": "Team U", "state": "live"}),
        Step(MODULE, {"username": "team-u", "users": [{"username": "third-u", "state": "absent"}]}),
    )
    assert [action.split()[:2] for action in suspended.actions] == [["suspend", "user"]] * 2 + [
        ["suspend", "application"]
    ]
    assert not again.changed and not once_more.changed
    assert len(live.actions) == 4 and removed.actions == ["delete user third-u"]
    assert users(standin, "team-u") == {"team-u": ("admin", "active"), "second-u": ("admin", "active")}


def test_refused_input(run: Runner) -> None:
    """What the server drops without a word, and what can't be told apart."""
    cases = {
        "accounts[0].fields.nix: the tenant has no such field for accounts": {**TEAM, "fields": {"nix": 1}},
        "3scale keeps the annotation managed_by alone": {**TEAM, "annotations": {"owner": "x"}},
        "accounts[1]: 'Team U' is the same account as that of entry 0": {
            "accounts": [{"username": "team-u"}, {"org_name": "Team U"}]
        },
        "the new account of 'no@example.com' needs username and org_name": {"email": "no@example.com"},
    }
    for (said, _options), result in zip(cases.items(), run(*(Step(MODULE, options) for options in cases.values()))):
        assert said in result.message and result.writes == 0, result.message


def test_field_definitions(run: Runner) -> None:
    """Defined, changed, removed; what 3scale itself needs stays."""
    field = {"target": "account", "name": "region", "label": "Region", "choices": ["eu", "us"]}
    other = {**field, "label": "Where", "hidden": True, "choices": ["eu"]}
    gone = {"target": "account", "name": "region", "state": "absent"}
    steps = [field, field, other, other, gone, gone]
    made, again, changed, once_more, removed, nothing = run.done(*(Step("threescale_field", step) for step in steps))
    assert made.actions == ["create field definition account region"] and not again.changed
    assert changed.actions == ["update field definition account region"] and not once_more.changed
    assert removed.actions == ["delete field definition account region"] and not nothing.changed
    (kept,) = run(Step("threescale_field", {**gone, "name": "org_name"}))
    assert "fields[0]: field 'org_name' of accounts can't be removed" in kept.message


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
