# SPDX-License-Identifier: GPL-3.0-or-later
"""Any product becomes any other: on a server that refuses as 3scale, in any order that the plan allows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale.backends import OPTIONS as BACKENDS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.backends import plan_backends
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.deploying import TASKS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.products import OPTIONS, plan_products
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from tests.support.model.plans import PLANS, SERVICES
from tests.support.model.run import TRIED, bring, filled
from tests.support.model.server import Row
from tests.support.model.threescale import Threescale

METRICS, METHODS = ("tokens", "seconds", "images", "both"), ("chat", "models", "speech", "both")
BACKEND_NAMES = ("b1", "b2", "b3")
ISSUERS = st.fixed_dictionaries(
    {"oidc_issuer_type": st.sampled_from(("keycloak", "rest"))},
    optional={"oidc_issuer_endpoint": st.sampled_from(("https://a:b@sso.example.com", "https://a:c@sso.example.com"))},
)
FLOWS = st.dictionaries(st.sampled_from(("standard_flow_enabled", "service_accounts_enabled")), st.booleans())


@st.composite
def products(draw: Any) -> Row:
    """A wanted product that 3scale can have."""
    titles = draw(st.permutations("ABCDEFGH"))
    metrics = draw(st.lists(st.sampled_from(METRICS), unique=True))
    methods = draw(st.lists(st.sampled_from(METHODS), unique=True))
    metrics = [name for name in metrics if name not in methods]
    named = {name: {"system_name": name, "friendly_name": titles.pop()} for name in (*metrics, *methods)}
    known = [*metrics, *methods, "hits"]
    usages = draw(st.lists(st.sampled_from(BACKEND_NAMES), unique=True, min_size=1))
    paths = draw(st.permutations(["/", "/one", "/two", "/three"]))
    features = draw(st.lists(st.sampled_from("abcxy"), unique=True))
    rules = draw(
        st.lists(st.tuples(st.sampled_from(("GET", "POST")), st.sampled_from(("/a", "/b", "/c"))), unique=True)
    )
    plans = draw(st.lists(st.sampled_from(("basic", "gold", "free")), unique=True))
    version = draw(st.sampled_from(("1", "2", "oidc")))
    return {
        "system_name": "product",
        "description": draw(st.sampled_from(("one", "two"))),
        "prune": True,
        "promotion": draw(st.sampled_from(("none", "staging", "production"))),
        "metrics": [{**named[name], "unit": draw(st.sampled_from(("hit", "token")))} for name in metrics],
        "methods": [named[name] for name in methods],
        "backend_usages": [{"backend": name, "path": path} for name, path in zip(usages, paths)],
        "features": [
            {"system_name": f"feature-{n}", "name": f"Feature {n}", "scope": None if n < "x" else "ServicePlan"}
            for n in features
        ],
        "mapping_rules": [
            {"http_method": method, "pattern": pattern, "metric": draw(st.sampled_from(known))}
            for method, pattern in rules
        ],
        "application_plans": [draw(_plan(name, known, features, name == plans[0])) for name in plans],
        "service_plans": [
            {
                "name": "Default",
                "published": draw(st.booleans()),
                "features": [f"feature-{name}" for name in features if name >= "x" and draw(st.booleans())],
            }
        ],
        "backend_version": version,
        "proxy": {
            "error_status_auth_failed": draw(st.sampled_from((401, 403))),
            **(draw(ISSUERS) if version == "oidc" else {}),
        },
        "oidc_configuration": draw(FLOWS) if version == "oidc" else None,
        "policies": draw(st.sampled_from(([], [{"name": "cors", "configuration": {"allow_credentials": True}}]))),
    }


@st.composite
def _plan(draw: Any, name: str, metrics: list[str], features: list[str], default: bool) -> Row:
    pairs = draw(st.lists(st.tuples(st.sampled_from(metrics), st.sampled_from(("minute", "day"))), unique=True))
    prices = []
    for metric in draw(st.lists(st.sampled_from(metrics), unique=True)):
        ends = sorted(draw(st.sets(st.integers(2, 9), max_size=2)))
        for low, high in zip([1, *(end + 1 for end in ends)], [*ends, None]):
            prices.append(
                {"metric": metric, "min": low, "max": high, "cost_per_unit": draw(st.sampled_from((0.1, 0.2)))}
            )
    return {
        "system_name": name,
        "default": default,
        "published": draw(st.booleans()),
        "setup_fee": draw(st.sampled_from((None, 1.5))),
        "limits": [{"metric": m, "period": p, "value": draw(st.integers(1, 3))} for m, p in pairs],
        "pricing_rules": [price for price in prices if draw(st.booleans())],
        "features": [f"feature-{feature}" for feature in features if feature < "x" and draw(st.booleans())],
    }


def started() -> Threescale:
    """A tenant with three backends, and a product that is nobody's business."""
    model = Threescale()
    backends = [{"system_name": name, "private_endpoint": f"https://{name}.example.com"} for name in BACKEND_NAMES]
    bring(model, Session(model), plan_backends, filled(BACKENDS, {"backends": backends}), {}, 0)
    keep(model, {"system_name": "other", "metrics": [{"system_name": "tokens"}], "promotion": "none"})
    return model


def keep(model: Threescale, product: Row, seed: int = 0) -> list[str]:
    """Bring the product to the wanted state; the warnings."""
    plan = bring(model, Session(model), plan_products, filled(OPTIONS, {"products": [product]}), TASKS, seed)
    again = plan_products(Session(model), filled(OPTIONS, {"products": [product]}))
    assert [(c.action, c.noun, c.key, c.before, c.after) for c in again.changes] == []
    return plan.warnings


def below(model: Threescale, name: str) -> dict[str, list[Row]]:
    """All that a product has, by the last part of its path."""
    service = next(row for row in model.rows[SERVICES] if row["system_name"] == name)
    base = f"{SERVICES}/{service['id']}/"
    return {path[len(base) :]: rows for path, rows in model.rows.items() if path.startswith(base)}


def shape(model: Threescale, name: str = "product") -> Row:
    """What a product has, by names."""
    parts = below(model, name)
    metrics = {row["id"]: row["system_name"] for row in parts["metrics"]}
    backends = {row["id"]: row["system_name"] for row in model.rows["/admin/api/backend_apis"]}
    rules = sorted(parts["proxy/mapping_rules"], key=lambda row: row["position"])
    plans = {}
    for row in parts.get("application_plans", []):
        held = {
            part: model.rows.get(f"{PLANS}/{row['id']}/{part}", []) for part in ("limits", "pricing_rules", "features")
        }
        plans[row["system_name"]] = {
            "published": row["state"] == "published",
            "default": row["default"],
            "limits": {(metrics[r["metric_id"]], r["period"]): r["value"] for r in held["limits"]},
            "prices": {(metrics[r["metric_id"]], r.get("min", 1), r.get("max")): float(r["cost_per_unit"])
                       for r in held["pricing_rules"]},
            "features": {r["system_name"] for r in held["features"]},
        }  # fmt: skip
    return {
        "metrics": {
            row["system_name"]: row["friendly_name"] for row in parts["metrics"] if row["system_name"] != "hits"
        },
        "usages": {backends[row["backend_id"]]: row["path"] for row in parts.get("backend_usages", [])},
        "rules": [(row["http_method"], row["pattern"], metrics[row["metric_id"]]) for row in rules],
        "features": {row["system_name"] for row in parts.get("features", [])},
        "subscribed": {
            item["system_name"]
            for row in parts["service_plans"]
            for item in model.rows.get(f"/admin/api/service_plans/{row['id']}/features", [])
        },
        "plans": plans,
        "status": parts["one"][0].get("error_status_auth_failed"),
        "version": next(row for row in model.rows[SERVICES] if row["system_name"] == name)["backend_version"],
    }


def wanted_shape(product: Row) -> Row:
    plans = {
        plan["system_name"]: {
            "published": plan["published"],
            "default": plan["default"],
            "limits": {(item["metric"], item["period"]): item["value"] for item in plan["limits"]},
            "prices": {(p["metric"], p["min"], p["max"]): p["cost_per_unit"] for p in plan["pricing_rules"]},
            "features": set(plan["features"]),
        }
        for plan in product["application_plans"]
    }
    return {
        "metrics": {item["system_name"]: item["friendly_name"] for item in product["metrics"] + product["methods"]},
        "usages": {item["backend"]: item["path"] for item in product["backend_usages"]},
        "rules": [(rule["http_method"], rule["pattern"], rule["metric"]) for rule in product["mapping_rules"]],
        "features": {item["system_name"] for item in product["features"]},
        "subscribed": {name for plan in product["service_plans"] for name in plan["features"]},
        "plans": plans,
        "status": product["proxy"]["error_status_auth_failed"],
        "version": product["backend_version"],
    }


def never_gone(model: Threescale, product: Row) -> None:
    """Watch a change: what is there and is wanted, is there all the time."""
    before, after = shape(model), wanted_shape(product)
    stays = {
        name: set(plan["limits"]) & set(after["plans"][name]["limits"])
        for name, plan in before["plans"].items()
        if name in after["plans"]
    }

    def watch() -> None:
        now = shape(model)
        for name, limits in stays.items():
            assert limits <= set(now["plans"][name]["limits"]), "a limit was lifted"
        assert now["usages"], "the product stood without backend"
        assert set(before["metrics"]) & set(after["metrics"]) <= set(now["metrics"])

    model.watch = watch


@TRIED
@given(products(), products(), st.integers(0, 999))
def test_any_product_becomes_any_other(first: Row, then: Row, seed: int) -> None:
    """No request is refused, nothing more is to be done afterwards, and nothing else is touched."""
    model = started()
    other = below(model, "other")
    keep(model, first, seed)
    kinds = [
        {item["system_name"] for item in product[kind]}
        for product, kind in ((first, "metrics"), (then, "methods"), (first, "methods"), (then, "metrics"))
    ]
    if kinds[0] & kinds[1] or kinds[2] & kinds[3]:
        written = len(model.writes_done)
        with pytest.raises(RefusalError, match="can't become another kind"):
            keep(model, then, seed)
        assert len(model.writes_done) == written
        return
    never_gone(model, then)
    warnings = keep(model, then, seed)
    model.watch = lambda: None
    reached, asked = shape(model), wanted_shape(then)
    stayed = {name for name in reached["metrics"] if name not in asked["metrics"]}
    assert all(any(f"/ {name}' stays for now" in words for words in warnings) for name in stayed)
    reached["metrics"] = {name: title for name, title in reached["metrics"].items() if name not in stayed}
    assert reached == asked
    assert below(model, "other") == other
    if then["promotion"] == "production":
        number = next(row["id"] for row in model.rows[SERVICES] if row["system_name"] == "product")
        assert model.latest(number, "production")["content"] == model._content(number)


@settings(TRIED, max_examples=12)
@given(st.lists(products(), min_size=3, max_size=3), st.integers(0, 999))
def test_many_new_products_get_what_each_gets_alone(wanted: list[Row], seed: int) -> None:
    """What is learned of all of them in one list is there before one of them needs it."""
    model = started()
    named = [{**product, "system_name": f"product{number}"} for number, product in enumerate(wanted)]
    params = filled(OPTIONS, {"products": named})
    bring(model, Session(model), plan_products, params, TASKS, seed)
    assert plan_products(Session(model), params).changes == []
    for product in named:
        assert shape(model, product["system_name"]) == wanted_shape(product)


@st.composite
def counting(draw: Any) -> Row:
    """Metrics whose few titles change hands, and many rules that count them."""
    titles = draw(st.permutations("ABCD"))
    listed = draw(st.lists(st.sampled_from(("m1", "m2", "m3", "m4")), unique=True, min_size=2))
    patterns = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=3))
    rules = [{"http_method": "GET", "pattern": f"/{p}", "metric": draw(st.sampled_from(listed))} for p in patterns]
    metrics = [{"system_name": name, "friendly_name": title} for name, title in zip(listed, titles)]
    return {"system_name": "product", "promotion": "none", "prune": True, "metrics": metrics, "mapping_rules": rules}


@TRIED
@given(counting(), counting(), counting(), st.integers(0, 999))
def test_rules_keep_their_order_while_titles_change_hands(one: Row, two: Row, three: Row, seed: int) -> None:
    model = started()
    for product in (one, two, three):
        keep(model, product, seed)
        reached = shape(model)
        assert reached["rules"] == [(r["http_method"], r["pattern"], r["metric"]) for r in product["mapping_rules"]]
        assert reached["metrics"] == {item["system_name"]: item["friendly_name"] for item in product["metrics"]}


@TRIED
@given(products(), products(), st.integers(0, 999))
def test_without_prune_what_is_not_listed_stays_as_it_is(first: Row, then: Row, seed: int) -> None:
    """Where an unlisted one has what a listed one shall get, that is said before any write."""
    model = started()
    keep(model, first, seed)
    before = shape(model)
    written = len(model.writes_done)
    try:
        keep(model, {**then, "prune": False, "mapping_rules": None}, seed)
    except RefusalError:
        assert len(model.writes_done) == written
        return
    now, asked = shape(model), wanted_shape(then)
    for part in ("metrics", "usages"):
        assert now[part] == {**before[part], **asked[part]}
    assert now["features"] == before["features"] | asked["features"] and now["rules"] == before["rules"]
    for name, plan in before["plans"].items():
        for part in ("limits", "prices"):
            assert now["plans"][name][part] == {**plan[part], **asked["plans"].get(name, {}).get(part, {})}
