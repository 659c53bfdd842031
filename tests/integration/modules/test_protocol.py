# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, change, delete, delete of nothing × check mode, for real, again: every module, counted at the server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases import Options, Reading, Row, keycloak, readings, threescale
from tests.cases.badges import supports
from tests.cases.planted import secrets_of
from tests.integration.modules.conftest import Places
from tests.support.forked import Outcome
from tests.support.place import Place

ROWS = [*threescale.ROWS, *keycloak.ROWS]
FILES_ONLY = ("keycloak_export", "threescale_export")  # what it writes are files


def run(place: Place, row: Row | Reading, options: Options, check: bool) -> dict[str, Any]:
    """Run a step. What the module says of its calls is what the server saw, and no credential is anywhere."""
    place.line.expect(None)
    outcome: Outcome = place.run((row.module, options), check)
    data = outcome.data
    assert not data.get("failed") and not outcome.stderr, data.get("msg") or outcome.stderr
    asked = [path for _method, path in place.line.requests if not path.endswith("/openid-connect/token")]
    calls = data["calls"]
    assert calls["writes"] == place.line.writes, place.line.requests
    assert calls["reads"] + calls["writes"] in (len(asked), len(place.line.requests)), place.line.requests
    secrets = (*place.credentials, *secrets_of(row.module, options))
    assert not [secret for secret in secrets if secret in outcome.output]
    return data


def without_run(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The changes, without what only a real run knows."""
    return [(change["action"], change["noun"], change["key"]) for change in data["changes"]]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_protocol(places: Places, row: Row) -> None:
    """What the documentation promises: check mode writes nothing and tells all, a second run changes nothing."""
    assert supports(row.module) == {"check_mode": "full", "diff_mode": "full", "idempotent": "full"}
    with places(row) as place:
        place.prepare(row.given)
        for name, options in row.phases:
            before = place.state()
            planned = run(place, row, options, check=True)
            assert planned["calls"]["writes"] == 0 and place.state() == before, f"{name} in check mode writes"
            real = run(place, row, options, check=False)
            assert planned["changed"] and real["changed"], f"{name} changes nothing"
            assert real["calls"]["writes"] > 0 or row.module in FILES_ONLY
            assert without_run(planned) == without_run(real) and planned.get("diff") == real.get("diff"), name
            assert real["diff"], f"{name} shows no diff"
            after = place.state()
            for check in (True, False):
                again = run(place, row, options, check)
                assert not again["changed"] and not again["changes"] and not again["calls"]["writes"], (name, again)
            assert place.state() == after


@pytest.mark.parametrize("row", readings.READINGS, ids=[row.name for row in readings.READINGS])
def test_reading(places: Places, row: Reading) -> None:
    """A module that reads returns the same in check mode, and never writes."""
    with places(row) as place:
        place.prepare(row.given)
        real, planned = (run(place, row, row.options, check) for check in (False, True))
        assert supports(row.module) == {"check_mode": "full", "diff_mode": "N/A", "idempotent": "full"}
        assert real[row.returns] and real[row.returns] == planned[row.returns]
        assert not real["changed"] and not planned["changed"] and not real["calls"]["writes"]
