# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Service subscriptions: every account × every product, only the missing pairs; one read for each account."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Find,
    Plan,
    Ref,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import named, unknown
from ansible_collections.rhai.maas.plugins.module_utils.threescale.accounts import find_account
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session

OPTIONS: dict[str, Field] = {
    "accounts": Field(type="list", elements="str"),
    "products": Field(type="list", elements="str"),
    "plan": Field(),
    "state": Field(choices=("present", "absent"), default="present"),
    "approve": Field(type="bool", default=True),
}
_LIST = "/admin/api/accounts/{account}/service_subscriptions"
_OWNER = re.compile(r"/services/(\d+)$")


def plan_subscriptions(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_service_subscription``."""
    wanted = _products(session, params)
    accounts = _accounts(session, params)
    lists = session.side_by_side(lambda account: _subscriptions(session, account), accounts)
    plan = Plan()
    pairs = 0
    for account, present in zip(accounts, lists):
        changes = plan_account(account, present, wanted, str(params["state"]), bool(params["approve"]))
        pairs += len(wanted)
        plan.changes += changes
    if params["state"] == "present" and not wanted:
        plan.warnings.append("no product has a default or published service plan: there is nothing to subscribe to.")
    plan.result = lambda: {
        "service_subscriptions": {
            "accounts": len(accounts),
            "products": len(wanted),
            "pairs": pairs,
            "changed": len(plan.changes),
        }
    }
    return plan


def plan_account(
    account: Values, present: Sequence[Values], wanted: Mapping[int, tuple[str, Values]], state: str, approve: bool
) -> list[Change]:
    """The changes of one account. ``wanted`` is product id → (system_name, service plan).

    They run one after the other: the first subscriptions of an account race with each other (reference §32.2).
    """
    there = {row.get("service_id"): row for row in present}
    owner = Ref("account", str(account.get("org_name")), account["id"])
    changes: list[Change] = []
    for number, (name, plan) in wanted.items():
        label = f"{account.get('org_name')} ({account['id']}) × {name}"
        row = there.get(number)
        if state == "absent":
            if row is not None:
                call = Call("DELETE", f"{_LIST}/{row['id']}.json", {"account": owner})
                changes.append(Change("delete", "service subscription", label, {"state": row.get("state")}, call=call))
        elif row is None:
            changes.append(_subscribe(label, owner, number, plan))
        elif approve and row.get("state") == "pending":
            call = Call("PUT", f"{_LIST}/{row['id']}/approve.json", {"account": owner})
            changes.append(
                Change("approve", "service subscription", label, {"state": "pending"}, {"state": "live"}, call)
            )
    for change in changes:
        change.lane = f"account {account['id']}"
    return changes


def _subscribe(label: str, owner: Ref, product: int, plan: Values) -> Change:
    find = Find(
        _LIST + ".json", {"account": owner}, "service_subscriptions", "service_subscription",
        lambda row: row.get("service_id") == product,
    )  # fmt: skip
    body = {"service_subscription": {"plan_id": plan["id"]}}
    return Change(
        "create", "service subscription", label, after={"plan": plan["name"]},
        call=Call("POST", _LIST + ".json", {"account": owner}, body), find=find,
        already=((422, "already subscribed"),),
    )  # fmt: skip


def _products(session: Session, params: Values) -> dict[int, tuple[str, Values]]:
    """Products to subscribe to, with the plan: the one named, else the default one, else the first published."""
    products = session.all(PRODUCT)
    names = params.get("products")
    chosen = (
        products if names is None else [named(products, "system_name", name, "product", "products") for name in names]
    )
    plans: dict[int, list[Values]] = {}
    for row in session.rows("/admin/api/service_plans.json", "plans", "service_plan"):
        link = next((str(entry.get("href")) for entry in row.get("links") or [] if entry.get("rel") == "service"), "")
        owner = _OWNER.search(link)
        if owner:
            plans.setdefault(int(owner.group(1)), []).append(row)
    result: dict[int, tuple[str, Values]] = {}
    for product in chosen:
        mine = plans.get(product["id"], [])
        if params.get("plan"):
            best = [plan for plan in mine if plan.get("name") == params["plan"]]
        else:
            best = [plan for plan in mine if plan.get("default")] or [p for p in mine if p.get("state") == "published"]
        if best:
            result[product["id"]] = (str(product["system_name"]), best[0])
        elif names is not None and params["state"] == "present":
            what = f"service plan for product '{product['system_name']}'"
            raise unknown(
                what, str(params.get("plan") or "(default)"), [str(plan.get("name")) for plan in mine], "plan"
            )
    return result


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
        if account is None:
            raise unknown("developer", name, [], "accounts")
    return [account for account in found if account is not None]


def _subscriptions(session: Session, account: Values) -> list[Values]:
    path = f"/admin/api/accounts/{account['id']}/service_subscriptions.json"
    rows: list[Values] = session.rows(path, "service_subscriptions", "service_subscription")
    return rows
