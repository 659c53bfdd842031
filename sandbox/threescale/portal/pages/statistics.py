# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics: the page, and the usage that its charts ask for."""

from __future__ import annotations

from ...rules.times import zone as zone_of
from ...stats import ranges, usage, values
from ...stats.ranges import BadRange, Range
from ...store import Row
from ..answers import Answer, NotThereError, data
from ..drops.application import ApplicationDrop
from ..drops.plans import MetricDrop
from ..rendering import show as show_page
from ..routing import Routes
from ..templating.drop import Collection
from ..visit import Visit
from .applications import application_of, service_of

routes = Routes(menu="dashboard")


def _live(visit: Visit) -> list[Row]:
    assert visit.account is not None
    return [
        row
        for row in visit.db.where("applications", user_account_id=visit.account["id"])
        if row["state"] in ("live", "deprecated")
    ]


@routes.on("GET", "/buyer/stats", "stats/index")
def index(visit: Visit) -> Answer:
    """The live applications, and metrics and methods of the first one's product."""
    applications, world = _live(visit), visit.world()
    if not applications:
        return visit.to("/admin/applications")
    metrics = visit.db.where("metrics", owner_type="Service", owner_id=applications[0]["service_id"])
    return show_page(
        visit,
        "stats/index",
        {
            "applications": Collection(ApplicationDrop(world, row) for row in applications),
            "metrics": Collection(MetricDrop(world, row) for row in metrics if row["parent_id"] is None),
            "methods": Collection(MetricDrop(world, row) for row in metrics if row["parent_id"] is not None),
        },
    )


@routes.on("GET", "/stats/applications/{id}/usage", "applications/usage")
def application_usage(visit: Visit) -> Answer:
    """Usage of one's own application: the same document as the Admin API's."""
    row = application_of(visit)
    service, name = service_of(visit, row), visit.params.get("metric_name")
    zone = visit.params.get("timezone") or visit.tenant["timezone"]
    metric = next((one for one in usage.metrics_of(visit.db, service) if one["system_name"] == name), None)
    if metric is None:
        return data({"error": f"metric {name} not found"}, 400) if name else data({"error": "metric_name missing"}, 400)
    try:
        span = _range(visit, zone)
    except BadRange as error:
        return data({"error": str(error)}, 400)

    def read(part: Range) -> list[int]:
        return values.usage_values(visit.db, service, row, metric, part)

    subject = {"metric": usage.metric_data(visit.db, metric)}
    document = usage.document(subject, span, zone, read, visit.params.get("skip_change") == "false")
    return data({**document, "application": usage.application_data(visit.db, row)})


def _range(visit: Visit, zone: str | None) -> Range:
    period, since, granularity = (visit.params.get(name) for name in ("period", "since", "granularity"))
    if period or not since or not granularity:
        return ranges.of_period(str(period or "month"), since, granularity, zone_of(zone), visit.sandbox.now())
    return ranges.of_bounds(str(since), visit.params.get("until"), str(granularity), zone_of(zone))


@routes.on("GET", "/stats/services/{id}/usage", "services/usage")
def service_usage(_visit: Visit) -> Answer:
    """A product's usage is not for developers."""
    raise NotThereError
