# SPDX-License-Identifier: GPL-3.0-or-later
"""Many objects in one call, client scopes, roles, groups, and all that a realm is told, against the real server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.keycloak.conftest import Runner, Step, assert_protocol, protocol
from tests.support.keycloak import Keycloak

PASSWORD = "a-mail-password-that-nobody-may-see"


@pytest.fixture(scope="module")
def realm(keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> str:
    run = Runner(keycloak, tmp_path_factory.mktemp("lists"))
    run.done(
        Step("keycloak_realm", {"realm": "lists"}), Step("keycloak_client", {"realm": "lists", "client_id": "web"})
    )
    return "lists"


def test_many_clients_and_users(run: Runner, realm: str) -> None:
    clients = [{"client_id": "one", "name": "One"}, {"client_id": "two"}]
    made, again, users, bad, twice, both = run(
        Step("keycloak_client", {"realm": realm, "clients": clients}),
        Step("keycloak_client", {"realm": realm, "clients": clients}),
        Step("keycloak_user", {"realm": realm, "users": [{"username": "ann"}, {"username": "bob"}]}),
        Step("keycloak_client", {"realm": realm, "clients": [{"client_id": "x", "default_client_scopes": ["nosuch"]}]}),
        Step("keycloak_client", {"realm": realm, "clients": [*clients, {"client_id": "one"}]}),
        Step("keycloak_client", {"realm": realm, "client_id": "three", "clients": clients}),
    )
    assert made.actions == [f"create client {realm} / one", f"create client {realm} / two"] and not again.changed
    assert [one["client_id"] for one in made.data["clients"]] == ["one", "two"] and users.writes == 2
    assert bad.failed and bad.message.startswith("clients[0].default_client_scopes: ") and bad.writes == 0
    assert twice.failed and "clients[2]" in twice.message and both.failed and "exclude" in both.message


def test_client_that_administers_its_realm(run: Runner, keycloak: Keycloak, realm: str) -> None:
    secret = "of-a-client-that-administers"
    roles = [{"client_id": "realm-management", "name": name} for name in ("manage-realm", "manage-clients")]
    made = {"realm": realm, "client_id": "Automation", "secret": secret, "service_accounts_enabled": True}
    made["service_account_roles"] = roles
    fewer = {**made, "service_account_roles": roles[1:], "prune_service_account_roles": True}
    results = run.done(*protocol("keycloak_client", made, fewer, {**fewer, "state": "absent"}))
    assert_protocol(results)
    assert results[1].actions[1:] == [
        f"create service account role {realm} / Automation / realm-management / {role['name']}" for role in roles
    ]
    assert len(results[4].actions) == 1 and results[4].actions[0].endswith("manage-realm")
    itself = {"auth_realm": realm, "auth_client_id": "Automation", "auth_client_secret": secret, "auth_username": ""}
    _made, own, foreign, bare, unknown = run(
        Step("keycloak_client", made),
        Step("keycloak_realm", {"realm": realm, "display_name": "By itself", **itself}),
        Step("keycloak_realm", {"realm": "another", **itself}),
        Step("keycloak_client", {**made, "client_id": "bare", "service_accounts_enabled": False}),
        Step("keycloak_client", {**made, "service_account_roles": [{"name": "nosuch"}]}),
    )
    assert own.changed and not own.failed and foreign.failed and "403" in foreign.message, foreign.message
    assert bare.failed and bare.message.startswith("service_account_roles: ") and bare.writes == 0
    assert unknown.failed and "'nosuch'" in unknown.message and unknown.writes == 0


def test_client_scopes(run: Runner, realm: str) -> None:
    mapper = {"name": "department", "protocol_mapper": "oidc-usermodel-attribute-mapper"}
    mapper["config"] = {"user.attribute": "department", "claim.name": "department", "jsonType.label": "String"}
    made: dict[str, Any] = {
        "realm": realm,
        "name": "department",
        "attributes": {"include.in.token.scope": True},
        "for_new_clients": "optional",
        "protocol_mappers": [mapper],
    }
    changed = {**made, "description": "Where", "for_new_clients": "default", "protocol_mappers": []}
    changed["prune_protocol_mappers"] = True
    gone = {"realm": realm, "name": "department", "state": "absent"}
    results = run(*protocol("keycloak_client_scope", made, changed, gone))
    assert_protocol(results)
    assert f"delete protocol mapper {realm} / department / department" in results[4].actions
    assert results[5].data["client_scope"]["description"] == "Where"


def test_roles(run: Runner, realm: str) -> None:
    reader = {"name": "reader", "description": "May look"}
    held = [{"name": "reader"}, {"name": "view-users", "client_id": "realm-management"}]
    admin = {"name": "admin", "composites": held}
    of_client = {"name": "tester", "client_id": "web", "attributes": {"level": 3}}
    made = {"realm": realm, "roles": [admin, reader, of_client]}  # in an order in which one names what comes later
    fewer = {**admin, "composites": [{"name": "reader"}], "prune_composites": True, "description": "May all"}
    changed = {"realm": realm, "roles": [fewer, reader, {**of_client, "attributes": {"level": 4}}]}
    gone = {"realm": realm, "roles": [{**role, "state": "absent"} for role in (of_client, reader, admin)]}
    results = run(*protocol("keycloak_role", made, changed, gone))
    assert_protocol(results)
    assert f"create composites {realm} / admin / realm-management / view-users" in results[1].actions
    assert f"delete composites {realm} / admin / realm-management / view-users" in results[4].actions
    assert results[1].data["roles"][2]["id"] and results[5].data["roles"][2]["attributes"] == {"level": ["4"]}
    (refused,) = run(Step("keycloak_role", {"realm": realm, "name": "x", "client_id": "nosuch"}))
    assert refused.failed and "no client 'nosuch'" in refused.message and refused.writes == 0


def test_groups(run: Runner, realm: str) -> None:
    roles = [{"name": "offline_access"}, {"name": "view-profile", "client_id": "account"}]
    below = [{"path": "dev/eu/", "attributes": {"region": "eu"}}, {"path": "/dev/eu/west"}]
    made = {"realm": realm, "groups": [{"path": "/dev", "roles": roles}, *below]}
    changed = {"realm": realm, "groups": [{"path": "/dev", "roles": roles[:1], "prune_roles": True}]}
    gone = {"realm": realm, "path": "/dev", "state": "absent", "force": True}
    results = run(*protocol("keycloak_group", made, changed, gone))
    assert_protocol(results)
    assert f"create group {realm} / dev/eu/west" in results[1].actions
    assert results[4].actions == [f"delete roles {realm} / dev / account / view-profile"]
    orphan, _made, _below, kept = run(
        Step("keycloak_group", {"realm": realm, "path": "/no/where"}),
        Step("keycloak_group", {"realm": realm, "path": "/a"}),
        Step("keycloak_group", {"realm": realm, "path": "/a/b", "roles": [{"name": "offline_access"}]}),
        Step("keycloak_group", {"realm": realm, "path": "/a", "state": "absent"}),
    )
    assert orphan.failed and "there is no group '/no'" in orphan.message
    assert kept.failed and kept.message.startswith("force: ") and kept.writes == 0


def test_all_that_a_realm_is_told(run: Runner, keycloak: Keycloak) -> None:
    made: dict[str, Any] = {
        "realm": "told",
        "brute_force_protected": True,
        "failure_factor": 5,
        "max_failure_wait_seconds": 600,
        "password_policy": "length(12) and notUsername",
        "sso_session_idle_timeout": 1200,
        "offline_session_idle_timeout": 86400,
        "access_code_lifespan_login": 900,
        "revoke_refresh_token": True,
        "events_enabled": True,
        "enabled_event_types": ["LOGIN_ERROR", "LOGIN"],
        "events_listeners": ["jboss-logging"],
        "internationalization_enabled": True,
        "supported_locales": ["en", "es"],
        "default_locale": "en",
        "smtp": {"host": "mail.example.com", "port": 587, "from": "maas@example.com", "starttls": True, "auth": True,
                 "user": "maas", "password": PASSWORD},
    }  # fmt: skip
    changed = {**made, "failure_factor": 6, "smtp": {**made["smtp"], "from_display_name": "Models"}}
    gone = {"realm": "told", "state": "absent", "force": True}
    results = run(*protocol("keycloak_realm", made, changed, gone))
    assert_protocol(results)
    assert "fromDisplayName" in results[4].diff and "mail.example.com" not in results[4].diff
    assert results[5].data["realm"]["smtp"]["from_display_name"] == "Models"
    assert PASSWORD not in run.output + str([result.data for result in results])

    other = {**made, "smtp": {"password": PASSWORD + "2"}}
    steps = [made, other, {**other, "update_smtp_password": "always"}]
    _made, kept, sent = run.done(*(Step("keycloak_realm", options) for options in steps))
    assert not kept.changed and sent.changed and sent.writes == 1
