# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of statistics; what its charts ask for is `usage.py`."""

from __future__ import annotations

from ...store import Row
from ..answers import Answer
from ..drops.application import ApplicationDrop
from ..drops.plans import MetricDrop
from ..rendering import show as show_page
from ..routing import Routes
from ..templating.drop import Collection
from ..visit import Visit

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
    refused = {row["metric_id"] for row in visit.db.where("usage_limits", plan_id=applications[0]["plan_id"], value=0)}
    rows = visit.db.where("metrics", owner_type="Service", owner_id=applications[0]["service_id"])
    metrics = [row for row in rows if row["id"] not in refused]  # a limit of 0 switches a metric off for the plan
    return show_page(
        visit,
        "stats/index",
        {
            "applications": Collection(ApplicationDrop(world, row) for row in applications),
            "metrics": Collection(MetricDrop(world, row) for row in metrics if row["parent_id"] is None),
            "methods": Collection(MetricDrop(world, row) for row in metrics if row["parent_id"] is not None),
        },
    )
