# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Authentication providers of the developer portal: one of each kind. The API can't rename or remove them."""

from __future__ import annotations

from collections.abc import Mapping
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
    "client_id": Field(form="text"),
    "client_secret": Field(secret=True, form="text"),
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
OPTIONS = {"sso_integrations": Field(type="list", elements="dict", options=SSO_FIELDS)}
NEEDED = ("client_id", "client_secret")


def plan_sso(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_sso_integration``."""
    wanted = [_prepared(item, f"sso_integrations[{place}]") for place, item in enumerate(params["sso_integrations"])]
    refuse_twins(SSO, wanted, "sso_integrations")
    rows: list[Values] = session.rows(SSO.path + ".json", SSO.collection, SSO.envelope)
    there = by_key(SSO, [{**SSO.from_api(row), "callback_url": row.get("callback_url")} for row in rows])
    plan = Plan()
    made: dict[str, Ref] = {}
    for place, item in enumerate(wanted):
        present = there.get(SSO.key_of(item))
        made[item["kind"]] = Ref(SSO.noun, str(item["kind"]), told=dict(present or {}))
        if present is None:
            if item["state"] == "unpublished":
                continue
            _complete(item, f"sso_integrations[{place}]")
            ref = Ref(SSO.noun, str(item["kind"]))
            change = create(SSO, item, ref, {}, str(item["kind"]))
            change.learn = made[item["kind"]]
            plan.changes.append(change)
            continue
        plan.warnings += _unchangeable(item, present)
        updated = update(SSO, item, present, ref_to(SSO, present), {}, str(item["kind"]))
        if updated is not None:
            plan.changes.append(updated)
    plan.result = {"sso_integrations": [_returned(item, made[item["kind"]]) for item in wanted]}
    return plan


def _prepared(item: Values, option: str) -> Values:
    """A wanted integration; refused where the server would answer with an error or, worse, 500."""
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
    return {**item, "published": False} if item.get("state") == "unpublished" else item


def _host(address: str) -> str:
    """The host of an address; empty where it can't be read."""
    try:
        parts = urlsplit(address)
        return "" if parts.port == 0 else str(parts.hostname or "")
    except ValueError:
        return ""


def _complete(item: Values, option: str) -> None:
    needed = (*NEEDED, "site") if item["kind"] in ("keycloak", "auth0") else NEEDED
    lacking = [name for name in needed if not item.get(name)]
    if lacking:
        raise RefusalError(f"{option}: a new integration of kind '{item['kind']}' needs {', '.join(lacking)}.")


def _unchangeable(item: Values, present: Values) -> list[str]:
    """What differs and can't be changed by the API: said, not passed over."""
    return [
        f"SSO integration '{item['kind']}': {name} is '{present.get(name)}', not '{item[name]}'; no API changes it. "
        "Delete the integration in the admin portal (Audience > Developer Portal > SSO Integrations) and run again."
        for name, entry in SSO_FIELDS.items()
        if entry.create_only and item.get(name) is not None and name not in ("kind", "authorize_url")
        and item[name] != present.get(name)
    ]  # fmt: skip


def _returned(item: Values, made: Ref) -> dict[str, Any]:
    names = ("id", "kind", "system_name", "name", "client_id", "site", "published", "callback_url")
    changed = {name: item[name] for name in ("client_id", "site", "published") if item.get(name) is not None}
    return {**{name: Told(made, name, item.get(name)) for name in names}, **changed}
