# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Tenants, through the master API. A new tenant's token is told once, when it is made."""

from __future__ import annotations

import os
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
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session

TENANT_FIELDS: dict[str, Field] = {
    "org_name": Field(required=True, create_only=True),
    "state": Field(choices=("present", "suspended", "absent"), default="present", local=True),
    "force": Field(type="bool", default=False, local=True),
    "username": Field(local=True),
    "email": Field(local=True),
    "password": Field(secret=True, local=True),
    "from_email": Field(normal=normal.text),
    "support_email": Field(normal=normal.text),
    "finance_support_email": Field(normal=normal.text),
    "site_access_code": Field(secret=True, normal=normal.text),
    "annotations": Field(type="dict", alike=normal.notes_alike),
    "token_path": Field(type="path", harmless=True, local=True),
}
TENANT = Resource("tenant", "/master/api/providers", "account", "signup", "accounts", ("org_name",), TENANT_FIELDS)
OPTIONS = {"tenants": Field(type="list", elements="dict", required=True, options=TENANT_FIELDS)}
_UPDATE = "/master/api/providers/{id}.json"


def plan_tenants(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_tenant``. The session's only client is the master's."""
    if session.master is None:
        raise RefusalError("master_url and master_token: tenants are made by the master API; give both.")
    wanted: Sequence[Values] = params["tenants"]
    refuse_twins(TENANT, wanted, "tenants")
    rows = session.rows("/admin/api/accounts.json", "accounts", "account", PAGE)
    there: dict[str, Values] = {}
    for row in rows:
        there.setdefault(str(row.get("org_name")), row)
    plan = Plan()
    made: dict[str, dict[str, Any]] = {}
    for place, item in enumerate(wanted):
        facts = made.setdefault(item["org_name"], dict(there.get(item["org_name"], {})))
        plan.changes += plan_tenant(item, there.get(item["org_name"]), facts, f"tenants[{place}]")
    plan.result = lambda: {"tenants": [_returned(item, made[item["org_name"]]) for item in wanted]}
    return plan


def plan_tenant(item: Values, present: Values | None, facts: dict[str, Any], option: str) -> list[Change]:
    """The changes of one tenant; ``facts`` gets what the server says of it."""
    name = str(item["org_name"])
    gone = present is None or present.get("state") == "scheduled_for_deletion"
    if item["state"] == "absent":
        if gone or present is None:
            return []
        if not item.get("force"):
            raise RefusalError(
                f"{option}: tenant '{name}' would be scheduled for deletion with all its products, developers and "
                "keys. Set force: true for this tenant if that is meant."
            )
        call = Call("DELETE", f"/master/api/providers/{present['id']}.json")
        return [Change("delete", "tenant", name, {"state": present.get("state")}, call=call)]
    if present is None:
        return [_creation(item, facts, option)]
    ref = Ref("tenant", name, present["id"])
    changes: list[Change] = []
    event = {("present", True): "resume", ("present", False): None}.get((item["state"], gone))
    if item["state"] == "present" and present.get("state") == "suspended":
        event = "resume"
    if item["state"] == "suspended" and present.get("state") == "approved":
        event = "suspend"
    if event:
        call = Call("PUT", _UPDATE, {"id": ref}, {"account": {"state_event": event}})
        changes.append(Change(event, "tenant", name, {"state": present.get("state")}, {"state": item["state"]}, call))
    before, after = differences(TENANT, item, present)
    if after:
        call = Call("PUT", _UPDATE, {"id": ref}, {"account": payload(TENANT, after)})
        changes.append(
            Change("update", "tenant", name, before, after, call, needs=list(changes), secrets=TENANT.secrets())
        )
    return changes


def _creation(item: Values, facts: dict[str, Any], option: str) -> Change:
    lacking = [name for name in ("username", "email", "password", "token_path") if not item.get(name)]
    if lacking:
        raise RefusalError(
            f"{option}: the new tenant '{item['org_name']}' needs {', '.join(lacking)} (token_path is the file for "
            "its access token, which the server tells only once)."
        )
    body = {name: item[name] for name in ("org_name", "username", "email", "password")}
    extra = payload(TENANT, {n: item[n] for n in TENANT.attributes() if item.get(n) is not None and n != "org_name"})

    def step(applier: Any) -> None:
        try:
            signup = applier.client.send("POST", "/master/api/providers.json", body={**body, **extra}).json["signup"]
        except (NoAnswerError, BusyError, BrokenError) as error:
            raise ApiError(
                error.method, error.path, error.status, error.reasons,
                "The tenant may have been made; its token is lost then. Look for it in the master portal before "
                "running again: delete it there, or make a token for it in its own admin portal.",
            ) from None  # fmt: skip
        facts.update(signup["account"])
        _keep_token(str(item["token_path"]), str(signup["access_token"]["value"]))

    shown = {name: value for name, value in {**body, **extra}.items() if name not in ("password", "site_access_code")}
    return Change(
        "create", "tenant", str(item["org_name"]), after={**shown, "token_path": item["token_path"]}, step=step
    )


def _keep_token(path: str, token: str) -> None:
    """Write the token into a file that only its owner reads."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(token + "\n")


def _returned(item: Values, facts: Values) -> dict[str, Any]:
    names = ("id", "org_name", "domain", "admin_domain", "base_url", "admin_base_url", "state")
    state = {"present": "approved", "suspended": "suspended", "absent": "absent"}[item["state"]]
    return {**{name: facts.get(name) for name in names}, "org_name": item["org_name"], "state": state}
