# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The changes of one developer account, from what was read. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import differences
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Ref,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_users import (
    USER_FIELDS,
    events,
    home_of,
    plan_users,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.application_plan import event_change
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import differing

STATES = ("present", "approved", "live", "suspended", "pending", "rejected", "absent")
_EVENTS = {"approved": "approve", "live": "approve", "pending": "make_pending", "rejected": "reject"}
_REACHED = {"approve": "approved", "make_pending": "pending", "reject": "rejected"}
ACCOUNT_FIELDS: dict[str, Field] = {
    "username": Field(local=True),
    "org_name": Field(form="text", shape="name"),
    "state": Field(choices=STATES, default="present", local=True),
    "email": Field(local=True, shape="mail"),
    "password": Field(secret=True, local=True),
    "account_plan": Field(local=True),
    "monthly_billing_enabled": Field(type="bool", form="flag"),
    "monthly_charging_enabled": Field(type="bool", form="flag"),
    "annotations": Field(type="dict", form="notes", since="2.16"),
    "fields": Field(type="dict", local=True),
    "users": Field(type="list", elements="dict", options=USER_FIELDS, local=True),
    "force": Field(type="bool", default=False, local=True),
}
ACCOUNT = Resource("account", "/admin/api/accounts", "", "account", "accounts", ("username",), ACCOUNT_FIELDS, page=500)
_PATH = "/admin/api/accounts/{id}"


def name_of(item: Values) -> str:
    """What an account is called by: its developer, or what else identifies it."""
    return str(item.get("username") or item.get("email") or item.get("org_name"))


def plan_present(item: Values, there: Values, ref: Ref, account_plan: Values | None, option: str) -> list[Change]:
    """The changes of an account that is there. ``there`` is what was read of it, users and applications included."""
    changes = _attributes(item, there, ref)
    if account_plan is not None and there.get("account_plan") != account_plan.get("name"):
        call = Call("PUT", _PATH + "/change_plan.json", {"id": ref}, {"plan_id": account_plan["id"]})
        before, after = {"account_plan": there.get("account_plan")}, {"account_plan": account_plan.get("name")}
        changes.append(Change("change plan", "account", name_of(item), before, after, call))
    changes += _state(item, there, ref)
    users = there.get("users") or []
    changes += _developer(item, developer_of(item, users), ref)
    changes += plan_users(item, users, home_of(ref), option)
    return changes + _suspension(item, there, ref, list(changes))


def _attributes(item: Values, there: Values, ref: Ref) -> list[Change]:
    before, after = differences(ACCOUNT, item, there)
    body = ACCOUNT.to_api(after)
    for key, value in differing(item.get("fields"), there).items():
        before[key], after[key], body[key] = there.get(key), value, value
    if not body:
        return []
    call = Call("PUT", _PATH + ".json", {"id": ref}, body)
    return [Change("update", "account", name_of(item), before, after, call)]


def _state(item: Values, there: Values, ref: Ref) -> list[Change]:
    event = _EVENTS.get(str(item["state"]), "")
    if not event or there.get("state") == _REACHED[event]:
        return []
    call = Call("PUT", f"{_PATH}/{event}.json", {"id": ref})
    before, after = {"state": there.get("state")}, {"state": _REACHED[event]}
    already = ((422, "cannot transition"),)
    return [Change(event, "account", name_of(item), before, after, call, already=already)]


def developer_of(item: Values, users: Sequence[Values]) -> Values:
    """The user that an account is named by; empty when it is none of them."""
    for name in ("username", "email"):
        if item.get(name):
            return next((user for user in users if user.get(name) == item[name]), {})
    return next((user for user in users if user.get("role") == "admin"), {})


def _developer(item: Values, user: Values, account: Ref) -> list[Change]:
    """The developer's mail address and, for an approved account, a user that can sign in."""
    changes: list[Change] = []
    if not user:
        return changes
    name = str(user.get("username"))
    ref = Ref("user", name, user["id"])
    if item.get("email") and item["email"] != user.get("email"):
        call = home_of(account).call("PUT", ref, body={"email": item["email"]})
        changes.append(Change("update", "user", name, {"email": user.get("email")}, {"email": item["email"]}, call))
    if item["state"] in ("approved", "live") and user.get("state") == "pending":
        changes += events("active", "pending", home_of(account), ref)
    return changes


def _suspension(item: Values, there: Values, account: Ref, needs: list[Change]) -> list[Change]:
    """All users and applications of an account suspended, or resumed: the API knows nothing of a suspended account."""
    if item["state"] not in ("suspended", "live"):
        return []
    own = {str(user["username"]) for user in item.get("users") or []}  # these have a state of their own
    user_state = {"suspended": "suspended", "live": "active"}[str(item["state"])]
    changes: list[Change] = []
    for user in there.get("users") or []:
        if user.get("username") not in own and user.get("state") != "pending":
            ref = Ref("user", str(user.get("username")), user["id"])
            changes += events(user_state, str(user.get("state")), home_of(account), ref, needs)
    event, old, new = ("suspend", "live", "suspended") if user_state == "suspended" else ("resume", "suspended", "live")
    for row in there.get("applications") or []:
        if row.get("state") == old:
            label = f"{name_of(item)} / {row.get('service_name')} / {row.get('name')}"
            changes.append(event_change(event, label, account, Ref("application", label, row["id"]), old, new, needs))
    return changes


def plan_removal(item: Values, there: Values, ref: Ref, option: str) -> Change:
    """The removal of an account. Raises :class:`RefusalError` when that would revoke live keys unasked."""
    live = [app for app in there.get("applications") or [] if app.get("state") == "live"]
    if live and not item.get("force"):
        raise RefusalError(
            f"{option}: account of '{name_of(item)}' has {len(live)} live application(s); removing it revokes their "
            "keys. Set force: true for this account if that is meant."
        )
    shown = {"org_name": there.get("org_name"), "state": there.get("state")}
    call = Call("DELETE", _PATH + ".json", {"id": ref})
    return Change("delete", "account", name_of(item), shown, call=call)
