# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A tenant written to files, each in the form in which a module takes it, without secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import DeniedError
from ansible_collections.rhai.maas.plugins.module_utils.engine.folder import Folder
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Plan
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import hidden
from ansible_collections.rhai.maas.plugins.module_utils.engine.show import as_yaml
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_plans import ACCOUNT_PLAN
from ansible_collections.rhai.maas.plugins.module_utils.threescale.active_docs import DOC
from ansible_collections.rhai.maas.plugins.module_utils.threescale.export_accounts import (
    read_accounts,
    read_applications,
    read_subscriptions,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.export_files import left_over
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import ACCOUNT_FEATURE, read_included
from ansible_collections.rhai.maas.plugins.module_utils.threescale.info import read_configs
from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_export import included, kept, read_trees
from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_objects import read_backends, read_policies
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import SERVICE_PLAN_FIELDS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.downloads import download
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.export import portal_items, text_of
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.portals import read_portal
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.provider import PROVIDER, SETTINGS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from ansible_collections.rhai.maas.plugins.module_utils.threescale.sso import SSO

# lists whose order means nothing, sorted: two tenants that hold the same give the same files
_UNORDERED = ("metrics", "methods", "backend_usages", "features", "application_plans", "service_plans")


def _sorted(item: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {**item, **{name: sorted(item[name], key=repr) for name in names if item.get(name)}}


def _products(session: Session) -> Any:
    """Each product with how far it was promoted: an import shall not promote what was left in staging."""
    found = read_trees(session, None)
    environments = ("sandbox", "production")
    read = read_configs(session, {"products": None, "environments": environments, "content": False})
    there = {(row["product"], row["environment"]) for row in read["proxy_configs"] if row["version"] is not None}
    for product in found:
        reached = [environment for environment in environments if (product["system_name"], environment) in there]
        product["promotion"] = {"sandbox": "staging", "production": "production"}[reached[-1]] if reached else "none"
        if product.get("deployment_option") == "hosted":
            product["proxy"] = {name: value for name, value in product["proxy"].items() if not _given(name, value)}
        plans = product["application_plans"]
        product["application_plans"] = [_sorted(plan, ("limits", "pricing_rules", "features")) for plan in plans]
        product["service_plans"] = [_sorted(plan, ("features",)) for plan in product["service_plans"]]
    found.sort(key=lambda product: str(product["system_name"]))
    return [_sorted(product, _UNORDERED) for product in found]


def _given(name: str, value: Any) -> bool:
    """Whether it is an address that 3scale itself gives: another tenant gives its own, and two can't have one."""
    return name in ("endpoint", "sandbox_endpoint") and re.search(r"-apicast-(staging|production)\.", value) is not None


def _backends(session: Session) -> Any:
    found = read_backends(session, {})["backends"]
    backends = [{name: value for name, value in backend.items() if name != "id"} for backend in found]
    return [_sorted(backend, ("metrics", "methods")) for backend in backends]


def _policies(session: Session) -> Any:
    """The registry's policies, as far as the token may read them."""
    try:
        found = read_policies(session, {})["policies"]
    except DeniedError:
        session.warnings.append(
            "policies.yml: the token may not read the registry (scope policy_registry); it is empty."
        )
        return []
    return [{name: item[name] for name in ("name", "version", "schema")} for item in found]


def _sso_integrations(session: Session) -> Any:
    """The identity providers, whose secrets have to be given again before an import."""
    rows = session.rows(SSO.path + ".json", SSO.collection, SSO.envelope)
    if rows:
        session.warnings.append(
            "sso_integrations.yml: client_secret is left out; add it, such as a variable of your vault, before you "
            "import the file into a tenant that has no such identity provider."
        )
    return [kept(SSO.from_api(row), SSO.attributes()) for row in rows]


def _provider(session: Session) -> Any:
    account = PROVIDER.from_api(session.one("/admin/api/provider.json", "account") or {})
    settings = SETTINGS.from_api(session.one("/admin/api/settings.json", "settings") or {})
    features = session.all(ACCOUNT_FEATURE)
    plans = [{**ACCOUNT_PLAN.from_api(row), "default": row.get("default")} for row in
             session.rows(ACCOUNT_PLAN.path + ".json", ACCOUNT_PLAN.collection, ACCOUNT_PLAN.envelope)]  # fmt: skip
    session.side_by_side(lambda plan: plan.update(features=read_included(session, ACCOUNT_PLAN, plan, features)), plans)
    return {
        **kept(account, PROVIDER.attributes()),
        "settings": kept(settings, SETTINGS.attributes()),
        **({"features": [kept(row, ACCOUNT_FEATURE.attributes()) for row in features]} if features else {}),
        "account_plans": [
            {**kept(plan, SERVICE_PLAN_FIELDS), **included(plan), **({"default": True} if plan["default"] else {})}
            for plan in plans
        ],
    }


def _active_docs(session: Session) -> Any:
    products = {product["id"]: product["system_name"] for product in session.all(PRODUCT)}
    rows = session.rows(DOC.path + ".json", DOC.collection, DOC.envelope)
    docs = []
    for row in sorted(rows, key=lambda row: str(row.get("system_name"))):
        product = products.get(row.get("service_id"))
        docs.append({**kept(DOC.from_api(row), DOC.attributes()), **({"product": product} if product else {})})
    return docs


READERS: dict[str, Callable[[Session], Any]] = {
    "backends": _backends,
    "products": _products,
    "provider": _provider,
    "accounts": read_accounts,
    "service_subscriptions": read_subscriptions,
    "applications": read_applications,
    "active_docs": _active_docs,
    "policies": _policies,
    "sso_integrations": _sso_integrations,
}
PARTS = (*READERS, "portal")
OPTIONS: dict[str, Field] = {
    "path": Field(type="path", required=True),
    "parts": Field(type="list", elements="str", choices=PARTS, default=list(PARTS)),
    "portal_url": Field(),
}


def plan_export(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_export``: the files that differ from what the tenant holds."""
    folder = Folder(str(params["path"]))
    wanted: dict[str, bytes] = {}
    for part in params["parts"]:
        if part == "portal":
            wanted.update(_portal(session, params.get("portal_url")))
        else:
            content = READERS[part](session)
            wanted[f"{part}.yml"] = as_yaml(_without_secrets(session, part, content)).encode("utf-8")
    plan = Plan(folder.changes(wanted, left_over(folder, wanted)))
    plan.result = {"path": str(folder.root), "files": sorted(wanted)}
    return plan


def _without_secrets(session: Session, part: str, content: Any) -> Any:
    """What sounds like a secret hidden, with a warning: it has to be given again before an import."""
    shown, places = hidden(content, part, session.secrets)
    if places:
        session.warnings.append(
            f"{part}.yml: {', '.join(places)} is a secret and was left out; put a variable of your vault in its place "
            "before you import the file."
        )
    return shown


def _portal(session: Session, portal_url: str | None) -> dict[str, bytes]:
    """The portal's list of items, and the files with their contents."""
    present = read_portal(session)
    items = portal_items(present)
    files = {str(item["src"]): str(item["path"]) for item in items if item["type"] == "file"}
    wanted = {
        str(item["src"]): text_of(present, item).encode("utf-8") for item in items if "src" in item
        and item["type"] != "file"
    }  # fmt: skip
    if files:
        paths = [normal.page_path(path) for path in files.values()]
        wanted.update(zip(files, download(session, portal_url, paths, "leave portal out of parts")))
    return {"portal.yml": as_yaml(items).encode("utf-8"), **wanted}
