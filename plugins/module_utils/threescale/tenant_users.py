# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Users of the tenant itself, who work in its admin portal: role, state, and what members may see. Pure but for reads.

What the server refuses: ``docs/threescale-behaviour.md#users``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Plan,
    Ref,
    RefusalError,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import unknown
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_users import (
    USER_FIELDS,
    Home,
    check_name,
    plan_user,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import USER, check_fields, definitions
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

SECTIONS = ("finance", "monitoring", "partners", "plans", "policy_registry", "portal", "settings")
TENANT_USER_FIELDS: dict[str, Field] = {
    **USER_FIELDS,
    "sections": Field(type="list", elements="str", choices=SECTIONS),
    "products": Field(type="list", elements="str"),
    "all_products": Field(type="bool"),
}
OPTIONS = {"users": Field(type="list", elements="dict", options=TENANT_USER_FIELDS)}
HOME = Home("/admin/api/users")
_PERMISSIONS = "/admin/api/users/{id}/permissions.json"


def plan_tenant_users(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_tenant_user``."""
    wanted = params["users"]
    defined = definitions(session, USER) if any(item.get("fields") for item in wanted) else {}
    present = session.rows(HOME.path + ".json", "users", "user")
    there = {str(user.get("username")): user for user in present}
    _check(wanted, there, defined)
    products = {row["system_name"]: row["id"] for row in session.all(PRODUCT)} if _named(wanted) else {}
    plan = Plan()
    for place, item in enumerate(wanted):
        option, user = f"users[{place}]", there.get(str(item["username"]))
        changes = plan_user(item, user, HOME, option)
        plan.changes += changes + _permissions(session, item, user, changes, _ids(item, products, option))
    plan.result = {"users": [_shown(item, there, plan.changes) for item in wanted]}
    return plan


def _named(wanted: Sequence[Values]) -> bool:
    return any(item.get("products") for item in wanted)


def _check(wanted: Sequence[Values], there: Mapping[str, Values], defined: Mapping[str, Values]) -> None:
    """Refuse users that can't be kept as described. Raises :class:`RefusalError`."""
    seen: set[str] = set()
    for place, item in enumerate(wanted):
        where, name = f"users[{place}]", str(item["username"])
        check_name(name, f"{where}.username")
        check_fields(item.get("fields"), defined, USER, ("username", "email"), f"{where}.fields")
        if name in seen:
            raise RefusalError(f"{where}.username: '{name}' is listed twice; remove one.")
        seen.add(name)
        if item.get("products") is not None and item.get("all_products"):
            raise RefusalError(f"{where}: products and all_products exclude each other; give one of them.")
        role = item.get("role") or there.get(name, {}).get("role") or "member"
        if role == "admin" and _limits(item):
            raise RefusalError(
                f"{where}: '{name}' is an administrator, who sees everything; leave out sections, products and "
                "all_products, or set role: member."
            )
    _keep_an_admin(wanted, there)


def _keep_an_admin(wanted: Sequence[Values], there: Mapping[str, Values]) -> None:
    """Refuse to leave the tenant without an administrator. Raises :class:`RefusalError`."""
    admins = {name for name, user in there.items() if user.get("role") == "admin"}
    left = set(admins)
    for item in wanted:
        name = str(item["username"])
        if item["state"] == "absent" or item.get("role") == "member":
            left.discard(name)
        elif item.get("role") == "admin":
            left.add(name)
    if admins and not left:
        raise RefusalError(
            "users: nobody would be left as administrator of the tenant. Keep role: admin for one of "
            f"{', '.join(sorted(admins))}, or give it to another user first."
        )


def _limits(item: Values) -> bool:
    return any(item.get(name) is not None for name in ("sections", "products", "all_products"))


def _ids(item: Values, products: Mapping[str, Any], option: str) -> list[Any] | None:
    """Ids of the products that a member may see; None for all of them."""
    for name in item.get("products") or []:
        if name not in products:
            raise unknown("product", name, list(products), f"{option}.products")
    return None if item.get("all_products") else sorted(products[name] for name in item.get("products") or [])


def _permissions(
    session: Session, item: Values, user: Values | None, before: Sequence[Change], ids: Sequence[Any] | None
) -> list[Change]:
    """What a member may see, where that differs."""
    if item["state"] == "absent" or not _limits(item):
        return []
    present = _present(session, user)
    wanted: dict[str, Any] = {}
    if item.get("sections") is not None:
        wanted["allowed_sections"] = sorted(set(item["sections"]))
    if item.get("products") is not None or item.get("all_products") is not None:
        wanted["allowed_service_ids"] = ids
    after = {name: value for name, value in wanted.items() if value != present.get(name)}
    if not after:
        return []
    name = str(item["username"])
    ref = Ref("user", name, user["id"]) if user else next((made.ref for made in before if made.ref), None)
    call = Call("PUT", _PERMISSIONS, {"id": ref or Ref("user", name)}, {"permissions": after})
    shown = {key: present.get(key) for key in after}
    return [Change("update", "permissions", name, shown, after, call, needs=list(before))]


def _present(session: Session, user: Values | None) -> dict[str, Any]:
    """What a user may see now; a new member nothing, of all products, and an administrator's limits begin there too."""
    found: Values = {"allowed_sections": [], "allowed_service_ids": None}
    if user is not None and user.get("role") != "admin":
        path = _PERMISSIONS.replace("{id}", str(user["id"]))
        found = session.one(path, "permissions") or found
    ids = found.get("allowed_service_ids")
    return {
        "allowed_sections": sorted(found.get("allowed_sections") or []),
        "allowed_service_ids": None if ids is None else sorted(ids),
    }


def _shown(item: Values, there: Mapping[str, Values], changes: Sequence[Change]) -> dict[str, Any]:
    name = str(item["username"])
    made = next((change.ref for change in changes if change.action == "create" and change.key == name), None)
    known = there.get(name, {}).get("id")
    return {"id": known if known is not None else made, "username": name, "state": item["state"]}
