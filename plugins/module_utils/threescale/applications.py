# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Applications, that is keys: issued, rotated with overlap, suspended, resumed, revoked.

An application is found by account, product and name. A *generation* is part of its name (``bot (2026-11)``): the next
generation is a new application with a new key; the older ones are kept, suspended or removed as asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Find,
    Plan,
    Ref,
    RefusalError,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import named, unknown
from ansible_collections.rhai.maas.plugins.module_utils.threescale.accounts import find_account
from ansible_collections.rhai.maas.plugins.module_utils.threescale.application_keys import LIST, plan_keys
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

STATES = ("present", "live", "suspended", "absent")
APPLICATION_FIELDS: dict[str, Field] = {
    "account": Field(required=True),
    "product": Field(required=True),
    "name": Field(required=True),
    "plan": Field(),
    "state": Field(choices=STATES, default="live"),
    "description": Field(),
    "user_key": Field(secret=True),
    "application_id": Field(),
    "keys": Field(type="list", elements="str", secret=True),
    "prune_keys": Field(type="bool", default=False, harmless=True),
    "redirect_url": Field(),
    "fields": Field(type="dict"),
    "generation": Field(),
    "older": Field(choices=("keep", "suspend", "absent"), default="keep"),
}
OPTIONS = {
    "applications": Field(type="list", elements="dict", options=APPLICATION_FIELDS),
    "show_keys": Field(type="bool", default=False, harmless=True),
}
_KEY = re.compile(r"[\x21-\x7e]{5,255}")


@dataclass
class Around:
    """What was read: products and plans by name, accounts by user name, each account's applications."""

    products: Sequence[Values]
    plans: Sequence[Values]
    accounts: Mapping[str, Values | None]
    applications: Mapping[str, Sequence[Values]]
    keys: dict[int, list[str]]


def plan_applications(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_application``."""
    wanted: Sequence[Values] = params["applications"]
    check_applications(wanted)
    around = _read(session, wanted)
    plan = Plan()
    made: list[dict[str, Any]] = []
    for place, item in enumerate(wanted):
        facts: dict[str, Any] = {}
        made.append(facts)
        plan.changes += plan_application(item, around, f"applications[{place}]", facts, session.check)
    plan.result = lambda: {
        "applications": [_returned(item, facts, bool(params["show_keys"])) for item, facts in zip(wanted, made)]
    }
    return plan


def full_name(item: Values) -> str:
    """The application's name with its generation."""
    return f"{item['name']} ({item['generation']})" if item.get("generation") else str(item["name"])


def check_applications(wanted: Sequence[Values]) -> None:
    """Refuse bad input. Raises :class:`RefusalError`."""
    seen: set[tuple[str, str, str]] = set()
    for place, item in enumerate(wanted):
        key = (str(item["account"]), str(item["product"]), full_name(item))
        if key in seen:
            raise RefusalError(f"applications[{place}]: '{' / '.join(key)}' stands there twice. Keep one.")
        seen.add(key)
        if item.get("user_key") is not None and not re.fullmatch(r"[\w\-.+=]{1,256}", str(item["user_key"]), re.ASCII):
            raise RefusalError(f"applications[{place}].user_key: must be letters, digits and '-_.', at most 256.")
        if any(not _KEY.fullmatch(str(key)) for key in item.get("keys") or []):
            raise RefusalError(f"applications[{place}].keys: a key has 5 to 255 printable characters without spaces.")
        if len(item.get("keys") or []) > 5:
            raise RefusalError(f"applications[{place}].keys: an application has at most 5 keys.")


def _read(session: Session, wanted: Sequence[Values]) -> Around:
    products = session.all(PRODUCT)
    plans = session.rows("/admin/api/application_plans.json", "plans", "application_plan")
    names = sorted({str(item["account"]) for item in wanted})
    found = dict(zip(names, session.side_by_side(lambda name: find_account(session, name), names)))
    there = {name: account for name, account in found.items() if account}
    lists = session.side_by_side(
        lambda account: session.rows(
            f"/admin/api/accounts/{account['id']}/applications.json", "applications", "application"
        ),
        there.values(),
    )
    around = Around(products, plans, found, dict(zip(there, lists)), {})
    for item in wanted:
        application = _find(item, around)
        if application is not None and item.get("keys") is not None:
            path = f"/admin/api/accounts/{application['account_id']}/applications/{application['id']}/keys.json"
            around.keys[application["id"]] = [str(row["value"]) for row in session.rows(path, "keys", "key")]
    return around


def _product(item: Values, around: Around) -> Values | None:
    return next((product for product in around.products if product["system_name"] == item["product"]), None)


def _siblings(item: Values, around: Around) -> list[Values]:
    """Applications of the account and product, whatever their names."""
    product = _product(item, around) or {}
    rows = around.applications.get(str(item["account"]), [])
    return [row for row in rows if row.get("service_id") == product.get("id")]


def _find(item: Values, around: Around) -> Values | None:
    return next((row for row in _siblings(item, around) if row.get("name") == full_name(item)), None)


def plan_application(item: Values, around: Around, option: str, facts: dict[str, Any], check: bool) -> list[Change]:
    """The changes of one wanted application; ``facts`` gets what the server says of it."""
    there = _find(item, around)
    label = f"{item['account']} / {item['product']} / {full_name(item)}"
    if item["state"] == "absent":
        return [_removal(row, label) for row in ([there] if there else [])] + _older(item, around, "absent")
    account = around.accounts.get(str(item["account"]))
    if account is None and not check:
        raise RefusalError(
            f"{option}.account: there is no developer '{item['account']}'. Correct it, or make the account first."
        )
    if _product(item, around) is None and not check:
        names = [str(product["system_name"]) for product in around.products]
        raise unknown("product", str(item["product"]), names, f"{option}.product")
    if there is None:
        changes = _issue(item, around, account, label, option, facts, check)
    else:
        facts.update(there)
        changes = _change(item, around, there, label, option)
    return changes + _older(item, around, str(item["older"]), changes)


def _plan(item: Values, around: Around, option: str, check: bool) -> Values:
    """The application plan by name, among those of the product."""
    product = _product(item, around)
    if product is None:
        return {"id": None}
    mine = [
        plan for plan in around.plans
        if any(f"/services/{product['id']}" == str(link.get("href"))[-len(f"/services/{product['id']}"):]
               for link in plan.get("links") or [] if link.get("rel") == "service")
    ]  # fmt: skip
    if check and not any(plan["system_name"] == item["plan"] for plan in mine):
        return {"id": None}
    return named(mine, "system_name", str(item["plan"]), "application plan", f"{option}.plan")


def _issue(
    item: Values, around: Around, account: Values | None, label: str, option: str, facts: dict[str, Any], check: bool
) -> list[Change]:
    if not item.get("plan"):
        raise RefusalError(f"{option}.plan: the new application '{label}' needs a plan.")
    plan = _plan(item, around, option, check)
    owner = Ref("account", str(item["account"]), (account or {}).get("id"))
    ref = Ref("application", label)
    body: dict[str, Any] = {"plan_id": plan["id"], "name": full_name(item)}
    body.update(
        {n: item[n] for n in ("description", "user_key", "application_id", "redirect_url") if item.get(n) is not None}
    )
    if item.get("keys"):
        body["application_key"] = list(item["keys"])
    body.update(item.get("fields") or {})
    shown = {name: value for name, value in body.items() if name not in ("plan_id", "application_key", "user_key")}

    def match(row: Values) -> bool:
        return row.get("name") == full_name(item) and row.get("plan_id") == plan["id"]

    changes = [
        Change(
            "create", "application", label, after={**shown, "plan": item["plan"]},
            call=Call("POST", LIST + ".json", {"account": owner}, body, "application"), ref=ref,
            find=Find(LIST + ".json", {"account": owner}, "applications", "application", match),
            learn=facts.update, lane=f"account {item['account']}",
        )
    ]  # fmt: skip
    if item["state"] == "suspended":
        changes.append(_event("suspend", label, owner, ref, "live", "suspended", changes))
    return changes


def _change(item: Values, around: Around, there: Values, label: str, option: str) -> list[Change]:
    owner = Ref("account", str(item["account"]), there["account_id"])
    ref = Ref("application", label, there["id"])
    changes: list[Change] = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in ("description", "user_key", "redirect_url", *(item.get("fields") or {})):
        value = (item.get("fields") or {}).get(name, item.get(name))
        if value is not None and normal.text(value) != normal.text(there.get(name)):
            before[name], after[name] = there.get(name), value
    if after:
        call = Call("PUT", LIST + "/{id}.json", {"account": owner, "id": ref}, after)
        changes.append(Change("update", "application", label, before, after, call, secrets=frozenset({"user_key"})))
    if item.get("plan"):
        plan = _plan(item, around, option, False)
        if plan["id"] != there.get("plan_id"):
            call = Call("PUT", LIST + "/{id}/change_plan.json", {"account": owner, "id": ref}, {"plan_id": plan["id"]})
            changes.append(
                Change(
                    "change plan", "application", label, {"plan": there.get("plan_name")}, {"plan": plan["name"]}, call
                )
            )
    changes += plan_keys(item, around.keys.get(there["id"], []), owner, ref, label)
    event = {
        ("live", "suspended"): "resume", ("live", "pending"): "accept", ("suspended", "live"): "suspend"
    }.get((str(item["state"]), str(there.get("state"))))  # fmt: skip
    if event:
        changes.append(_event(event, label, owner, ref, str(there.get("state")), str(item["state"]), changes))
    return changes


def _event(event: str, label: str, owner: Ref, ref: Ref, old: str, new: str, needs: Sequence[Change]) -> Change:
    call = Call("PUT", f"{LIST}/{{id}}/{event}.json", {"account": owner, "id": ref})
    return Change(
        event, "application", label, {"state": old}, {"state": new}, call, needs=list(needs),
        already=((422, "cannot transition"),),
    )  # fmt: skip


def _older(item: Values, around: Around, fate: str, needs: Sequence[Change] = ()) -> list[Change]:
    """What becomes of the other generations, after the new one is there."""
    if not item.get("generation") or fate == "keep":
        return []
    changes = []
    pattern = re.compile(re.escape(str(item["name"])) + r"( \(.+\))?")
    for row in _siblings(item, around):
        if row.get("name") == full_name(item) or not pattern.fullmatch(str(row.get("name"))):
            continue
        label = f"{item['account']} / {item['product']} / {row['name']}"
        owner, ref = Ref("account", str(item["account"]), row["account_id"]), Ref("application", label, row["id"])
        if fate == "absent" and item["state"] != "absent":
            changes.append(_removal(row, label, needs))
        elif fate == "suspend" and row.get("state") == "live":
            changes.append(_event("suspend", label, owner, ref, "live", "suspended", needs))
    return changes


def _removal(row: Values, label: str, needs: Sequence[Change] = ()) -> Change:
    call = Call("DELETE", f"/admin/api/accounts/{row['account_id']}/applications/{row['id']}.json")
    shown = {"plan": row.get("plan_name"), "state": row.get("state")}
    return Change("delete", "application", label, shown, call=call, needs=list(needs))


def _returned(item: Values, facts: Values, show_keys: bool) -> dict[str, Any]:
    names = ("id", "state", "account_id", "service_id", "plan_id", "plan_name", "application_id")
    result = {"account": item["account"], "product": item["product"], "name": full_name(item)}
    result.update({name: facts.get(name) for name in names if facts.get(name) is not None})
    if item["state"] != "present":
        result["state"] = item["state"]
    if show_keys and item["state"] != "absent":
        result.update({name: facts.get(name) for name in ("user_key", "client_secret") if facts.get(name) is not None})
        if item.get("user_key"):
            result["user_key"] = item["user_key"]
    return result
