# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscriptions through Ansible: plans, hidden plans, ends of many; and all that 3scale 2.15 answers otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.integration.threescale.conftest import Runner, Step
from tests.support.standin import NEEDS_2_16, Standin, running_standin

MODULE = "threescale_service_subscription"
PEOPLE = [
    {"username": f"dev-{n}", "org_name": f"Dev {n}", "email": f"dev-{n}@example.com", "password": "a-Long-passw0rd"}
    for n in range(2)
]
PRODUCTS: list[dict[str, Any]] = [
    {
        "system_name": "granite",
        "application_plans": [{"system_name": "standard"}],
        "service_plans": [{"name": "Default", "published": True}, {"name": "Partners", "published": False}],
        "promotion": "none",
    },
    {"system_name": "hidden", "service_plans": [{"name": "Default", "published": False}], "promotion": "none"},
]
PAIR = {"products": ["granite"], "accounts": ["dev-0"]}
USED = {"account": "dev-1", "product": "granite", "plan": "standard", "name": "bot"}
TENANT = [Step("threescale_product", {"products": PRODUCTS}), Step("threescale_account", {"accounts": PEOPLE})]


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A tenant of 3scale 2.15."""
    with running_standin("--release", "2.15") as server:
        yield Runner(server, tmp_path_factory.mktemp("older"))


@NEEDS_2_16
def test_plan_and_ending(run: Runner) -> None:
    """A named plan moves who is subscribed; everybody's end needs force; what applications need is refused first."""
    _products, _people, _app, made, hidden, named, moved, again = run(
        *TENANT,
        Step("threescale_application", USED),
        Step(MODULE, PAIR),
        Step(MODULE, {**PAIR, "products": ["hidden"]}),
        Step(MODULE, {**PAIR, "products": ["hidden"], "plan": "Default"}),
        Step(MODULE, {**PAIR, "plan": "Partners"}),
        Step(MODULE, {**PAIR, "plan": "Partners"}),
    )
    assert made.changed and named.changed and not again.changed
    assert "all service plans of product 'hidden' are hidden and none is its default (Default)" in hidden.message
    assert [action.split()[:2] for action in moved.actions] == [["change", "plan"]]
    everybody = {"products": ["granite"], "state": "absent"}
    unforced, needed, one, gone = run(
        Step(MODULE, everybody),
        Step(MODULE, {**everybody, "force": True}),
        Step(MODULE, {**PAIR, "state": "absent"}),
        Step(MODULE, {**PAIR, "state": "absent"}),
    )
    assert "2 subscription(s) of 2 account(s) would end" in unforced.message and "force: true" in unforced.message
    assert "Dev 1" in needed.message and "not suspended" in needed.message and needed.writes == 0
    assert one.changed and not gone.changed


def settings(standin: Standin) -> dict[str, Any]:
    """The tenant's settings."""
    answer = requests.get(f"{standin.admin_url}/admin/api/settings.json", auth=("", standin.token), timeout=10)
    return dict(answer.json()["settings"])


def test_older_release(older: Runner, tmp_path: Path) -> None:
    """3scale 2.15: subscriptions by another name, settings sent whole, what it lacks refused by name and release."""
    managed = {"annotations": {"managed_by": "ansible"}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}
    results = older(
        *TENANT,
        Step("threescale_provider", {"settings": {"account_approval_required": True}}),
        Step("threescale_provider", {"settings": {"public_search": True}}),
        Step(MODULE, PAIR),
        Step(MODULE, PAIR),
        Step("threescale_account_info", {"usernames": ["dev-0"], "subscriptions": True}),
        Step("threescale_export", {"path": str(tmp_path), "parts": ["accounts", "service_subscriptions"]}),
        Step(MODULE, {**PAIR, "state": "absent"}),
    )
    assert not [result.message for result in results if result.failed]
    _products, _people, _approval, _search, made, again, told, _export, ended = results
    assert settings(older.standin)["account_approval_required"] is True
    assert made.changed and not again.changed and ended.changed
    assert told.data["accounts"][0]["service_subscriptions"]
    assert "granite" in (tmp_path / "service_subscriptions.yml").read_text()
    lacking = {
        "plan: needs 3scale 2.16": Step(MODULE, {**PAIR, "accounts": ["dev-1"], "plan": "Partners"}),
        "settings.enforce_sso: needs 3scale 2.16": Step("threescale_provider", {"settings": {"enforce_sso": True}}),
        "accounts[0].annotations: needs 3scale 2.16": Step("threescale_account", {"username": "dev-0", **managed}),
        "products[0].annotations: needs 3scale 2.16": Step("threescale_product", {"system_name": "granite", **managed}),
        "OpenAPI 3.1.0: needs 3scale 2.16": Step("threescale_active_doc", {"system_name": "doc", "body": document}),
        "account_approval_required: has no effect while there are 2 account plans": Step(
            "threescale_provider", {"settings": {"account_approval_required": False}}
        ),
    }
    older.done(
        Step(MODULE, {**PAIR, "accounts": ["dev-1"]}),
        Step("threescale_provider", {"account_plans": [{"name": "Partners"}]}),
    )
    for said, result in zip(lacking, older(*lacking.values())):
        assert said in result.message and result.writes == 0, (said, result.message)


def test_limits_on_backends_of_older_release(older: Runner) -> None:
    """Limits on a backend's metrics go before the usage; those that somebody left behind are passed over."""
    admin, auth = f"{older.standin.admin_url}/admin/api", ("", older.standin.token)
    backends = [{"system_name": name, "private_endpoint": f"https://{name}.example.com"} for name in ("one", "two")]
    limit = {"metric": "hits", "backend": "one", "period": "day", "value": 5}
    usages = [{"backend": "one", "path": "/one"}, {"backend": "two", "path": "/two"}]
    product = {"system_name": "limited", "promotion": "none", "prune": True, "backend_usages": usages}
    plan = {"system_name": "limited-plan", "limits": [limit]}
    fewer = {**product, "backend_usages": usages[1:]}
    _backends, _product, removed, back = older.done(
        Step("threescale_backend", {"backends": backends}),
        Step("threescale_product", {**product, "application_plans": [plan]}),
        Step("threescale_product", fewer),
        Step("threescale_product", {**product, "application_plans": [plan]}),
    )
    assert [action.split()[:2] for action in removed.actions] == [["delete", "limit"], ["delete", "backend"]]
    assert "create limit limited / limited-plan / one/hits per day" in back.actions
    services = requests.get(f"{admin}/services.json", auth=auth, timeout=10).json()["services"]
    (number,) = (row["service"]["id"] for row in services if row["service"]["system_name"] == "limited")
    path = f"{admin}/services/{number}/backend_usages"
    rows = requests.get(f"{path}.json", auth=auth, timeout=10).json()
    (usage,) = (row["backend_usage"]["id"] for row in rows if row["backend_usage"]["path"] == "/one")
    requests.delete(f"{path}/{usage}.json", auth=auth, timeout=10).raise_for_status()
    unlimited = {**fewer, "application_plans": [{**plan, "limits": []}]}
    (left,) = older.done(Step("threescale_product", unlimited))
    assert not left.changed, left.actions
