# SPDX-License-Identifier: GPL-3.0-or-later
"""The Keycloak modules on the inputs that people have: several addresses, e-mail as name, secrets in settings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.keycloak.conftest import Runner, Step
from tests.support.keycloak import Keycloak

PRIVATE = "MIIEpAIBAAKCAQEA-a-private-key-that-nobody-may-see"
SECRET = "a-provider-secret-that-nobody-may-see"


@pytest.fixture(scope="module")
def realm(keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> str:
    run = Runner(keycloak, tmp_path_factory.mktemp("inputs"))
    run.done(Step("keycloak_realm", {"realm": "inputs", "registration_email_as_username": True}))
    return "inputs"


def twice(module: str, options: dict[str, Any]) -> list[Step]:
    return [Step(module, options), Step(module, options)]


@pytest.mark.parametrize("name", [" probe ", "pr\u00f6be", "pro be", "pro\nbe", "p" * 256])
def test_names_of_scopes(run: Runner, realm: str, name: str) -> None:
    """Keycloak takes what OAuth takes for a scope: a new one of another name is refused before the first write."""
    made, gone = run(
        Step("keycloak_client_scope", {"realm": realm, "name": name}),
        Step("keycloak_client_scope", {"realm": realm, "name": name, "state": "absent"}),
    )
    assert made.message.startswith("name: the new client scope '") and not made.writes
    assert not gone.failed and not gone.changed


def test_addresses_scopes_and_keys_of_clients(run: Runner, realm: str, keycloak: Keycloak) -> None:
    """Two addresses are one text, `basic` stays unless told otherwise, and private keys are nowhere to be seen."""
    places = ["https://a.example.com/", "https://b.example.com/*"]
    client = {"realm": realm, "client_id": "web", "default_client_scopes": ["profile"]}
    client["attributes"] = {"post.logout.redirect.uris": places}
    saml = {"realm": realm, "client_id": "saml", "protocol": "saml", "default_client_scopes": []}
    # without a certificate Keycloak makes a pair of its own for a client that signs
    saml["attributes"] = {"saml.signing.private.key": PRIVATE, "saml.client.signature": False}
    results = run.done(
        *twice("keycloak_client", client),
        *twice("keycloak_client", {**client, "keep_basic_scope": False}),
        *twice("keycloak_client", saml),
        Step("keycloak_client", {**saml, "attributes": {"saml.signing.private.key": PRIVATE + "2"}}, check=True),
        Step("keycloak_client_info", {"realm": realm}),
    )
    changed = [result.changed for result in results[:7]]
    assert changed == [True, False, True, False, True, False, True], results[5].diff
    assert set(results[0].data["client"]["default_client_scopes"]) == {"basic", "profile"}
    assert results[2].actions == [f"delete default client scope {realm} / web / basic"]
    kept = {one["clientId"]: one for one in (keycloak.realm(realm) or {})["clients"]}
    assert kept["web"]["attributes"]["post.logout.redirect.uris"] == "##".join(places)
    assert results[6].actions == [f"update client {realm} / saml"] and "saml.signing.private.key" in results[6].diff
    assert PRIVATE not in run.output + str([result.data for result in results])


def test_email_as_user_name(run: Runner, realm: str) -> None:
    """The user is found again under the name that Keycloak gave; without an address it is refused."""
    user = {"realm": realm, "username": "Dana", "email": "Dana@Example.com", "first_name": "Dana"}
    made, again, other, same, gone, refused = run(
        *twice("keycloak_user", user),
        *twice("keycloak_user", {**user, "first_name": "Daniela"}),
        Step("keycloak_user", {**user, "state": "absent"}),
        Step("keycloak_user", {"realm": realm, "username": "nobody"}),
    )
    assert made.changed and not again.changed and other.writes == 1 and not same.changed and gone.changed
    assert (
        made.data["user"]["username"].lower() == "dana@example.com"
        and made.data["user"]["id"] == other.data["user"]["id"]
    )
    assert refused.failed and refused.message.startswith("email: ") and refused.writes == 0


def test_a_provider_s_secret_in_its_settings(run: Runner, realm: str) -> None:
    """It is a secret like the option; what Keycloak or an export shows in its place is refused."""
    provider = {"realm": realm, "alias": "company", "provider_id": "google"}
    config = {"clientId": "c", "clientSecret": SECRET}
    exported = {"realm": realm, "client_id": "x", "attributes": {"saml.encryption.private.key": "(secret)"}}
    made, again, masked, placeholder = run(
        *twice("keycloak_identity_provider", {**provider, "config": config}),
        Step("keycloak_identity_provider", {**provider, "config": {**config, "clientSecret": "**********"}}),
        Step("keycloak_client", exported),
    )
    assert made.changed and not again.changed and not again.writes
    assert masked.failed and masked.message.startswith("config.clientSecret: ") and masked.writes == 0
    assert placeholder.failed and placeholder.message.startswith("attributes.saml.encryption.private.key: ")
    assert SECRET not in run.output + str([made.data, again.data])
