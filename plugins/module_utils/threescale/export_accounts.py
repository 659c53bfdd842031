# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Developer accounts, their subscriptions and applications as the modules take them: no passwords, no keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_plan import ACCOUNT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_export import kept
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plans import origin_of
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session
from ansible_collections.rhai.maas.plugins.module_utils.threescale.subscription_lists import Subscriptions

_STATES = ("approved", "pending", "rejected")


def read_accounts(session: Session) -> list[dict[str, Any]]:
    """Every account with its developer's name and mail address, sorted by that name."""
    defined = _defined(session, "Account")

    def complete(pair: tuple[str, Values, Values]) -> dict[str, Any]:
        username, account, user = pair
        plan = session.one(f"/admin/api/accounts/{account['id']}/plan.json", "account_plan") or {}
        item = {"username": username, **kept(account, ACCOUNT.attributes())}
        extra = _filled(account, defined - {"org_name"})
        chosen = {"email": user.get("email"), "account_plan": plan.get("name"), "fields": extra}
        item.update({name: value for name, value in chosen.items() if value})
        if account.get("state") in _STATES:
            item["state"] = account["state"]
        return item

    return session.side_by_side(complete, developers(session))


def read_subscriptions(session: Session) -> list[dict[str, Any]]:
    """For each account the products that it is subscribed to."""
    names = {product["id"]: str(product["system_name"]) for product in session.all(PRODUCT)}

    people = developers(session)
    lists = Subscriptions(session).of_all([account for _username, account, _user in people])
    found = [
        {
            "accounts": [person[0]],
            "products": sorted({names[row["service_id"]] for row in rows if row.get("service_id") in names}),
        }
        for person, rows in zip(people, lists)
    ]
    return [item for item in found if item["products"]]


def read_applications(session: Session) -> list[dict[str, Any]]:
    """Every application, without its keys: an import into another tenant issues new ones."""
    products = {product["id"]: str(product["system_name"]) for product in session.all(PRODUCT)}
    plans = session.rows("/admin/api/application_plans.json", "plans", "application_plan")
    plan_names = {plan["id"]: str(plan["system_name"]) for plan in plans if not plan.get("custom")}
    copies = {plan["id"]: origin_of(plan) for plan in plans if plan.get("custom")}
    owners = {account["id"]: username for username, account, _user in developers(session)}
    defined = _defined(session, "Cinstance")
    found = []
    for row in session.rows("/admin/api/applications.json", "applications", "application", PAGE):
        if row.get("account_id") not in owners or row.get("service_id") not in products:
            continue
        label = f"{owners[row['account_id']]} / {products[row['service_id']]} / {row.get('name')}"
        item = {"account": owners[row["account_id"]], "product": products[row["service_id"]], "name": row.get("name")}
        plan = plan_names.get(row.get("plan_id")) or copies.get(row.get("plan_id"))
        item.update({"plan": plan} if plan else {})
        if row.get("plan_id") in copies:
            item["custom_plan"] = True
            session.warnings.append(
                f"applications.yml: {label} has a plan of its own; what was changed of it (limits, prices) is left out."
            )
        item.update(_filled(row, ("description", "redirect_url")))
        if extra := _filled(row, defined - {"name", "description"}):
            item["fields"] = extra
        item["state"] = row["state"] if row.get("state") in ("live", "suspended") else "present"
        found.append(item)
    return sorted(found, key=lambda item: (item["account"], item["product"], str(item["name"])))


def developers(session: Session) -> list[tuple[str, Values, Values]]:
    """Accounts with their developer (the first administrator), sorted by his name. One without users can't be named."""
    accounts = session.rows("/admin/api/accounts.json", "accounts", "account", PAGE)
    found: list[tuple[str, Values, Values]] = []

    def users(account: Values) -> list[Values]:
        return session.rows(f"/admin/api/accounts/{account['id']}/users.json", "users", "user")

    for account, rows in zip(accounts, session.side_by_side(users, accounts)):
        ordered = sorted(rows, key=lambda user: (user.get("role") != "admin", user["id"]))
        if ordered:
            found.append((str(ordered[0]["username"]), account, ordered[0]))
            continue
        warning = f"accounts.yml: account '{account.get('org_name')}' has no user and is left out."
        if warning not in session.warnings:
            session.warnings.append(warning)
    return sorted(found, key=lambda pair: pair[0])


def _defined(session: Session, target: str) -> set[str]:
    """Names of the fields that the tenant has defined for a kind of object."""
    rows = session.rows("/admin/api/fields_definitions.json", "fields_definitions", "fields_definition")
    return {str(row["name"]) for row in rows if row.get("target") == target}


def _filled(values: Values, names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in sorted(names) if values.get(name) not in (None, "", [], {})}
