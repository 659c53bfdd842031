# SPDX-License-Identifier: GPL-3.0-or-later
"""What the backend counted: one row for each counter of a period."""

from __future__ import annotations

from ..store import Ref, Table, columns

USAGE_COUNTERS = Table(
    "usage_counters",
    # period: minute hour day week month year eternity; since: start of the period (epoch seconds, UTC; 0 for eternity);
    # application_id: id of the row in applications, or None for the total of the product
    columns("tenant_id service_id application_id metric_id period since", value=0),
    unique=[("service_id", "application_id", "metric_id", "period", "since")],
    indexes=[("service_id", "metric_id", "period"), ("application_id", "metric_id", "period")],
    refs=[Ref("service_id", "services"), Ref("application_id", "applications"), Ref("metric_id", "metrics")],
)

RESPONSE_CODE_COUNTERS = Table(
    "response_code_counters",
    columns("tenant_id service_id application_id code period since", value=0),
    indexes=[("service_id", "code", "period"), ("application_id", "code", "period")],
    refs=[Ref("service_id", "services"), Ref("application_id", "applications")],
)

DELETED_APPLICATION_KEYS = Table(
    "deleted_application_keys",  # the backend knows the keys of deleted applications: it answers 404 for them, not 403
    columns("service_id user_key application_id"),  # application_id: the public one, as in the column of applications
    indexes=[("service_id", "user_key")],
)

TABLES = [USAGE_COUNTERS, RESPONSE_CODE_COUNTERS, DELETED_APPLICATION_KEYS]
