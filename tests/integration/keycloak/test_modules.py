# SPDX-License-Identifier: GPL-3.0-or-later
"""The Keycloak modules against the real server: create, change, delete × check mode, for real, again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.keycloak.conftest import Result, Runner, Step, assert_protocol, protocol
from tests.support.keycloak import Keycloak

SECRET = "a-client-secret-that-nobody-may-see"
SECOND = "another-client-secret-that-nobody-may-see"


@pytest.fixture(scope="module")
def realm(keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> str:
    run = Runner(keycloak, tmp_path_factory.mktemp("realm"))
    run.done(Step("keycloak_realm", {"realm": "trial", "unmanaged_attribute_policy": "admin_edit"}))
    return "trial"


def must_hide(run: Runner, results: list[Result], *secrets: str) -> None:
    told = run.output + json.dumps([result.data for result in results])
    assert not [secret for secret in secrets if secret in told]


def mapper(name: str, claim: str, **config: Any) -> dict[str, Any]:
    everywhere = {"id.token.claim": True, "access.token.claim": True, "userinfo.token.claim": True}
    settings = {"user.attribute": "email", "claim.name": claim, "jsonType.label": "String", **everywhere, **config}
    return {"name": name, "protocol_mapper": "oidc-usermodel-attribute-mapper", "config": settings}


def test_realm(run: Runner, keycloak: Keycloak) -> None:
    made = {
        "realm": "made by test",
        "display_name": "Made by a test",
        "registration_allowed": False,
        "access_token_lifespan": 600,
        "supported_locales": ["en", "de"],
        "internationalization_enabled": True,
        "unmanaged_attribute_policy": "admin_view",
        "attributes": {"owner": "tests"},
    }
    changed = {**made, "display_name": "", "supported_locales": ["de", "en"], "attributes": {"color": "red"}}
    changed["unmanaged_attribute_policy"] = "disabled"
    gone = {"realm": "made by test", "state": "absent", "force": True}
    results = run(*protocol("keycloak_realm", made, changed, gone))
    assert_protocol(results)
    assert "update user profile made by test" in results[4].actions
    assert "supported_locales" not in results[4].diff, "the order of locales does not count"
    assert "tests" not in results[4].diff, "an attribute that nobody asked for does not change"
    assert results[5].data["realm"]["attributes"]["owner"] == "tests", "and stays"
    assert keycloak.realm("made by test") is None


def test_a_realm_is_not_removed_by_mistake(run: Runner, realm: str, keycloak: Keycloak) -> None:
    (refused,) = run(Step("keycloak_realm", {"realm": realm, "state": "absent"}))
    assert refused.failed and refused.writes == 0 and refused.message.startswith("force: ")
    assert keycloak.realm(realm)


def test_client(run: Runner, realm: str) -> None:
    made = {
        "realm": realm,
        "client_id": "portal",
        "secret": SECRET,
        "public_client": False,
        "direct_access_grants_enabled": False,
        "redirect_uris": ["https://b.example.com/*", "https://a.example.com/*"],
        "attributes": {"oauth2.device.authorization.grant.enabled": False},
        "default_client_scopes": ["basic", "profile"],
        "protocol_mappers": [mapper("org", "org_name"), mapper("second", "second")],
    }
    changed = {
        **made,
        "secret": SECOND,
        "name": "Portal",
        "redirect_uris": ["https://a.example.com/*"],
        "default_client_scopes": ["profile", "email"],
        "optional_client_scopes": ["basic"],
        "protocol_mappers": [mapper("org", "organisation")],
        "prune_protocol_mappers": True,
    }
    results = run(
        *protocol("keycloak_client", made, changed, {"realm": realm, "client_id": "portal", "state": "absent"})
    )
    assert_protocol(results)
    must_hide(run, results, SECRET, SECOND)
    assert "(secret, changed)" in results[4].diff and "https://b.example.com/*" in results[4].diff
    actions = results[4].actions
    scopes = {action for action in actions if "client scope" in action}
    assert [action for action in actions if action not in scopes] == [
        f"update client {realm} / portal",
        f"update protocol mapper {realm} / portal / org",
        f"delete protocol mapper {realm} / portal / second",
    ]
    assert scopes >= {
        f"delete default client scope {realm} / portal / basic",
        f"create default client scope {realm} / portal / email",
        f"create optional client scope {realm} / portal / basic",
    }
    assert results[5].data["client"]["optional_client_scopes"] == ["basic"]
    assert results[5].data["client"]["protocol_mappers"][0]["config"]["claim.name"] == "organisation"


def test_a_drifted_mapper_is_brought_back(run: Runner, realm: str) -> None:
    wanted = {"realm": realm, "client_id": "drift", "protocol_mappers": [mapper("org", "org_name")]}
    drifted = {**wanted, "protocol_mappers": [mapper("org", "elsewhere")]}
    results = run(*(Step("keycloak_client", options) for options in (wanted, drifted, wanted, wanted)))
    assert [result.writes for result in results] == [2, 1, 1, 0]
    assert "elsewhere" in results[2].diff and "org_name" in results[2].diff
    assert "jsonType" not in results[2].diff, "only what differs is shown"


def test_a_secret_of_keycloaks_making_is_returned_on_request(run: Runner, realm: str) -> None:
    options = {"realm": realm, "client_id": "generated", "public_client": False, "return_secret": True}
    planned, made, again = run(
        Step("keycloak_client", options, check=True),
        Step("keycloak_client", options),
        Step("keycloak_client", options),
    )
    assert planned.data["secret"] is None and len(made.data["secret"]) >= 20
    assert again.data["secret"] == made.data["secret"] and not again.changed


def test_identity_provider(run: Runner, realm: str, keycloak: Keycloak) -> None:
    company = keycloak.company()
    made = {
        "realm": realm,
        "alias": "company",
        "discovery_url": f"{company['issuer']}/.well-known/openid-configuration",
        "client_id": company["client_id"],
        "client_secret": SECRET,
        "trust_email": True,
        "sync_mode": "import",
        "mappers": [
            {
                "name": "department",
                "identity_provider_mapper": "oidc-user-attribute-idp-mapper",
                "config": {"claim": "department", "user.attribute": "department", "syncMode": "INHERIT"},
            }
        ],
    }
    changed = {**made, "display_name": "Company", "sync_mode": "force", "mappers": [], "prune_mappers": True}
    gone = {"realm": realm, "alias": "company", "state": "absent"}
    results = run(*protocol("keycloak_identity_provider", made, changed, gone))
    assert_protocol(results)
    must_hide(run, results, SECRET)
    assert results[1].data["identity_provider"]["config"]["tokenUrl"].startswith(company["issuer"])
    assert results[4].actions == [
        f"update identity provider {realm} / company",
        f"delete identity provider mapper {realm} / company / department",
    ]
    assert "tokenUrl" not in results[4].diff and "FORCE" in results[4].diff


def test_google_needs_no_addresses(run: Runner, realm: str) -> None:
    options = {
        "realm": realm,
        "alias": "google",
        "provider_id": "google",
        "client_id": "1234.apps.googleusercontent.com",
        "client_secret": SECRET,
        "config": {"hostedDomain": "example.com"},
    }
    made, again = run(Step("keycloak_identity_provider", options), Step("keycloak_identity_provider", options))
    assert made.changed and not made.failed and not again.changed


def test_a_provider_s_secret_is_sent_again_only_on_request(run: Runner, realm: str) -> None:
    options = {"realm": realm, "alias": "secretive", "provider_id": "google", "client_id": "x", "client_secret": SECRET}
    other = {**options, "client_secret": SECOND}
    results = run(
        Step("keycloak_identity_provider", options),
        Step("keycloak_identity_provider", other),
        Step("keycloak_identity_provider", {**other, "update_secret": "always"}, check=True),
        Step("keycloak_identity_provider", {**other, "update_secret": "always"}),
    )
    assert [(result.changed, result.writes) for result in results] == [(True, 1), (False, 0), (True, 0), (True, 1)]
    must_hide(run, results, SECRET, SECOND)


def test_user(run: Runner, realm: str) -> None:
    made = {
        "realm": realm,
        "username": "Dana",
        "email": "Dana@Example.com",
        "email_verified": True,
        "first_name": "Dana",
        "last_name": "Developer",
        "attributes": {"department": ["research", "sales"], "floor": 3},
        "required_actions": ["UPDATE_PASSWORD", "TERMS_AND_CONDITIONS"],
        "password": SECRET,
    }
    changed = {**made, "first_name": "Daniela", "attributes": {"department": "sales"}, "required_actions": []}
    results = run(*protocol("keycloak_user", made, changed, {"realm": realm, "username": "dana", "state": "absent"}))
    assert_protocol(results)
    must_hide(run, results, SECRET)
    assert "Daniela" in results[4].diff and "floor" not in results[4].diff and "email" not in results[4].diff
    assert results[5].data["user"]["attributes"] == {"department": ["sales"], "floor": ["3"]}


def test_a_password_is_set_again_only_on_request(run: Runner, realm: str) -> None:
    options = {"realm": realm, "username": "second", "password": SECRET}
    results = run(
        Step("keycloak_user", options),
        Step("keycloak_user", {**options, "password": SECOND}),
        Step("keycloak_user", {**options, "password": SECOND, "update_password": "always"}, check=True),
        Step("keycloak_user", {**options, "password": SECOND, "update_password": "always"}),
    )
    assert [(result.changed, result.writes) for result in results] == [(True, 1), (False, 0), (True, 0), (True, 1)]
    must_hide(run, results, SECRET, SECOND)


def test_everything_of_a_planned_realm_is_shown(run: Runner, keycloak: Keycloak) -> None:
    before = keycloak.dump()
    results = run(
        Step("keycloak_realm", {"realm": "planned", "unmanaged_attribute_policy": "enabled"}, check=True),
        Step(
            "keycloak_client",
            {"realm": "planned", "client_id": "c", "protocol_mappers": [mapper("o", "o")]},
            check=True,
        ),
        Step(
            "keycloak_identity_provider",
            {"realm": "planned", "alias": "i", "discovery_url": "https://nobody.invalid", "client_id": "i"},
            check=True,
        ),
        Step("keycloak_user", {"realm": "planned", "username": "user", "attributes": {"a": "b"}}, check=True),
        Step("keycloak_client", {"realm": "planned", "client_id": "c", "state": "absent"}, check=True),
    )
    assert [result.changed for result in results] == [True, True, True, True, False]
    assert not any(result.writes or result.failed for result in results)
    assert "there is no realm 'planned'" in results[1].data["warnings"][0]
    assert keycloak.dump() == before


def test_what_is_read_can_be_handed_back(run: Runner, realm: str) -> None:
    made = {"realm": realm, "client_id": "read", "secret": SECRET, "protocol_mappers": [mapper("org", "org_name")]}
    _, realms, clients, missing = run(
        Step("keycloak_client", made),
        Step("keycloak_realm_info", {"realms": [realm, "nosuch"]}),
        Step("keycloak_client_info", {"realm": realm, "clients": ["read"]}),
        Step("keycloak_client_info", {"realm": "nosuch"}),
    )
    (found,) = realms.data["realms"]
    assert found["unmanaged_attribute_policy"] == "admin_edit" and found["issuer"].endswith(f"/realms/{realm}")
    assert missing.failed and "there is no realm 'nosuch'" in missing.message
    (client,) = clients.data["clients"]
    must_hide(run, [realms, clients], SECRET)
    again = {"realm": realm, **{name: value for name, value in client.items() if name != "id"}}
    settings = {name: value for name, value in found.items() if name not in ("id", "issuer")}
    for result in run.done(Step("keycloak_client", again), Step("keycloak_realm", settings)):
        assert not result.changed and result.writes == 0, result.diff
