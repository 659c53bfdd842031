# SPDX-License-Identifier: GPL-3.0-or-later
"""The secret of a client replaced while the old one still works, against the real server."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.integration.keycloak.conftest import Result, Runner, Step
from tests.support.keycloak import Keycloak

REALM = "rotation"
FIRST, SECOND, THIRD = (f"the-{number}-secret-that-nobody-may-see" for number in ("first", "second", "third"))
PERIODS = {"expiration-period": 5000, "rotated-expiration-period": 3000, "remaining-rotation-period": 100}
ATTRIBUTES = '[{"key": "turned", "value": "yes"}]'
POLICY = {
    "client_profiles": [{"name": "rotation", "executors": [{"executor": "secret-rotation", "configuration": PERIODS}]}],
    "client_policies": [
        {
            "name": "rotation",
            "enabled": True,
            "conditions": [{"condition": "client-attributes", "configuration": {"attributes": ATTRIBUTES}}],
            "profiles": ["rotation"],
        }
    ],
}
BOT = {"realm": REALM, "client_id": "bot", "service_accounts_enabled": True, "standard_flow_enabled": False}


@pytest.fixture(scope="module")
def realm(keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> str:
    run = Runner(keycloak, tmp_path_factory.mktemp("rotation"))
    run.done(Step("keycloak_realm", {"realm": REALM, **POLICY}))
    return REALM


def works(keycloak: Keycloak, client: str, secret: str) -> bool:
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    token = f"{keycloak.url}/realms/{REALM}/protocol/openid-connect/token"
    return requests.post(token, data=form, timeout=30).status_code == 200


def hidden(run: Runner, results: list[Result], *secrets: str) -> None:
    told = run.output + json.dumps([result.data for result in results])
    assert not [secret for secret in secrets if secret in told]


def test_client_profiles_and_policies(run: Runner, realm: str) -> None:
    as_texts = json.loads(json.dumps(POLICY).replace("5000", '"5000"'))
    strange = {"client_profiles": [{"name": "x", "executors": [{"executor": "nosuch"}]}]}
    again, alike, refused, wrong, planned, gone, back = run(
        Step("keycloak_realm", {"realm": realm, **POLICY}),
        Step("keycloak_realm", {"realm": realm, **as_texts}),
        Step("keycloak_realm", {"realm": realm, **strange}),
        Step(
            "keycloak_realm", {"realm": realm, "client_policies": [{"name": "x", "conditions": [{"condition": "no"}]}]}
        ),
        Step("keycloak_realm", {"realm": realm, "client_profiles": [], "client_policies": []}, check=True),
        Step("keycloak_realm", {"realm": realm, "client_profiles": [], "client_policies": []}),
        Step("keycloak_realm", {"realm": realm, **POLICY}),
    )
    assert not again.changed and not alike.changed
    assert refused.failed and "client_profiles: this server has no executor nosuch" in refused.message
    assert wrong.failed and "client_policies: this server has no condition no: correct the name." in wrong.message
    assert (planned.writes, gone.writes, back.writes) == (0, 1, 1) and planned.diff == gone.diff


def test_a_given_secret(run: Runner, realm: str, keycloak: Keycloak) -> None:
    first = {**BOT, "secret": FIRST, "attributes": {"turned": "yes"}}
    turned = {**first, "secret": SECOND, "old_secret": "keep"}
    ended = {**turned, "old_secret": "absent"}
    run.done(Step("keycloak_client", first))
    results = run.done(
        *(
            Step("keycloak_client", turned, check=True),
            Step("keycloak_client", turned),
            Step("keycloak_client", turned),
        ),
        Step("keycloak_client", {**first, "secret": SECOND}),
    )
    assert [result.changed for result in results] == [True, True, False, False]
    assert results[0].diff == results[1].diff and results[0].actions == [f"update client {realm} / bot"]
    assert results[2].data["client"]["old_secret_valid_until"] > "2026"
    assert works(keycloak, "bot", FIRST) and works(keycloak, "bot", SECOND)
    over = run.done(
        *(Step("keycloak_client", ended, check=True), Step("keycloak_client", ended), Step("keycloak_client", ended))
    )
    assert [(result.changed, result.writes) for result in over] == [(True, 0), (True, 1), (False, 0)]
    assert over[1].actions == [f"delete old secret {realm} / bot"] and over[0].diff == over[1].diff
    assert not works(keycloak, "bot", FIRST) and works(keycloak, "bot", SECOND)
    (at_once,) = run.done(Step("keycloak_client", {**ended, "secret": THIRD}))
    assert at_once.writes == 1 and not works(keycloak, "bot", SECOND) and works(keycloak, "bot", THIRD)
    hidden(run, [*results, *over, at_once], FIRST, SECOND, THIRD)


def test_a_secret_that_is_made(run: Runner, realm: str, keycloak: Keycloak) -> None:
    options: dict[str, Any] = {**BOT, "client_id": "made", "attributes": {"turned": "yes"}}
    since = {**options, "secret_not_before": "2020-01-01", "old_secret": "keep"}
    keycloak.admin("POST", f"realms/{realm}/clients", clientId="made", secret=FIRST)  # of an age that nobody knows
    run.done(Step("keycloak_client", options))
    told = {**since, "return_secret": True}
    planned, done, again = run.done(
        Step("keycloak_client", told, check=True), Step("keycloak_client", told), Step("keycloak_client", told)
    )
    made = again.data["secret"]
    assert (
        planned.diff == done.diff
        and planned.data["secret"] is None
        and done.data["secret"] == made
        and len(made) == 32
        and not again.changed
    )
    assert works(keycloak, "made", FIRST) and works(keycloak, "made", made)
    new = {**since, "client_id": "new"}
    created = run.done(Step("keycloak_client", new), Step("keycloak_client", new))
    assert [result.changed for result in created] == [True, False]
    hidden(run, [planned, *created], FIRST, made)


def test_an_old_secret_is_not_lost(run: Runner, realm: str, keycloak: Keycloak) -> None:
    run.done(
        Step("keycloak_client", {**BOT, "client_id": "other", "secret": FIRST}),
        Step("keycloak_realm", {"realm": "no rotation"}),
        Step("keycloak_client", {**BOT, "realm": "no rotation", "secret": FIRST}),
    )
    aged = {**BOT, "secret_not_before": "2020-01-01", "old_secret": "keep"}
    cases: list[tuple[dict[str, Any], str]] = [
        ({**BOT, "client_id": "other", "secret": SECOND, "old_secret": "keep"}, "no client policy with the executor"),
        ({**BOT, "realm": "no rotation", "secret": SECOND, "old_secret": "keep"}, "client-secret-rotation"),
        ({**BOT, "secret_not_before": "2020-01-01"}, "old_secret: say"),
        ({**aged, "secret": FIRST}, "secret_not_before: such a secret is made"),
        ({**aged, "secret_not_before": "soon"}, "must be like 2026-12-01"),
        ({**aged, "secret_not_before": "2999-01-01"}, "lies ahead"),
        ({**aged, "public_client": True}, "has no secret"),
    ]
    results = run(*(Step("keycloak_client", options) for options, _ in cases))
    for (options, words), result in zip(cases, results, strict=True):
        assert result.failed and words in result.message, (options, result.message)
    assert [result.writes for result in results] == [1, 0, 0, 0, 0, 0, 0]  # the first one asks by a write
    assert works(keycloak, "other", FIRST)
