# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.
"""What the smaller reading modules return: backends, tenants, policies, identity providers, documents. No secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import hide
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import named
from ansible_collections.rhai.maas.plugins.module_utils.threescale.active_docs import DOC
from ansible_collections.rhai.maas.plugins.module_utils.threescale.backend_tables import BACKEND
from ansible_collections.rhai.maas.plugins.module_utils.threescale.backends import read_below
from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_export import kept, kept_all
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import (
    METHOD_FIELDS,
    METRIC_FIELDS,
    RULE_FIELDS,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.policies import POLICY
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session
from ansible_collections.rhai.maas.plugins.module_utils.threescale.sso import SSO


def _names() -> Field:
    return Field(type="list", elements="str")


BACKEND_OPTIONS = {"backends": _names()}
TENANT_OPTIONS = {"org_names": _names(), "state": Field(choices=("approved", "suspended", "scheduled_for_deletion"))}
POLICY_OPTIONS = {"policies": _names()}
SSO_OPTIONS = {"kinds": _names()}
DOC_OPTIONS = {"active_docs": _names(), "content": Field(type="bool", default=False)}
_BELOW = (("metrics", METRIC_FIELDS), ("methods", METHOD_FIELDS), ("mapping_rules", RULE_FIELDS))
_TENANT = ("id", "org_name", "state", "domain", "admin_domain", "base_url", "admin_base_url", "from_email",
           "support_email", "finance_support_email", "annotations", "created_at", "updated_at")  # fmt: skip
_SSO = ("id", "callback_url", "authorize_url", "token_url", "user_info_url")


def read_backends(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_backend_info`` returns: backends as the module takes them, with their ids."""
    chosen = sorted(_chosen(session.all(BACKEND), "system_name", params, "backends", "backend"), key=_by_name)
    below: Values = {name: [] for name, _fields in _BELOW}  # managed, so read
    trees = session.side_by_side(lambda backend: read_below(session, below, backend), chosen)
    found = [
        {"id": backend["id"], **kept(tree, BACKEND.attributes()),
         **{name: kept_all(tree[name], fields) for name, fields in _BELOW}}
        for backend, tree in zip(chosen, trees)
    ]  # fmt: skip
    return {"backends": hide(found)}


def read_tenants(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_tenant_info`` returns."""
    if session.master is None:
        raise RefusalError("master_url and master_token: tenants are listed by the master API; give both.")
    query = {"state": params["state"]} if params.get("state") else None
    rows = session.rows("/admin/api/accounts.json", "accounts", "account", PAGE, query)
    if params.get("org_names") is not None:
        rows = [row for row in rows if row.get("org_name") in params["org_names"]]
    found = [{name: row[name] for name in _TENANT if name in row} for row in rows if row.get("admin_domain")]
    return {"tenants": found}


def read_policies(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_policy_info`` returns: the registry's policies as the module takes them, with their ids."""
    chosen = _chosen(session.all(POLICY), "name", params, "policies", "policy of the registry")
    return {"policies": [{**item, "schema": normal.document(item["schema"])} for item in chosen]}


def read_sso(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_sso_integration_info`` returns: as the module takes them, without the clients' secrets."""
    rows = session.rows(SSO.path + ".json", SSO.collection, SSO.envelope)
    chosen = _chosen(rows, "kind", params, "kinds", "identity provider of kind")
    return {
        "sso_integrations": [
            hide({**{name: row[name] for name in _SSO if name in row}, **kept(SSO.from_api(row), SSO.attributes())})
            for row in chosen
        ]
    }


def read_docs(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_active_doc_info`` returns: as the module takes them, with their ids; bodies on request."""
    products = {product["id"]: product["system_name"] for product in session.all(PRODUCT)}
    rows = session.rows(DOC.path + ".json", DOC.collection, DOC.envelope)
    found = []
    for row in sorted(_chosen(rows, "system_name", params, "active_docs", "active doc"), key=_by_name):
        item = {"id": row["id"], **kept(DOC.from_api(row), DOC.attributes())}
        body = normal.document(item.pop("body", None))
        if row.get("service_id") in products:
            item["product"] = products[row["service_id"]]
        if isinstance(body, Mapping):
            item["openapi"] = body.get("openapi") or body.get("swagger")
        found.append({**item, **({"body": body} if params["content"] else {})})
    return {"active_docs": found}


def _chosen(rows: Sequence[Values], key: str, params: Values, option: str, noun: str) -> list[dict[str, Any]]:
    """All rows, or those of the names. Raises :class:`RefusalError` for a name that isn't there."""
    names = params.get(option)
    if names is None:
        return [dict(row) for row in rows]
    for name in names:
        named(rows, key, name, noun, option)
    return [dict(row) for row in rows if row.get(key) in names]


def _by_name(row: Values) -> str:
    return str(row.get("system_name"))
