# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What a run learns of many products on its way, in one list in place of a look at each. Pure.

Such a look waits for all that it is to show, and what needs it waits for the look. A product that the list does not
show is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import SERVICE_PLAN
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.latest import MANY, list_is_cheaper

NAMED = 3  # products that an error names


def look_together(changes: Sequence[Change], products: int) -> list[Change]:
    """The looks that spare others: ``changes`` of all wanted products, in a tenant of so many ``products``."""
    return [*_at_service_plans(changes), *_at_staging(changes, products)]


def _at_service_plans(changes: Sequence[Change]) -> list[Change]:
    """The service plans that come with new products."""
    looking = [change for change in changes if _made_plan(change) is not None]
    plans = {id(ref): ref for change in looking if (ref := _made_plan(change)) is not None}
    if len(plans) < MANY:
        return []
    products = [ref.find.refs["product"] for ref in plans.values() if ref.find is not None]
    data = {"products": products, "plans": list(plans.values())}
    new = {id(product) for product in products}
    makers = [change for change in changes if id(change.ref) in new]
    return [_look("service plans", [product.key for product in products], data, makers, looking)]


def _made_plan(change: Change) -> Ref | None:
    """The service plan that a change is about, where the server makes it with its product."""
    ref = change.call.refs.get("id") if change.call is not None else None
    return ref if ref is not None and ref.find is not None and ref.noun == SERVICE_PLAN.noun else None


def _at_staging(changes: Sequence[Change], products: int) -> list[Change]:
    """Staging of the products that their settings deploy: their own deployments only look."""
    looking = [change for change in changes if change.task == "deploy" and change.data["written"]]
    if not list_is_cheaper(len(looking), products):
        return []
    everything = Ref("staging", "all products")
    needs = [need for change in looking for need in change.needs]
    for change in looking:
        change.data = {**change.data, "everything": everything}
    return [_look("staging", [change.key for change in looking], {"everything": everything}, needs, looking)]


def _look(
    what: str, names: Sequence[str], data: Mapping[str, Any], needs: Sequence[Change], looking: Sequence[Change]
) -> Change:
    """One look at ``what``, after ``needs`` and before ``looking``."""
    some = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    look = Change("read", f"{what} of products", some, task=f"look at {what}", data=data, quiet=True)
    look.needs.extend(needs)
    for change in looking:
        change.needs.append(look)
    return look
