# SPDX-License-Identifier: GPL-3.0-or-later
"""The window of usage, as it goes to the statistics."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_usage import is_moment, usage_query

NOW = datetime(2026, 11, 29, 12, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({"period": "day"}, {"period": "day"}),
        ({"period": "day", "until": "2026-11-02"}, {"period": "day"}),
        ({"since": "2026-11-01"}, {"since": "2026-11-01", "until": "2026-11-29T12:05:00Z", "granularity": "day"}),
        (
            {"since": "2026-11-01", "until": "2026-11-02", "granularity": "hour", "timezone": "Madrid"},
            {"since": "2026-11-01", "until": "2026-11-02", "granularity": "hour", "timezone": "Madrid"},
        ),
    ],
)
def test_what_is_asked(params: dict[str, Any], query: dict[str, Any]) -> None:
    assert usage_query(params, NOW) == query


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("2026-11-01", True),
        ("2026-11-01 12:00:00", True),
        ("2026-11-01 12:00:00 UTC", True),
        ("2026-11-01T12:00:00Z", True),
        ("2026-11-01T12:00:00+02:00", True),
        ("2026-02-31", False),
        ("2026-13-01", False),
        ("2026-11-01 25:00:00", False),
        ("2026-11", False),
        ("yesterday", False),
        ("2026-11-01\n", False),
    ],
)
def test_what_is_a_moment(text: str, holds: bool) -> None:
    assert is_moment(text) is holds


@pytest.mark.parametrize("name", ["since", "until"])
def test_a_date_that_is_none(name: str) -> None:
    with pytest.raises(RefusalError, match=f"^{name}: '2026-02-31' is no date of the calendar"):
        usage_query({"since": "2026-02-01", name: "2026-02-31"}, NOW)
