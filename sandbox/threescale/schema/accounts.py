# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and what belongs to one as a whole.

One table holds three kinds, as in the real server: the master account (`master`), tenants (`provider`) and developer
accounts (`buyer`). `provider_account_id` is the account that this one belongs to: master for tenants, the tenant for
developers. `tenant_id` everywhere is the id of the tenant's account.
"""

from __future__ import annotations

from ..store import Ref, Table, columns

ACCOUNTS = Table(
    "accounts",
    columns(
        "org_name provider_account_id tenant_id domain self_domain site_access_code timezone from_email support_email"
        " finance_support_email default_account_plan_id default_service_id provider_key created_at updated_at"
        " state_changed_at deleted_at s3_prefix"
        " org_legaladdress org_legaladdress_cont city state_region zip country telephone_number vat_code fiscal_code"
        " vat_rate po_number primary_business business_category billing_address_name billing_address_address1"
        " billing_address_address2 billing_address_city billing_address_state billing_address_country"
        " billing_address_zip billing_address_phone billing_address_first_name billing_address_last_name"
        " credit_card_partial_number credit_card_expires_on credit_card_auth_code",
        master=False,
        provider=False,
        buyer=False,
        state="created",
        monthly_billing_enabled=True,
        monthly_charging_enabled=True,
        extra_fields=dict,
        annotations=dict,
    ),
    indexes=[("provider_account_id",), ("self_domain",), ("provider_account_id", "state"), ("provider_key",)],
    unique=[("domain",), ("self_domain",)],
    refs=[Ref("provider_account_id", "accounts")],
)

USERS = Table(
    "users",
    columns(
        "account_id tenant_id username email password_digest created_at updated_at activated_at last_login_at"
        " first_name last_name title job_role signup_type authentication_id open_id cas_identifier activation_code"
        " lost_password_token lost_password_token_generated_at",
        state="pending",
        role="member",
        extra_fields=dict,
        member_permissions=list,  # admin sections of a member: portal, finance, settings, partners, monitoring, plans …
        allowed_service_ids=None,  # None: all; a list: these only
    ),
    indexes=[
        ("account_id",),
        ("tenant_id", "username"),
        ("tenant_id", "email"),
        ("authentication_id",),
        ("username",),
        ("email",),
    ],
    refs=[Ref("account_id", "accounts")],
)

ACCESS_TOKENS = Table(
    "access_tokens",
    columns("owner_id tenant_id name permission value expires_at created_at updated_at", scopes=list),
    indexes=[("value",)],
    refs=[Ref("owner_id", "users")],
)

SETTINGS = Table(
    "settings",
    columns(
        "account_id tenant_id created_at updated_at hide_service cas_server_url sso_key",
        useraccountarea_enabled=True,
        signups_enabled=True,
        strong_passwords_enabled=False,
        public_search=False,
        account_plans_ui_visible=False,
        service_plans_ui_visible=False,
        change_account_plan_permission="request",
        change_service_plan_permission="request",
        enforce_sso=False,
        # switches of features: "visible" (portal shows it), "hidden" (allowed, not shown), "denied"
        multiple_applications_switch="visible",
        multiple_users_switch="visible",
        finance_switch="visible",
        multiple_services_switch="visible",
        groups_switch="hidden",
        account_plans_switch="hidden",
        service_plans_switch="hidden",
        branding_switch="hidden",
        web_hooks_switch="hidden",
        iam_tools_switch="hidden",
        require_cc_on_signup_switch="hidden",
        skip_email_engagement_footer_switch="hidden",
    ),
    unique=[("account_id",)],
    refs=[Ref("account_id", "accounts")],
)

FIELDS_DEFINITIONS = Table(
    "fields_definitions",
    columns(
        "account_id tenant_id target name label hint created_at updated_at",
        required=False,
        hidden=False,
        read_only=False,
        choices=list,
        pos=1,
    ),
    indexes=[("account_id", "target")],
    refs=[Ref("account_id", "accounts")],
)

WEB_HOOKS = Table(
    "web_hooks",
    columns(
        "account_id tenant_id url created_at updated_at",
        active=False,
        provider_actions=False,
        account_created_on=False,
        account_updated_on=False,
        account_deleted_on=False,
        user_created_on=False,
        user_updated_on=False,
        user_deleted_on=False,
        application_created_on=False,
        application_updated_on=False,
        application_deleted_on=False,
        account_plan_changed_on=False,
        application_plan_changed_on=False,
        application_user_key_updated_on=False,
        application_key_created_on=False,
        application_key_deleted_on=False,
        application_suspended_on=False,
        application_key_updated_on=False,
        push_application_content_type=True,
    ),
    unique=[("account_id",)],
    refs=[Ref("account_id", "accounts")],
)

MESSAGES = Table(
    "messages",
    columns(
        "sender_id recipient_id tenant_id subject body created_at updated_at origin recipient_hidden_at"
        " recipient_deleted_at hidden_at",
        state="unsent",
        recipient_state="unread",
    ),
    indexes=[("sender_id",), ("recipient_id",)],
    refs=[Ref("sender_id", "accounts")],
)

SSO_TOKENS = Table(
    "sso_tokens",
    columns("account_id tenant_id user_id username redirect_url token expires_at created_at"),
    indexes=[("token",)],
    refs=[Ref("account_id", "accounts")],
)

# Work that the real server does in the background: run as soon as a request comes in after `run_at`.
JOBS = Table("jobs", columns("run_at kind created_at", arguments=dict))

# Facts of the installation, one row: the host of the backend is named after the first tenant.
INSTALLATION = Table("installation", columns("backend_name first_tenant_id master_token"))

TABLES = [
    ACCOUNTS,
    USERS,
    ACCESS_TOKENS,
    SETTINGS,
    FIELDS_DEFINITIONS,
    WEB_HOOKS,
    MESSAGES,
    SSO_TOKENS,
    JOBS,
    INSTALLATION,
]
