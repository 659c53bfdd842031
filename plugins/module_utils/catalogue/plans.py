# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The plans of the catalogue, checked and made complete. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import (
    NAME,
    SYSTEM_NAME,
    Entry,
    items_of,
    names,
    texts_of,
)

#: what a limit counts, by the words of the catalogue, and the metric that holds it
KINDS = {
    "requests": "hits",
    "tokens": "total_tokens",
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "cached_tokens": "cached_tokens",
}
#: tokens that may weigh more or less than others in the total
WEIGHTS = ("input", "output", "cached")
PERIODS = ("minute", "hour", "day", "week", "month", "year", "eternity")
#: the largest number that 3scale's backend holds
LARGEST = 2**63 - 1
#: digits behind the point that 3scale keeps of a price
PRICE_DIGITS = 4

_KNOWN = {
    "name",
    "title",
    "description",
    "default",
    "limits",
    "models",
    "prices",
    "approval_required",
    "setup_fee",
    "cost_per_month",
    "trial_period_days",
    "features",
    "weights",
}
_KNOWN_LIMIT = {*KINDS, "metric", "value", "per", "model", "shadow"}
_KNOWN_PRICE = {"metric", "cost_per_unit", "min", "max", "model"}
_FORM = "mappings with at least a name, such as {name: standard}"


def read_plans(plans: Any, models: Collection[str]) -> tuple[dict[str, Entry], list[str]]:
    """Checks ``maas_plans``.

    :param models: the names of ``maas_models``, for limits and plans that name models
    :returns: the plans by name, each with a ``title``; and what is wrong, one sentence each
    """
    found, wrong = items_of("maas_plans", plans, _FORM)
    known: dict[str, Entry] = {}
    for where, raw in found:
        name = str(raw.get("name") or "")
        wrong += [f"{where}: {text}" for text in _faults(raw, name, models)]
        if name in known:
            wrong.append(f"{where}: there is another plan of that name; plan names are unique")
        known[name] = {"title": name.replace("_", "-").replace("-", " ").title() + " Plan", **raw}
    return known, wrong


def _faults(raw: Mapping[str, Any], name: str, models: Collection[str]) -> Iterable[str]:
    if not NAME.match(name.replace("_", "-")) or len(name) < 2:
        yield "name must be of at least two lower case letters, digits, - and _"
    yield from (f"{key} is not known; known are {names(_KNOWN)}" for key in sorted(set(raw) - _KNOWN))
    opened = texts_of(raw.get("models"))
    if opened is None or ("models" in raw and not opened):
        yield "models must be a list of at least one name of maas_models; leave it out to open all"
    for model in opened or []:
        if model not in models:
            yield f"models names {model!r}, which is not in maas_models ({names(models) or 'none'})"
    yield from _faults_of_limits(raw.get("limits"), opened or list(models))
    yield from _faults_of_prices(raw.get("prices"), models)
    yield from faults_of_weights(raw.get("weights"))
    features = texts_of(raw.get("features"))
    if features is None:
        yield "features must be a list of texts"
    yield from (f"feature {item!r} must be of letters, digits, - and _" for item in features or [] if not _named(item))
    for key in ("approval_required", "default"):
        if raw.get(key) is not None and not isinstance(raw[key], bool):
            yield f"{key} must be true or false, not {raw[key]!r}"
    for key in ("setup_fee", "cost_per_month", "trial_period_days"):
        if raw.get(key) is not None and not _number(raw[key]):
            yield f"{key} must be a number from 0, not {raw[key]!r}"


def faults_of_weights(weights: Any) -> Iterable[str]:
    """What is wrong with how much tokens weigh, one sentence each."""
    if weights is None:
        return
    if not isinstance(weights, Mapping) or set(weights) - set(WEIGHTS):
        yield f"weights must be a mapping with some of {', '.join(WEIGHTS)}, such as {{input: 1, output: 3}}"
        return
    for key, value in weights.items():
        if isinstance(value, (str, bool)) or not _number(value):
            yield f"weights.{key} must be a number from 0, not {value!r}"


def _named(text: str) -> bool:
    return bool(SYSTEM_NAME.match(text))


def _number(value: Any) -> bool:
    """Whether it is a number from 0, also as a template writes it."""
    try:
        return not isinstance(value, bool) and 0 <= float(value) < float("inf")
    except (TypeError, ValueError):
        return False


def whole(value: Any) -> int | None:
    """A whole number from 0 that 3scale can hold, also as a template writes it; None when it is something else."""
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST else None


def _list_of_mappings(value: Any) -> bool:
    return value is None or (isinstance(value, (list, tuple)) and all(isinstance(item, Mapping) for item in value))


def _faults_of_limits(limits: Any, opened: Collection[str]) -> Iterable[str]:
    if not _list_of_mappings(limits):
        yield "limits must be a list of mappings, such as {requests: 60, per: minute}"
        return
    seen = set()
    for limit in limits or []:
        yield from _faults_of_limit(limit, opened)
        key = (what_of(limit), str(limit.get("per")), str(limit.get("model")), bool(limit.get("shadow")))
        if key in seen:
            yield f"there are two limits of {what_of(limit)} per {limit.get('per')}; keep one"
        seen.add(key)


def what_of(limit: Mapping[str, Any]) -> str:
    """What a limit counts: one of the kinds, or the metric that it names."""
    return next((kind for kind in KINDS if kind in limit), str(limit.get("metric")))


def value_of(limit: Mapping[str, Any]) -> Any:
    """How much it allows, as it is written."""
    return next((limit[kind] for kind in KINDS if kind in limit), limit.get("value"))


def _faults_of_limit(limit: Mapping[str, Any], opened: Collection[str]) -> Iterable[str]:
    kinds = [key for key in (*KINDS, "metric") if key in limit]
    if len(kinds) != 1:
        yield f"a limit names one of {', '.join(KINDS)}, metric"
    for key in sorted(set(limit) - _KNOWN_LIMIT):
        yield f"a limit has no {key}; known are {names(_KNOWN_LIMIT)}"
    if limit.get("per") not in PERIODS:
        yield f"a limit's per is one of {', '.join(PERIODS)}, not {limit.get('per')!r}"
    if kinds and whole(value_of(limit)) is None:
        yield f"a limit's number must be a whole number from 0, not {value_of(limit)!r}"
    if "shadow" in limit and not isinstance(limit["shadow"], bool):
        yield f"a limit's shadow must be true or false, not {limit['shadow']!r}"
    if limit.get("shadow") and "metric" in limit:
        yield f"a limit of a metric can't be a shadow; give one of {', '.join(KINDS)}"
    if limit.get("model") is not None and str(limit["model"]) not in opened:
        yield f"a limit is for model {limit['model']!r}, which the plan does not open ({names(opened) or 'none'})"


def _faults_of_prices(prices: Any, models: Collection[str]) -> Iterable[str]:
    if not _list_of_mappings(prices):
        yield "prices must be a list of mappings, such as {metric: total_tokens, cost_per_unit: 0.01}"
        return
    ranges: dict[Any, list[tuple[float, float]]] = {}
    for price in prices or []:
        faults = list(_faults_of_price(price, models))
        yield from faults
        if faults:
            continue
        low, high = float(whole(price.get("min")) or 1), float(whole(price.get("max")) or "inf")
        others = ranges.setdefault((price["metric"], price.get("model")), [])
        if any(low <= end and start <= high for start, end in others):
            yield f"two prices of {price['metric']} are for the same units; give each its own min and max"
        others.append((low, high))


def _faults_of_price(price: Mapping[str, Any], models: Collection[str]) -> Iterable[str]:
    for key in sorted(set(price) - _KNOWN_PRICE):
        yield f"a price has no {key}; known are {names(_KNOWN_PRICE)}"
    if not price.get("metric") or not isinstance(price["metric"], str):
        yield "a price names its metric, such as hits or total_tokens"
    cost = price.get("cost_per_unit")
    if not _number(cost):
        yield f"a price's cost_per_unit must be a number from 0, not {cost!r}"
    elif abs(float(str(cost)) - round(float(str(cost)), PRICE_DIGITS)) > 1e-12:
        yield f"a price's cost_per_unit has {PRICE_DIGITS} digits behind the point in 3scale; {cost!r} would be rounded"
    for key in ("min", "max"):
        if price.get(key) is not None and not whole(price[key]):
            yield f"a price's {key} must be a whole number from 1, not {price[key]!r}"
    low, high = whole(price.get("min")) or 1, whole(price.get("max")) or LARGEST
    if high < low:
        yield f"a price's max {high} is below its min {low}"
    if price.get("model") is not None and str(price["model"]) not in models:
        yield f"a price is for model {price['model']!r}, which is not in maas_models ({names(models) or 'none'})"
