# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A sign-up: recognised by its user name when its answer is lost, and brought to the wanted state."""

from __future__ import annotations

from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier, ApplyError, read_list
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import (
    ApiError,
    BrokenError,
    BusyError,
    ConflictError,
    InvalidError,
    NoAnswerError,
    NotFoundError,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Client, part_of
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_plan import plan_present
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import written

_IMPOSSIBLE = (
    "The plans that a sign-up comes with don't fit together: make an account plan the default one, and give each "
    "product that has a default application plan a default or a published service plan."
)
_PATH = "/admin/api/signup.json"
_SIGN_UP = ("org_name", "username", "email", "password")


def plan_signup(item: Values, ref: Ref, account_plan: Values | None, option: str) -> Change:
    """The change that makes an account. What a sign-up doesn't take follows as updates, within the same step."""
    lacking = [name for name in ("username", "org_name", "email") if not item.get(name)]
    if lacking:
        known = item.get("username") or item.get("email") or item.get("org_name")
        raise RefusalError(f"{option}: the new account of '{known}' needs {' and '.join(lacking)}.")
    body: dict[str, Any] = {name: item[name] for name in _SIGN_UP if item.get(name) is not None}
    shown = {name: value for name, value in body.items() if name != "password"}
    body.update(written(item.get("fields")))
    shown.update(written(item.get("fields")))
    if account_plan is not None:
        body["account_plan_id"], shown["account_plan"] = account_plan["id"], account_plan["name"]
    for name in ("monthly_billing_enabled", "monthly_charging_enabled", "annotations"):
        if item.get(name) is not None:
            shown[name] = item[name]
    if item.get("annotations"):
        body["annotations"] = item["annotations"]
    if item.get("users"):
        shown["users"] = [user["username"] for user in item["users"] if user["state"] != "absent"]
    after = {**shown, "state": item["state"]}
    data = {"account": ref, "item": item, "body": body, "account_plan": account_plan, "option": option}
    return Change(
        "create", "account", str(item["username"]), after=after, ref=ref, task="sign up", data=data, repeat=(500,)
    )


def sign_up(applier: Applier, change: Change) -> None:
    """Make an account, and give it what a sign-up doesn't take."""
    item, ref = change.data["item"], change.data["account"]
    account = _sign_up(applier, item, change.data["body"])
    ref.id = account["id"]
    there = {**account, **_below(applier, item, account)}
    try:
        applier.apply(plan_present(item, there, ref, change.data["account_plan"], change.data["option"]))
    except ApplyError as error:
        raise error.error from None


TASKS = {"sign up": sign_up}


def _below(applier: Applier, item: Values, account: Values) -> dict[str, Any]:
    """What follows of a new account looks at: its plan, its users, its applications."""
    path = f"/admin/api/accounts/{account['id']}"
    found: dict[str, Any] = {}
    if item.get("account_plan"):
        found["account_plan"] = _told(applier.client, f"{path}/plan.json", "account_plan").get("name")
    if item["state"] in ("approved", "live", "suspended") or item.get("users"):
        found["users"] = read_list(applier.client, f"{path}/users.json", "users", "user")
    if item["state"] in ("live", "suspended"):
        found["applications"] = read_list(applier.client, f"{path}/applications.json", "applications", "application")
    return found


def _told(client: Client, path: str, name: str) -> Values:
    told: Values = part_of(client, "GET", path, client.get(path), name)
    return told


def _sign_up(applier: Applier, item: Values, body: Values) -> Values:
    """The account: made now, or found because an earlier attempt, or somebody else, made it.

    See ``docs/threescale-behaviour.md#accounts-sign-up``.
    """
    try:
        answer = applier.client.send("POST", _PATH, body=body)
        made: Values = part_of(applier.client, "POST", _PATH, answer, "account")
        return made
    except NotFoundError as error:
        error.hint = _IMPOSSIBLE
        raise
    except (NoAnswerError, BusyError, BrokenError, ConflictError, InvalidError) as error:
        if isinstance(error, InvalidError) and not error.says("already been taken"):
            raise
        query = {"username": item["username"]}
        answer = applier.client.get("/admin/api/accounts/find.json", query, missing=(404,))
        if answer.status != 404:
            found: Values = part_of(applier.client, "GET", "/admin/api/accounts/find.json", answer, "account")
            return found
        if isinstance(error, InvalidError):
            raise
        raise ApiError(error.method, error.path, 500, error.reasons, error.hint) from None
