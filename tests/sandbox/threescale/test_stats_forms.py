# SPDX-License-Identifier: GPL-3.0-or-later
"""Analytics as XML and CSV."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api

APPLICATIONS = "/admin/api/accounts/3/applications.json"
SINCE = "2026-09-21"


@pytest.fixture
def stats(api: Api, server: Server) -> Api:
    """The Admin API with a token for analytics, and a product that was called three times."""
    application: dict[str, Any] = api.get(APPLICATIONS)["applications"][0]["application"]
    token = server.sandbox.db.first("service_tokens", service_id=2)
    assert token is not None
    backend = Api(server, "backend", None)
    query = f"service_token={token['value']}&service_id=2&user_key={application['user_key']}&usage[hits]=3"
    assert backend.send("GET", f"/transactions/authrep.xml?{query}").status_code == 200
    return api


def flat(text: str) -> str:
    """XML without the white space between tags."""
    return re.sub(r">\s+<", "><", text)


def test_usage_as_csv(stats: Api) -> None:
    response = stats.send("GET", f"/stats/services/2/usage.csv?metric_name=hits&period=day&since={SINCE}")
    lines = response.text.splitlines()
    assert lines[0] == "Metric System Name,Metric Name,Date,Value"
    assert lines[1] == "hits,Hits,2026-09-21 00:00:00 UTC,0"
    assert lines[15] == "hits,Hits,2026-09-21 14:00:00 UTC,3"
    assert len(lines) == 25
    assert response.headers["content-disposition"] == "attachment; filename=usage-1790000000.csv"


@pytest.mark.parametrize(
    ("period", "second"),
    [("week", "2026-09-21 06:00:00"), ("month", "2026-09-22 00:00:00"), ("year", "2026-10-01 00:00:00")],
)
def test_lines_of_other_periods(stats: Api, period: str, second: str) -> None:
    path = f"/stats/services/2/usage.csv?metric_name=hits&period={period}&since={SINCE}"
    assert f",{second} UTC," in stats.send("GET", path).text.splitlines()[2]


def test_usage_as_xml(stats: Api) -> None:
    text = flat(stats.get(f"/stats/services/2/usage.xml?metric_name=hits&period=day&since={SINCE}"))
    span = "<since>2026-09-21 00:00:00 UTC</since><until>2026-09-21 23:59:59 UTC</until>"
    assert f"<unit>hit</unit></metric><period>{span}<name>day</name><granularity>hour</granularity>" in text
    assert '<data><total>3</total><values length="24">0,0,' in text and "<application>" not in text
    application = stats.get(APPLICATIONS)["applications"][0]["application"]["id"]
    text = stats.get(f"/stats/applications/{application}/usage.xml?metric_name=hits&period=day")
    assert "\n  <metric>\n    <id>" in text
    text = flat(text)
    assert f"<application><id>{application}</id><name>Developer's App</name><plan><id>" in text


def test_the_busiest_applications(stats: Api) -> None:
    path = f"/stats/services/2/top_applications.{{}}?metric_name=hits&period=day&since={SINCE}"
    application = stats.get(path.format("json"))["applications"][0]
    text = flat(stats.get(path.format("xml")))
    assert f"<applications><application><value>3</value><id>{application['id']}</id>" in text
    lines = stats.get(path.format("csv")).splitlines()
    assert lines[0] == "Application Name,Application ID,Plan Name,Plan ID,Account Name,Account ID,Total"
    assert lines[1].startswith(f"Developer's App,{application['id']},Basic,") and lines[1].endswith(",3")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("services/2/usage_response_code.xml?response_code=200&period=day", 500),
        ("services/2/usage_response_code.csv?response_code=200&period=day", 500),
        ("services/2/usage.csv?metric_name=hits&since=2026-09-20&until=2026-09-21&granularity=day", 500),
        ("services/2/summary.csv", 406),
        ("services/2/summary.xml", 200),
        ("applications/5/summary.xml", 406),
        ("applications/5/summary.json", 200),
    ],
)
def test_forms_that_are_not_offered_or_fail(stats: Api, path: str, status: int) -> None:
    assert stats.call("GET", f"/stats/{path}")[0] == status
