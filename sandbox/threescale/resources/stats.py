# SPDX-License-Identifier: GPL-3.0-or-later
"""Analytics: `/stats/{services,applications,backend_apis}/{id}/…`. Needs the scope `stats`; JSON, XML or CSV."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from ..http.context import Context
from ..http.errors import Forbidden, NotOffered, ParameterMissing, Refused, ServerError
from ..http.respond import Reply, json_reply
from ..http.router import STATS, Routes
from ..http.xml import Markup, document, element
from ..rules.times import zone as zone_of
from ..stats import ranges, usage, values
from ..stats.ranges import BadRange, Range
from ..store import Row
from .stats_forms import TOP, USAGE, Form
from .xml_forms import metric_xml

routes = Routes(scopes=STATS)
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


def _zone(ctx: Context) -> tuple[str | None, tzinfo]:
    name = ctx.params.text("timezone") or ctx.tenant["timezone"]
    try:
        return name, zone_of(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ServerError from error


def _range(ctx: Context, zone: tzinfo) -> Range:
    period, since = ctx.params.text("period"), ctx.params.text("since")
    granularity = ctx.params.text("granularity")
    if period:
        return ranges.of_period(period, since, granularity, zone, ctx.sandbox.now())
    for name, given in (("granularity", granularity), ("since", since)):
        if not given:
            raise ParameterMissing(name)
    return ranges.of_bounds(str(since), ctx.params.text("until"), str(granularity), zone)


def _metric(metrics: list[Row], name: str) -> Row:
    for metric in metrics:
        if metric["system_name"] == name:
            return metric
    raise BadRange(f"metric {name} not found")


def _reply(ctx: Context, data: Data, writers: dict[str, Form] = USAGE, name: str = "usage") -> Reply:
    if ctx.form == "xml":
        return Reply(200, writers["xml"](data), "application/xml")
    if ctx.form == "csv":
        disposition = f"attachment; filename={name}-{int(ctx.sandbox.now())}.csv"
        return Reply(200, writers["csv"](data), "text/csv", {"Content-Disposition": disposition})
    return json_reply(200, data)


def _usage(ctx: Context, service: Row, application: Row | None) -> Reply:
    name = ctx.params.require("metric_name")
    zone, zone_info = _zone(ctx)
    try:
        span = _range(ctx, zone_info)
        metric = _metric(usage.metrics_of(ctx.db, service), str(name))
    except BadRange as error:
        raise Refused(str(error), 400) from error
    subject = {"metric": usage.metric_data(ctx.db, metric)}

    def read(span: Range) -> list[int]:
        return values.usage_values(ctx.db, service, application, metric, span)

    data = usage.document(subject, span, zone, read, ctx.params.text("skip_change") == "false")
    if application is not None:
        data["application"] = usage.application_data(ctx.db, application)
    return _reply(ctx, data)


def _codes(ctx: Context, service: Row, application: Row | None) -> Reply:
    code = str(ctx.params.require("response_code"))
    zone, zone_info = _zone(ctx)
    try:
        span = _range(ctx, zone_info)
    except BadRange as error:
        raise Refused(str(error), 400) from error

    def read(span: Range) -> list[int]:
        return values.code_values(ctx.db, service, application, code, span)

    skip = ctx.params.text("skip_change") != "false"
    data = usage.document({"response_code": {"code": code}}, span, zone, read, not skip)
    if application is not None:
        data["application"] = usage.application_data(ctx.db, application)
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
    backend = _backend_api(ctx)
    name = f"{ctx.params.require('metric_name')}.{backend['id']}"
    zone, zone_info = _zone(ctx)
    try:
        span = _range(ctx, zone_info)
        metric = _metric(ctx.db.where("metrics", owner_type="BackendApi", owner_id=backend["id"]), name)
    except BadRange as error:
        raise Refused(str(error), 400) from error
    used = [row["service_id"] for row in ctx.db.where("backend_api_configs", backend_api_id=backend["id"])]

    def read(span: Range) -> list[int]:
        lists = [
            values.usage_values(ctx.db, ctx.row("services", service_id), None, metric, span) for service_id in used
        ]
        return [sum(column) for column in zip(*lists, strict=True)]

    subject = {"metric": usage.metric_data(ctx.db, metric)}
    return _reply(ctx, usage.document(subject, span, zone, read, ctx.params.text("skip_change") == "false"))


@routes.get("/stats/services/{service_id}/top_applications")
def top_applications(ctx: Context) -> Reply:
    """The ten busiest applications of a product in a period."""
    service = _service(ctx)
    name, period, since = (str(ctx.params.require(key)) for key in ("metric_name", "period", "since"))
    _zone_name, zone_info = _zone(ctx)
    try:
        span = ranges.of_period(period, since, None, zone_info, ctx.sandbox.now())
        metric = _metric(usage.metrics_of(ctx.db, service), name)
    except BadRange as error:
        raise Refused(str(error), 400) from error
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


def _plain_metric(ctx: Context, metric: Row) -> Data:
    names = (
        "id",
        "system_name",
        "description",
        "unit",
        "friendly_name",
        "parent_id",
        "tenant_id",
        "owner_id",
        "owner_type",
    )
    shown = {name: metric[name] for name in names}
    times = {name: ctx.time(metric[name]) for name in ("created_at", "updated_at")}
    service_id = metric["owner_id"] if metric["owner_type"] == "Service" else None
    return {"metric": {**shown, **times, "service_id": service_id}}


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
    return json_reply(200, [_plain_metric(ctx, row) for row in methods])


@routes.get("/stats/applications/{application_id}/summary")
def application_summary(ctx: Context) -> Reply:
    """Metrics and methods of an application's product."""
    application = _application(ctx)
    if ctx.form != "json":
        raise NotOffered(ctx.form)
    rows = ctx.db.where("metrics", owner_type="Service", owner_id=application["service_id"])
    top = [_plain_metric(ctx, row) for row in rows if row["parent_id"] is None]
    return json_reply(200, {"metrics": top, "methods": [_plain_metric(ctx, row) for row in rows if row["parent_id"]]})
