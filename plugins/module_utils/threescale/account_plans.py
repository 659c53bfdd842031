# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The plans of a tenant's accounts with the features that they include."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import Children, by_key, plan_list, refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Ref, Resource, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import (
    ACCOUNT_FEATURE,
    plan_included,
    read_included,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import check_name
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import SERVICE_PLAN_FIELDS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plans import plan_plans
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

ACCOUNT_PLAN = Resource(
    "account plan", "/admin/api/account_plans", "account_plan", "account_plan", "plans", ("name",), SERVICE_PLAN_FIELDS
)


def check_account_plans(features: Sequence[Values] | None, plans: Sequence[Values] | None) -> None:
    """Refuse what the server would not keep. Raises :class:`RefusalError`."""
    refuse_twins(ACCOUNT_PLAN, plans, "account_plans")
    refuse_twins(ACCOUNT_FEATURE, features, "features")
    for option, items in (("account_plans", plans), ("features", features)):
        for place, item in enumerate(items or []):
            if item.get("system_name") is not None:
                check_name(item["system_name"], f"{option}[{place}].system_name")


def plan_account_plans(
    session: Session, features: Sequence[Values] | None, plans: Sequence[Values] | None
) -> list[Children]:
    """Features, plans and what these include, in the order in which they are shown."""
    if features is None and plans is None:
        return []
    including = [item for item in plans or [] if item.get("features") is not None and item["state"] != "absent"]
    rows = session.all(ACCOUNT_FEATURE) if including or features is not None else []
    offered = plan_list(ACCOUNT_FEATURE, features, rows, {}, "")
    listed = session.rows(ACCOUNT_PLAN.path + ".json", "plans", "account_plan") if plans is not None else []
    present = [{**ACCOUNT_PLAN.from_api(row), "default": row.get("default")} for row in listed]
    kept = plan_plans(ACCOUNT_PLAN, plans, present, Ref("provider", ""), "", False)
    there = by_key(ACCOUNT_PLAN, present)
    found = [offered, kept]
    for item in including:
        key = ACCOUNT_PLAN.key_of(item)
        held = read_included(session, ACCOUNT_PLAN, there[key], rows) if key in there else []
        label = f"{ACCOUNT_PLAN.label(item)} / "
        found.append(plan_included(ACCOUNT_PLAN, kept.refs[key], item["features"], held, offered, label))
    return found
