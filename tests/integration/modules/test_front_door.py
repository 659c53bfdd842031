# SPDX-License-Identifier: GPL-3.0-or-later
"""Through Ansible a module returns what it returns in a fork: what Ansible adds changes nothing.

The examples of the documentation (``tests/integration/threescale/test_examples.py``) run through it too, and the
scenarios of the roles run all of them for real.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import Reading, Row, developers, filled, keycloak, readings, threescale
from tests.cases.planted import secrets_of
from tests.integration.keycloak.conftest import Play as RealmPlay
from tests.integration.keycloak.conftest import Step as RealmStep
from tests.integration.modules.conftest import Places
from tests.integration.threescale.conftest import Play, Step
from tests.support.keycloak import Keycloak
from tests.support.standin import running_standin
from tests.support.traces import command_lines, contents

SAME = ("changed", "changes", "plan", "diff", "calls")
SOME = [developers.ACCOUNT, threescale.BACKEND, threescale.FIELD, threescale.POLICY, threescale.SSO]


def test_threescale(tmp_path: Path, places: Places) -> None:
    """For real: made through Ansible, each is there for a fork; no secret is in output, command lines or left files."""
    left = tmp_path / "left"
    left.mkdir()
    with running_standin() as standin, command_lines() as seen:
        play = Play(standin, tmp_path)
        play.more = ("-vvvv",)
        names = ("TMPDIR", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TMP", "ANSIBLE_REMOTE_TEMP")
        play.surroundings = dict.fromkeys(names, str(left))
        given = [Step(module, options) for row in SOME for module, options in row.given]
        made = play(*given, *(Step(row.module, row.make) for row in SOME))
        planted = [text for row in SOME for text in secrets_of(row.module, row.make)]
        open_to_all = [play.output, contents(left), *seen]
        assert planted and str(left) in play.output and len(seen) > 1
        assert not [text for text in planted for place in open_to_all if text in place]
        assert standin.token not in contents(left)
        assert all(result.changed and result.writes for result in made), [result.message for result in made]
        again = super(Play, play).__call__(*(Step(row.module, row.make) for row in SOME))
        assert not any(result.changed or result.failed for result in again)


def test_keycloak(request: pytest.FixtureRequest, tmp_path: Path, places: Places) -> None:
    """In check mode, as a realm costs seconds."""
    server: Keycloak = request.getfixturevalue("keycloak")
    rows: list[Row | Reading] = [row for row in keycloak.ROWS if row.module != "keycloak_realm"]
    rows += [row for row in readings.READINGS if row.module.startswith("keycloak_")]
    with places(keycloak.CLIENT) as place:
        place.prepare((keycloak.REALM, keycloak.HOST))
        wishes = [(row.module, row.make if isinstance(row, Row) else row.options) for row in rows]
        forked = [place.run(wish, check=True).data for wish in wishes]
        steps = [RealmStep(module, filled(options, place.values), True) for module, options in wishes]
        for row, played, data in zip(rows, RealmPlay(server, tmp_path)(*steps), forked, strict=True):
            assert not played.failed and [played.data.get(name) for name in SAME] == [
                data.get(name) for name in SAME
            ], row
