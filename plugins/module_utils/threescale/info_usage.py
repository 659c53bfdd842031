# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.
"""Usage as the statistics tell it: by product, application, account, plan, backend or response code, and metric."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import named
from ansible_collections.rhai.maas.plugins.module_utils.threescale.backend_tables import BACKEND
from ansible_collections.rhai.maas.plugins.module_utils.threescale.info import chosen_products
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import split
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session

KINDS = ("product", "application", "account", "plan", "backend", "response_code")
CODES = ("2XX", "4XX", "5XX")  # the groups that the server counts
USAGE_OPTIONS: dict[str, Field] = {
    "products": Field(type="list", elements="str"),
    "backends": Field(type="list", elements="str"),
    "metrics": Field(type="list", elements="str"),
    "response_codes": Field(type="list", elements="str", default=list(CODES)),
    "period": Field(choices=("year", "month", "week", "day")),
    "since": Field(),
    "until": Field(),
    "granularity": Field(choices=("month", "day", "hour")),
    "timezone": Field(),
    "by": Field(choices=KINDS),
    "by_application": Field(type="bool", default=False),
    "values": Field(type="bool", default=False),
}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?: ?UTC|Z|[+-]\d\d:?\d\d)?)?\Z")
_SUMS = {"account": ("product", "account", "account_id"), "plan": ("product", "plan")}


@dataclass(frozen=True)
class Job:
    """One question to the statistics: its address, what is counted, and what the answer is about."""

    path: str
    counted: Mapping[str, str]
    facts: Mapping[str, Any]


def read_usage(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_usage_info`` returns: one entry for each object and metric, and the same as flat rows."""
    query = usage_query(params, datetime.now(timezone.utc))
    kind = params.get("by") or ("application" if params["by_application"] else "product")
    entries = session.side_by_side(
        lambda job: _ask(session, job, query, params["values"]), _jobs(session, params, kind)
    )
    if kind in _SUMS:
        entries = summed(entries, _SUMS[kind])
    return {"usage": entries, "rows": [flat(entry) for entry in entries]}


def _jobs(session: Session, params: Mapping[str, Any], kind: str) -> list[Job]:
    if kind == "backend":
        return _by_backend(session, params)
    products = chosen_products(session, params.get("products"))
    if kind == "response_code":
        return [
            Job(f"/stats/services/{product['id']}/usage_response_code.json", {"response_code": code},
                {"product": str(product["system_name"]), "response_code": code})
            for product in products for code in (str(code).upper() for code in params["response_codes"])
        ]  # fmt: skip
    paths = [f"/admin/api/services/{product['id']}/metrics.json" for product in products]
    names = [str(product["system_name"]) for product in products]
    metrics = dict(zip(names, _metrics(session, paths, params.get("metrics"), "products")))
    if kind == "product":
        return [
            Job(f"/stats/services/{product['id']}/usage.json", {"metric_name": metric}, {"product": name})
            for product, name in zip(products, names) for metric in metrics[name]
        ]  # fmt: skip
    return _by_application(session, products, metrics)


def _ask(session: Session, job: Job, query: Mapping[str, Any], values: bool) -> dict[str, Any]:
    told = session.one(job.path, "", {**job.counted, **query}) or {}
    counted = {"metric": job.counted["metric_name"]} if "metric_name" in job.counted else {}
    entry = {**job.facts, **counted, "total": told.get("total", 0), "period": told.get("period")}
    return {**entry, **({"values": told.get("values") or []} if values else {})}


def _by_backend(session: Session, params: Mapping[str, Any]) -> list[Job]:
    """What to ask of each backend. Its metrics are asked for without the number that the server appends."""
    backends = session.all(BACKEND)
    if params.get("backends") is not None:
        backends = [dict(named(backends, "system_name", name, "backend", "backends")) for name in params["backends"]]
    paths = [f"/admin/api/backend_apis/{backend['id']}/metrics.json" for backend in backends]
    metrics = _metrics(session, paths, params.get("metrics"), "backends", PAGE)
    return [
        Job(f"/stats/backend_apis/{backend['id']}/usage.json", {"metric_name": metric},
            {"backend": str(backend["system_name"])})
        for backend, names in zip(backends, metrics) for metric in names
    ]  # fmt: skip


def _by_application(session: Session, products: Sequence[Values], metrics: Mapping[str, Sequence[str]]) -> list[Job]:
    """What to ask of each application of the products, and whose it is."""
    names = {product["id"]: str(product["system_name"]) for product in products}
    jobs: list[Job] = []
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
        path = f"/stats/applications/{row['id']}/usage.json"
        jobs += [Job(path, {"metric_name": metric}, facts) for metric in metrics[product]]
    return jobs


def summed(entries: Sequence[Values], names: Sequence[str]) -> list[dict[str, Any]]:
    """Entries of applications added up by what they have in common: these facts and the metric."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in entries:
        key = (*(entry[name] for name in names), entry["metric"])
        if key not in found:
            kept = (*names, "metric", "total", "period", "values")
            found[key] = {name: entry[name] for name in kept if name in entry}
            continue
        whole = found[key]
        whole["total"] += entry["total"]
        if "values" in whole:
            whole["values"] = [one + other for one, other in zip(whole["values"], entry["values"])]
    return list(found.values())


def flat(entry: Values) -> dict[str, Any]:
    """An entry as a row of a table: no lists or dictionaries in it, the window in two columns."""
    period = entry.get("period") or {}
    row = {name: value for name, value in entry.items() if name not in ("period", "values")}
    return {**row, "since": period.get("since"), "until": period.get("until")}


def usage_query(params: Values, now: datetime) -> dict[str, Any]:
    """The window as the statistics take it, up to now where it has no end. Raises RefusalError when it is incomplete.

    The server reads 31 February as 3 March and fails on words, so that dates are looked at here.
    """
    for name in ("since", "until"):
        if params.get(name) and not is_moment(str(params[name])):
            raise RefusalError(
                f"{name}: '{params[name]}' is no date of the calendar, or not written as one. Write it as 2026-11-01, "
                "2026-11-01 12:00:00 or 2026-11-01T12:00:00Z."
            )
    if params.get("period"):
        names: tuple[str, ...] = ("period", "since", "timezone")
    elif params.get("since"):
        names = ("since", "until", "granularity", "timezone")
    else:
        raise RefusalError("period or since: say the window, such as period: month, or since: 2026-11-01 with until.")
    query = {name: params[name] for name in names if params.get(name)}
    if "period" not in query:
        query.setdefault("granularity", "day")
        query.setdefault("until", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return query


def is_moment(text: str) -> bool:
    """Whether a text is a day that there is, with or without a time of day and a zone."""
    found = _MOMENT.match(text)
    try:
        return bool(found and datetime.strptime(f"{found[1]} {found[2] or '00:00:00'}", "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        return False


def _metrics(
    session: Session, paths: Sequence[str], wanted: Sequence[str] | None, nouns: str, page: int = 0
) -> list[list[str]]:
    """For each list the metrics and methods that are asked for. Raises RefusalError for one that is in none."""
    lists = []
    for rows in session.side_by_side(lambda path: session.rows(path, "metrics", "metric", page), paths):
        metrics, methods = split(rows)
        lists.append([str(item["system_name"]) for item in metrics + methods])
    known = {name for names in lists for name in names}
    for place, name in enumerate(wanted or []):
        if name not in known:
            there = ", ".join(sorted(known)[:20]) or "none at all"
            raise RefusalError(
                f"metrics[{place}]: none of the {nouns} has a metric or method '{name}'. There are: {there}. Correct "
                "the name."
            )
    return lists if wanted is None else [[name for name in wanted if name in names] for names in lists]
