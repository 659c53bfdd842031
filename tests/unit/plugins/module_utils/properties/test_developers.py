# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts, applications and subscriptions: any wanted state is reached, and no key dies that is to live."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale import accounts, applications, subscriptions
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_signup import TASKS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.deploying import TASKS as DEPLOYING
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.products import OPTIONS, plan_products
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from tests.support.model.accounts import ACCOUNTS, Developers
from tests.support.model.run import TRIED, bring, filled
from tests.support.model.server import Row

KEYS = ("alpha-1", "ALPHA-1", "beta-2", "gamma-3", "delta-4", "omega/5", "x%2Fy-6", "k{1}?#&-7")
STATES = ("present", "approved", "live", "suspended", "pending", "rejected")


@st.composite
def account(draw: Any) -> Row:
    users = draw(st.lists(st.sampled_from(("ann", "bob", "cleo")), unique=True))
    return {
        "username": "team",
        "org_name": draw(st.sampled_from(("Team", "Team two"))),
        "email": draw(st.sampled_from(("a@example.com", "b@example.com"))),
        "state": draw(st.sampled_from(STATES)),
        "account_plan": draw(st.sampled_from((None, "Default", "Gold"))),
        "monthly_billing_enabled": draw(st.sampled_from((None, True, False))),
        "users": [
            {
                "username": name,
                "email": f"{name}{draw(st.integers(1, 2))}@example.com",
                "role": draw(st.sampled_from((None, "admin", "member"))),
                "state": draw(st.sampled_from(("active", "suspended", "absent"))),
            }
            for name in users
        ],
    }


def keep(model: Developers, module: Any, planner: Any, params: Row, seed: int, tasks: Any = None) -> list[str]:
    """Bring to the wanted state, and see that nothing is left to do."""
    given = filled(module.OPTIONS, params)
    plan = bring(model, Session(model), planner, given, tasks or {}, seed)
    again = planner(Session(model), given)
    assert [(c.action, c.noun, c.key, c.before, c.after) for c in again.changes] == []
    return plan.warnings


@TRIED
@given(account(), account(), st.integers(0, 999))
def test_any_account_becomes_any_other(first: Row, then: Row, seed: int) -> None:
    model = Developers()
    other = {"username": "other", "org_name": "Other", "email": "o@example.com"}
    keep(model, accounts, accounts.plan_accounts, {"accounts": [other]}, 0, TASKS)
    before = {path: list(rows) for path, rows in model.rows.items()}
    for item in (first, then):
        keep(model, accounts, accounts.plan_accounts, {"accounts": [item]}, seed, TASKS)
    row = next(row for row in model.rows[ACCOUNTS] if row["org_name"] == then["org_name"])
    users = {user["username"]: user for user in model.rows[f"{ACCOUNTS}/{row['id']}/users"]}
    reached = {"live": "approved"}.get(then["state"], then["state"])
    assert row["state"] == reached or reached in ("present", "suspended")
    assert users["team"]["email"] == then["email"]
    if then["state"] in ("approved", "live"):
        assert users["team"]["state"] == "active" or (then["state"] == "approved" and first["state"] == "suspended")
    for user in then["users"]:
        there = users.get(user["username"])
        if user["state"] == "absent":
            assert there is None
        else:
            assert there is not None and (there["email"], there["state"]) == (user["email"], user["state"])
            assert user["role"] in (None, there["role"])
    assert all(model.rows[path][: len(rows)] == rows for path, rows in before.items())


@st.composite
def application(draw: Any) -> Row:
    keys = draw(st.lists(st.sampled_from(KEYS), unique_by=str.lower, max_size=5))
    return {
        "account": "team",
        "product": "product",
        "name": "bot",
        "generation": draw(st.sampled_from((None, "2026-11", "2026-12"))),
        "older": draw(st.sampled_from(("keep", "suspend", "absent"))),
        "plan": draw(st.sampled_from(("basic", "gold", "checked"))),
        "custom_plan": draw(st.sampled_from((None, None, True, False))),
        "state": draw(st.sampled_from(("present", "live", "suspended"))),
        "description": draw(st.sampled_from((None, "one", "two"))),
        "keys": keys,
        "prune_keys": draw(st.booleans()),
        "referrer_filters": [f"{name}.example.com" for name in draw(st.sets(st.sampled_from("abcdefg"), max_size=5))],
    }


def started() -> Developers:
    """A developer, a product with three plans (one of them with approval), and applications of somebody else."""
    model = Developers()
    plans = [{"system_name": name, "approval_required": name == "checked"} for name in ("basic", "gold", "checked")]
    products = [
        {"system_name": name, "promotion": "none", "application_plans": plans} for name in ("product", "another")
    ]
    bring(model, Session(model), plan_products, filled(OPTIONS, {"products": products}), DEPLOYING, 0)
    team = {"username": "team", "org_name": "Team", "email": "t@example.com"}
    keep(model, accounts, accounts.plan_accounts, {"accounts": [team]}, 0, TASKS)
    strangers = [
        {"account": "team", "product": "product", "name": "bot (EU production)", "plan": "basic"},
        {"account": "team", "product": "another", "name": "bot (2026-01)", "plan": "basic", "keys": ["stranger-key"]},
    ]
    keep(model, applications, applications.plan_applications, {"applications": strangers}, 0)
    return model


def named(model: Developers) -> dict[tuple[int, str], Row]:
    """Applications by product and name, with their keys."""
    found = {}
    for path, rows in model.rows.items():
        for row in rows if path.endswith("/applications") else []:
            keys = {key["value"] for key in model.rows.get(f"{path}/{row['id']}/keys", [])}
            filters = {item["value"] for item in model.rows.get(f"{path}/{row['id']}/referrer_filters", [])}
            found[(row["service_id"], row["name"])] = {**row, "keys": keys, "filters": filters}
    return found


def fewest(before: Row | None, item: Row) -> int:
    """How many keys there are at any time: a full list of five frees one place, two alike follow each other."""
    if before is None:
        return 0
    there, wanted = before["keys"], set(item["keys"])
    alike = any(key.lower() == old.lower() for key in wanted - there for old in there - wanted)
    return min(len(there), len(wanted), 4) - (1 if alike else 0)


@TRIED
@given(st.lists(application(), min_size=2, max_size=4), st.integers(0, 999))
def test_no_key_dies_before_it_must(steps: list[Row], seed: int) -> None:
    """Whatever follows: at most five keys, wanted ones that are there stay, strangers are left alone."""
    model = started()
    strangers = {key: row for key, row in named(model).items() if key[1] != "bot"}
    for item in steps:
        name = f"bot ({item['generation']})" if item["generation"] else "bot"
        before = next((row for key, row in named(model).items() if key[1] == name), None)
        stay = before["keys"] & set(item["keys"]) if before else set()

        def watch(name: str = name, stay: set[str] = stay, least: int = fewest(before, item)) -> None:
            now = next((row for key, row in named(model).items() if key[1] == name), None)
            assert now is None or stay <= now["keys"] and len(now["keys"]) >= least

        model.watch = watch
        written = len(model.writes_done)
        try:
            keep(model, applications, applications.plan_applications, {"applications": [item]}, seed)
        except RefusalError:
            assert len(model.writes_done) == written
            continue
        now = next(row for key, row in named(model).items() if key[1] == name)
        kept = before["keys"] if before and not item["prune_keys"] else set()
        assert now["keys"] == set(item["keys"]) | kept
        assert now["filters"] == set(item["referrer_filters"])
        assert item["state"] == "present" or now["state"] == item["state"]
        assert now["plan_name"].partition(" (")[0] == item["plan"]
        assert item["custom_plan"] is None or now["plan_name"].endswith("(custom)") is item["custom_plan"]
        assert {key: row for key, row in named(model).items() if key in strangers} == strangers


def test_a_key_that_the_server_makes() -> None:
    """No list of keys can leave it out: that is said before the application is made."""
    model = started()
    for row in model.rows["/admin/api/services"]:
        row.update(backend_version="2", mandatory_app_key=True)
    item = {"account": "team", "product": "product", "name": "new", "plan": "basic", "keys": [], "prune_keys": True}
    written = len(model.writes_done)
    with pytest.raises(RefusalError, match="3scale makes a key for it"):
        keep(model, applications, applications.plan_applications, {"applications": [item]}, 0)
    assert len(model.writes_done) == written
    keep(model, applications, applications.plan_applications, {"applications": [{**item, "keys": ["my-key"]}]}, 0)


@TRIED
@given(st.data(), st.integers(0, 999))
def test_subscriptions_become_as_wanted(data: Any, seed: int) -> None:
    """Any accounts, products and plan; what is not named is left alone."""
    model = started()
    people = [{"username": f"dev{n}", "org_name": f"Dev {n}", "email": f"d{n}@example.com"} for n in range(3)]
    keep(model, accounts, accounts.plan_accounts, {"accounts": people}, 0, TASKS)
    wanted = st.fixed_dictionaries(
        {
            "accounts": st.sets(st.sampled_from(("dev0", "dev1", "dev2")), min_size=1).map(sorted),
            "products": st.sampled_from((["product"], ["another"], ["product", "another"])),
            "state": st.sampled_from(("present", "present", "absent")),
            "plan": st.sampled_from((None, "Default")),
        }
    )
    for step in data.draw(st.lists(wanted, min_size=2, max_size=4)):
        before = {path: list(rows) for path, rows in model.rows.items() if path.endswith("/service_subscriptions")}
        keep(model, subscriptions, subscriptions.plan_subscriptions, step, seed)
        services = {row["id"]: row["system_name"] for row in model.rows["/admin/api/services"]}
        for number, person in enumerate(people):
            owner = next(row for row in model.rows[ACCOUNTS] if row["org_name"] == person["org_name"])
            path = f"{ACCOUNTS}/{owner['id']}/service_subscriptions"
            now = {services[row["service_id"]] for row in model.rows.get(path, [])}
            old = {services[row["service_id"]] for row in before.get(path, [])}
            if f"dev{number}" not in step["accounts"]:
                assert model.rows.get(path, []) == before.get(path, [])
            elif step["state"] == "present":
                assert now == old | set(step["products"])
            else:
                assert now == old - set(step["products"])
