# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The tenant's own account: addresses, access code, settings, account plans; name and time zone by the master API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import differences
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Plan,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_plans import (
    ACCOUNT_PLAN,
    check_account_plans,
    plan_account_plans,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.emptied import of_account
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import ACCOUNT_FEATURE_FIELDS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import SERVICE_PLAN_FIELDS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PERMISSIONS, PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import refuse_later, told, whole
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from ansible_collections.rhai.maas.plugins.module_utils.threescale.zones import is_zone, same_zone


def _flag() -> Field:
    return Field(type="bool", form="flag")


SETTINGS_FIELDS: dict[str, Field] = {
    "useraccountarea_enabled": _flag(),
    "hide_service": _flag(),
    "signups_enabled": _flag(),
    "account_approval_required": Field(type="bool", form="flag", lost_before="2.16"),
    "public_search": _flag(),
    "account_plans_ui_visible": _flag(),
    "service_plans_ui_visible": _flag(),
    "change_account_plan_permission": Field(choices=PERMISSIONS),
    "change_service_plan_permission": Field(choices=PERMISSIONS),
    "enforce_sso": Field(type="bool", form="flag", since="2.16"),
    "strong_passwords_enabled": Field(type="bool", form="flag", harmless=True),
}
PROVIDER_FIELDS: dict[str, Field] = {
    "from_email": Field(form="text", shape="mail or nothing"),
    "support_email": Field(form="text", shape="mail or nothing"),
    "finance_support_email": Field(form="text", shape="mail or nothing"),
    "site_access_code": Field(form="text", secret=True, shape="short"),
}
PROVIDER = Resource("provider account", "/admin/api/provider", "account", "account", "", (), PROVIDER_FIELDS)
SETTINGS = Resource("settings", "/admin/api/settings", "settings", "settings", "", (), SETTINGS_FIELDS)
OPTIONS: dict[str, Field] = {
    **PROVIDER_FIELDS,
    "org_name": Field(local=True, shape="name"),
    "timezone": Field(local=True),
    "settings": Field(type="dict", options=SETTINGS_FIELDS, local=True),
    "features": Field(type="list", elements="dict", options=ACCOUNT_FEATURE_FIELDS, local=True),
    "account_plans": Field(type="list", elements="dict", options=SERVICE_PLAN_FIELDS, local=True),
}


def _refuse_impossible(session: Session, params: Mapping[str, Any]) -> None:
    """Refuse what the server would not keep, or not bear. Raises :class:`RefusalError`."""
    check_account_plans(params.get("features"), params.get("account_plans"))
    for name in ("org_name", "timezone"):
        if params.get(name) is not None and session.master is None:
            raise RefusalError(
                f"{name}: the tenant's own API can't set it; give master_url and master_token (the address of the "
                "master portal and a token of its account), or leave the option out and set it in the admin portal."
            )
    zone = params.get("timezone")
    if zone is not None and not is_zone(zone):  # docs/threescale-behaviour.md#statistics-time-zone
        raise RefusalError(f"timezone: there is no time zone '{zone}'; give a name such as Madrid or Europe/Madrid.")


def plan_provider(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_provider``."""
    _refuse_impossible(session, params)
    present = session.one("/admin/api/provider.json", "account") or {}
    plan = Plan()
    wanted = of_account(params, present, lambda: session.rows("/admin/api/users.json", "users", "user"))
    plan.changes += _part(PROVIDER, wanted, present, str(present.get("org_name") or "provider"))
    if params.get("settings") is not None:
        plan.changes += _plan_settings(session, params["settings"])
    for part in plan_account_plans(session, params.get("features"), params.get("account_plans")):
        plan.changes += part.all()
        plan.warnings += part.warnings
    plan.changes += _by_master(session, params, present)
    shown = ("id", "org_name", "domain", "admin_domain", "base_url", "admin_base_url", "from_email", "support_email",
             "finance_support_email", "state")  # fmt: skip
    after = {
        **present,
        **{name: params[name] for name in (*PROVIDER_FIELDS, "org_name") if params.get(name) is not None},
    }
    plan.result = {
        "provider": {
            **{name: after.get(name) for name in shown},
            "site_access_code_set": bool(after.get("site_access_code")),
        }
    }
    return plan


def _settings(session: Session) -> Values:
    found = session.until(lambda: session.one("/admin/api/settings.json", "settings"))
    if found is None:
        raise RefusalError(
            "settings: the tenant has no account plan, so it has no settings. A new tenant gets its plans from "
            "background jobs within half a minute, and a minute has passed: check that the server's job queue runs."
        )
    return dict(found)


def _plan_settings(session: Session, wanted: Values) -> list[Change]:
    """The settings that differ, sent so that no release switches off what is left out.

    See ``docs/threescale-behaviour.md#release-approval``.
    """
    present = _settings(session)
    told(session, "enforce_sso" in present)
    refuse_later(session, SETTINGS_FIELDS, [wanted], "settings")
    changes = _part(SETTINGS, wanted, present, "tenant")
    for change in changes:
        if "account_approval_required" in (change.after or {}):
            _refuse_approval(session)
        if (change.after or {}).get("enforce_sso"):
            _refuse_password_only(session)
        if change.call is not None:
            repeated = {name: normal.flag(present[name]) for name in whole(session, SETTINGS_FIELDS, present)}
            body = {**repeated, **(change.call.body or {})[SETTINGS.wrapper]}
            change.call = replace(change.call, body={SETTINGS.wrapper: body})
    return changes


def _refuse_approval(session: Session) -> None:
    """Refuse the approval of sign-ups as a setting where it has no effect. Raises :class:`RefusalError`."""
    rows = session.rows(ACCOUNT_PLAN.path + ".json", "plans", "account_plan")
    stock = [str(row.get("name")) for row in rows if not row.get("custom")]
    if len(stock) > 1:
        raise RefusalError(
            f"settings.account_approval_required: has no effect while there are {len(stock)} account plans "
            f"({', '.join(stock)}). Set approval_required of the plans in account_plans instead."
        )


def _refuse_password_only(session: Session) -> None:
    """Refuse to shut the admin portal to passwords while nobody can sign in otherwise. Raises :class:`RefusalError`."""
    path = "/admin/api/account/authentication_providers.json"
    rows = session.rows(path, "authentication_providers", "authentication_provider")
    if any(row.get("published") for row in rows):
        return
    words = (
        "settings.enforce_sso: the admin portal has no published identity provider, so nobody could sign in. Publish "
        "one first (threescale_sso_integration with portal: admin)."
    )
    if not session.check:
        raise RefusalError(words)
    session.warnings.append(words)


def _part(table: Resource, wanted: Values, present: Values, key: str) -> list[Change]:
    """One PUT with everything of a part that differs."""
    before, after = differences(table, wanted, present)
    if not after:
        return []
    call = Call("PUT", table.path + ".json", {}, {table.wrapper: table.to_api(after)}, table.envelope)
    return [Change("update", table.noun, key, before, after, call, secrets=table.secrets())]


def _by_master(session: Session, params: Values, present: Values) -> list[Change]:
    """Name and time zone, which only the master API sets."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if params.get("org_name") is not None and params["org_name"] != present.get("org_name"):
        before["org_name"], after["org_name"] = present.get("org_name"), params["org_name"]
    if params.get("timezone") is not None:
        zone = _zone(session)
        if not same_zone(str(params["timezone"]), zone, _instant(present)):
            before["timezone"], after["timezone"] = zone or "another one", params["timezone"]
    if not after:
        return []
    path = f"/master/api/providers/{present.get('id')}.json"
    call = Call("PUT", path, body={"account": after}, server="master")
    return [Change("update", "tenant", str(present.get("org_name")), before, after, call)]


def _zone(session: Session) -> str:
    """The tenant's time zone by its IANA name, which only the statistics tell; empty where they can't be read."""
    products = session.rows(PRODUCT.path + ".json", PRODUCT.collection, PRODUCT.envelope, PRODUCT.page)
    if not products:
        return ""
    answer = session.writer().get(
        f"/stats/services/{products[0]['id']}/usage.json", {"metric_name": "hits", "period": "day"}, missing=(403, 404)
    )
    period = (answer.json or {}).get("period") if answer.status == 200 else None
    return str((period or {}).get("timezone") or "")


def _instant(present: Values) -> datetime | None:
    """A time as the tenant's zone writes it: its offset tells zones apart where the name can't be read."""
    try:
        return datetime.fromisoformat(str(present.get("updated_at")).replace("Z", "+00:00"))
    except ValueError:
        return None
