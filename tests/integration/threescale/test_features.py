# SPDX-License-Identifier: GPL-3.0-or-later
"""Features of products and of the tenant, and the plans of each kind that include them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import Standin

PRODUCT: dict[str, Any] = {
    "system_name": "featured",
    "prune": True,
    "promotion": "none",
    "features": [{"system_name": "streaming"}, {"system_name": "on-call", "scope": "ServicePlan"}],
    "application_plans": [{"system_name": "featured-plan", "features": ["streaming"]}],
    "service_plans": [{"name": "Default", "features": ["on-call"]}, {"name": "Other", "features": []}],
}


def test_plans_of_a_product(run: Runner) -> None:
    """Each kind of plan includes features of its own kind; an export has them, and changes nothing."""
    results = run.done(*protocol("threescale_product", PRODUCT))
    assert_protocol(results)
    assert "add plan feature featured / Default / on-call" in results[2].actions
    (info,) = run.done(Step("threescale_product_info", {"products": ["featured"], "export": True}))
    (tree,) = info.data["products"]
    assert {plan["name"]: plan["features"] for plan in tree["service_plans"]} == {"Default": ["on-call"], "Other": []}
    (unchanged,) = run.done(Step("threescale_product", {**tree, "prune": True, "promotion": "none"}))
    assert not unchanged.changed, unchanged.actions
    other = [{"name": "Default", "features": []}, {"name": "Other", "features": ["on-call"]}]
    assert_protocol(
        run.done(*protocol("threescale_product", {**PRODUCT, "service_plans": other})),
        "delete plan feature featured / Default / on-call",
        "add plan feature featured / Other / on-call",
    )


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"service_plans": [{"name": "Default", "features": ["streaming"]}]}, "feature 'streaming' has another scope"),
        (
            {"application_plans": [{"system_name": "featured-plan", "features": ["on-call"]}]},
            "Add one with scope: ApplicationPlan",
        ),
        ({"service_plans": [{"name": "Default", "features": ["nix"]}]}, "there is no feature 'nix'"),
    ],
)
def test_features_of_another_kind(standin: Standin, run: Runner, parts: dict[str, Any], words: str) -> None:
    """Refused before the first write, with what to do."""
    (refused,) = run(Step("threescale_product", {**PRODUCT, **parts}))
    assert words in refused.message and standin.counters()["writes"] == 0


@pytest.mark.parametrize("name", [" streaming", "pro be", "pr\u00f6be", "-probe", "7", "", "p" * 256])
def test_names_of_features(standin: Standin, run: Runner, name: str) -> None:
    """A system_name that 3scale would refuse is refused by its place, before the product itself is made."""
    (product, tenant) = run(
        Step("threescale_product", {**PRODUCT, "system_name": "unmade", "features": [{"system_name": name}]}),
        Step("threescale_provider", {"features": [{"system_name": name}], "settings": {"public_search": True}}),
    )
    assert product.message.startswith("products[0].features[0].system_name: "), product.message
    assert tenant.message.startswith("features[0].system_name: "), tenant.message
    assert standin.counters()["writes"] == 0


def test_account_plans(run: Runner) -> None:
    """Features of the tenant; those that a plan's list leaves out are taken off, and one that goes is off all plans."""
    features = [{"system_name": "swift", "name": "Swift answers"}, {"system_name": "own-models"}]
    wanted = {"features": features, "account_plans": [{"name": "Partners", "features": ["swift", "own-models"]}]}
    assert_protocol(
        run.done(*protocol("threescale_provider", wanted)),
        "create account feature swift",
        "create account feature own-models",
        "create account plan Partners",
        "add plan feature Partners / swift",
        "add plan feature Partners / own-models",
    )
    fewer = {"account_plans": [{"name": "Partners", "features": ["swift"]}]}
    assert_protocol(run.done(*protocol("threescale_provider", fewer)), "delete plan feature Partners / own-models")
    gone = {"features": [{"system_name": "swift", "state": "absent"}]}
    assert_protocol(run.done(*protocol("threescale_provider", gone)), "delete account feature swift")
    lacking, twins = run(
        Step("threescale_provider", fewer), Step("threescale_provider", {"features": [features[0], features[0]]})
    )
    assert "there is no account feature 'swift'; add it to features" in lacking.message and not lacking.writes
    assert "features[1]: account feature 'swift' is listed twice" in twins.message and not twins.writes
