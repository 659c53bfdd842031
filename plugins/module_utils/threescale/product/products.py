# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Many products in one run: check, read side by side, plan each, and what the module returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Plan, Told, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import check_all_annotations
from ansible_collections.rhai.maas.plugins.module_utils.threescale.emptied import as_shown
from ansible_collections.rhai.maas.plugins.module_utils.threescale.policy_check import (
    Known,
    Schemas,
    check_chains,
    custom_names,
    hide_marked,
    registry,
    schemas_of,
    secrets_in_chains,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.policy_schemas import SCHEMAS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.check import check_products
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.parts import Around
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.plan import (
    ENDPOINTS,
    ProductPlan,
    plan_product,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.read import Reader
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.removal import keep_one
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT_FIELDS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.together import look_together
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import refuse_later
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

CUSTOM_POLICY = {
    "name": Field(required=True),
    "version": Field(required=True),
    "schema": Field(type="dict", required=True),
}
OPTIONS = {
    "products": Field(type="list", elements="dict", options=PRODUCT_FIELDS),
    "custom_policies": Field(type="list", elements="dict", options=CUSTOM_POLICY),
}


def plan_products(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_product``."""
    wanted: Sequence[Values] = params["products"]
    check_products(wanted)
    check_all_annotations(wanted, "products")
    refuse_later(session, PRODUCT_FIELDS, wanted, "products[]")
    beside = schemas_of(params.get("custom_policies") or [])
    custom = _schemas(session, wanted, beside)
    warnings = _check_chains(session, wanted, custom)
    reader = Reader(session, wanted)
    trees = reader.read()
    if custom == beside:  # what is there may name others than what is wanted
        custom = _schemas(session, list(trees.values()), beside)
    hide_marked(session, list(trees.values()), custom or {})
    wanted = [_as_shown(session, item, trees.get(item["system_name"])) for item in wanted]
    around = Around(
        {str(item["system_name"]): item for item in reader.backends},
        reader.backend_metrics,
        session.check,
    )
    plans = [(item, plan_product(item, trees.get(item["system_name"]), around)) for item in wanted]
    changes = [change for _item, plan in plans for change in plan.changes]
    changes += look_together(changes, len(reader.products))
    there = {str(item["system_name"]): item for item in reader.products}
    going = [name for name in trees if any(_is_removed(item, name) for item in wanted)]
    keep_one(changes, there, going, session.check)
    return Plan(
        changes=changes,
        warnings=[*warnings, *(warning for _item, plan in plans for warning in plan.warnings)],
        result={"products": [_returned(item, plan, trees) for item, plan in plans]},
    )


def _as_shown(session: Session, item: Values, tree: Values | None) -> Values:
    """A product without an address for support shows its tenant's."""

    def stand_in(name: str) -> Any:
        return (session.one("/admin/api/provider.json", "account") or {}).get(name)

    return as_shown(item, tree or {}, stand_in, "support_email")


def _is_removed(item: Values, name: str) -> bool:
    return item["system_name"] == name and item.get("state") == "absent"


def marked_in_chains(params: Mapping[str, Any]) -> list[str]:
    """The values in the wanted chains that the play's own manifests (``custom_policies``) mark as secrets."""
    schemas = schemas_of(params.get("custom_policies") or [])
    return secrets_in_chains([*(params.get("products") or []), params], schemas)


def _check_chains(session: Session, wanted: Sequence[Values], custom: Schemas | None) -> list[str]:
    """Hold the wanted chains to the schemas of the gateway's own policies, and ``custom`` ones (None: not known)."""
    session.secrets.update(secrets_in_chains(wanted, custom or {}))
    known = Known(SCHEMAS, custom, lambda: session.one("/admin/api/policies.json") or {}, session.check)
    return check_chains(wanted, known)


def _schemas(session: Session, wanted: Sequence[Values], beside: Schemas) -> Schemas | None:
    """The schemas of custom policies: the play's own, and where others are named those of the registry."""
    if not custom_names(wanted) - set(beside):
        return beside
    found = registry(session)
    return {**found, **beside} if found is not None else None


def _returned(wanted: Values, plan: ProductPlan, trees: Mapping[str, Values]) -> dict[str, Any]:
    name = str(wanted["system_name"])
    tree = trees.get(name, {})
    proxy = tree.get("proxy") or ((tree.get("sandbox") or {}).get("content") or {}).get("proxy") or {}
    if wanted.get("state") == "absent":
        return {"system_name": name, "state": "absent"}
    return {
        "id": plan.ref,
        "system_name": name,
        "name": wanted.get("name") or tree.get("name") or name,
        "state": "present",
        **{key: Told(plan.facts, key, proxy.get(key)) for key in ENDPOINTS},
    }
