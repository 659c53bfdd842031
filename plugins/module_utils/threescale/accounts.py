# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Developer accounts, each found by the name of its developer: the name of an organisation isn't unique."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import (
    ApiError,
    BrokenError,
    BusyError,
    NoAnswerError,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import differences, payload, refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Plan,
    Ref,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import named
from ansible_collections.rhai.maas.plugins.module_utils.threescale.provider import ACCOUNT_PLAN
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

STATES = ("present", "approved", "pending", "rejected", "absent")
_EVENTS = {"approved": "approve", "pending": "make_pending", "rejected": "reject"}
_USERNAME = re.compile(r"\w[\w.\-@+]{2,39}", re.ASCII)
ACCOUNT_FIELDS: dict[str, Field] = {
    "username": Field(required=True, local=True),
    "org_name": Field(normal=normal.text),
    "state": Field(choices=STATES, default="present", local=True),
    "email": Field(local=True),
    "password": Field(secret=True, local=True),
    "account_plan": Field(local=True),
    "monthly_billing_enabled": Field(type="bool", normal=normal.flag),
    "monthly_charging_enabled": Field(type="bool", normal=normal.flag),
    "annotations": Field(type="dict", alike=normal.notes_alike),
    "fields": Field(type="dict", local=True),
    "force": Field(type="bool", default=False, local=True),
}
ACCOUNT = Resource("account", "/admin/api/accounts", "", "account", "accounts", ("username",), ACCOUNT_FIELDS, page=500)
OPTIONS = {"accounts": Field(type="list", elements="dict", options=ACCOUNT_FIELDS)}


def plan_accounts(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_account``."""
    wanted: Sequence[Values] = params["accounts"]
    refuse_twins(ACCOUNT, wanted, "accounts")
    for place, item in enumerate(wanted):
        check_account(item, f"accounts[{place}]")
    plans: Sequence[Values] = []
    if any(item.get("account_plan") for item in wanted):
        plans = session.rows(ACCOUNT_PLAN.path + ".json", "plans", "account_plan")
    found = session.side_by_side(lambda item: _read(session, item), wanted)
    refs = [Ref("account", item["username"], (there or {}).get("id")) for item, there in zip(wanted, found)]
    plan = Plan()
    for place, (item, there) in enumerate(zip(wanted, found)):
        account_plan = None
        if item.get("account_plan"):
            option = f"accounts[{place}].account_plan"
            account_plan = named(plans, "name", item["account_plan"], "account plan", option)
        if there is None and item["state"] != "absent":
            _complete(item, f"accounts[{place}]")
        plan.changes += plan_account(item, there, refs[place], account_plan)
    plan.result = lambda: {"accounts": [_returned(*entry) for entry in zip(wanted, found, refs)]}
    return plan


def _returned(item: Values, there: Values | None, ref: Ref) -> dict[str, Any]:
    return {
        "id": ref.id,
        "username": item["username"],
        "org_name": item.get("org_name") or (there or {}).get("org_name"),
        "state": item["state"] if item["state"] != "present" else (there or {}).get("state"),
    }


def find_account(session: Session, username: str) -> dict[str, Any] | None:
    """The account of a developer, None when there is none."""
    found = session.one("/admin/api/accounts/find.json", "account", {"username": username})
    return dict(found) if found else None


def _read(session: Session, wanted: Values) -> dict[str, Any] | None:
    """An account in terms of options, with what this run needs of its users and applications."""
    found = find_account(session, str(wanted["username"]))
    if found is None:
        return None
    path = f"/admin/api/accounts/{found['id']}"
    if wanted["state"] == "absent":
        if not wanted.get("force"):
            found["applications"] = session.rows(f"{path}/applications.json", "applications", "application")
        return found
    if wanted.get("email") or wanted["state"] == "approved":
        users = session.rows(f"{path}/users.json", "users", "user")
        found["user"] = next((user for user in users if user.get("username") == wanted["username"]), {})
    if wanted.get("account_plan"):
        found["account_plan"] = (session.one(f"{path}/plan.json", "account_plan") or {}).get("name")
    return found


def check_account(item: Values, option: str) -> None:
    """Refuse what the server would refuse (reference §15.1). Raises :class:`RefusalError`."""
    if not _USERNAME.fullmatch(str(item["username"])):
        raise RefusalError(f"{option}.username: '{item['username']}' must be 3 to 40 letters, digits and '.-_@+'.")
    email = item.get("email")
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", str(email)):
        raise RefusalError(f"{option}.email: '{email}' is not a mail address.")


def _complete(item: Values, option: str) -> None:
    lacking = [name for name in ("org_name", "email") if not item.get(name)]
    if lacking:
        raise RefusalError(f"{option}: the new account of '{item['username']}' needs {' and '.join(lacking)}.")


def plan_account(item: Values, there: Values | None, ref: Ref, account_plan: Values | None) -> list[Change]:
    """The changes of one account. ``there`` is what was read of it."""
    name = str(item["username"])
    state = str(item["state"])
    if state == "absent":
        return [_removal(item, there, ref)] if there else []
    if there is None:
        return [_signup(item, ref, account_plan)]
    changes: list[Change] = []
    path = "/admin/api/accounts/{id}"
    before, after = differences(ACCOUNT, item, there)
    body = payload(ACCOUNT, after)
    for key, value in (item.get("fields") or {}).items():
        if normal.text(there.get(key)) != normal.text(value):
            before[key], after[key], body[key] = there.get(key), value, value
    if body:
        changes.append(Change("update", "account", name, before, after, Call("PUT", path + ".json", {"id": ref}, body)))
    if account_plan is not None and there.get("account_plan") != account_plan.get("name"):
        call = Call("PUT", path + "/change_plan.json", {"id": ref}, {"plan_id": account_plan["id"]})
        changes.append(
            Change("change plan", "account", name, {"account_plan": there.get("account_plan")},
                   {"account_plan": account_plan.get("name")}, call)
        )  # fmt: skip
    if state in _EVENTS and there.get("state") != state:
        call = Call("PUT", f"{path}/{_EVENTS[state]}.json", {"id": ref})
        already = ((422, "cannot transition"),)
        changes.append(
            Change(
                _EVENTS[state], "account", name, {"state": there.get("state")}, {"state": state}, call, already=already
            )
        )
    return changes + _user(item, there.get("user") or {}, ref)


def _user(item: Values, user: Values, account: Ref) -> list[Change]:
    """The developer's mail address and, for an approved account, a user that can sign in."""
    changes: list[Change] = []
    if not user:
        return changes
    path = f"/admin/api/accounts/{{account}}/users/{user['id']}"
    name = str(item["username"])
    if item.get("email") and item["email"] != user.get("email"):
        call = Call("PUT", path + ".json", {"account": account}, {"email": item["email"]})
        changes.append(Change("update", "user", name, {"email": user.get("email")}, {"email": item["email"]}, call))
    if item["state"] == "approved" and user.get("state") == "pending":
        call = Call("PUT", path + "/activate.json", {"account": account})
        changes.append(Change("activate", "user", name, {"state": "pending"}, {"state": "active"}, call))
    return changes


def _removal(item: Values, there: Values, ref: Ref) -> Change:
    live = [app for app in there.get("applications") or [] if app.get("state") == "live"]
    if live and not item.get("force"):
        raise RefusalError(
            f"account of '{item['username']}' has {len(live)} live application(s); removing it revokes their keys. "
            "Set force: true for this account if that is meant."
        )
    shown = {"org_name": there.get("org_name"), "state": there.get("state")}
    return Change(
        "delete",
        "account",
        str(item["username"]),
        shown,
        call=Call("DELETE", "/admin/api/accounts/{id}.json", {"id": ref}),
    )


def _signup(item: Values, ref: Ref, account_plan: Values | None) -> Change:
    """A sign-up, recognised by its user name when the answer is lost, and brought to the wanted state."""
    body: dict[str, Any] = {
        name: item[name] for name in ("org_name", "username", "email", "password") if item.get(name) is not None
    }
    shown = {name: value for name, value in body.items() if name != "password"}
    if account_plan is not None:
        body["account_plan_id"], shown["account_plan"] = account_plan["id"], account_plan["name"]
    body.update(item.get("fields") or {})

    def step(applier: Any) -> None:
        account = _sign_up(applier, item, body)
        ref.id = account["id"]
        state = str(item["state"])
        if state in _EVENTS and account.get("state") != state:
            applier.client.send("PUT", f"/admin/api/accounts/{ref.id}/{_EVENTS[state]}.json")
        if state == "approved":
            users = applier.client.get(f"/admin/api/accounts/{ref.id}/users.json").json["users"]
            for user in (row["user"] for row in users):
                if user.get("state") == "pending":
                    applier.client.send("PUT", f"/admin/api/accounts/{ref.id}/users/{user['id']}/activate.json")

    return Change(
        "create", "account", str(item["username"]), after={**shown, "state": item["state"]}, step=step, repeat=(500,)
    )


def _sign_up(applier: Any, item: Values, body: Values) -> Values:
    """The account: made now, or found because an earlier attempt made it (reference §32.3)."""
    try:
        made: Values = applier.client.send("POST", "/admin/api/signup.json", body=body).json["account"]
        return made
    except (NoAnswerError, BusyError, BrokenError) as error:
        query = {"username": item["username"]}
        answer = applier.client.get("/admin/api/accounts/find.json", query, missing=(404,))
        if answer.status == 404:
            raise ApiError(error.method, error.path, 500, error.reasons, error.hint) from None
        found: Values = answer.json["account"]
        return found
