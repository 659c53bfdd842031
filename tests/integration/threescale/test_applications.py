# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications through Ansible: generations, full key lists, approval, customised plans, odd keys, defined fields."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import Standin

MODULE = "threescale_application"
BOT = {"account": "team-k", "product": "granite", "plan": "standard", "name": "bot"}
ODD = ["a.b/c-1", "x%2Fy-2", "k{1}?#&", "back\\slash", "plain-key-5"]


@pytest.fixture(scope="module")
def run(standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A tenant with a developer and a product for each way of authentication."""
    runner = Runner(standin, tmp_path_factory.mktemp("applications"))
    checked = {"system_name": "checked", "approval_required": True}
    products: list[dict[str, Any]] = [
        {
            "system_name": "granite",
            "application_plans": [{"system_name": "standard"}, {"system_name": "other"}, checked],
        },
        {"system_name": "by-id", "backend_version": "2", "application_plans": [{"system_name": "standard-id"}]},
        {"system_name": "by-token", "backend_version": "oidc", "application_plans": [{"system_name": "standard-oidc"}]},
    ]
    team = {"username": "team-k", "org_name": "K", "email": "k@example.com", "password": "a-Long-passw0rd"}
    runner.done(
        Step("threescale_product", {"products": [{**item, "promotion": "none"} for item in products]}),
        Step("threescale_account", team),
    )
    return runner


def rows(standin: Standin, name: str) -> list[dict[str, Any]]:
    """Rows of a table of the stand-in."""
    call = requests.get(f"{standin.admin_url}/admin/api/applications.json", auth=("", standin.token), timeout=10)
    return [row["application"] for row in call.json()["applications"] if row["application"]["name"] == name]


def keys(standin: Standin, name: str) -> set[str]:
    """Keys of the application of that name."""
    (row,) = rows(standin, name)
    path = f"{standin.admin_url}/admin/api/accounts/{row['account_id']}/applications/{row['id']}/keys.json"
    return {key["key"]["value"] for key in requests.get(path, auth=("", standin.token), timeout=10).json()["keys"]}


def test_generations(run: Runner) -> None:
    """Only what differs in the numbers and comes before is an older generation; a stranger's key is never one."""
    names = ["bot", "bot (EU production)", "bot (2026-9)", "bot (2026-12)", "bot (2026-11b)"]
    _made, check, removed, again = run.done(
        Step(MODULE, {"applications": [{**BOT, "name": name} for name in names]}),
        Step(MODULE, {**BOT, "generation": "2026-11", "older": "absent"}, check=True),
        Step(MODULE, {**BOT, "generation": "2026-11", "older": "absent"}),
        Step(MODULE, {**BOT, "generation": "2026-11", "older": "absent"}),
    )
    label = "team-k / granite"
    assert (
        removed.actions
        == check.actions
        == [
            f"create application {label} / bot (2026-11)",
            f"delete application {label} / bot",
            f"delete application {label} / bot (2026-9)",
        ]
    )
    assert not again.changed


def test_states(standin: Standin, run: Runner) -> None:
    """A plan with approval: pending and said so, accepted where live is asked for, suspended by way of live."""
    wanted = {**BOT, "plan": "checked", "name": "checked"}
    pending, suspended, again, live = run.done(
        Step(MODULE, {**wanted, "state": "present"}),
        Step(MODULE, {**wanted, "state": "suspended"}),
        Step(MODULE, {**wanted, "state": "suspended"}),
        Step(MODULE, {**wanted, "name": "at once"}),
    )
    told = [result.data["applications"][0]["state"] for result in (pending, suspended, live)]
    assert told == ["pending", "suspended", "live"]
    assert rows(standin, "checked")[0]["state"] == "suspended" and rows(standin, "at once")[0]["state"] == "live"
    assert suspended.changed and not again.changed


def test_full_list_of_keys(standin: Standin, run: Runner) -> None:
    """Five keys by five others, four kept and one new; odd keys are removed; a fault never tells a key."""
    five = [f"another-{number}" for number in range(5)]
    wanted = {**BOT, "product": "by-id", "plan": "standard-id", "name": "keys"}
    run.done(Step(MODULE, {**wanted, "keys": ODD}))
    (over,) = run(Step(MODULE, {**wanted, "keys": [*ODD[:4], "new-key-6"]}))
    assert "at most 5 keys and would have 6" in over.message and "prune_keys" in over.message
    run.done(Step(MODULE, {**wanted, "keys": [*ODD[:4], "new-key-6"], "prune_keys": True}))
    assert keys(standin, "keys") == {*ODD[:4], "new-key-6"}
    standin.faults({"match": {"method": "DELETE", "path": "/keys/"}, "do": "500_before"})
    (failed,) = run(Step(MODULE, {**wanted, "keys": five, "prune_keys": True}))
    standin.faults()
    assert failed.failed and "/keys/(secret).json" in failed.message
    results = run.done(*protocol(MODULE, {**wanted, "keys": five, "prune_keys": True}))
    assert_protocol(results)
    assert keys(standin, "keys") == set(five)
    assert not [key for key in (*ODD, *five, "new-key-6") if key in run.output or key.replace("/", "%2F") in run.output]


def test_secret_of_openid_client(standin: Standin, run: Runner) -> None:
    """The only key is replaced, and only where the user lets the present one go."""
    wanted = {**BOT, "product": "by-token", "plan": "standard-oidc", "name": "client"}
    refused, rotated, again = run(
        Step(MODULE, {**wanted, "keys": ["first-secret"]}),
        Step(MODULE, {**wanted, "keys": ["second-secret"], "prune_keys": True}),
        Step(MODULE, {**wanted, "keys": ["second-secret"], "prune_keys": True}),
    )
    assert not refused.failed and rotated.changed and not again.changed, rotated.message
    assert keys(standin, "client") == {"second-secret"}
    (refused,) = run(Step(MODULE, {**wanted, "keys": ["third-secret"]}))
    assert "one key, its client secret" in refused.message and "prune_keys: true" in refused.message


def test_customized_plan_stays(standin: Standin, run: Runner) -> None:
    """A plan of an application's own is kept by the name of its origin and given up only where that is asked for."""
    wanted = {**BOT, "name": "special"}
    refused, kept, given_up, again = run(
        Step(MODULE, {**wanted, "custom_plan": True}),
        Step(MODULE, wanted),
        Step(MODULE, {**wanted, "plan": "other"}),
        Step(MODULE, {**wanted, "plan": "other", "custom_plan": False}),
    )
    assert refused.changed and not kept.changed
    assert "would be given up for 'other'. Set custom_plan: false" in given_up.message
    assert again.changed and rows(standin, "special")[0]["plan_name"] == "other"


def test_undefined_field(run: Runner) -> None:
    """What the server would drop is refused by name."""
    (refused,) = run(Step(MODULE, {**BOT, "name": "fields", "fields": {"cost_center": 5}}))
    assert "applications[0].fields.cost_center: the tenant has no such field for applications" in refused.message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"product": "by-id", "user_key": "abcde"}, "user_key counts only with backend_version: 1 of the product"),
        ({"application_id": "abcde"}, "application_id counts only with backend_version: 2 or oidc or oauth of the"),
        ({"redirect_url": "https://a"}, "redirect_url counts only with backend_version: oidc or oauth of the product"),
    ],
)
def test_what_the_product_does_not_know(standin: Standin, run: Runner, options: dict[str, Any], words: str) -> None:
    """Credentials of another way of authentication would be kept out of sight: they are refused by name."""
    (refused,) = run(Step(MODULE, {**BOT, "name": "odd", **options}))
    assert f"applications[0].{words}, and here it is '" in refused.message or words in refused.message
    assert refused.failed and standin.counters()["writes"] == 0


def test_referrer_filters(run: Runner) -> None:
    """Exactly the listed ones, also where five are replaced by five others."""
    wanted = {**BOT, "name": "from here only"}
    first, second = [[f"{letter}{number}.example.com" for number in range(5)] for letter in "ab"]
    made, again, replaced, once_more = run.done(
        *(Step(MODULE, {**wanted, "referrer_filters": filters}) for filters in (first, first, second, second))
    )
    assert len(made.actions) == 6 and not again.changed
    assert len(replaced.actions) == 10 and not once_more.changed
    (refused,) = run(Step(MODULE, {**wanted, "referrer_filters": ["https://a.example.com/"]}))
    assert "applications[0].referrer_filters: 'https://a.example.com/' must be a domain" in refused.message
