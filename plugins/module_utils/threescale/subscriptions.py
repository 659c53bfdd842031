# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.
"""Subscriptions of developer accounts to products: made, moved to another plan, approved, ended."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Find,
    Plan,
    Ref,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import named, unknown
from ansible_collections.rhai.maas.plugins.module_utils.threescale.accounts import find_account
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import needs
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session
from ansible_collections.rhai.maas.plugins.module_utils.threescale.subscription_lists import SUBSCRIPTION, Subscriptions

OPTIONS: dict[str, Field] = {
    "accounts": Field(type="list", elements="str"),
    "products": Field(type="list", elements="str"),
    "plan": Field(),
    "state": Field(choices=("present", "absent"), default="present"),
    "approve": Field(type="bool", default=True),
    "force": Field(type="bool", default=False),
}
_ACCOUNT = "/admin/api/accounts/{account}"
_LIST = SUBSCRIPTION.path
_OWNER = re.compile(r"/services/(\d+)$")
NOUN = SUBSCRIPTION.noun


@dataclass(frozen=True)
class Wanted:
    """What is asked for. ``products``: product id → (system_name, service plan); ``table``: how they are kept."""

    products: Mapping[int, tuple[str, Values]]
    plan_named: bool
    approve: bool
    table: Resource

    @property
    def older(self) -> bool:
        """Whether the server has none of what came with the table of subscriptions."""
        return self.table is not SUBSCRIPTION


def plan_subscriptions(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_service_subscription``."""
    products = _products(session, params)
    accounts = _accounts(session, params)
    reader = Subscriptions(session)
    lists = reader.of_all(accounts)
    plan = Plan()
    if params["state"] == "absent":
        plan.changes = _endings(session, params, accounts, lists, products, reader.table)
    else:
        wanted = Wanted(products, bool(params.get("plan")), bool(params["approve"]), reader.table)
        for account, present in zip(accounts, lists):
            plan.changes += plan_account(account, present, wanted, plan.warnings)
        if not products:
            plan.warnings.append(
                "no product has a default or published service plan: there is nothing to subscribe to."
            )
    plan.result = {
        "service_subscriptions": {
            "accounts": len(accounts),
            "products": len(products),
            "pairs": len(accounts) * len(products),
            "changed": len(plan.changes),
        }
    }
    return plan


def plan_account(account: Values, present: Sequence[Values], wanted: Wanted, warnings: list[str]) -> list[Change]:
    """The changes of one account.

    They run one after the other: ``docs/threescale-behaviour.md#concurrent-subscriptions``.
    """
    there = {row.get("service_id"): row for row in reversed(present)}  # of several the oldest
    owner = Ref("account", str(account.get("org_name")), account["id"])
    changes: list[Change] = []
    for number, (name, plan) in wanted.products.items():
        label = _label(account, name)
        row = there.get(number)
        if row is None:
            changes.append(_subscribe(label, owner, number, plan, wanted.table))
            continue
        if wanted.plan_named and row.get("plan_id") != plan["id"]:
            if wanted.older:
                raise needs("plan", SUBSCRIPTION.since, f"move '{label}' to plan '{plan['name']}' in the admin portal")
            changes.append(_move(label, owner, row, plan))
        if wanted.approve and row.get("state") == "pending":
            if wanted.older:
                warnings.append(
                    f"{label} is pending; before 3scale {SUBSCRIPTION.since} only the admin portal approves it."
                )
                continue
            call = Call("PUT", f"{_LIST}/{row['id']}/approve.json", {"account": owner})
            changes.append(Change("approve", NOUN, label, {"state": "pending"}, {"state": "live"}, call))
    for change in changes:
        change.lane = f"account {account['id']}"
    return changes


def _label(account: Values, product: str) -> str:
    return f"{account.get('org_name')} ({account['id']}) × {product}"


def _subscribe(label: str, owner: Ref, product: int, plan: Values, table: Resource) -> Change:
    find = Find(table.path + ".json", {"account": owner}, table.collection, table.envelope, {"service_id": product})
    call = Call("POST", _LIST + ".json", {"account": owner}, SUBSCRIPTION.wrap({"plan_id": plan["id"]}))
    if table is not SUBSCRIPTION:
        call = Call("POST", f"{_ACCOUNT}/service_plans/{plan['id']}/buy.json", {"account": owner})
    already = ((422, "already subscribed"),)
    return Change("create", NOUN, label, after={"plan": plan["name"]}, call=call, find=find, already=already)


def _move(label: str, owner: Ref, row: Values, plan: Values) -> Change:
    body = {"service_subscription": {"plan_id": plan["id"]}}
    call = Call("PUT", f"{_LIST}/{row['id']}/change_plan.json", {"account": owner}, body)
    before, after = {"plan_id": row.get("plan_id")}, {"plan_id": plan["id"], "plan": plan["name"]}
    return Change("change plan", NOUN, label, before, after, call)


def _endings(
    session: Session,
    params: Values,
    accounts: Sequence[Values],
    lists: Sequence[Sequence[Values]],
    products: Mapping[int, tuple[str, Values]],
    table: Resource,
) -> list[Change]:
    """The end of subscriptions. Raises :class:`RefusalError` where that is too much, or the server would refuse it."""
    ending = [
        (account, row) for account, rows in zip(accounts, lists) for row in rows if row.get("service_id") in products
    ]
    owners = {account["id"]: account for account, _row in ending}
    if ending and params.get("accounts") is None and not params["force"]:
        raise RefusalError(
            f"accounts: without names all developers are meant: {len(ending)} subscription(s) of {len(owners)} "
            "account(s) would end. Name the accounts, or set force: true if that is meant."
        )
    _refuse_used(session, ending, owners, products)
    return [
        Change(
            "delete", NOUN, _label(account, products[row["service_id"]][0]), {"state": row.get("state")},
            call=Call("DELETE", f"{table.path}/{row['id']}.json", {"account": Ref("account", "", account["id"])}),
            lane=f"account {account['id']}",
        )
        for account, row in ending
    ]  # fmt: skip


def _refuse_used(
    session: Session,
    ending: Sequence[tuple[Values, Values]],
    owners: Mapping[int, Values],
    products: Mapping[int, tuple[str, Values]],
) -> None:
    """Refuse to end what applications need: the server would, but only after others have ended."""
    lists = session.side_by_side(
        lambda number: session.rows(f"/admin/api/accounts/{number}/applications.json", "applications", "application"),
        owners,
    )
    used = {
        (number, row.get("service_id")) for number, rows in zip(owners, lists) for row in rows
        if row.get("state") != "suspended"
    }  # fmt: skip
    for account, row in ending:
        if (account["id"], row["service_id"]) in used:
            label = _label(account, products[row["service_id"]][0])
            raise RefusalError(
                f"{label}: the account still has applications of this product "
                "that are not suspended. Suspend or remove them first (threescale_application); suspended ones go "
                "with the subscription."
            )


def _products(session: Session, params: Values) -> dict[int, tuple[str, Values]]:
    """Products that are meant, with the plan: the one named, else the default one, else the first published."""
    products = session.all(PRODUCT)
    names = params.get("products")
    chosen = (
        products if names is None else [named(products, "system_name", name, "product", "products") for name in names]
    )
    if params["state"] == "absent":
        return {product["id"]: (str(product["system_name"]), {}) for product in chosen}
    plans = _service_plans(session)
    result: dict[int, tuple[str, Values]] = {}
    for product in chosen:
        best = _best(plans.get(product["id"], []), params.get("plan"))
        if best is not None:
            result[product["id"]] = (str(product["system_name"]), best)
        elif names is not None:
            raise _no_plan(product, plans.get(product["id"], []), params.get("plan"))
    if params.get("plan") and not result:
        there = sorted({str(plan.get("name")) for rows in plans.values() for plan in rows})
        raise unknown("service plan", str(params["plan"]), there, "plan")
    return result


def _best(plans: Sequence[Values], name: str | None) -> Values | None:
    """A plan by name, hidden or not; without one the default plan, else the first published one."""
    if name:
        return next((plan for plan in plans if plan.get("name") == name), None)
    default = [plan for plan in plans if plan.get("default")]
    return next(iter(default or [plan for plan in plans if plan.get("state") == "published"]), None)


def _no_plan(product: Values, plans: Sequence[Values], name: str | None) -> RefusalError:
    there = [str(plan.get("name")) for plan in plans]
    if name or not there:
        return unknown(f"service plan of product '{product['system_name']}'", str(name or ""), there, "plan")
    return RefusalError(
        f"plan: all service plans of product '{product['system_name']}' are hidden and none is its default "
        f"({', '.join(there)}). Publish one, make it the default, or name one in plan to subscribe to it all the same."
    )


def _service_plans(session: Session) -> dict[int, list[Values]]:
    """The service plans of each product."""
    plans: dict[int, list[Values]] = {}
    for row in session.rows("/admin/api/service_plans.json", "plans", "service_plan"):
        link = next((str(entry.get("href")) for entry in row.get("links") or [] if entry.get("rel") == "service"), "")
        owner = _OWNER.search(link)
        if owner:
            plans.setdefault(int(owner.group(1)), []).append(row)
    return plans


def _accounts(session: Session, params: Values) -> list[Values]:
    """Approved accounts, or those whose developers are named."""
    if params.get("accounts") is None:
        rows: list[Values] = session.rows(
            "/admin/api/accounts.json", "accounts", "account", PAGE, {"state": "approved"}
        )
        return rows
    names = [str(name) for name in params["accounts"]]
    found = session.side_by_side(lambda name: find_account(session, name), names)
    for name, account in zip(names, found):
        if account is None and params["state"] == "present":
            raise unknown("developer", name, [], "accounts")
    return [account for account in found if account is not None]
