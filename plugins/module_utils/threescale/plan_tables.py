# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What application and service plans, limits and pricing rules are: tables only."""

from __future__ import annotations

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Resource

PERIODS = ("eternity", "year", "month", "week", "day", "hour", "minute")


def _published() -> Field:
    return Field(
        type="bool",
        api="state_event",
        form="flag",
        sent={True: "publish", False: "hide"},
        read_from="state",
        told={"published": True, "hidden": False},
        new=False,
    )


LIMIT_FIELDS = {
    "metric": Field(required=True, local=True),
    "backend": Field(local=True),
    "period": Field(required=True, choices=PERIODS, create_only=True),
    "value": Field(type="int", required=True, form="whole"),
}
PRICE_FIELDS = {
    "metric": Field(required=True, local=True),
    "backend": Field(local=True),
    "min": Field(type="int", default=1, form="whole"),
    "max": Field(type="int", form="optional_whole"),
    "cost_per_unit": Field(type="float", required=True, form="money", shape="money"),
}
APPLICATION_PLAN_FIELDS: dict[str, Field] = {
    "system_name": Field(required=True, create_only=True),
    "name": Field(form="text", initial_from="system_name", shape="not empty"),
    "state": Field(choices=("present", "absent"), default="present", local=True),
    "published": _published(),
    "default": Field(type="bool", local=True),
    "description": Field(readable=False),
    "approval_required": Field(type="bool", form="flag"),
    "trial_period_days": Field(type="int", form="whole", shape="int32"),
    "cost_per_month": Field(type="float", form="money", shape="money"),
    "setup_fee": Field(type="float", form="money", shape="money"),
    "limits": Field(type="list", elements="dict", options=LIMIT_FIELDS, local=True),
    "pricing_rules": Field(type="list", elements="dict", options=PRICE_FIELDS, local=True),
    "features": Field(type="list", elements="str", local=True),
}
SERVICE_PLAN_FIELDS: dict[str, Field] = {
    "name": Field(required=True, shape="not empty"),
    "system_name": Field(readable=False),
    "state": Field(choices=("present", "absent"), default="present", local=True),
    "published": _published(),
    "default": Field(type="bool", local=True),
    "approval_required": Field(type="bool", form="flag"),
    "features": Field(type="list", elements="str", local=True),
}
_PRODUCT = "/admin/api/services/{product}"
PLAN_BASE = "/admin/api/application_plans/{plan}"
APPLICATION_PLAN = Resource(
    "application plan",
    f"{_PRODUCT}/application_plans",
    "application_plan",
    "application_plan",
    "plans",
    ("system_name",),
    APPLICATION_PLAN_FIELDS,
)
SERVICE_PLAN = Resource(
    "service plan", f"{_PRODUCT}/service_plans", "service_plan", "service_plan", "plans", ("name",), SERVICE_PLAN_FIELDS
)
LIMIT = Resource(
    "limit",
    f"{PLAN_BASE}/metrics/{{metric}}/limits",
    "usage_limit",
    "limit",
    "limits",
    ("metric", "backend", "period"),
    LIMIT_FIELDS,
)
PRICE = Resource(
    "pricing rule",
    f"{PLAN_BASE}/metrics/{{metric}}/pricing_rules",
    "pricing_rule",
    "pricing_rule",
    "pricing_rules",
    ("metric", "backend", "min", "max"),
    PRICE_FIELDS,
)
