# SPDX-License-Identifier: GPL-3.0-or-later
"""Analytics as XML and CSV. Pure functions of what JSON shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..http.errors import ServerError
from ..http.xml import Markup, element, indented
from ..rules.times import ruby_time
from .ranges import GRANULARITY_OF, moments

Data = dict[str, Any]


def _metric(data: Data) -> Data:
    """The metric; the real server looks for one even where a document is about answers' codes, and fails."""
    if "metric" not in data:
        raise ServerError
    found: Data = {name: data["metric"][name] for name in ("id", "name", "system_name", "unit")}
    return found


def _names(thing: Data, *names: str) -> Data:
    return {name: thing[name] for name in names}


def usage_xml(data: Data) -> bytes:
    """Values of a range."""
    period = data["period"]
    numbers = element("values", ",".join(map(str, data["values"])), {"length": len(data["values"])})
    out: Data = {
        "metric": _metric(data),
        "period": {
            "since": ruby_time(period["since"]),
            "until": ruby_time(period["until"]),
            **_names(period, "name", "granularity"),
        },
        "data": Markup(element("total", data["total"]) + numbers),
    }
    if "application" in data:
        shown = data["application"]
        out["application"] = {
            **_names(shown, "id", "name"),
            "plan": _names(shown["plan"], "id", "name"),
            "account": _names(shown["account"], "name", "id"),
        }
    return indented(element("usage", out))


def top_xml(data: Data) -> bytes:
    """The busiest applications."""
    period = data["period"]
    applications = [
        (
            "application",
            {
                **_names(shown, "value", "id", "name"),
                "plan": _names(shown["plan"], "id", "name"),
                "account": _names(shown["account"], "name", "id"),
            },
        )
        for shown in data["applications"]
    ]
    span = {"name": period["name"], **{name: ruby_time(period[name]) for name in ("since", "until")}}
    return indented(element("top", {"metric": _metric(data), "period": span, "applications": applications}))


def usage_csv(data: Data) -> bytes:
    """A line for each value. Only ranges by the name of a period are written; the real server fails on others."""
    metric, period = _metric(data), data["period"]
    if period["name"] not in GRANULARITY_OF:
        raise ServerError
    starts = moments(datetime.fromisoformat(period["since"]), GRANULARITY_OF[period["name"]], len(data["values"]))
    rows = [
        (metric["system_name"], metric["name"], ruby_time(_text(start)), value)
        for start, value in zip(starts, data["values"], strict=True)
    ]
    return _csv(["Metric System Name", "Metric Name", "Date", "Value"], rows)


def top_csv(data: Data) -> bytes:
    """A line for each application."""
    header = ["Application Name", "Application ID", "Plan Name", "Plan ID", "Account Name", "Account ID", "Total"]
    rows = [
        (
            shown["name"],
            shown["id"],
            *(shown[owner][name] for owner in ("plan", "account") for name in ("name", "id")),
            shown["value"],
        )
        for shown in data["applications"]
    ]
    return _csv(header, rows)


def _text(moment: datetime) -> str:
    text = moment.isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")


def _csv(header: list[str], rows: list[tuple[Any, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


Form = Callable[[Data], bytes]
# form of the request -> its writer, by what the document is
USAGE: dict[str, Form] = {"xml": usage_xml, "csv": usage_csv}
TOP: dict[str, Form] = {"xml": top_xml, "csv": top_csv}
