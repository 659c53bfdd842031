# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.
"""The removal of a product: its applications, its application plans, then the product. Pure.

A product that is merely removed goes on for minutes: everybody who signs up until the purge gets an application of its
default plan (``docs/threescale-behaviour.md#deletions-sign-ups``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import delete
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Call, Change, Ref, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import APPLICATION_PLAN
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT


def plan_removal(wanted: Values, tree: Values) -> list[Change]:
    """The changes, in order. Raises :class:`RefusalError` where live keys would be cut off unasked."""
    applications: Sequence[Values] = tree.get("live") or []
    live = [item for item in applications if item.get("state") in ("live", "pending")]
    if live and not wanted.get("force"):
        names = ", ".join(sorted({f"{item.get('name')} ({item.get('org_name')})" for item in live})[:5])
        raise RefusalError(
            f"product '{tree['system_name']}' has {len(live)} live application(s): {names}. Removing it cuts off "
            "their keys. Set force: true for this product if that is meant."
        )
    name = str(tree["system_name"])
    product = Ref("product", name, tree["id"])
    revoked = [_revocation(item) for item in applications]
    plans = []
    for row in tree.get("application_plans") or []:
        if row.get("custom"):
            continue  # a copy goes with its application
        plan = APPLICATION_PLAN.from_api(row)
        label = f"{name} / {plan['system_name']}"
        plans.append(delete(APPLICATION_PLAN, plan, Ref("plan", label, plan["id"]), {"product": product}, label))
        plans[-1].needs.extend(revoked)
    last = delete(PRODUCT, tree, product, {}, name)
    last.needs.extend([*revoked, *plans])
    return [*revoked, *plans, last]


def _revocation(item: Values) -> Change:
    call = Call("DELETE", f"/admin/api/accounts/{item['account_id']}/applications/{item['id']}.json")
    shown = {"plan": item.get("plan_name"), "state": item.get("state")}
    return Change("delete", "application", f"{item.get('org_name')} / {item.get('name')}", shown, call=call)


def keep_one(changes: Sequence[Change], there: Mapping[str, Values], going: Sequence[str], check: bool) -> None:
    """Let the last product go only after another one was made: the server always keeps one.

    ``there`` are the present products, ``going`` the names of those that are removed. Raises :class:`RefusalError`
    where none would be left; not in check mode, where what other tasks make may be missing.
    """
    if not going or set(there) - set(going):
        return
    made = [change for change in changes if change.noun == PRODUCT.noun and change.action == "create"]
    if not made and not check:
        raise RefusalError(
            f"product '{going[0]}' is the last one of the tenant, and 3scale keeps the last one. Make another product "
            "first."
        )
    for change in changes:
        if change.action == "delete" and change.key.partition(" / ")[0] in going:
            change.needs.extend(made)
