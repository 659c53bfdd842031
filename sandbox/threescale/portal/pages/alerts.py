# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings about the limits of an application, where the product tells developers of any."""

from __future__ import annotations

from ...store import Row
from ..answers import Answer, NotAllowedError, NotThereError
from ..drops.application import ApplicationDrop
from ..rendering import show as show_page
from ..routing import Routes
from ..visit import Visit
from .applications import application_of

routes = Routes(menu="dashboard")
_ALERTS = "/admin/applications/{application_id}/alerts"


def _application(visit: Visit) -> ApplicationDrop:
    drop = ApplicationDrop(visit.world(), application_of(visit, "application_id"))
    if not drop.buyer_alerts_enabled_p():
        raise NotAllowedError
    return drop


def _rows(visit: Visit) -> list[Row]:
    return [drop.row for drop in _application(visit).alerts()]


def _one(visit: Visit) -> Row:
    found = next((row for row in _rows(visit) if str(row["id"]) == visit.variables["id"]), None)
    if found is None:
        raise NotThereError
    return found


def _back(visit: Visit) -> Answer:
    return visit.to(f"/admin/applications/{visit.variables['application_id']}/alerts")


@routes.on("GET", _ALERTS, "alerts/index")
def index(visit: Visit) -> Answer:
    """The warnings, newest first."""
    drop = _application(visit)
    return show_page(visit, "applications/alerts/index", {"application": drop, "alerts": drop.alerts()})


@routes.on("PUT", _ALERTS + "/all_read", "alerts/all_read")
def all_read(visit: Visit) -> Answer:
    """Mark all as read."""
    for row in _rows(visit):
        visit.db.update("alerts", row, touch=False, state="read")
    visit.session.say("notice", "All alerts were marked as read.")
    return _back(visit)


@routes.on("DELETE", _ALERTS + "/purge", "alerts/purge")
def purge(visit: Visit) -> Answer:
    """Take all away."""
    for row in _rows(visit):
        visit.db.update("alerts", row, touch=False, state="deleted")
    visit.session.say("notice", "All alerts were deleted.")
    return _back(visit)


@routes.on("PUT", _ALERTS + "/{id}/read", "alerts/read")
def read(visit: Visit) -> Answer:
    """Mark one as read."""
    visit.db.update("alerts", _one(visit), touch=False, state="read")
    return _back(visit)


@routes.on("DELETE", _ALERTS + "/{id}", "alerts/destroy")
def destroy(visit: Visit) -> Answer:
    """Take one away."""
    visit.db.update("alerts", _one(visit), touch=False, state="deleted")
    return _back(visit)
