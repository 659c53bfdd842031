# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Access tokens of the user whom the run's own token belongs to. Values are told once, so each is kept in a file.

See ``docs/threescale-behaviour.md#tokens``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import delete, refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Change,
    Field,
    Plan,
    Ref,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import refuse_later
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from ansible_collections.rhai.maas.plugins.module_utils.threescale.tenant_tokens import (
    SCOPES,
    TokenFile,
    new_token,
    refuse_one_file,
)

ACCESS_TOKEN_FIELDS: dict[str, Field] = {
    "name": Field(required=True, shape="not empty"),
    "scopes": Field(type="list", elements="str", choices=SCOPES),
    "permission": Field(choices=("ro", "rw"), default="ro"),
    "expires_at": Field(since="2.16"),
    "token_path": Field(type="path", harmless=True, local=True),
    "state": Field(choices=("present", "absent"), default="present", local=True),
}
ACCESS_TOKEN = Resource(
    "access token", "/admin/api/personal/access_tokens", "token", "access_token", "access_tokens", ("name",),
    ACCESS_TOKEN_FIELDS,
)  # fmt: skip
OPTIONS = {"tokens": Field(type="list", elements="dict", options=ACCESS_TOKEN_FIELDS, harmless=True)}


def plan_access_tokens(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_access_token``."""
    wanted = params["tokens"]
    refuse_twins(ACCESS_TOKEN, wanted, "tokens")
    refuse_one_file(wanted, "tokens")
    for place, item in enumerate(wanted):
        _check(item, f"tokens[{place}]")
    refuse_later(session, ACCESS_TOKEN_FIELDS, wanted, "tokens[]")
    rows = session.all(ACCESS_TOKEN)
    plan, shown = Plan(), []
    for place, item in enumerate(wanted):
        option = f"tokens[{place}]"
        named = [row for row in rows if row["name"] == item["name"]]
        kept = _kept(named, item, option)
        made = [] if kept or item["state"] == "absent" else [_creation(session, item, option)]
        plan.changes += made + [_removal(row, made) for row in named if row is not kept]
        found = kept["id"] if kept else made[0].ref if made else None
        shown.append({"id": found, "name": item["name"], "state": item["state"]})
    plan.result = {"tokens": shown}
    return plan


def _check(item: Values, option: str) -> None:
    if item["state"] == "absent":
        return
    for name, why in (("scopes", "what the token opens"), ("token_path", "the file that keeps its value")):
        if not item.get(name):
            raise RefusalError(f"{option}.{name}: give {why}, or set state: absent.")
    until = item.get("expires_at")
    if until is not None and _moment(until) is None:
        raise RefusalError(f"{option}.expires_at: '{until}' is no time; give one such as 2030-12-31T23:59:59Z.")


def _moment(text: Any) -> datetime | None:
    """A time with its zone, UTC where none is given; None for what is no time."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _kept(named: Sequence[Values], item: Values, option: str) -> Values | None:
    """The token that stays: it opens what is wanted, and its value is in the file."""
    if item["state"] == "absent" or not TokenFile(str(item["token_path"]), f"{option}.token_path").read():
        return None
    return next((row for row in reversed(named) if _fits(row, item)), None)


def _fits(row: Values, item: Values) -> bool:
    until = item.get("expires_at")
    return (
        sorted(row.get("scopes") or []) == sorted(item["scopes"])
        and row.get("permission") == item["permission"]
        and (_moment(row.get("expires_at")) if row.get("expires_at") else None) == (_moment(until) if until else None)
    )


def _creation(session: Session, item: Values, option: str) -> Change:
    path = str(item["token_path"])
    warning = TokenFile(path, f"{option}.token_path").check(session.check)
    if warning:
        session.warnings.append(warning)
    after = {name: item[name] for name in ("scopes", "permission", "expires_at") if item.get(name) is not None}
    name = str(item["name"])
    ref = Ref("access token", name)
    data = {"token_path": path, "option": option, "token": {"name": name, **after}, "made": ref}
    return Change("create", "access token", name, after=after, task="make access token", data=data, ref=ref)


def _removal(row: Values, needs: list[Change]) -> Change:
    """The removal of an older token, once its successor is kept."""
    change = delete(ACCESS_TOKEN, row, Ref("access token", str(row["name"]), row["id"]), {}, str(row["name"]))
    change.needs = list(needs)
    return change


def make_access_token(applier: Applier, change: Change) -> None:
    """Make a token and keep its value; the file is opened first, so that no value is lost."""
    data = change.data
    file = TokenFile(data["token_path"], data["option"])
    file.reserve()
    made = new_token(applier.client, data["token"])
    file.write(str(made["value"]))
    data["made"].id = made["id"]


TASKS = {"make access token": make_access_token}
