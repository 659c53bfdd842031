# SPDX-License-Identifier: GPL-3.0-or-later
"""What ties a developer account to a plan: applications, subscriptions, account contracts; keys, filters, invoices."""

from __future__ import annotations

from ..store import Ref, Table, columns

_IDS = "contracts"  # applications, subscriptions and account contracts are rows of one table
_CONTRACT = (
    "plan_id user_account_id tenant_id service_id state description paid_until trial_period_expires_at"
    " variable_cost_paid_until accepted_at created_at updated_at"
)

APPLICATIONS = Table(
    "applications",  # "cinstances" of type Cinstance
    columns(
        _CONTRACT + " name user_key application_id provider_public_key redirect_url first_traffic_at"
        " first_daily_traffic_at create_origin",
        setup_fee=0.0,
        extra_fields=dict,
    ),
    # state: pending, live, suspended; user_key and application_id are unique in the product by a check, not by an index
    indexes=[
        ("user_account_id",),
        ("service_id", "user_key"),
        ("service_id", "application_id"),
        ("plan_id",),
        ("tenant_id",),
        ("service_id",),
        ("tenant_id", "user_key"),
        ("tenant_id", "application_id"),
    ],
    refs=[Ref("user_account_id", "accounts"), Ref("service_id", "services"), Ref("plan_id", "plans", "keep")],
    sequence=_IDS,
)

APPLICATION_KEYS = Table(
    "application_keys",
    columns("application_id tenant_id value created_at updated_at"),  # application_id: id of the row in applications
    indexes=[("application_id",)],
    unique=[("application_id", "value")],
    refs=[Ref("application_id", "applications")],
)

REFERRER_FILTERS = Table(
    "referrer_filters",
    columns("application_id tenant_id value created_at updated_at"),
    refs=[Ref("application_id", "applications")],
)

ALERTS = Table(
    "alerts",
    columns("application_id tenant_id level utilization message timestamp state created_at updated_at"),
    indexes=[("application_id", "level"), ("application_id",)],
    refs=[Ref("application_id", "applications")],
)

SERVICE_SUBSCRIPTIONS = Table(
    "service_subscriptions",  # "cinstances" of type ServiceContract
    columns(_CONTRACT, setup_fee=0.0),
    indexes=[("user_account_id", "service_id"), ("user_account_id",), ("plan_id",)],
    refs=[Ref("user_account_id", "accounts"), Ref("service_id", "services"), Ref("plan_id", "plans", "keep")],
    sequence=_IDS,
)

ACCOUNT_CONTRACTS = Table(
    "account_contracts",  # "cinstances" of type AccountContract: one for each developer account (and tenant on master)
    columns(_CONTRACT, setup_fee=0.0),
    indexes=[("user_account_id",), ("plan_id",)],
    refs=[Ref("user_account_id", "accounts"), Ref("plan_id", "plans", "keep")],
    sequence=_IDS,
)

INVOICES = Table(
    "invoices",
    columns(
        "provider_account_id buyer_account_id tenant_id friendly_id state paid_at due_on issued_on period currency"
        " vat_rate created_at updated_at creation_type finalized_at"
    ),
    indexes=[("buyer_account_id",), ("provider_account_id",)],
    refs=[Ref("provider_account_id", "accounts"), Ref("buyer_account_id", "accounts")],
)

LINE_ITEMS = Table(
    "line_items",
    columns(
        "invoice_id tenant_id name description quantity cost metric_id type contract_id contract_type plan_id"
        " created_at updated_at started_at finished_at"
    ),
    refs=[Ref("invoice_id", "invoices")],
)

TABLES = [
    APPLICATIONS,
    APPLICATION_KEYS,
    REFERRER_FILTERS,
    ALERTS,
    SERVICE_SUBSCRIPTIONS,
    ACCOUNT_CONTRACTS,
    INVOICES,
    LINE_ITEMS,
]
