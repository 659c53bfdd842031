# SPDX-License-Identifier: GPL-3.0-or-later
"""The developer portal: CMS, ActiveDocs, authentication providers, sessions; `provider_id`: the tenant."""

from __future__ import annotations

from ..store import Ref, Table, columns

CMS_SECTIONS = Table(
    "cms_sections",
    columns(
        "provider_id tenant_id parent_id partial_path title system_name created_at updated_at",
        public=True,
        type="CMS::Section",
    ),  # CMS::Section or CMS::Builtin::Section
    indexes=[("provider_id", "system_name"), ("parent_id",)],
    refs=[Ref("provider_id", "accounts")],
)

CMS_TEMPLATES = Table(
    "cms_templates",
    columns(
        "provider_id tenant_id section_id type path title system_name published draft liquid_enabled content_type"
        " created_at updated_at layout_id handler options updated_by rails_view_path",
        searchable=False,
    ),
    # type: page, builtin_page, builtin_static_page, partial, builtin_partial, layout, email_template, legal_term, portlet
    indexes=[
        ("provider_id", "type", "system_name"),
        ("provider_id", "path"),
        ("provider_id", "type"),
        ("section_id",),
        ("layout_id",),
    ],
    refs=[Ref("provider_id", "accounts")],
)

CMS_FILES = Table(
    "cms_files",
    columns(
        "provider_id tenant_id section_id path attachment_file_name attachment_content_type attachment_file_size"
        " attachment_updated_at random_secret created_at updated_at",
        downloadable=False,
        attachment=b"",
    ),  # the bytes themselves
    indexes=[("provider_id", "path"), ("section_id",)],
    refs=[Ref("provider_id", "accounts")],
)

API_DOCS_SERVICES = Table(
    "api_docs_services",
    columns(
        "account_id tenant_id name system_name description body base_path swagger_version service_id created_at"
        " updated_at",
        published=False,
        skip_swagger_validations=False,
    ),
    indexes=[("account_id", "system_name")],
    refs=[Ref("account_id", "accounts"), Ref("service_id", "services")],
)

AUTHENTICATION_PROVIDERS = Table(
    "authentication_providers",
    columns(
        "account_id tenant_id kind name system_name client_id client_secret token_url user_info_url authorize_url"
        " site branding_state created_at updated_at",
        account_type="developer",  # or "provider": signs in to the admin portal
        identifier_key="id",
        username_key="login",
        trust_email=False,
        published=False,
        skip_ssl_certificate_verification=False,
        automatically_approve_accounts=False,
    ),
    indexes=[("account_id", "account_type")],
    unique=[("account_id", "system_name")],
    refs=[Ref("account_id", "accounts")],
)

SSO_AUTHORIZATIONS = Table(
    "sso_authorizations",
    columns("uid authentication_provider_id user_id tenant_id id_token created_at updated_at"),
    indexes=[("authentication_provider_id", "uid")],
    refs=[Ref("user_id", "users"), Ref("authentication_provider_id", "authentication_providers")],
)

USER_SESSIONS = Table(
    "user_sessions",  # of the portal: `key` is the cookie's value, `data` what it remembers (CSRF token, flash …)
    columns(
        "user_id tenant_id key ip user_agent accessed_at revoked_at created_at updated_at sso_authorization_id",
        data=dict,
    ),
    indexes=[("key",)],
    refs=[Ref("user_id", "users")],
)

TABLES = [
    CMS_SECTIONS,
    CMS_TEMPLATES,
    CMS_FILES,
    API_DOCS_SERVICES,
    AUTHENTICATION_PROVIDERS,
    SSO_AUTHORIZATIONS,
    USER_SESSIONS,
]
