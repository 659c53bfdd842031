# SPDX-License-Identifier: GPL-3.0-or-later
"""What the backend says about a call: admitted or not, usage against each limit, limit headers, XML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from ..store import Row
from . import periods, usage
from .errors import PROLOGUE
from .metrics import MetricTree

GRANULARITY = {period: rank for rank, period in enumerate(reversed(periods.DESCENDING))}


@dataclass(frozen=True)
class Report:
    """One limit of the plan: value stored, value shown, calls like this one still possible (-1: any)."""

    metric: str
    period: str
    limit: int
    stored: int
    shown: int
    same_calls: int


def _most_constrained(reports: list[Report]) -> Report | None:
    """The report that headers speak of. One without bound (-1) wins over a bound one before it, as in the real one."""
    found: Report | None = None
    for report in reports:
        if found is None or _compare(report, found) < 0:
            found = report
    return found


def _compare(one: Report, other: Report) -> int:
    if one.same_calls == other.same_calls:
        return GRANULARITY[other.period] - GRANULARITY[one.period]
    return -1 if other.same_calls == -1 or one.same_calls < other.same_calls else 1


@dataclass
class Status:
    """The verdict on one call. `raw_usage`: as named in the call (None: none); `counts`: authrep, not authorize."""

    tree: MetricTree
    application: Row
    plan_name: str
    limits: list[Row]
    stored: dict[tuple[int, str], int]
    raw_usage: Mapping[str, Any] | None
    counts: bool
    now: float
    authorized: bool = True
    reason_code: str = ""
    reason_text: str = ""
    reports: list[Report] = field(default_factory=list)
    first_key: str | None = None  # with OAuth the application is shown too, with this key
    redirect_name: str = "redirect_url"

    def reject(self, code: str, text: str) -> bool:
        """Not admitted; False, for validators."""
        self.authorized, self.reason_code, self.reason_text = False, code, text
        return False

    def _with_descendants(self, name: str, start: int) -> int:
        raw = self.raw_usage or {}
        total = usage.applied(raw.get(name), start)
        for below in self.tree.descendants_of(name):
            total = usage.applied(raw.get(below), total)
        return total

    def _report(self, limit: Row) -> Report:
        name = self.tree.names[limit["metric_id"]]
        stored = self.stored.get((limit["metric_id"], limit["period"]), 0)
        counted = self.authorized and self.counts and self.raw_usage
        shown = self._with_descendants(name, stored) if counted else stored
        left = max(limit["value"] - shown, 0)
        same_calls = 0
        if left:
            step = self._with_descendants(name, 0) if self.raw_usage else 0
            same_calls = left // step if step > 0 else -1
        return Report(name, limit["period"], limit["value"], stored, shown, same_calls)

    def finish(self) -> Status:
        """Works out the reports once the verdict is known."""
        self.reports = [self._report(limit) for limit in self.limits if limit["metric_id"] in self.tree.names]
        return self

    def limit_headers(self) -> dict[str, str]:
        """`3scale-limit-…` headers: about the metrics named in the call and what is above them, or about all."""
        reports = self.reports
        if self.raw_usage:
            named = self.tree.with_ancestors(list(self.raw_usage))
            reports = [report for report in reports if report.metric in named]
        tightest = _most_constrained(reports)
        if tightest is None or tightest.same_calls == -1:
            return {"3scale-limit-remaining": "-1", "3scale-limit-reset": "-1"}
        return {
            "3scale-limit-remaining": str(tightest.same_calls),
            "3scale-limit-reset": str(periods.remaining_seconds(tightest.period, self.now)),
            "3scale-limit-max-value": str(tightest.limit),
        }

    def _report_xml(self, report: Report) -> str:
        exceeded = ' exceeded="true"' if report.stored > report.limit else ""
        span = ""
        end = periods.finish(report.period, self.now)
        if end is not None:
            begun = periods.stamp(periods.start(report.period, self.now))
            span = f"<period_start>{begun}</period_start><period_end>{periods.stamp(end)}</period_end>"
        return (
            f'<usage_report metric="{report.metric}" period="{report.period}"{exceeded}>{span}'
            f"<max_value>{report.limit}</max_value><current_value>{report.shown}</current_value></usage_report>"
        )

    def xml(self, hierarchy: bool = False, app_keys: list[str] | None = None) -> str:
        """The body. `hierarchy`: with the children of each limited metric; `app_keys`: keys to list."""
        if self.authorized:
            verdict = "<authorized>true</authorized>"
        else:
            verdict = f"<authorized>false</authorized><reason>{self.reason_text}</reason>"
        reports = "".join(self._report_xml(report) for report in self.reports)
        if reports:
            reports = f"<usage_reports>{reports}</usage_reports>"
        keys = self._keys_xml(app_keys) if app_keys is not None else ""
        tree = self._hierarchy_xml() if hierarchy else ""
        plan = f"<plan>{escape(self.plan_name)}</plan>"
        application = self._application_xml() if self.first_key is not None else ""
        return f"{PROLOGUE}<status>{verdict}{application}{plan}{reports}{keys}{tree}</status>"

    def _application_xml(self) -> str:
        name, address = self.redirect_name, self.application["redirect_url"] or ""
        about = f"<id>{self.application['application_id']}</id><key>{self.first_key}</key>"
        return f"<application>{about}<{name}>{address}</{name}></application>"

    def _keys_xml(self, keys: list[str]) -> str:
        items = "".join(f'<key id="{key}"/>' for key in keys)
        application = self.application
        return f'<app_keys app="{application["application_id"]}" svc="{application["service_id"]}">{items}</app_keys>'

    def _hierarchy_xml(self) -> str:
        lines = (
            f'<metric name="{report.metric}" children="{" ".join(self.tree.children_of(report.metric))}"/>'
            for report in self.reports
        )
        return f"<hierarchy>{''.join(lines)}</hierarchy>"
