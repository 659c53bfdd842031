# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""ActiveDocs: OpenAPI documents shown in the portal. The server wants JSON as text and keeps it byte by byte."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import (
    by_key,
    create,
    delete,
    ref_to,
    refuse_twins,
    update,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Change,
    Field,
    Plan,
    Ref,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import unknown
from ansible_collections.rhai.maas.plugins.module_utils.threescale import openapi
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import check_name
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import has, needs
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

DOC_FIELDS: dict[str, Field] = {
    "system_name": Field(required=True, create_only=True),
    "name": Field(form="text", initial_from="system_name", shape="not empty"),
    "state": Field(choices=("present", "absent"), default="present", local=True),
    "body": Field(type="raw", form="document"),
    "product": Field(local=True),
    "description": Field(form="text"),
    "published": Field(type="bool", form="flag"),
    "skip_swagger_validations": Field(type="bool", form="flag"),
}
DOC = Resource(
    "active doc", "/admin/api/active_docs", "api_docs_service", "api_doc", "api_docs", ("system_name",), DOC_FIELDS
)
OPENAPI_31_SINCE = "2.16"
OPTIONS = {"active_docs": Field(type="list", elements="dict", options=DOC_FIELDS)}


def plan_active_docs(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_active_doc``."""
    wanted = [prepared(item, f"active_docs[{place}]") for place, item in enumerate(params["active_docs"])]
    refuse_twins(DOC, wanted, "active_docs")
    tables = [DOC, PRODUCT] if any(item.get("product") for item in wanted) else [DOC]
    rows, *listed = session.side_by_side(
        lambda table: session.rows(table.path + ".json", table.collection, table.envelope, table.page), tables
    )
    present = [{**DOC.from_api(row), "service_id": row.get("service_id")} for row in rows]
    products = {
        str(item["system_name"]): Ref("product", item["system_name"], item["id"]) for found in listed for item in found
    }
    plan = Plan()
    refs: dict[str, Ref] = {}
    for place, item in enumerate(wanted):
        product = _product(item, products, session, f"active_docs[{place}].product")
        changes = plan_doc(item, by_key(DOC, present), product, refs)
        if any("body" in (change.after or {}) for change in changes):
            _refuse_31(session, item, f"active_docs[{place}].body")
        plan.changes += changes
    plan.result = {"active_docs": [_returned(item, refs) for item in wanted]}
    return plan


def prepared(item: Values, option: str) -> Values:
    """A wanted document with its body as JSON text. Raises :class:`RefusalError` where the server would refuse it."""
    check_name(item.get("system_name"), f"{option}.system_name")
    if item.get("state") == "absent" or item.get("body") is None:
        return item
    body = openapi.parsed(item["body"], f"{option}.body")
    body = openapi.with_texts(body, validated=not item.get("skip_swagger_validations"))
    openapi.check_servers(body, f"{option}.body")
    if not item.get("skip_swagger_validations"):
        openapi.check_version(body, f"{option}.body")
    try:
        text = json.dumps(body, ensure_ascii=False, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RefusalError(f"{option}.body: can't be written as JSON: {error}.") from None
    return {**item, "body": text}


def _refuse_31(session: Session, item: Values, option: str) -> None:
    """Refuse OpenAPI 3.1 before 3scale 2.16 (``docs/threescale-behaviour.md#release-openapi-31``)."""
    version = str(normal.document(item["body"]).get("openapi", ""))
    if version.startswith("3.1") and not item.get("skip_swagger_validations") and not has(session, OPENAPI_31_SINCE):
        raise needs(
            f"{option}: OpenAPI {version}", OPENAPI_31_SINCE, "set skip_swagger_validations: true for this document"
        )


def _product(item: Values, products: Mapping[str, Ref], session: Session, option: str) -> Ref | None:
    name = item.get("product")
    if not name or item.get("state") == "absent":
        return None
    if name in products:
        return products[name]
    if not session.check:
        raise unknown("product", name, list(products), option)
    session.warnings.append(f"{option}: product '{name}' is not there yet; check mode takes it as planned.")
    return Ref("product", name)


def plan_doc(
    item: Values, there: Mapping[tuple[Any, ...], Values], product: Ref | None, refs: dict[str, Ref]
) -> Sequence[Change]:
    """The changes of one document. ``product`` is the one to link, None to leave or to unlink (``product: ''``)."""
    name = str(item["system_name"])
    present = there.get((name,))
    if item.get("state") == "absent":
        return [delete(DOC, present, ref_to(DOC, present), {}, name)] if present else []
    if present is None:
        if item.get("body") is None:
            raise RefusalError(f"active_docs: the new document '{name}' needs a body.")
        refs[name] = Ref(DOC.noun, name)
        change = create(DOC, item, refs[name], {}, name, {"service_id": product} if product else None)
        change.after = {**_readable(change.after or {}), **({"product": product.key} if product else {})}
        return [change]
    refs[name] = ref_to(DOC, present)
    extra: dict[str, Any] = {}
    if product is not None and (product.id is None or product.id != present.get("service_id")):
        extra["service_id"] = product
    elif item.get("product") == "" and present.get("service_id"):
        extra["service_id"] = ""
    changed = update(DOC, item, present, refs[name], {}, name, extra)
    if changed is None:
        return []
    changed.before, changed.after = _readable(changed.before or {}), _readable(changed.after or {})
    if extra:
        changed.before = {**changed.before, "product id": present.get("service_id")}
        changed.after = {**changed.after, "product": product.key if product else ""}
    return [changed]


def _readable(side: Values) -> Values:
    """The body as a document rather than as text, so that a diff shows what differs."""
    return {name: normal.document(value) if name == "body" else value for name, value in side.items()}


def _returned(item: Values, refs: Mapping[str, Ref]) -> dict[str, Any]:
    name = str(item["system_name"])
    if item.get("state") == "absent":
        return {"system_name": name, "state": "absent"}
    return {"id": refs[name], "system_name": name, "product": item.get("product"), "state": "present"}
