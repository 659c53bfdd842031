# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the modules that only read."""

from __future__ import annotations

from tests.cases import Reading
from tests.cases.developers import APPLICATION, GRANITE, TEAM
from tests.cases.keycloak import CLIENT, CLIENT_SCOPE, GROUP, IDENTITY_PROVIDER, REALM, USER
from tests.cases.product import BACKENDS, MAKE
from tests.cases.threescale import ACTIVE_DOC, POLICY, SSO

PRODUCT = (BACKENDS, ("threescale_product", MAKE))
TENANTS = {"master_url": "{master_url}", "master_token": "{master_token}"}
ISSUED = (GRANITE, TEAM, (APPLICATION.module, APPLICATION.make))

READINGS = [
    Reading("threescale_account_info", {"users": True, "subscriptions": True}, "accounts", (TEAM,)),
    Reading(
        "threescale_active_doc_info", {"content": True}, "active_docs", (GRANITE, (ACTIVE_DOC.module, ACTIVE_DOC.make))
    ),
    Reading("threescale_application_info", {"accounts": ["team"]}, "applications", ISSUED),
    Reading("threescale_backend_info", {"backends": ["granite"]}, "backends", PRODUCT),
    Reading("threescale_policy_info", {}, "policies", ((POLICY.module, POLICY.make),)),
    Reading("threescale_portal_info", {"content": True, "portal_url": "{portal_url}"}, "portal"),
    Reading("threescale_product_info", {"products": ["granite"], "export": True}, "products", PRODUCT),
    Reading("threescale_proxy_config_info", {"content": True}, "proxy_configs", PRODUCT),
    Reading("threescale_sso_integration_info", {}, "sso_integrations", ((SSO.module, SSO.make),)),
    Reading("threescale_tenant_info", TENANTS, "tenants", alone=True),
    Reading("threescale_usage_info", {"products": ["granite"], "period": "day"}, "usage", PRODUCT),
    Reading("keycloak_client_info", {"realm": "{realm}"}, "clients", (REALM, (CLIENT.module, CLIENT.make))),
    Reading(
        "keycloak_client_scope_info",
        {"realm": "{realm}", "client_scopes": ["department"]},
        "client_scopes",
        (REALM, (CLIENT_SCOPE.module, CLIENT_SCOPE.make)),
    ),
    Reading(
        "keycloak_group_info", {"realm": "{realm}", "members": True}, "groups", (REALM, (GROUP.module, GROUP.make))
    ),
    Reading(
        "keycloak_identity_provider_info",
        {"realm": "{realm}"},
        "identity_providers",
        (REALM, (IDENTITY_PROVIDER.module, IDENTITY_PROVIDER.make)),
    ),
    Reading("keycloak_role_info", {"realm": "{realm}", "clients": ["account"]}, "roles", (REALM,)),
    Reading("keycloak_user_info", {"realm": "{realm}", "groups": True}, "users", (REALM, (USER.module, USER.make))),
    Reading("keycloak_realm_info", {"realms": ["{realm}"]}, "realms", (REALM,)),
]
