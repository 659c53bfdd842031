# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Users of developer accounts, and of the tenant itself: made, given a role, suspended, removed. Pure.

Which event leads from where: ``docs/threescale-behaviour.md#users``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Find,
    Ref,
    RefusalError,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import (
    USER,
    check_fields,
    differing,
    written,
)

USERNAME = re.compile(r"\w[\w.\-@+]{2,39}", re.ASCII)
USER_FIELDS: dict[str, Field] = {
    "username": Field(required=True),
    "email": Field(shape="mail"),
    "password": Field(secret=True),
    "role": Field(choices=("admin", "member")),
    "state": Field(choices=("active", "suspended", "absent"), default="active"),
    "fields": Field(type="dict"),
}
_SECRETS = frozenset({"password"})
_WAYS = {
    ("active", "pending"): ("activate",),
    ("active", "suspended"): ("unsuspend",),
    ("suspended", "active"): ("suspend",),
    ("suspended", "pending"): ("activate", "suspend"),
}
_REACHED = {"activate": "active", "unsuspend": "active", "suspend": "suspended"}


@dataclass(frozen=True)
class Home:
    """Whose users they are: the path of their list, and what its braces stand for."""

    path: str
    refs: Mapping[str, Ref] = field(default_factory=dict)

    def call(self, method: str, ref: Ref, event: str = "", body: Values | None = None) -> Call:
        """A request about one of them."""
        return Call(method, f"{self.path}/{{id}}{event and '/' + event}.json", {**self.refs, "id": ref}, body)


def home_of(account: Ref) -> Home:
    """The users of a developer account."""
    return Home("/admin/api/accounts/{account}/users", {"account": account})


def check_name(username: Any, option: str) -> None:
    """Refuse a user name that the server would refuse. Raises :class:`RefusalError`."""
    if not USERNAME.fullmatch(str(username)):
        raise RefusalError(f"{option}: '{username}' must be 3 to 40 letters, digits and '.-_@+'.")


def check_users(account: Values, defined: Mapping[str, Values], option: str) -> None:
    """Refuse users that can't be kept as described. Raises :class:`RefusalError`."""
    seen = {account.get("username")}
    for place, user in enumerate(account.get("users") or []):
        where = f"{option}.users[{place}]"
        check_name(user["username"], f"{where}.username")
        check_fields(user.get("fields"), defined, USER, ("username", "email"), f"{where}.fields")
        if user["username"] == account.get("username"):
            raise RefusalError(f"{where}.username: '{user['username']}' is the developer of the account; remove it.")
        if user["username"] in seen:
            raise RefusalError(f"{where}.username: '{user['username']}' is listed twice; remove one.")
        seen.add(user["username"])


def plan_users(account: Values, present: Sequence[Values], home: Home, option: str) -> list[Change]:
    """The changes of the further users of an account."""
    there = {str(user.get("username")): user for user in present}
    changes: list[Change] = []
    for place, user in enumerate(account.get("users") or []):
        changes += plan_user(user, there.get(str(user["username"])), home, f"{option}.users[{place}]")
    return changes


def plan_user(user: Values, there: Values | None, home: Home, option: str) -> list[Change]:
    """The changes of one user. Raises :class:`RefusalError` for a new one without a mail address."""
    name = str(user["username"])
    if user["state"] == "absent":
        return [_removal(there, home, name)] if there else []
    if there is None:
        made = _creation(user, home, option)
        ref = made.ref or Ref("user", name)
        return [made, *_role(user, "member", home, ref, [made]), *events(user["state"], "pending", home, ref, [made])]
    ref = Ref("user", name, there["id"])
    changes: list[Change] = []
    after = differing(user.get("fields"), there)
    if user.get("email") and user["email"] != there.get("email"):
        after["email"] = user["email"]
    if after:
        call = home.call("PUT", ref, body=after)
        changes.append(Change("update", "user", name, {key: there.get(key) for key in after}, after, call))
    changes += _role(user, str(there.get("role")), home, ref, [])
    return changes + events(user["state"], str(there.get("state")), home, ref, list(changes))


def _creation(user: Values, home: Home, option: str) -> Change:
    name = str(user["username"])
    if not user.get("email"):
        raise RefusalError(f"{option}.email: the new user '{name}' needs a mail address.")
    body = {key: user[key] for key in ("username", "email", "password") if user.get(key) is not None}
    body.update(written(user.get("fields")))
    find = Find(home.path + ".json", home.refs, "users", "user", {"username": name})
    call = Call("POST", home.path + ".json", home.refs, body, "user")
    shown = {**body, "role": user.get("role") or "member", "state": user["state"]}
    return Change("create", "user", name, after=shown, call=call, ref=Ref("user", name), find=find, secrets=_SECRETS)


def _role(user: Values, role: str, home: Home, ref: Ref, needs: Sequence[Change]) -> list[Change]:
    wanted = user.get("role")
    if wanted in (None, role):
        return []
    call = home.call("PUT", ref, str(wanted))
    before, after = {"role": role}, {"role": wanted}
    return [Change("change role", "user", ref.key, before, after, call, needs=list(needs))]


def events(wanted: str, state: str, home: Home, ref: Ref, needs: Sequence[Change] = ()) -> list[Change]:
    """The way of a user to the wanted state. A pending one is activated before it is suspended."""
    changes: list[Change] = []
    for event in _WAYS.get((wanted, state), ()):
        call = home.call("PUT", ref, event)
        before, after = {"state": state}, {"state": _REACHED[event]}
        already = ((422, "cannot transition"),)
        changes.append(Change(event, "user", ref.key, before, after, call, needs=[*needs, *changes], already=already))
        state = _REACHED[event]
    return changes


def _removal(there: Values, home: Home, name: str) -> Change:
    call = home.call("DELETE", Ref("user", name, there["id"]))
    return Change("delete", "user", name, {"role": there.get("role"), "state": there.get("state")}, call=call)
