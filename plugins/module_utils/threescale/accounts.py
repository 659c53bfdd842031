# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Developer accounts, found by the name or mail address of a developer, or by an organisation that only one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Plan, Ref, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import named
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_plan import (
    ACCOUNT,
    ACCOUNT_FIELDS,
    developer_of,
    name_of,
    plan_present,
    plan_removal,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_plans import ACCOUNT_PLAN
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_signup import plan_signup
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_users import (
    check_name,
    check_users,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import (
    ACCOUNT as ACCOUNT_TARGET,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import (
    USER,
    check_annotations,
    check_fields,
    definitions,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import refuse_later
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

OPTIONS = {"accounts": Field(type="list", elements="dict", options=ACCOUNT_FIELDS)}
_IDENTIFIERS = ("username", "email", "org_name")


def plan_accounts(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_account``."""
    wanted: Sequence[Values] = params["accounts"]
    _check(session, wanted)
    plans: Sequence[Values] = []
    if any(item.get("account_plan") for item in wanted):
        plans = session.rows(ACCOUNT_PLAN.path + ".json", "plans", "account_plan")
    found = session.side_by_side(lambda entry: _read(session, *entry), list(enumerate(wanted)))
    _refuse_same(wanted, found)
    refs = [Ref("account", name_of(item), (there or {}).get("id")) for item, there in zip(wanted, found)]
    plan = Plan()
    for place, (item, there) in enumerate(zip(wanted, found)):
        option = f"accounts[{place}]"
        if item["state"] == "absent":
            plan.changes += [plan_removal(item, there, refs[place], option)] if there else []
            continue
        account_plan = None
        if item.get("account_plan"):
            account_plan = named(plans, "name", item["account_plan"], "account plan", f"{option}.account_plan")
        if there is None:
            plan.changes.append(plan_signup(item, refs[place], account_plan, option))
        else:
            plan.changes += plan_present(item, there, refs[place], account_plan, option)
    plan.result = {"accounts": [_returned(*entry) for entry in zip(wanted, found, refs)]}
    return plan


def _check(session: Session, wanted: Sequence[Values]) -> None:
    """Refuse what the server would refuse, or drop without a word. Raises :class:`RefusalError`."""
    targets: dict[str, Mapping[str, Values]] = {ACCOUNT_TARGET: {}, USER: {}}
    if any(item.get("fields") or any(user.get("fields") for user in item.get("users") or []) for item in wanted):
        targets = {target: definitions(session, target) for target in targets}
    seen: set[str] = set()
    for place, item in enumerate(wanted):
        option = f"accounts[{place}]"
        if not any(item.get(name) for name in _IDENTIFIERS):
            raise RefusalError(f"{option}: give the username, email or org_name by which the account is found.")
        if item.get("username") is not None:
            check_name(item["username"], f"{option}.username")
        if name_of(item) in seen:
            raise RefusalError(f"{option}: the account of '{name_of(item)}' is listed twice; remove one.")
        seen.add(name_of(item))
        check_users(item, targets[USER], option)
        own = ("org_name", "state", "annotations")
        check_fields(item.get("fields"), targets[ACCOUNT_TARGET], ACCOUNT_TARGET, own, f"{option}.fields")
        check_annotations(item.get("annotations"), option)
    refuse_later(session, ACCOUNT_FIELDS, wanted, "accounts[]")


def _refuse_same(wanted: Sequence[Values], found: Sequence[Values | None]) -> None:
    """Refuse one account that was found by two entries. Raises :class:`RefusalError`."""
    first: dict[Any, int] = {}
    for place, there in enumerate(found):
        if there is not None and there["id"] in first:
            raise RefusalError(
                f"accounts[{place}]: '{name_of(wanted[place])}' is the same account as that of entry "
                f"{first[there['id']]}, '{name_of(wanted[first[there['id']]])}'; remove one."
            )
        if there is not None:
            first[there["id"]] = place


def _returned(item: Values, there: Values | None, ref: Ref) -> dict[str, Any]:
    state = {"present": None, "suspended": None, "live": "approved"}.get(item["state"], item["state"])
    return {
        "id": ref,
        "username": item.get("username") or developer_of(item, (there or {}).get("users") or []).get("username"),
        "org_name": item.get("org_name") or (there or {}).get("org_name"),
        "state": state or (there or {}).get("state"),
    }


def find_account(session: Session, username: str) -> dict[str, Any] | None:
    """The account of a developer, None when there is none."""
    found = session.one("/admin/api/accounts/find.json", "account", {"username": username})
    return dict(found) if found else None


def _find(session: Session, item: Values, option: str) -> dict[str, Any] | None:
    """The account by the best of its identifiers. Raises :class:`RefusalError` when several are meant."""
    if item.get("username"):
        return find_account(session, str(item["username"]))
    if item.get("email"):
        found = session.one("/admin/api/accounts/find.json", "account", {"email": str(item["email"])})
        return dict(found) if found else None
    rows = session.rows(ACCOUNT.path + ".json", ACCOUNT.collection, ACCOUNT.envelope, ACCOUNT.page)
    mine = [row for row in rows if row.get("org_name") == item["org_name"]]
    if len(mine) > 1:
        raise RefusalError(
            f"{option}.org_name: {len(mine)} accounts are called '{item['org_name']}' (ids "
            f"{', '.join(str(row['id']) for row in mine)}); give the username of the one that is meant."
        )
    return dict(mine[0]) if mine else None


def _read(session: Session, place: int, wanted: Values) -> dict[str, Any] | None:
    """An account in terms of options, with what this run needs of its users and applications."""
    found = _find(session, wanted, f"accounts[{place}]")
    if found is None:
        return None
    path = f"/admin/api/accounts/{found['id']}"
    state = wanted["state"]
    if (state == "absent" and not wanted.get("force")) or state in ("live", "suspended"):
        found["applications"] = session.rows(f"{path}/applications.json", "applications", "application")
    if state == "absent":
        return found
    if wanted.get("email") or wanted.get("users") or state in ("approved", "live", "suspended"):
        found["users"] = session.rows(f"{path}/users.json", "users", "user")
    if wanted.get("account_plan"):
        found["account_plan"] = (session.one(f"{path}/plan.json", "account_plan") or {}).get("name")
    return found
