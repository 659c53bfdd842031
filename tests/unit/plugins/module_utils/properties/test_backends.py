# SPDX-License-Identifier: GPL-3.0-or-later
"""Any backend becomes any other while a product uses it; plans go with the keys that hang on them, or not at all."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale import accounts, applications, backends
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_signup import TASKS as SIGNING_UP
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.deploying import TASKS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.products import OPTIONS, plan_products
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from tests.support.model.accounts import Developers
from tests.support.model.run import TRIED, bring, filled
from tests.support.model.server import Row
from tests.support.model.threescale import BACKENDS, Threescale


@st.composite
def backend(draw: Any) -> Row:
    titles = draw(st.permutations("ABCDEF"))
    metrics = draw(st.lists(st.sampled_from(("tokens", "seconds")), unique=True))
    methods = draw(st.lists(st.sampled_from(("chat", "models", "speech")), unique=True))
    patterns = draw(st.lists(st.sampled_from(("/a", "/b", "/c", "/d")), unique=True))
    return {
        "system_name": "backend",
        "private_endpoint": draw(st.sampled_from(("https://one", "https://two:8443/v1"))),
        "prune": True,
        "metrics": [{"system_name": name, "friendly_name": titles.pop()} for name in metrics],
        "methods": [{"system_name": name, "friendly_name": titles.pop()} for name in methods],
        "mapping_rules": [
            {"http_method": "GET", "pattern": pattern, "metric": draw(st.sampled_from([*metrics, *methods, "hits"]))}
            for pattern in patterns
        ],
    }


def keep(model: Threescale, item: Row, seed: int) -> list[str]:
    given_ = filled(backends.OPTIONS, {"backends": [item]})
    plan = bring(model, Session(model), backends.plan_backends, given_, {}, seed)
    again = backends.plan_backends(Session(model), given_)
    assert [(c.action, c.noun, c.key, c.before, c.after) for c in again.changes] == []
    return plan.warnings


def promote(model: Threescale, seed: int) -> None:
    product = {"system_name": "product", "promotion": "production", "backend_usages": [{"backend": "backend"}]}
    bring(model, Session(model), plan_products, filled(OPTIONS, {"products": [product]}), TASKS, seed)


@TRIED
@given(backend(), backend(), st.booleans(), st.integers(0, 999))
def test_any_backend_becomes_any_other(first: Row, then: Row, used: bool, seed: int) -> None:
    """What a gateway counts stays, with a warning, until the product is promoted again; then it goes."""
    model = Threescale()
    keep(model, {"system_name": "other", "private_endpoint": "https://other"}, 0)
    keep(model, first, seed)
    other = copy.deepcopy({path: rows for path, rows in model.rows.items() if path.startswith(f"{BACKENDS}/1/")})
    if used:
        promote(model, seed)
    warnings = keep(model, then, seed)
    if used:
        promote(model, seed)
        keep(model, then, seed)
    number = next(row["id"] for row in model.rows[BACKENDS] if row["system_name"] == "backend")
    metrics = {row["id"]: row for row in model.rows[f"{BACKENDS}/{number}/metrics"]}
    found = {row["system_name"].rpartition(".")[0]: row["friendly_name"] for row in metrics.values()}
    assert found == {
        "hits": "Hits",
        **{m["system_name"]: m["friendly_name"] for m in then["metrics"] + then["methods"]},
    }
    rules = sorted(model.rows.get(f"{BACKENDS}/{number}/mapping_rules", []), key=lambda row: row["position"])
    counted = [(row["pattern"], metrics[row["metric_id"]]["system_name"].rpartition(".")[0]) for row in rules]
    assert counted == [(rule["pattern"], rule["metric"]) for rule in then["mapping_rules"]]
    assert {path: rows for path, rows in model.rows.items() if path.startswith(f"{BACKENDS}/1/")} == other
    assert used or not warnings


@pytest.mark.parametrize("custom", [False, True])
def test_a_plan_with_keys_goes_by_force_only(custom: bool) -> None:
    """Also where the application has a copy of its own: the server keeps the plan as long as there is one."""
    model = Developers()
    product: Row = {"system_name": "product", "promotion": "none", "prune": True,
                    "application_plans": [{"system_name": "basic"}, {"system_name": "gold"}]}  # fmt: skip
    bring(model, Session(model), plan_products, filled(OPTIONS, {"products": [product]}), TASKS, 0)
    team = filled(accounts.OPTIONS, {"accounts": [{"username": "team", "org_name": "T", "email": "t@example.com"}]})
    bring(model, Session(model), accounts.plan_accounts, team, SIGNING_UP, 0)
    app = {"account": "team", "product": "product", "name": "bot", "plan": "basic", "custom_plan": custom}
    wanted = filled(applications.OPTIONS, {"applications": [app]})
    bring(model, Session(model), applications.plan_applications, wanted, {}, 0)
    product["application_plans"] = product["application_plans"][1:]
    done = len(model.writes_done)
    with pytest.raises(RefusalError, match="has 1 application"):
        plan_products(Session(model), filled(OPTIONS, {"products": [product]}))
    assert len(model.writes_done) == done
    product["force"] = True
    for seed in range(5):
        again = copy.deepcopy(model.rows)
        bring(model, Session(model), plan_products, filled(OPTIONS, {"products": [product]}), TASKS, seed)
        left = [row["system_name"] for path, rows in model.rows.items() for row in rows
                if path.endswith("/application_plans")]  # fmt: skip
        assert left == ["gold"] and not model.applications()
        model.rows = again


def test_hits_is_not_removed() -> None:
    item = {"system_name": "backend", "metrics": [{"system_name": "hits", "state": "absent"}]}
    with pytest.raises(RefusalError, match="3scale keeps the metric 'hits'"):
        backends.plan_backends(Session(Threescale()), filled(backends.OPTIONS, {"backends": [item]}))
