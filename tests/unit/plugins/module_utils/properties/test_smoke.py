# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a product became: where its smoke request fails, production serves what it served before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Plan
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.deploying import TASKS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.parts import Around
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.plan import plan_product
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.read import Reader
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.smoke import served
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT_FIELDS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from tests.support.model.plans import SERVICES
from tests.support.model.run import TRIED, bring, filled
from tests.support.model.server import Row
from tests.support.model.threescale import Threescale
from tests.unit.plugins.module_utils.properties.test_products import keep, products, started


def put_back(model: Threescale, wanted: Row, content: Row, seed: int) -> None:
    """What a failed smoke request leads to: the product as the configuration ``content`` has it."""

    def planner(session: Session, params: Row) -> Plan:
        reader = Reader(session, [params])
        tree = reader.read()["product"]
        backends = {str(item["system_name"]): item for item in reader.backends}
        plan = plan_product(served(params, content, backends), tree, Around(backends, reader.backend_metrics))
        return Plan(plan.changes)

    bring(model, Session(model), planner, filled(PRODUCT_FIELDS, wanted), TASKS, seed)


@TRIED
@given(products(), products(), st.integers(0, 999))
def test_what_was_served_comes_back(first: Row, then: Row, seed: int) -> None:
    """After any change of the settings production serves what it served before, byte for byte but for the ids."""
    model = started()
    same = ("metrics", "methods", "application_plans", "service_plans", "features", "oidc_configuration")
    first, then = {**first, "promotion": "production"}, {**then, "promotion": "production"}
    then = {**then, **{name: first[name] for name in same}, "mapping_rules": first["mapping_rules"][:1]}
    keep(model, first, seed)
    number = next(row["id"] for row in model.rows[SERVICES] if row["system_name"] == "product")
    before = model.latest(number, "production")["content"]
    keep(model, then, seed)
    put_back(model, then, before, seed)
    assert seen(model.latest(number, "production")["content"]) == seen(before)


def seen(content: Row) -> Row:
    """What a gateway makes of a configuration: no ids, and of OpenID Connect only what counts."""
    proxy = content["proxy"]
    oidc = proxy["authentication_method"] == "oidc"
    names = ("error_status_auth_failed", "authentication_method", "policy_chain")
    given_ = (*names, *(("oidc_issuer_type", "oidc_issuer_endpoint") if oidc else ()))
    rules = [(r["http_method"], r["pattern"], r.get("metric_system_name")) for r in proxy["proxy_rules"]]
    return {"description": content["description"], "rules": rules, **{name: proxy.get(name) for name in given_}}
