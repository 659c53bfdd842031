# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: N818 (named after what happened)
"""What statistics are asked by: the parameters that tokens and signed-in developers share, and the documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from ..rules.times import zone as zone_of
from ..store import Database, Row
from . import ranges, usage, values
from .ranges import BadRange, Range

Data = dict[str, Any]


class Missing(LookupError):
    """A parameter that must be there is not, or is blank; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Question:
    """A request for statistics. `text` gives a parameter as text, None where it is left out.

    `timezone`: of the account that asks, for requests that name none; a developer's account has none of its own.
    """

    text: Callable[[str], str | None]
    timezone: str | None
    now: float

    def wanted(self, name: str) -> str:
        """A parameter that must be there; raises `Missing`."""
        found = self.text(name)
        if not found or not found.strip():
            raise Missing(name)
        return found

    @property
    def zone_name(self) -> str | None:
        """The time zone as it was named."""
        given = self.text("timezone")
        return self.timezone if given is None else given

    def zone(self) -> tzinfo | None:
        """The time zone, None where there is none of that name."""
        name = self.zone_name
        try:
            return zone_of(name) if name != "" else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None

    def check_bounds(self) -> None:
        """Without a period, granularity and since must be there; raises `Missing`."""
        if not (self.text("period") or "").strip():
            self.wanted("granularity")
            self.wanted("since")

    def span(self) -> Range:
        """The range; raises `BadRange` and `Unanswerable`."""
        period, since, granularity = self.text("period"), self.text("since"), self.text("granularity")
        if period is not None:
            return ranges.of_period(period, since, granularity, self.zone(), self.now)
        return ranges.of_bounds(str(since), self.text("until"), str(granularity), self.zone(), self.now)

    def document(self, subject: Data, span: Range, read: usage.Read) -> Data:
        """Values of the range, with the change against the one before where it is asked for."""
        shown = self.zone_name if self.zone() is not None else None
        return usage.document(subject, span, shown, read, self.text("skip_change") == "false")


def named(metrics: list[Row], name: str) -> Row:
    """The metric of a name; raises `BadRange`."""
    for metric in metrics:
        if metric["system_name"] == name:
            return metric
    raise BadRange(f"metric {name} not found")


def usage_of(db: Database, question: Question, service: Row, application: Row | None) -> Data:
    """Usage of a product's metric, by one application or by all; raises `Missing`, `BadRange`, `Unanswerable`."""
    name = question.wanted("metric_name")
    question.check_bounds()
    span = question.span()
    metric = named(usage.metrics_of(db, service), name)
    subject = {"metric": usage.metric_data(db, metric)}
    data = question.document(subject, span, lambda part: values.usage_values(db, service, application, metric, part))
    return _of_application(db, data, application)


def codes_of(db: Database, question: Question, service: Row, application: Row | None) -> Data:
    """Answers by status, of one application or of all; raises as `usage_of`."""
    code = question.wanted("response_code")
    question.check_bounds()
    span = question.span()
    subject = {"response_code": {"code": code}}
    data = question.document(subject, span, lambda part: values.code_values(db, service, application, code, part))
    return _of_application(db, data, application)


def _of_application(db: Database, data: Data, application: Row | None) -> Data:
    return data if application is None else {**data, "application": usage.application_data(db, application)}
