# SPDX-License-Identifier: GPL-3.0-or-later
"""Analytics: `/stats/{services,applications,backend_apis}/{id}/…`. Needs the scope `stats`; JSON, XML or CSV.

`/stats/api/…` is for signed-in users and shut here (`portal/pages/statistics.py` answers developers).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..http.context import Context
from ..http.errors import Forbidden, NotOffered, ParameterMissing, Refused, ServerError
from ..http.respond import Reply, json_reply
from ..http.router import STATS, Routes
from ..http.xml import Markup, document, element
from ..stats import ranges, usage, values
from ..stats.forms import TOP, USAGE, Form
from ..stats.question import Missing, Question, codes_of, named, usage_of
from ..stats.ranges import BadRange, Range, Unanswerable
from ..store import Row
from .xml_forms import metric_xml

routes = Routes(default="json", scopes=STATS)
Data = dict[str, Any]


def _service(ctx: Context) -> Row:
    service = ctx.db.get("services", ctx.number("service_id"))
    known = service is not None and service["account_id"] == ctx.tenant["id"] and service["deleted_at"] is None
    if service is None or not known or not ctx.caller.may_see(service["id"]):
        raise Refused("Service not found", 404)
    if not ctx.caller.may("monitoring"):
        raise Forbidden
    return service


def _application(ctx: Context) -> Row:
    application = ctx.db.get("applications", ctx.number("application_id"))
    if application is None or application["tenant_id"] != ctx.tenant["id"]:
        raise Refused("Application not found", 404)
    if not ctx.caller.may("monitoring") or not ctx.caller.may_see(application["service_id"]):
        raise Forbidden
    return application


def _backend_api(ctx: Context) -> Row:
    if not ctx.caller.may("monitoring"):
        raise Forbidden
    return ctx.here("backend_apis", "backend_api_id", deleted_at=None)


def _question(ctx: Context) -> Question:
    return Question(ctx.params.text, ctx.tenant["timezone"], ctx.sandbox.now())


@contextmanager
def _refusals() -> Iterator[None]:
    """What is wrong with a question, as the API says it."""
    try:
        yield
    except Missing as error:
        raise ParameterMissing(error.name) from error
    except BadRange as error:
        raise Refused(str(error), 400) from error
    except Unanswerable as error:
        raise ServerError from error


def _reply(ctx: Context, data: Data, writers: dict[str, Form] = USAGE, name: str = "usage") -> Reply:
    if ctx.form == "xml":
        return Reply(200, writers["xml"](data), "application/xml")
    if ctx.form == "csv":
        disposition = f"attachment; filename={name}-{int(ctx.sandbox.now())}.csv"
        return Reply(200, writers["csv"](data), "text/csv", {"Content-Disposition": disposition})
    return json_reply(200, data)


def _usage(ctx: Context, service: Row, application: Row | None) -> Reply:
    with _refusals():
        data = usage_of(ctx.db, _question(ctx), service, application)
    return _reply(ctx, data)


def _codes(ctx: Context, service: Row, application: Row | None) -> Reply:
    with _refusals():
        data = codes_of(ctx.db, _question(ctx), service, application)
    return _reply(ctx, data)


@routes.get("/stats/services/{service_id}/usage")
def service_usage(ctx: Context) -> Reply:
    """Usage of a product."""
    return _usage(ctx, _service(ctx), None)


@routes.get("/stats/services/{service_id}/usage_response_code")
def service_codes(ctx: Context) -> Reply:
    """Answers of a product by status."""
    return _codes(ctx, _service(ctx), None)


@routes.get("/stats/applications/{application_id}/usage")
def application_usage(ctx: Context) -> Reply:
    """Usage of an application."""
    application = _application(ctx)
    return _usage(ctx, ctx.row("services", application["service_id"]), application)


@routes.get("/stats/applications/{application_id}/usage_response_code")
def application_codes(ctx: Context) -> Reply:
    """Answers to an application by status."""
    application = _application(ctx)
    return _codes(ctx, ctx.row("services", application["service_id"]), application)


@routes.get("/stats/backend_apis/{backend_api_id}/usage")
def backend_usage(ctx: Context) -> Reply:
    """Usage of a backend: the sum over the products that use it. Metrics are named without the backend's id."""
    backend, question = _backend_api(ctx), _question(ctx)
    used = [row["service_id"] for row in ctx.db.where("backend_api_configs", backend_api_id=backend["id"])]
    with _refusals():
        name = f"{question.wanted('metric_name')}.{backend['id']}"
        question.check_bounds()
        span = question.span()
        metric = named(ctx.db.where("metrics", owner_type="BackendApi", owner_id=backend["id"]), name)

    def read(span: Range) -> list[int]:
        lists = [
            values.usage_values(ctx.db, ctx.row("services", service_id), None, metric, span) for service_id in used
        ]
        return [sum(column) for column in zip(*lists, strict=True)]

    return _reply(ctx, question.document({"metric": usage.metric_data(ctx.db, metric)}, span, read))


@routes.get("/stats/services/{service_id}/top_applications")
def top_applications(ctx: Context) -> Reply:
    """The ten busiest applications of a product in a period."""
    service, question = _service(ctx), _question(ctx)
    with _refusals():
        name, period, since = (question.wanted(key) for key in ("metric_name", "period", "since"))
        span = ranges.of_calendar(period, since, question.zone(), ctx.sandbox.now())
        metric = named(usage.metrics_of(ctx.db, service), name)
    busiest = values.by_application(ctx.db, service, metric, span)[:10]
    data: Data = {
        "applications": [usage.top_application_data(ctx.db, row, value) for row, value in busiest],
        "metric": usage.metric_data(ctx.db, metric),
        "period": {
            "name": period,
            "since": usage.moment_text(span.since),
            "until": usage.moment_text(span.until),
        },
    }
    return _reply(ctx, data, TOP, "top-applications")


@routes.get("/stats/services/{service_id}/summary")
def service_summary(ctx: Context) -> Reply:
    """The methods of a product."""
    service = _service(ctx)
    rows = ctx.db.where("metrics", owner_type="Service", owner_id=service["id"])
    methods = [row for row in rows if row["parent_id"] is not None]
    if ctx.form == "csv":
        raise NotOffered("csv")
    if ctx.form == "xml":
        inner = Markup("".join(metric_xml(ctx, row) for row in methods))
        return Reply(200, document(element("metrics", inner, {"type": "array"})), "application/xml")
    return json_reply(200, [usage.plain_metric(ctx.db, row, ctx.tenant["timezone"]) for row in methods])


@routes.get("/stats/applications/{application_id}/summary")
def application_summary(ctx: Context) -> Reply:
    """Metrics and methods of an application's product."""
    application = _application(ctx)
    if ctx.form != "json":
        raise NotOffered(ctx.form)
    return json_reply(200, usage.summary(ctx.db, application["service_id"], ctx.tenant["timezone"]))


for _kind in ("services", "applications", "backend_apis"):

    @routes.get(f"/stats/api/{_kind}/{{id}}/{{what}}", session_only=True)
    def of_a_session(_ctx: Context) -> Reply:
        """The statistics of signed-in users are closed to tokens."""
        raise Forbidden
