# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Plans, limits and prices that the server would refuse, or that can't be told apart, refused beforehand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import check_name
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import LIMIT


def check_plans(wanted: Values, option: str) -> None:
    """Refuse plans that the server would refuse, or that can't be told apart. Raises :class:`RefusalError`."""
    for kind in ("application_plans", "service_plans"):
        chosen = [plan for plan in wanted.get(kind) or [] if plan.get("default")]
        if len(chosen) > 1:
            raise RefusalError(
                f"{option}.{kind}: a product has one default plan, but {len(chosen)} have default: true."
            )
        for position, plan in enumerate(wanted.get(kind) or []):
            _check_plan(plan, f"{option}.{kind}[{position}]")


def _check_plan(plan: Values, option: str) -> None:
    if plan.get("system_name") is not None:  # of a service plan it may be left out
        check_name(plan["system_name"], f"{option}.system_name")
    for name in ("cost_per_month", "setup_fee", "trial_period_days"):
        if plan.get(name) is not None and plan[name] < 0:
            raise RefusalError(f"{option}.{name}: must not be negative, is {plan[name]}.")
    seen = set()
    for position, limit in enumerate(plan.get("limits") or []):
        key = LIMIT.key_of(limit)
        if key in seen:
            raise RefusalError(
                f"{option}.limits[{position}]: a second limit of '{limit['metric']}' per {limit['period']}; "
                "a metric has one for each period."
            )
        seen.add(key)
        if limit["value"] < 0:
            raise RefusalError(f"{option}.limits[{position}].value: must be 0 (blocks) or above, is {limit['value']}.")
    _check_prices(plan.get("pricing_rules") or [], f"{option}.pricing_rules")


def _check_prices(prices: Sequence[Values], option: str) -> None:
    ends: dict[tuple[Any, Any], list[tuple[int, float]]] = {}
    for position, price in enumerate(prices):
        low, high = int(price.get("min") or 1), float(price["max"]) if price.get("max") is not None else float("inf")
        if high < low:
            raise RefusalError(f"{option}[{position}]: max {price['max']} is below min {low}.")
        others = ends.setdefault((price.get("backend"), price["metric"]), [])
        if any(low <= end and start <= high for start, end in others):
            raise RefusalError(f"{option}[{position}]: its range overlaps another one of '{price['metric']}'.")
        others.append((low, high))
