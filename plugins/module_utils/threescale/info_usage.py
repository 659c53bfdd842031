# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Usage of products and applications by metric, as the statistics tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.info import chosen_products
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import split
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session

USAGE_OPTIONS: dict[str, Field] = {
    "products": Field(type="list", elements="str"),
    "metrics": Field(type="list", elements="str"),
    "period": Field(choices=("year", "month", "week", "day")),
    "since": Field(),
    "until": Field(),
    "granularity": Field(choices=("month", "day", "6h", "hour")),
    "timezone": Field(),
    "by_application": Field(type="bool", default=False),
    "values": Field(type="bool", default=False),
}


def read_usage(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_usage_info`` returns: one entry for each product (or application) and metric."""
    query = usage_query(params)
    products = chosen_products(session, params.get("products"))
    metrics = session.side_by_side(lambda product: _metrics(session, product, params.get("metrics")), products)
    named = dict(zip((str(product["system_name"]) for product in products), metrics))
    jobs = _by_product(products, named)
    if params["by_application"]:
        jobs = _by_application(session, products, named)

    def usage(job: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
        path, metric, facts = job
        told = session.one(path, "", {"metric_name": metric, **query}) or {}
        kept = {"metric": metric, "total": told.get("total", 0), "period": told.get("period")}
        return {**facts, **kept, **({"values": told.get("values") or []} if params["values"] else {})}

    return {"usage": session.side_by_side(usage, jobs)}


def _by_product(
    products: Sequence[Values], metrics: Mapping[str, Sequence[str]]
) -> list[tuple[str, str, dict[str, Any]]]:
    """What to ask of each product."""
    jobs: list[tuple[str, str, dict[str, Any]]] = []
    for product in products:
        name = str(product["system_name"])
        jobs += [(f"/stats/services/{product['id']}/usage.json", metric, {"product": name}) for metric in metrics[name]]
    return jobs


def _by_application(
    session: Session, products: Sequence[Values], metrics: Mapping[str, Sequence[str]]
) -> list[tuple[str, str, dict[str, Any]]]:
    """What to ask of each application of the products: address, metric, and whose it is."""
    names = {product["id"]: str(product["system_name"]) for product in products}
    jobs: list[tuple[str, str, dict[str, Any]]] = []
    for row in session.rows("/admin/api/applications.json", "applications", "application", PAGE):
        product = names.get(row.get("service_id"))
        if product is None:
            continue
        facts = {
            "product": product,
            "application": row.get("name"),
            "application_id": row["id"],
            "account": row.get("org_name"),
            "account_id": row.get("account_id"),
            "plan": row.get("plan_name"),
        }
        jobs += [(f"/stats/applications/{row['id']}/usage.json", metric, facts) for metric in metrics[product]]
    return jobs


def usage_query(params: Values) -> dict[str, Any]:
    """The window as the statistics take it. Raises RefusalError when it is incomplete."""
    if params.get("period"):
        names: tuple[str, ...] = ("period", "since", "timezone")
    elif params.get("since"):
        names = ("since", "until", "granularity", "timezone")
    else:
        raise RefusalError("period or since: say the window, such as period: month, or since: 2026-11-01 with until.")
    query = {name: params[name] for name in names if params.get(name)}
    if "period" not in query:
        query.setdefault("granularity", "day")
    return query


def _metrics(session: Session, product: Values, wanted: list[str] | None) -> list[str]:
    """System names of the product's metrics and methods, or those asked for that it has."""
    metrics, methods = split(session.rows(f"/admin/api/services/{product['id']}/metrics.json", "metrics", "metric"))
    names = [str(item["system_name"]) for item in metrics + methods]
    return names if wanted is None else [name for name in wanted if name in names]
