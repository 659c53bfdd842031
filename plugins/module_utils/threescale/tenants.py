# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.
"""Tenants, through the master API. A new tenant's token is told once, when it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import (
    ApiError,
    BrokenError,
    BusyError,
    DeniedError,
    NoAnswerError,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Client, part_of
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import differences, refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Plan,
    Ref,
    RefusalError,
    Resource,
    Told,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import (
    ACCOUNT,
    check_annotations,
    check_fields,
    definitions,
    differing,
    written,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.emptied import of_account
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import refuse_later, told
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session
from ansible_collections.rhai.maas.plugins.module_utils.threescale.tenant_tokens import (
    SCOPES,
    TokenFile,
    new_token,
    personal_tokens,
    refuse_one_file,
    tenant_client,
    token_wanted,
    wait_until_usable,
)

TOKEN_FIELDS: dict[str, Field] = {
    "name": Field(default="ansible"),
    "scopes": Field(type="list", elements="str", choices=SCOPES, required=True),
    "permission": Field(choices=("ro", "rw"), default="rw"),
}
TENANT_FIELDS: dict[str, Field] = {
    "org_name": Field(required=True, create_only=True, shape="name"),
    "state": Field(choices=("present", "suspended", "absent"), default="present", local=True),
    "force": Field(type="bool", default=False, local=True),
    "username": Field(local=True),
    "email": Field(local=True, shape="mail"),
    "password": Field(secret=True, local=True),
    "from_email": Field(form="text", shape="mail or nothing"),
    "support_email": Field(form="text", shape="mail or nothing"),
    "finance_support_email": Field(form="text", shape="mail or nothing"),
    "site_access_code": Field(secret=True, form="text", shape="short"),
    "annotations": Field(type="dict", form="notes", since="2.16"),
    "fields": Field(type="dict", local=True),
    "token_path": Field(type="path", harmless=True, local=True),
    "token": Field(type="dict", options=TOKEN_FIELDS, harmless=True, local=True),
}
TENANT = Resource("tenant", "/master/api/providers", "account", "signup", "accounts", ("org_name",), TENANT_FIELDS)
OPTIONS = {
    "tenants": Field(type="list", elements="dict", required=True, options=TENANT_FIELDS),
    "wait": Field(type="bool", default=True),
    "wait_timeout": Field(type="int", default=180),
}
_UPDATE = "/master/api/providers/{id}.json"
_GONE = "scheduled_for_deletion"


def plan_tenants(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_tenant``. The session's only client is the master's."""
    master = session.master
    if master is None:
        raise RefusalError("master_url and master_token: tenants are made by the master API; give both.")
    wanted: Sequence[Values] = params["tenants"]
    refuse_twins(TENANT, wanted, "tenants")
    refuse_one_file(wanted, "tenants")
    rows = session.rows("/admin/api/accounts.json", "accounts", "account", PAGE)
    _check(session, wanted, rows)
    plan = Plan()
    made: dict[str, Ref] = {}
    for place, item in enumerate(wanted):
        option = f"tenants[{place}]"
        present = _present(rows, item, option, plan.warnings)
        facts = made.setdefault(item["org_name"], Ref("tenant", item["org_name"], told=dict(present or {})))
        if present is None and item["state"] != "absent":
            file = TokenFile(str(item.get("token_path") or ""), f"{option}.token_path")
            _refuse_incomplete(item, option)
            plan.warnings += [warning for warning in [file.check(session.check)] if warning]
            plan.changes.append(_creation(item, facts, f"{option}.token_path", params))
            continue
        plan.warnings += _lost_token(item, present, f"{option}.token_path")
        if present is not None:
            item = _as_shown(session, item, present)
        plan.changes += plan_tenant(item, present, option)
        plan.changes += _token(item, present, session, master, f"{option}.token_path")
    plan.result = {"tenants": [_returned(item, made[item["org_name"]]) for item in wanted]}
    return plan


def _check(session: Session, wanted: Sequence[Values], rows: Sequence[Values]) -> None:
    if rows:
        told(session, "annotations" in rows[0])
        refuse_later(session, TENANT_FIELDS, wanted, "tenants[]")
    defined = definitions(session, ACCOUNT) if any(item.get("fields") for item in wanted) else {}
    for place, item in enumerate(wanted):
        option = f"tenants[{place}]"
        check_fields(item.get("fields"), defined, ACCOUNT, ("org_name",), f"{option}.fields")
        check_annotations(item.get("annotations"), option)


def _present(rows: Sequence[Values], item: Values, option: str, warnings: list[str]) -> Values | None:
    """The tenant of that name. A living one counts before one that is scheduled for deletion, then the oldest."""
    mine = [row for row in rows if row.get("org_name") == item["org_name"]]
    mine.sort(key=lambda row: row.get("state") == _GONE)
    living = [row for row in mine if row.get("state") != _GONE]
    if len(living) > 1:
        warnings.append(
            f"{option}: {len(living)} tenants are called '{item['org_name']}'; the oldest one, "
            f"{living[0].get('admin_domain')}, is kept as described, the others are left alone."
        )
    return mine[0] if mine else None


def plan_tenant(item: Values, present: Values | None, option: str) -> list[Change]:
    """The changes of a tenant that is there, or is to go."""
    name = str(item["org_name"])
    if present is None:
        return []
    gone = present.get("state") == _GONE
    ref = Ref("tenant", name, present["id"])
    if item["state"] == "absent":
        if gone:
            return []
        if not item.get("force"):
            raise RefusalError(
                f"{option}: tenant '{name}' would be scheduled for deletion with all its products, developers and "
                "keys. Set force: true for this tenant if that is meant."
            )
        call = Call("DELETE", _UPDATE, {"id": ref})
        return [Change("delete", "tenant", name, {"state": present.get("state")}, call=call)]
    changes: list[Change] = []
    for event, state in _events(str(item["state"]), str(present.get("state"))):
        call = Call("PUT", _UPDATE, {"id": ref}, {"account": {"state_event": event}})
        before = {"state": changes[-1].after["state"] if changes and changes[-1].after else present.get("state")}
        changes.append(Change(event, "tenant", name, before, {"state": state}, call, needs=list(changes)))
    before, after = differences(TENANT, item, present)
    body = TENANT.to_api(after)
    for key, value in differing(item.get("fields"), present).items():
        before[key], after[key], body[key] = present.get(key), value, value
    if body:
        call = Call("PUT", _UPDATE, {"id": ref}, {"account": body})
        secrets = TENANT.secrets()
        changes.append(Change("update", "tenant", name, before, after, call, needs=list(changes), secrets=secrets))
    return changes


def _events(wanted: str, state: str) -> Sequence[tuple[str, str]]:
    """The way to a state. A tenant that is scheduled for deletion is taken back first."""
    back = [("resume", "approved")] if state == _GONE or (wanted == "present" and state == "suspended") else []
    stop = [("suspend", "suspended")] if wanted == "suspended" and (back or state == "approved") else []
    return [*back, *stop]


def _refuse_incomplete(item: Values, option: str) -> None:
    lacking = [name for name in ("username", "email", "password", "token_path") if not item.get(name)]
    if lacking:
        raise RefusalError(
            f"{option}: the new tenant '{item['org_name']}' needs {', '.join(lacking)} (token_path is the file for "
            "its access token, which the server tells only once)."
        )


def _creation(item: Values, facts: Ref, option: str, params: Mapping[str, Any]) -> Change:
    name = str(item["org_name"])
    body = {key: item[key] for key in ("org_name", "username", "email", "password")}
    extra = TENANT.to_api({n: item[n] for n in TENANT.attributes() if item.get(n) is not None and n != "org_name"})
    extra.update(written(item.get("fields")))

    after = {**body, **extra, "state": item["state"], "token_path": item["token_path"]}
    if item.get("token"):
        after["token"] = {key: item["token"][key] for key in TOKEN_FIELDS}
    data = {
        "tenant": facts,
        "body": {**body, **extra},
        "token_path": str(item["token_path"]),
        "option": option,
        "token": item.get("token"),
        "suspended": item["state"] == "suspended",
        "wait_timeout": float(params["wait_timeout"]) if params["wait"] else None,
    }
    return Change("create", "tenant", name, after=after, task="make tenant", data=data, secrets=TENANT.secrets())


def make_tenant(applier: Applier, change: Change) -> None:
    """Make a tenant: its file for the token first, then the tenant, and with its first token the one that is wanted."""
    data, tenant = change.data, change.data["tenant"]
    file = TokenFile(data["token_path"], data["option"])
    file.reserve()
    signup = _sign_up(applier.client, data["body"], file)
    tenant.told.update(signup["account"])
    first = str(signup["access_token"]["value"])
    file.write(first)
    client = tenant_client(applier.client, signup["account"], first)
    applier.session.also(client)
    if data["wait_timeout"] is not None:
        wait_until_usable(client, change.key, file.path, data["wait_timeout"])
    if data["token"]:
        file.write(str(new_token(client, data["token"])["value"]))
    if data["suspended"]:
        path = _UPDATE.format(id=tenant.told["id"])
        applier.client.send("PUT", path, body={"account": {"state_event": "suspend"}})


def make_token(applier: Applier, change: Change) -> None:
    """Make the token of chosen scopes by the first one, which the file still holds."""
    file = TokenFile(change.data["token_path"], change.data["option"])
    client = tenant_client(applier.client, change.data["tenant"], file.read())
    applier.session.also(client)
    file.write(str(new_token(client, change.data["token"])["value"]))


TASKS = {"make tenant": make_tenant, "make token": make_token}


def _sign_up(client: Client, body: Values, file: TokenFile) -> dict[str, Any]:
    try:
        path = "/master/api/providers.json"
        made: dict[str, Any] = part_of(client, "POST", path, client.send("POST", path, body=body), "signup")
        return made
    except ApiError as error:
        file.release()
        if not isinstance(error, (NoAnswerError, BusyError, BrokenError)):
            raise
        raise ApiError(
            error.method, error.path, error.status, error.reasons,
            "The tenant may have been made; its token is lost then. Look for it in the master portal before "
            "running again: delete it there, or make a token for it in its own admin portal.",
        ) from None  # fmt: skip


def _as_shown(session: Session, item: Values, present: Values) -> Values:
    path = f"/admin/api/accounts/{present['id']}/users.json"
    return of_account(item, present, lambda: session.rows(path, "users", "user"))


def _lost_token(item: Values, present: Values | None, option: str) -> list[str]:
    """A warning where the tenant is there and the file for its token isn't."""
    if present is None or item["state"] == "absent" or not item.get("token_path"):
        return []
    if TokenFile(str(item["token_path"]), option).path.exists():
        return []
    return [
        f"{option}: there is no '{item['token_path']}', and 3scale told the token of tenant '{item['org_name']}' only "
        "when the tenant was made. Make another in the tenant's own admin portal, and keep it there."
    ]


def _token(item: Values, present: Values | None, session: Session, master: Client, option: str) -> list[Change]:
    """The token of chosen scopes, where an earlier run ended before it was made: the file holds the first one then."""
    file = TokenFile(str(item.get("token_path") or ""), option)
    first = file.read() if item.get("token_path") and item.get("token") else ""
    if present is None or item["state"] != "present" or present.get("state") != "approved" or not first:
        return []
    client = tenant_client(master, present, first)
    session.also(client)
    try:
        if not token_wanted(personal_tokens(client), item["token"]):
            return []
    except ApiError as error:
        if isinstance(error, DeniedError) and "account_management" not in item["token"]["scopes"]:
            return []  # the file holds the chosen one, which may not look at tokens
        session.warnings.append(f"{option}: can't look at the tokens of '{item['org_name']}': {error.describe()}.")
        return []
    after = {key: item["token"][key] for key in ("scopes", "permission")}
    key = f"{item['org_name']} / {item['token']['name']}"
    data = {"tenant": dict(present), "token_path": str(item["token_path"]), "option": option, "token": item["token"]}
    return [Change("create", "access token", key, after=after, task="make token", data=data)]


def _returned(item: Values, facts: Ref) -> dict[str, Any]:
    names = ("id", "org_name", "domain", "admin_domain", "base_url", "admin_base_url", "state")
    state = {"present": "approved", "suspended": "suspended", "absent": "absent"}[item["state"]]
    return {**{name: Told(facts, name) for name in names}, "org_name": item["org_name"], "state": state}
