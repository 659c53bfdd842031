# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the modules that keep something in Keycloak. Each is tried in a realm of its own."""

from __future__ import annotations

from typing import Any

from tests.cases import Options, Row
from tests.cases.planted import planted

REALM = ("keycloak_realm", {"realm": "{realm}", "unmanaged_attribute_policy": "admin_edit"})
HOST = ("keycloak_client", {"realm": "{realm}", "client_id": "host", "public_client": False})


def mapper(name: str, claim: str) -> Options:
    """A protocol mapper that brings a property of the user into tokens."""
    config = {"user.attribute": "email", "claim.name": claim, "jsonType.label": "String", "access.token.claim": True}
    config["service.secret"] = planted(f"mapper-{name}")
    return {"name": name, "protocol_mapper": "oidc-usermodel-attribute-mapper", "config": config}


def here(**options: Any) -> Options:
    """Options in the row's realm."""
    return {"realm": "{realm}", **options}


CLIENT = Row(
    "keycloak_client",
    make=here(
        client_id="portal",
        secret=planted("client"),
        public_client=False,
        service_accounts_enabled=True,
        service_account_roles=[{"name": "offline_access"}, {"name": "view-users", "client_id": "realm-management"}],
        redirect_uris=["https://b.example.com/*", "https://a.example.com/*"],
        attributes={
            "post.logout.redirect.uris": ["https://a.example.com/*", "https://b.example.com/*"],
            "saml.encryption.private.key": planted("client-key"),
        },
        default_client_scopes=["basic", "profile"],
        protocol_mappers=[mapper("org", "org_name"), mapper("second", "second")],
    ),
    change=here(
        client_id="portal",
        secret=planted("client-new"),
        old_secret="absent",
        name="Portal",
        redirect_uris=["https://a.example.com/*"],
        service_account_roles=[{"name": "offline_access"}],
        prune_service_account_roles=True,
        default_client_scopes=["profile", "email"],
        optional_client_scopes=["phone"],
        protocol_mappers=[mapper("org", "organisation")],
        prune_protocol_mappers=True,
    ),
    gone=here(client_id="portal", state="absent"),
    given=(REALM,),
)
CLIENT_SCOPE = Row(
    "keycloak_client_scope",
    make=here(
        name="department",
        for_new_clients="optional",
        attributes={"include.in.token.scope": True, "vault.password": planted("scope")},
        protocol_mappers=[mapper("department", "department"), mapper("third", "third")],
    ),
    change=here(
        name="department",
        description="changed",
        for_new_clients="default",
        protocol_mappers=[mapper("department", "dep")],
        prune_protocol_mappers=True,
    ),
    gone=here(name="department", state="absent"),
    given=(REALM,),
)
GROUP = Row(
    "keycloak_group",
    make=here(
        groups=[
            {
                "path": "/developers",
                "roles": [{"name": "offline_access"}],
                "attributes": {"floor": ["3"], "vault.password": [planted("group")]},
            },
            {"path": "/developers/europe", "attributes": {"region": ["eu"]}},
        ]
    ),
    change=here(
        groups=[
            {"path": "/developers", "roles": [{"name": "uma_authorization"}], "prune_roles": True},
            {"path": "/developers/europe", "attributes": {"region": ["eu", "uk"]}},
        ]
    ),
    gone=here(groups=[{"path": "/developers", "state": "absent", "force": True}]),
    given=(REALM,),
)
IDENTITY_PROVIDER = Row(
    "keycloak_identity_provider",
    make=here(
        alias="google",
        provider_id="google",
        client_id="1234.apps.googleusercontent.com",
        client_secret=planted("provider"),
        config={"hostedDomain": "example.com", "jwtPrivateKey": planted("provider-key")},
        mappers=[
            {
                "name": name,
                "identity_provider_mapper": "google-user-attribute-mapper",
                "config": {"jsonField": name, "userAttribute": name, "syncMode": "INHERIT"},
            }
            for name in ("department", "floor")
        ],
    ),
    change=here(
        alias="google",
        provider_id="google",
        display_name="Company",
        trust_email=True,
        mappers=[
            {
                "name": "department",
                "identity_provider_mapper": "google-user-attribute-mapper",
                "config": {"userAttribute": "dep"},
            }
        ],
        prune_mappers=True,
    ),
    gone=here(alias="google", state="absent"),
    given=(REALM,),
)
REALM_ROW = Row(
    "keycloak_realm",
    make=here(
        display_name="Made by a test",
        registration_allowed=False,
        access_token_lifespan=600,
        supported_locales=["en", "de"],
        internationalization_enabled=True,
        unmanaged_attribute_policy="admin_view",
        attributes={"owner": "tests", "relay.password": planted("realm")},
        smtp={
            "host": "mail.example.com",
            "from": "no-reply@example.com",
            "auth": True,
            "user": "m",
            "password": planted("mail"),
        },
    ),
    change=here(
        display_name="",
        supported_locales=["de", "en", "fr"],
        unmanaged_attribute_policy="disabled",
        attributes={"color": "red"},
    ),
    gone=here(state="absent", force=True),
)
ROLE = Row(
    "keycloak_role",
    make=here(
        roles=[
            {
                "name": "reader",
                "description": "May read",
                "attributes": {"floor": ["3"], "vault_password": [planted("role")]},
            },
            {
                "name": "writer",
                "composites": [{"name": "reader"}, {"name": "view-users", "client_id": "realm-management"}],
            },
            {"name": "tester", "client_id": "host"},
        ]
    ),
    change=here(
        roles=[
            {"name": "reader", "description": ""},
            {"name": "writer", "composites": [{"name": "tester", "client_id": "host"}], "prune_composites": True},
        ]
    ),
    gone=here(
        roles=[
            {"name": "writer", "state": "absent"},
            {"name": "reader", "state": "absent"},
            {"name": "tester", "client_id": "host", "state": "absent"},
        ]
    ),
    given=(REALM, HOST),
)
USER = Row(
    "keycloak_user",
    make=here(
        username="dana",
        email="dana@example.com",
        email_verified=True,
        first_name="Dana",
        last_name="Developer",
        attributes={"department": ["research", "sales"], "ldap_password": planted("attribute")},
        required_actions=["TERMS_AND_CONDITIONS"],
        password=planted("user"),
    ),
    change=here(username="dana", first_name="Daniela", attributes={"department": "sales"}, required_actions=[]),
    gone=here(username="dana", state="absent"),
    given=(REALM,),
)
EXPORT = Row("keycloak_export", make=here(path="{folder}/exported"), given=(REALM, HOST))
ROWS = [CLIENT, CLIENT_SCOPE, EXPORT, GROUP, IDENTITY_PROVIDER, REALM_ROW, ROLE, USER]
