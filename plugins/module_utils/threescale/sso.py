# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Authentication providers, of the developer portal one of each kind, of the admin portal one of each system name.

The API can't rename or remove them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import by_key, create, ref_to, refuse_twins, update
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Field,
    Plan,
    Ref,
    RefusalError,
    Resource,
    Told,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import check_name
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

SSO_FIELDS: dict[str, Field] = {
    "kind": Field(required=True, create_only=True),
    "system_name": Field(create_only=True, initial_from="kind"),
    "name": Field(create_only=True),
    "state": Field(choices=("present", "unpublished"), default="present", local=True),
    "client_id": Field(form="text", shape="not empty"),
    "client_secret": Field(secret=True, form="text", shape="not empty"),
    "site": Field(form="text"),
    "token_url": Field(create_only=True, harmless=True),
    "user_info_url": Field(create_only=True),
    "authorize_url": Field(create_only=True),
    "identifier_key": Field(create_only=True, harmless=True),
    "username_key": Field(create_only=True, harmless=True),
    "trust_email": Field(type="bool", create_only=True),
    "published": Field(type="bool", form="flag"),
    "automatically_approve_accounts": Field(type="bool", form="flag"),
    "skip_ssl_certificate_verification": Field(type="bool", form="flag"),
}
SSO = Resource(
    "SSO integration", "/admin/api/authentication_providers", "authentication_provider", "authentication_provider",
    "authentication_providers", ("kind",), SSO_FIELDS,
)  # fmt: skip
_OF_ADMINS = ("kind", "system_name", "name", "state", "client_id", "client_secret", "site", "published",
              "skip_ssl_certificate_verification")  # fmt: skip
ADMIN_SSO = replace(
    SSO, noun="admin SSO integration", path="/admin/api/account/authentication_providers", key=("system_name",),
    fields={name: SSO_FIELDS[name] for name in _OF_ADMINS},
)  # fmt: skip
TABLES = {"developer": SSO, "admin": ADMIN_SSO}
OPTIONS = {
    "portal": Field(choices=tuple(TABLES), default="developer"),
    "sso_integrations": Field(type="list", elements="dict", options=SSO_FIELDS),
}
_DEVELOPERS = "Audience > Developer Portal > SSO Integrations"
_ADMIN_KINDS = ("keycloak", "auth0")
NEEDED = ("client_id", "client_secret")


def plan_sso(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_sso_integration``."""
    table = TABLES[params["portal"]]
    wanted = [
        _prepared(table, item, f"sso_integrations[{place}]") for place, item in enumerate(params["sso_integrations"])
    ]
    refuse_twins(table, wanted, "sso_integrations")
    rows: list[Values] = session.rows(table.path + ".json", table.collection, table.envelope)
    there = by_key(table, [{**table.from_api(row), "callback_url": row.get("callback_url")} for row in rows])
    plan, shown = Plan(), []
    for place, item in enumerate(wanted):
        present, label = there.get(table.key_of(item)), table.label(item)
        made = Ref(table.noun, label, told=dict(present or {}))
        shown.append(_returned(item, made))
        if present is not None:
            plan.warnings += _unchangeable(table, item, present)
            updated = update(table, item, present, ref_to(table, present), {}, label)
            plan.changes += [updated] if updated is not None else []
        elif item["state"] == "present":
            _complete(table, item, f"sso_integrations[{place}]")
            plan.changes.append(create(table, item, Ref(table.noun, label), {}, label))
            plan.changes[-1].learn = made
    plan.result = {"sso_integrations": shown}
    return plan


def _prepared(table: Resource, item: Values, option: str) -> Values:
    """A wanted integration; refused where the server would answer with an error or, worse, 500."""
    strange = [name for name, value in item.items() if value is not None and name not in table.fields]
    if strange:
        raise RefusalError(f"{option}.{strange[0]}: integrations of the admin portal have none; leave it out.")
    if item.get("system_name") is not None:
        check_name(item["system_name"], f"{option}.system_name")
    site = item.get("site")
    if site is not None:
        if (
            not str(site).startswith(("https://", "http://"))
            or not _host(str(site))
            or any(map(str.isspace, str(site)))
        ):
            raise RefusalError(
                f"{option}.site: '{site}' must be an address http(s)://…, in lower case and without spaces."
            )
        if str(site).endswith("/"):
            raise RefusalError(
                f"{option}.site: '{site}' must not end with '/': the server would double it in its addresses."
            )
    named = {**item, "system_name": item.get("system_name") or item["kind"]} if table is ADMIN_SSO else item
    return {**named, "published": False} if item.get("state") == "unpublished" else named


def _host(address: str) -> str:
    """The host of an address; empty where it can't be read."""
    try:
        parts = urlsplit(address)
        return "" if parts.port == 0 else str(parts.hostname or "")
    except ValueError:
        return ""


def _complete(table: Resource, item: Values, option: str) -> None:
    if table is ADMIN_SSO and item["kind"] not in _ADMIN_KINDS:
        raise RefusalError(f"{option}.kind: the admin portal takes {' and '.join(_ADMIN_KINDS)}, not '{item['kind']}'.")
    needed = (*NEEDED, "site") if item["kind"] in ("keycloak", "auth0") else NEEDED
    lacking = [name for name in needed if not item.get(name)]
    if lacking:
        raise RefusalError(f"{option}: a new integration of kind '{item['kind']}' needs {', '.join(lacking)}.")


def _unchangeable(table: Resource, item: Values, present: Values) -> list[str]:
    """What differs and can't be changed by the API: said, not passed over."""
    where = "Account Settings > Users > SSO Integrations" if table is ADMIN_SSO else _DEVELOPERS
    return [
        f"{table.noun} '{table.label(item)}': {name} is '{present.get(name)}', not '{item[name]}'; no API changes it. "
        f"Delete the integration in the admin portal ({where}) and run again."
        for name, entry in table.fields.items()
        if entry.create_only and item.get(name) is not None and name not in (*table.key, "authorize_url")
        and item[name] != present.get(name)
    ]  # fmt: skip


def _returned(item: Values, made: Ref) -> dict[str, Any]:
    names = ("id", "kind", "system_name", "name", "client_id", "site", "published", "callback_url")
    changed = {name: item[name] for name in ("client_id", "site", "published") if item.get(name) is not None}
    return {**{name: Told(made, name, item.get(name)) for name in names}, **changed}
