# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Tokens that the model servers produced against tokens that 3scale stored, by model and hour. Pure, no I/O.

A server's prompt tokens are those that it worked through: llama.cpp leaves out what it had in its cache, as 3scale
stores it apart. Weights don't matter: prompt and completion tokens are compared, not their weighted total.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry

#: counters of tokens, by server; without those that llama.cpp took from its cache
COUNTERS = (
    "vllm:prompt_tokens_total",
    "vllm:generation_tokens_total",
    "llamacpp:prompt_tokens_total",
    "llamacpp:tokens_predicted_total",
    "te_batch_next_tokens_sum",
)
STORED = ("prompt_tokens", "completion_tokens", "cached_tokens")
_HOUR = 3600
_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})?\s+(\S+)", re.ASCII)
_WHOLE = "all"

Row = dict[str, Any]


def metering_queries(namespace: str) -> list[str]:
    """What Prometheus is asked, an hour a step: growth of each counter by Pod."""
    return [f'sum by (pod) (increase({name}{{namespace="{namespace}"}}[1h]))' for name in COUNTERS]


def produced_by_prometheus(models: Sequence[Entry], answers: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Rows of ``model, hour (seconds since 1970), tokens, uncached`` of the answers to :func:`metering_queries`."""
    rows = []
    for name, answer in zip(COUNTERS, answers):
        for series in (answer.get("data") or {}).get("result") or []:
            model = _model_of(str((series.get("metric") or {}).get("pod")), models)
            for moment, value in series.get("values") or []:
                if model and value != "NaN":
                    rows.append(_row(model, int(float(moment)) - _HOUR, float(value), name))
    return rows


def produced_by_servers(texts: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Rows of the ``text`` of ``/metrics`` of each Pod of a ``model``: all since the Pod started, in one hour."""
    rows = []
    for told in texts:
        for line in str(told["text"]).splitlines():
            sample = _SAMPLE.match(line)
            if sample and sample[1] in COUNTERS:
                rows.append(_row(str(told["model"]), 0, float(sample[2]), sample[1]))
    return rows


def _row(model: str, hour: int, tokens: float, counter: str) -> Row:
    return {"model": model, "hour": hour, "tokens": tokens, "uncached": counter.startswith("llamacpp:")}


def _model_of(pod: str, models: Sequence[Entry]) -> str | None:
    """KServe calls a Pod SERVICE-predictor-…; the longest name that fits counts."""
    fitting = [m for m in models if m["serving"] and pod.startswith(f"{m['serving']['name']}-predictor-")]
    return max(fitting, key=lambda model: len(model["serving"]["name"]))["name"] if fitting else None


def stored_tokens(models: Sequence[Entry], usage: Sequence[Mapping[str, Any]], start: int) -> list[Row]:
    """Rows of ``model, hour, metric, tokens`` of what ``threescale_usage_info`` returned with its ``values``.

    :param start: seconds since 1970 of the first value
    """
    by_place = {("product", model["product"]): model["name"] for model in models}
    by_place.update({("backend", model["backend"]): model["name"] for model in models})
    rows = []
    for told in usage:
        kind = "backend" if told.get("backend") else "product"
        model = by_place.get((kind, str(told.get(kind))))
        for number, tokens in enumerate(told.get("values") or []):
            if model and told["metric"] in STORED:
                hour = start + number * _HOUR
                rows.append({"model": model, "hour": hour, "metric": told["metric"], "tokens": tokens})
    return rows


def metering_report(
    models: Sequence[Entry], produced: Sequence[Row], stored: Sequence[Row], tolerance: float
) -> dict[str, Any]:
    """Compares both.

    :returns: ``models``: for each ``model, produced, stored, difference (percent), differs, silent (no server told)``;
        ``hours``: the same by hour where the servers told hours; ``text``: Prometheus' text format
    """
    served = [model["name"] for model in models if model["serving"]]
    totals = [_compare(name, _WHOLE, produced, stored, tolerance) for name in served]
    hours = sorted({row["hour"] for row in produced if row["hour"]} | {row["hour"] for row in stored})
    by_hour = [_compare(name, hour, produced, stored, tolerance) for name in served for hour in hours]
    timed = any(row["hour"] for row in produced)
    return {"models": totals, "hours": by_hour if timed else [], "text": "\n".join(_text(totals)) + "\n"}


def _compare(name: str, hour: Any, produced: Sequence[Row], stored: Sequence[Row], tolerance: float) -> dict[str, Any]:
    theirs = [row for row in produced if row["model"] == name and hour in (_WHOLE, row["hour"])]
    ours = [row for row in stored if row["model"] == name and hour in (_WHOLE, row["hour"])]
    uncached = any(row["uncached"] for row in produced if row["model"] == name)
    there = round(sum(row["tokens"] for row in theirs))
    here = sum(row["tokens"] for row in ours if row["metric"] != "cached_tokens")
    if uncached:
        here -= sum(row["tokens"] for row in ours if row["metric"] == "cached_tokens")
    difference = round((here - there) * 100 / there, 2) if there else (100.0 if here else 0.0)
    found = {"model": name, "produced": there, "stored": here, "difference": difference}
    if hour != _WHOLE:
        return {**found, "hour": hour}
    return {**found, "differs": abs(difference) > tolerance, "silent": not theirs}


def _text(totals: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    yield "# HELP maas_metering_tokens Tokens of the period, as the model servers and as 3scale count them."
    yield "# TYPE maas_metering_tokens gauge"
    for row in totals:
        yield f'maas_metering_tokens{{model="{row["model"]}",side="server"}} {row["produced"]}'
        yield f'maas_metering_tokens{{model="{row["model"]}",side="threescale"}} {row["stored"]}'
    yield "# HELP maas_metering_difference_percent What 3scale stored more (or less) than the servers produced."
    yield "# TYPE maas_metering_difference_percent gauge"
    for row in totals:
        yield f'maas_metering_difference_percent{{model="{row["model"]}"}} {row["difference"]}'
