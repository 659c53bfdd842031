# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The changes of one application, from what was read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Find,
    Ref,
    RefusalError,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import named, unknown
from ansible_collections.rhai.maas.plugins.module_utils.threescale.application_filters import plan_filters
from ansible_collections.rhai.maas.plugins.module_utils.threescale.application_keys import (
    LIST,
    check_keys,
    keys_most,
    plan_keys,
    refuse_no_key,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import differing, written
from ansible_collections.rhai.maas.plugins.module_utils.threescale.generations import full_name, is_older
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plans import origin_of

SECRETS = frozenset({"user_key", "keys"})


@dataclass
class Around:
    """What was read: products and plans by name, accounts by user name, each account's applications.

    ``keys`` and ``filters`` are by application id, ``warnings`` what there is to say. ``check`` says that this run
    writes nothing, so that what a play makes before it may not be there.
    """

    products: Sequence[Values]
    plans: Sequence[Values]
    accounts: Mapping[str, Values | None]
    applications: Mapping[str, Sequence[Values]]
    keys: dict[int, list[str]] = field(default_factory=dict)
    filters: dict[int, list[Values]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    check: bool = False

    def product(self, item: Values) -> Values | None:
        """The product of a wanted application."""
        return next((product for product in self.products if product["system_name"] == item["product"]), None)

    def siblings(self, item: Values) -> list[Values]:
        """Applications of the same account and product, whatever their names."""
        product = self.product(item) or {}
        rows = self.applications.get(str(item["account"]), [])
        return [row for row in rows if row.get("service_id") == product.get("id")]

    def named(self, item: Values) -> list[Values]:
        """The applications of that name: one, unless somebody made several and no ``id`` tells which is meant."""
        rows = [row for row in self.siblings(item) if row.get("name") == full_name(item)]
        return rows if item.get("id") is None else [row for row in rows if row["id"] == item["id"]]

    def find(self, item: Values) -> Values | None:
        """The application that is meant: of several the oldest."""
        return next(iter(self.named(item)), None)

    def plans_of(self, item: Values) -> list[Values]:
        """The application plans of the product, customised copies included."""
        product = self.product(item)
        end = f"/services/{product['id']}" if product else ""
        return [
            plan for plan in self.plans
            if end and any(str(link.get("href")).endswith(end) for link in plan.get("links") or []
                           if link.get("rel") == "service")
        ]  # fmt: skip


def label_of(item: Values) -> str:
    """An application by account, product and name."""
    return f"{item['account']} / {item['product']} / {full_name(item)}"


def plan_application(item: Values, around: Around, option: str, facts: Ref) -> list[Change]:
    """The changes of one wanted application; ``facts`` gets what the server says of it."""
    there = around.find(item)
    label = label_of(item)
    if item["state"] == "absent":
        return [_removal(there, label)] if there else []
    if there is None and item.get("id") is not None:
        raise RefusalError(f"{option}.id: there is no application {item['id']} called '{label}'.")
    account = around.accounts.get(str(item["account"]))
    if account is None and not around.check:
        raise RefusalError(
            f"{option}.account: there is no developer '{item['account']}'. Correct it, or make the account first."
        )
    if around.product(item) is None and not around.check:
        names = [str(product["system_name"]) for product in around.products]
        raise unknown("product", str(item["product"]), names, f"{option}.product")
    if there is None:
        changes = _issue(item, around, account, label, option, facts)
    else:
        facts.told.update(there)
        changes = _change(item, around, there, label, option, facts)
    return changes + _older(item, around, changes)


def _plan(item: Values, around: Around, option: str) -> Values:
    """The application plan by name, among those of the product that are no copies for one application."""
    if around.product(item) is None:
        return {"id": None}
    mine = [plan for plan in around.plans_of(item) if not plan.get("custom")]
    if around.check and not any(plan["system_name"] == item["plan"] for plan in mine):
        return {"id": None}
    return named(mine, "system_name", str(item["plan"]), "application plan", f"{option}.plan")


def _issue(item: Values, around: Around, account: Values | None, label: str, option: str, facts: Ref) -> list[Change]:
    if not item.get("plan"):
        raise RefusalError(f"{option}.plan: the new application '{label}' needs a plan.")
    plan = _plan(item, around, option)
    check_keys(item, [], keys_most(around.product(item)), label, option)
    refuse_no_key(item, around.product(item) or {}, label, option)
    owner = Ref("account", str(item["account"]), (account or {}).get("id"))
    ref = Ref("application", label)
    names = ("description", "user_key", "application_id", "redirect_url")
    given = {name: item[name] for name in names if item.get(name) is not None}
    given = {"name": full_name(item), **given, **written(item.get("fields"))}
    body: dict[str, Any] = {"plan_id": plan["id"], **given}
    if item.get("keys"):
        body["application_key"] = list(item["keys"])
        given["keys"] = list(item["keys"])
    pending = bool(plan.get("approval_required"))
    facts.told["state"] = "pending" if pending else "live"

    where = {"name": full_name(item), "plan_id": plan["id"]}
    changes = [
        Change(
            "create", "application", label, after={**given, "plan": item["plan"]},
            call=Call("POST", LIST + ".json", {"account": owner}, body, "application"), ref=ref,
            find=Find(LIST + ".json", {"account": owner}, "applications", "application", where),
            learn=facts, lane=f"account {item['account']}", secrets=SECRETS,
        )
    ]  # fmt: skip
    changes += _customized(item, False, owner, ref, label, changes)
    changes += plan_filters(item, [], owner, ref, label)
    return changes + _events(item, facts.told["state"], owner, ref, label, changes, facts)


def _change(item: Values, around: Around, there: Values, label: str, option: str, facts: Ref) -> list[Change]:
    owner = Ref("account", str(item["account"]), there["account_id"])
    ref = Ref("application", label, there["id"])
    changes: list[Change] = []
    names = ("description", "user_key", "redirect_url")
    after = {
        name: item[name] for name in names
        if item.get(name) is not None and normal.text(item[name]) != normal.text(there.get(name))
    }  # fmt: skip
    after.update(differing(item.get("fields"), there))
    if after:
        before = {name: there.get(name) for name in after}
        call = Call("PUT", LIST + "/{id}.json", {"account": owner, "id": ref}, after, "application")
        changes.append(Change("update", "application", label, before, after, call, secrets=SECRETS, learn=facts))
    if item.get("application_id") is not None and str(item["application_id"]) != str(there.get("application_id")):
        around.warnings.append(
            f"{option}.application_id: '{label}' has '{there.get('application_id')}', and no API changes it. Give the "
            "wanted one to a new application (another name or generation)."
        )
    changes += _other_plan(item, around, there, owner, ref, label, option, facts)
    if item.get("keys") is not None:
        present, most = around.keys.get(there["id"], []), keys_most(around.product(item))
        check_keys(item, present, most, label, option)
        changes += plan_keys(item, present, most, owner, ref, label)
    changes += plan_filters(item, around.filters.get(there["id"], []), owner, ref, label)
    return changes + _events(item, str(there.get("state")), owner, ref, label, changes, facts)


def _other_plan(
    item: Values, around: Around, there: Values, owner: Ref, ref: Ref, label: str, option: str, facts: Ref
) -> list[Change]:
    """A change of plan. A copy that was customised for this application goes only where the user says so."""
    current = next((plan for plan in around.plans if plan.get("id") == there.get("plan_id")), {})
    changes = _customized(item, bool(current.get("custom")), owner, ref, label, [])
    if not item.get("plan"):
        return changes
    plan = _plan(item, around, option)
    if plan["id"] == there.get("plan_id") or origin_of(current) == plan["system_name"]:
        return changes
    if current.get("custom") and item.get("custom_plan") is not False:
        raise RefusalError(
            f"{option}.plan: '{label}' has a plan of its own ('{current.get('name')}'), which would be given up for "
            f"'{plan['system_name']}'. Set custom_plan: false if that is meant, or leave plan out."
        )
    call = Call("PUT", LIST + "/{id}/change_plan.json", {"account": owner, "id": ref}, {"plan_id": plan["id"]})
    before, after = {"plan": there.get("plan_name")}, {"plan": plan["name"]}
    moved = Change("change plan", "application", label, before, after, call)
    facts.told.update(plan_id=plan["id"], plan_name=plan["name"])  # the answer tells of the plan alone
    if current.get("custom"):
        return [moved]  # the server removes a copy that is left
    for change in changes:
        change.needs.append(moved)
    return [moved, *changes]


def _customized(
    item: Values, is_custom: bool, owner: Ref, ref: Ref, label: str, needs: Sequence[Change]
) -> list[Change]:
    """The copy of the plan for this application alone, made or given up."""
    wanted = item.get("custom_plan")
    if wanted is None or wanted == is_custom:
        return []
    action, path = ("customize", "customize_plan") if wanted else ("decustomize", "decustomize_plan")
    call = Call("PUT", f"{LIST}/{{id}}/{path}.json", {"account": owner, "id": ref})
    before, after = {"custom_plan": is_custom}, {"custom_plan": wanted}
    return [Change(f"{action} plan", "application", label, before, after, call, needs=list(needs))]


def _events(
    item: Values, state: str, owner: Ref, ref: Ref, label: str, needs: Sequence[Change], facts: Ref
) -> list[Change]:
    """The way to the wanted state. A pending application can't be suspended, so it is accepted first."""
    steps = {
        ("live", "suspended"): ("resume",), ("live", "pending"): ("accept",),
        ("suspended", "live"): ("suspend",), ("suspended", "pending"): ("accept", "suspend"),
    }.get((str(item["state"]), state), ())  # fmt: skip
    changes: list[Change] = []
    for event in steps:
        new = "suspended" if event == "suspend" else "live"
        changes.append(event_change(event, label, owner, ref, state, new, [*needs, *changes]))
        changes[-1].learn = facts
        state = new
    return changes


def event_change(event: str, label: str, owner: Ref, ref: Ref, old: str, new: str, needs: Sequence[Change]) -> Change:
    """One step from state to state."""
    call = Call("PUT", f"{LIST}/{{id}}/{event}.json", {"account": owner, "id": ref}, envelope="application")
    return Change(
        event, "application", label, {"state": old}, {"state": new}, call, needs=list(needs),
        already=((422, "cannot transition"),),
    )  # fmt: skip


def _older(item: Values, around: Around, needs: Sequence[Change]) -> list[Change]:
    """What becomes of earlier generations, after the new one is there."""
    fate = str(item["older"])
    if not item.get("generation") or fate == "keep":
        return []
    changes = []
    for row in around.siblings(item):
        if not is_older(str(row.get("name")), item):
            continue
        label = f"{item['account']} / {item['product']} / {row['name']}"
        owner, ref = Ref("account", str(item["account"]), row["account_id"]), Ref("application", label, row["id"])
        if fate == "absent":
            changes.append(_removal(row, label, needs))
        elif row.get("state") == "live":
            changes.append(event_change("suspend", label, owner, ref, "live", "suspended", needs))
    return changes


def _removal(row: Values, label: str, needs: Sequence[Change] = ()) -> Change:
    call = Call("DELETE", f"/admin/api/accounts/{row['account_id']}/applications/{row['id']}.json")
    shown = {"plan": row.get("plan_name"), "state": row.get("state")}
    return Change("delete", "application", label, shown, call=call, needs=list(needs))
