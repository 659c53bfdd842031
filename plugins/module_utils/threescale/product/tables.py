# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What a product and the things below it are: tables only. Plans stand in ``plan_tables``."""

from __future__ import annotations

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Resource
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import FEATURE_FIELDS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import (
    METHOD_FIELDS,
    METRIC_FIELDS,
    RULE_FIELDS,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import (
    APPLICATION_PLAN_FIELDS,
    SERVICE_PLAN_FIELDS,
)

PERMISSIONS = ("request", "direct", "credit_card", "request_credit_card", "none")
DEPLOYMENTS = (
    "hosted",
    "self_managed",
    "service_mesh_istio",
    "plugin_ruby",
    "plugin_java",
    "plugin_python",
    "plugin_nodejs",
    "plugin_php",
    "plugin_rest",
    "plugin_csharp",
)
CHANNELS = ("web_provider", "email_provider", "web_buyer", "email_buyer")
OIDC_ONLY = ("backend_version", "oidc")  # docs/threescale-behaviour.md#proxies-claims


def _flag() -> Field:
    return Field(type="bool", form="flag")


PROXY_FIELDS: dict[str, Field] = {
    "endpoint": Field(form="url", shape="endpoint"),
    "sandbox_endpoint": Field(form="url", shape="endpoint"),
    "credentials_location": Field(choices=("query", "headers", "authorization")),
    "auth_user_key": Field(harmless=True, shape="identifier"),
    "auth_app_id": Field(shape="identifier"),
    "auth_app_key": Field(harmless=True, shape="identifier"),
    "error_auth_failed": Field(form="text", shape="plain"),
    "error_status_auth_failed": Field(type="int", form="whole", shape="status"),
    "error_headers_auth_failed": Field(form="text", shape="plain"),
    "error_auth_missing": Field(form="text", shape="plain"),
    "error_status_auth_missing": Field(type="int", form="whole", shape="status"),
    "error_headers_auth_missing": Field(form="text", shape="plain"),
    "error_no_match": Field(form="text", shape="plain"),
    "error_status_no_match": Field(type="int", form="whole", shape="status"),
    "error_headers_no_match": Field(form="text", shape="plain"),
    "error_limits_exceeded": Field(form="text", shape="plain"),
    "error_status_limits_exceeded": Field(type="int", form="whole", shape="status"),
    "error_headers_limits_exceeded": Field(form="text", shape="plain"),
    "secret_token": Field(secret=True, form="text", shape="identifier"),
    "hostname_rewrite": Field(form="text", shape="host"),
    "oauth_login_url": Field(form="text", shape="login address"),
    "api_test_path": Field(form="text", shape="uri path"),
    "oidc_issuer_endpoint": Field(secret=True, form="text", counts_with=OIDC_ONLY),
    "oidc_issuer_type": Field(choices=("keycloak", "rest"), counts_with=OIDC_ONLY),
    "jwt_claim_with_client_id": Field(form="text", counts_with=OIDC_ONLY),
    "jwt_claim_with_client_id_type": Field(choices=("plain", "liquid"), counts_with=OIDC_ONLY),
}
OIDC_FIELDS = {
    "standard_flow_enabled": _flag(),
    "implicit_flow_enabled": _flag(),
    "service_accounts_enabled": _flag(),
    "direct_access_grants_enabled": _flag(),
}
POLICY_FIELDS = {
    "name": Field(required=True),
    "version": Field(default="builtin"),
    "enabled": Field(type="bool", default=True),
    "configuration": Field(type="dict"),
}
USAGE_FIELDS = {
    "backend": Field(required=True, local=True),
    "path": Field(default="/", form="path", shape="usage path"),
}
CHILDREN = ("metrics", "methods", "backend_usages", "features") + (
    "application_plans",
    "service_plans",
    "limits",
    "pricing_rules",
)
SMOKE_FIELDS = {
    "path": Field(required=True),
    "method": Field(choices=("GET", "POST", "HEAD", "OPTIONS"), default="GET"),
    "headers": Field(type="dict", secret=True),
    "body": Field(type="raw"),
    "status": Field(type="list", elements="int"),
    "timeout": Field(type="float", default=60),
    "wait": Field(type="float", default=0),
}
PRODUCT_FIELDS: dict[str, Field] = {
    "system_name": Field(required=True, create_only=True),
    "name": Field(form="text", initial_from="system_name", shape="not empty"),
    "state": Field(choices=("present", "absent"), default="present", local=True),
    "force": Field(type="bool", default=False, local=True),
    "prune": Field(type="bool", default=False, local=True),
    "keep_unlisted": Field(type="list", elements="str", choices=CHILDREN, local=True),
    "description": Field(form="text"),
    "txt_support": Field(readable=False),
    "terms": Field(readable=False),
    "deployment_option": Field(choices=DEPLOYMENTS),
    "backend_version": Field(choices=("1", "2", "oidc", "oauth"), form="text"),
    "support_email": Field(form="text", shape="mail or nothing"),
    "intentions_required": _flag(),
    "buyers_manage_apps": _flag(),
    "buyers_manage_keys": _flag(),
    "custom_keys_enabled": _flag(),
    "buyer_key_regenerate_enabled": _flag(),
    "mandatory_app_key": Field(type="bool", form="flag", harmless=True),
    "referrer_filters_required": _flag(),
    "buyer_can_select_plan": _flag(),
    "buyer_plan_change_permission": Field(choices=PERMISSIONS),
    "notification_settings": Field(type="dict", keys=CHANNELS),
    "annotations": Field(type="dict", form="notes", since="2.16"),
    "proxy": Field(type="dict", options=PROXY_FIELDS, local=True),
    "oidc_configuration": Field(type="dict", options=OIDC_FIELDS, local=True),
    "policies": Field(type="list", elements="dict", options=POLICY_FIELDS, local=True),
    "metrics": Field(type="list", elements="dict", options=METRIC_FIELDS, local=True),
    "methods": Field(type="list", elements="dict", options=METHOD_FIELDS, local=True),
    "mapping_rules": Field(type="list", elements="dict", options=RULE_FIELDS, local=True),
    "backend_usages": Field(type="list", elements="dict", options=USAGE_FIELDS, local=True),
    "features": Field(type="list", elements="dict", options=FEATURE_FIELDS, local=True),
    "application_plans": Field(type="list", elements="dict", options=APPLICATION_PLAN_FIELDS, local=True),
    "service_plans": Field(type="list", elements="dict", options=SERVICE_PLAN_FIELDS, local=True),
    "smoke": Field(type="dict", options=SMOKE_FIELDS, local=True),
    "promotion": Field(choices=("none", "staging", "production"), default="staging", local=True),
}

_BASE = "/admin/api/services/{product}"
PRODUCT = Resource(
    "product", "/admin/api/services", "service", "service", "services", ("system_name",), PRODUCT_FIELDS, page=500
)
PROXY = Resource("proxy", f"{_BASE}/proxy", "proxy", "proxy", "", (), PROXY_FIELDS)
OIDC = Resource(
    "OIDC configuration",
    f"{_BASE}/proxy/oidc_configuration",
    "oidc_configuration",
    "oidc_configuration",
    "",
    (),
    OIDC_FIELDS,
)
USAGE = Resource(
    "backend usage",
    f"{_BASE}/backend_usages",
    "backend_api_config",
    "backend_usage",
    "",
    ("backend",),
    USAGE_FIELDS,
    page=500,
    exclusive={"path": "/set-aside-{id}"},
    never_empty=True,
)
APICAST = {"name": "apicast", "version": "builtin", "configuration": {}, "enabled": True}
