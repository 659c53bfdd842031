# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates in free text, as the server reads them (docs/threescale-behaviour.md#statistics-dates)."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from sandbox.threescale.rules.dates import read_moment
from sandbox.threescale.rules.times import zone

NOW = datetime(2026, 11, 29, 23, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", "2026-11-22T00:00:00"),
        ("2026-11-22 12:30", "2026-11-22T12:30:00"),
        ("2026-11-22T12:00:00 02:00", "2026-11-22T12:00:00"),  # a plus that was sent as it stands is a blank
        ("20261122", "2026-11-22T00:00:00"),
        ("20261122120000", "2026-11-22T12:00:00"),
        ("2026/11/22", "2026-11-22T00:00:00"),
        ("22/11/2026", "2026-11-22T00:00:00"),
        ("22.11.2026", "2026-11-22T00:00:00"),
        ("22-Nov-2026", "2026-11-22T00:00:00"),
        ("Sun, 22 November 2026", "2026-11-22T00:00:00"),
        ("Nov 22, 2026 5pm", "2026-11-22T17:00:00"),
        ("Nov 2026", "2026-11-01T00:00:00"),
        ("2026-02-31", "2026-03-03T00:00:00"),
        ("2026-11-22 24:00", "2026-11-23T00:00:00"),
        ("22nd", "2026-11-22T00:00:00"),
        ("12:00", "2026-11-30T12:00:00"),
        ("monday", "2026-11-30T00:00:00"),
    ],
)
def test_dates(text: str, moment: str) -> None:
    assert read_moment(text, zone("Madrid"), NOW) == datetime.fromisoformat(moment).replace(tzinfo=zone("Madrid"))


@pytest.mark.parametrize("text", ["2026-11-22T12:00:00Z", "2026-11-22 13:00:00 +0100", "2026-11-22 07:00:00 EST"])
def test_a_zone_of_its_own(text: str) -> None:
    assert read_moment(text, zone("Madrid"), NOW) == datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize("text", ["soon", "today", "yesterday", "5", "-"])
def test_no_dates(text: str) -> None:
    assert read_moment(text, timezone.utc, NOW) is None


@pytest.mark.parametrize("text", ["2026", "2026-11", "2026-13-01", "2026-11-32", "2026-11-22 25:00", "11/22/2026"])
def test_dates_that_can_not_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_moment(text, timezone.utc, NOW)
