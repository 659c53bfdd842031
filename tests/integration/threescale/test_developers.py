# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and subscriptions of developers: issued, suspended, rotated, revoked; subscribed in spite of a cut."""

from __future__ import annotations

import pytest

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import NEEDS_2_16, Standin


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
