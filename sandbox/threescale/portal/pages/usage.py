# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics as data: `/stats/api/…` for who is signed in; `/stats/…` is for access tokens at the admin host.

See docs/threescale-behaviour.md#statistics.
"""

from __future__ import annotations

import re

from ...http.errors import NotOffered
from ...rules.fields import to_integer, to_text
from ...stats import usage
from ...stats.forms import USAGE
from ...stats.question import Missing, Question, codes_of, usage_of
from ...stats.ranges import BadRange, Unanswerable
from ...store import Row
from ..answers import Answer, NotAllowedError, NotThereError, data, failed, plain, problem
from ..routing import Routes
from ..visit import Visit
from .applications import service_of

routes = Routes(menu="dashboard")
_BROWSER = re.compile(r",\s*\*/\*|\*/\*\s*,")  # what browsers say that they accept, besides all the rest


def _form(visit: Visit) -> str:
    """ "json", "xml", "csv" …; without a suffix JSON for whoever takes anything, else "" as a browser gets it."""
    suffix = visit.path.rpartition("/")[2].rpartition(".")
    if suffix[1]:
        return suffix[2]
    return "" if _BROWSER.search(visit.headers.get("accept", "")) else "json"


def _text(visit: Visit, name: str) -> str | None:
    value = visit.params.get(name)
    return None if value is None or isinstance(value, (dict, list)) else to_text(value)


def _question(visit: Visit) -> Question:
    """A developer's account has no time zone of its own: not the tenant's, but UTC."""
    return Question(lambda name: _text(visit, name), "UTC", visit.sandbox.now())


def _application(visit: Visit) -> Row | None:
    """One's own application, suspended or not."""
    assert visit.account is not None
    row = visit.db.get("applications", to_integer(visit.variables["id"]))
    return row if row is not None and row["user_account_id"] == visit.account["id"] else None


def _answer(visit: Visit, what: str) -> Answer:
    form, row = _form(visit), _application(visit)
    if row is None:
        return problem("Application not found", 404, form)
    service = service_of(visit, row)
    try:
        found = (codes_of if what == "codes" else usage_of)(visit.db, _question(visit), service, row)
    except Missing as missing:
        return plain(f"Required parameter missing: {missing.name}", 400)
    except BadRange as error:
        return problem(str(error), 400, form)
    except Unanswerable:
        return failed(form)
    if form == "json":
        return data(found)
    if form not in USAGE:
        return _not_offered(form)
    if form == "xml" and not visit.sandbox.config.release.statistics_xml:
        return failed(form)  # the server looks for the view at a wrong place
    if "metric" not in found or (form == "csv" and found["period"]["name"] is None):
        return failed(form)
    headers = {"Content-Disposition": f"attachment; filename=usage-{int(visit.sandbox.now())}.csv"}
    kinds = {"xml": "application/xml", "csv": "text/csv"}
    return Answer(200, USAGE[form](found), kinds[form], headers if form == "csv" else {})


def _not_offered(form: str) -> Answer:
    refusal = NotOffered(form)
    return problem(str(refusal.data["error"]), refusal.status, form)


@routes.on("GET", "/stats/api/applications/{id}/usage", "applications/usage")
def of_application(visit: Visit) -> Answer:
    """Usage of one's own application."""
    return _answer(visit, "usage")


@routes.on("GET", "/stats/api/applications/{id}/usage_response_code", "applications/usage_response_code")
def codes_of_application(visit: Visit) -> Answer:
    """Answers to one's own application by status."""
    return _answer(visit, "codes")


@routes.on("GET", "/stats/api/applications/{id}/summary", "applications/summary")
def summary(visit: Visit) -> Answer:
    """Metrics and methods of the application's product."""
    form, row = _form(visit), _application(visit)
    if row is None:
        return problem("Application not found", 404, form)
    if form == "html" or visit.format == "html":
        return failed("html")
    if form != "json":
        return _not_offered(form)
    return data(usage.summary(visit.db, row["service_id"], visit.tenant["timezone"]))


@routes.on("GET", "/stats/api/services/{id}/{what}", "services/usage")
def of_service(visit: Visit) -> Answer:
    """A product's statistics are not for developers: admins of an account find the product, but may not see it."""
    service = visit.db.get("services", to_integer(visit.variables["id"]))
    known = service is not None and service["account_id"] == visit.tenant["id"] and service["deleted_at"] is None
    if not known or visit.user is None or visit.user["role"] != "admin":
        return problem("Service not found", 404, _form(visit))
    raise NotAllowedError


@routes.on("GET", "/stats/api/backend_apis/{id}/usage", "backend_apis/usage")
def of_backend(_visit: Visit) -> Answer:
    """Developers have no backends."""
    raise NotThereError


@routes.on("GET", "/stats/(services|applications|backend_apis)/[^/]+/[^/.]+", "data/usage", login=False)
def of_a_token(visit: Visit) -> Answer:
    """For access tokens alone, of which there are none at a portal's host: a session does not count."""
    if visit.headers.get("authorization") or visit.params.get("access_token") or visit.params.get("provider_key"):
        raise NotThereError
    if visit.format == "html":
        visit.session.data["return_to"] = visit.full_path
        return visit.to("/login")
    raise NotAllowedError
