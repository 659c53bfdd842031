# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant sells: products with proxies, backends, metrics, rules, configurations, policies, plans."""

from __future__ import annotations

from ..store import Ref, Table, columns

SERVICES = Table(
    "services",
    columns(
        "account_id tenant_id name system_name description txt_support terms support_email notification_settings"
        " default_application_plan_id default_service_plan_id created_at updated_at deleted_at"
        " logo_file_name logo_content_type logo_file_size kubernetes_service_link",
        state="incomplete",
        intentions_required=False,
        buyers_manage_apps=True,
        buyers_manage_keys=True,
        custom_keys_enabled=True,
        buyer_plan_change_permission="request",
        buyer_can_select_plan=False,
        backend_version="1",
        mandatory_app_key=True,
        buyer_key_regenerate_enabled=True,
        referrer_filters_required=False,
        deployment_option="hosted",
        annotations=dict,
    ),
    indexes=[("account_id", "state")],
    unique=[("account_id", "system_name")],
    refs=[Ref("account_id", "accounts")],
)

SERVICE_TOKENS = Table(
    "service_tokens",
    columns("service_id tenant_id value created_at updated_at"),
    indexes=[("value",)],
    refs=[Ref("service_id", "services")],
)

PROXIES = Table(
    "proxies",
    columns(
        "tenant_id service_id endpoint sandbox_endpoint deployed_at created_at updated_at secret_token hostname_rewrite"
        " oauth_login_url api_test_success oidc_issuer_endpoint authentication_method staging_domain production_domain"
        " jwt_claim_with_client_id jwt_claim_with_client_id_type oidc_configuration oidc_configuration_id",
        auth_app_key="app_key",
        auth_app_id="app_id",
        auth_user_key="user_key",
        credentials_location="query",
        error_auth_failed="Authentication failed",
        error_status_auth_failed=403,
        error_headers_auth_failed="text/plain; charset=us-ascii",
        error_auth_missing="Authentication parameters missing",
        error_status_auth_missing=403,
        error_headers_auth_missing="text/plain; charset=us-ascii",
        error_no_match="No Mapping Rule matched",
        error_status_no_match=404,
        error_headers_no_match="text/plain; charset=us-ascii",
        error_limits_exceeded="Usage limit exceeded",
        error_status_limits_exceeded=429,
        error_headers_limits_exceeded="text/plain; charset=us-ascii",
        api_test_path="/",
        apicast_configuration_driven=True,
        lock_version=0,
        oidc_issuer_type="keycloak",
        policies_config=None,  # list of {name, version, configuration, enabled}; None: apicast alone
    ),
    unique=[("service_id",)],
    refs=[Ref("service_id", "services")],
)

PROXY_CONFIGS = Table(
    "proxy_configs",
    columns(
        "proxy_id tenant_id user_id version environment created_at updated_at",
        content="",  # JSON text, never changed once stored: its bytes decide whether a deploy makes a new version
        hosts=list,
    ),
    indexes=[("proxy_id", "environment"), ("tenant_id", "environment"), ("environment",)],
    refs=[Ref("proxy_id", "proxies")],
)

PROXY_RULES = Table(
    "proxy_rules",
    columns(
        "tenant_id proxy_id owner_id owner_type http_method pattern metric_id delta position redirect_url"
        " created_at updated_at",
        last=False,
    ),
    indexes=[("owner_type", "owner_id")],
    refs=[
        Ref("owner_id", "proxies", when=("owner_type", "Proxy")),
        Ref("owner_id", "backend_apis", when=("owner_type", "BackendApi")),
        Ref("metric_id", "metrics"),
    ],
)

BACKEND_APIS = Table(
    "backend_apis",
    columns(
        "account_id tenant_id name system_name description private_endpoint created_at updated_at deleted_at",
        state="published",
        annotations=dict,
    ),
    indexes=[("account_id", "state")],
    unique=[("account_id", "system_name")],
    refs=[Ref("account_id", "accounts")],
)

BACKEND_API_CONFIGS = Table(
    "backend_api_configs",
    columns("service_id backend_api_id tenant_id created_at updated_at", path="/"),
    unique=[("backend_api_id", "service_id"), ("path", "service_id")],
    refs=[Ref("service_id", "services"), Ref("backend_api_id", "backend_apis")],
)

METRICS = Table(
    "metrics",
    columns("tenant_id owner_type owner_id parent_id system_name friendly_name description unit created_at updated_at"),
    # owner_type "Service" or "BackendApi"; the system_name of a backend's metric ends in ".<backend id>"
    indexes=[("owner_type", "owner_id"), ("parent_id",)],
    unique=[("owner_type", "owner_id", "system_name")],
    refs=[
        Ref("owner_id", "services", when=("owner_type", "Service")),
        Ref("owner_id", "backend_apis", when=("owner_type", "BackendApi")),
        Ref("parent_id", "metrics"),
    ],
)

POLICIES = Table(
    "policies",
    columns("account_id tenant_id name version identifier schema created_at updated_at"),
    unique=[("account_id", "identifier")],
    refs=[Ref("account_id", "accounts")],
)

PLANS = Table(
    "plans",
    columns(
        "type issuer_type issuer_id tenant_id name system_name description created_at updated_at trial_period_days"
        " partner_id",
        # type: ApplicationPlan (issuer: Service), ServicePlan (Service), AccountPlan (Account: the tenant)
        state="hidden",
        cost_per_month=0.0,
        setup_fee=0.0,
        cancellation_period=0,
        position=0,
        original_id=0,  # of a customised plan: the id of the one it was copied from
        approval_required=False,
    ),
    indexes=[("issuer_type", "issuer_id", "type"), ("tenant_id", "type"), ("original_id",)],
    refs=[
        Ref("issuer_id", "services", when=("issuer_type", "Service")),
        Ref("issuer_id", "accounts", when=("issuer_type", "Account")),
    ],
)

USAGE_LIMITS = Table(
    "usage_limits",
    columns("metric_id plan_id tenant_id period created_at updated_at", value=0, plan_type="ApplicationPlan"),
    unique=[("metric_id", "plan_id", "period")],
    refs=[Ref("metric_id", "metrics"), Ref("plan_id", "plans")],
)

PRICING_RULES = Table(
    "pricing_rules",
    columns("metric_id plan_id tenant_id max created_at updated_at", min=1, cost_per_unit="0.0"),  # decimal as text
    refs=[Ref("metric_id", "metrics"), Ref("plan_id", "plans")],
)

FEATURES = Table(
    "features",
    columns(
        "featurable_type featurable_id tenant_id name system_name description created_at updated_at",
        visible=True,
        scope="ApplicationPlan",
    ),  # scope: ApplicationPlan, ServicePlan, AccountPlan
    indexes=[("featurable_type", "featurable_id")],
    refs=[
        Ref("featurable_id", "services", when=("featurable_type", "Service")),
        Ref("featurable_id", "accounts", when=("featurable_type", "Account")),
    ],
)

FEATURES_PLANS = Table(
    "features_plans",
    columns("plan_id feature_id tenant_id plan_type"),
    unique=[("plan_id", "feature_id")],
    refs=[Ref("plan_id", "plans"), Ref("feature_id", "features")],
)

TABLES = [
    SERVICES,
    SERVICE_TOKENS,
    PROXIES,
    PROXY_CONFIGS,
    PROXY_RULES,
    BACKEND_APIS,
    BACKEND_API_CONFIGS,
    METRICS,
    POLICIES,
    PLANS,
    USAGE_LIMITS,
    PRICING_RULES,
    FEATURES,
    FEATURES_PLANS,
]
