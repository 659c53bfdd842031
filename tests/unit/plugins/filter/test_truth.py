# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens produced against tokens stored: reading of both sides, and what is a difference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.filter.test_catalogue import FILTERS, GRANITE, NOMIC, PARTNER, read

MODELS = read(GRANITE, {**NOMIC, "serving": {"name": "granite-8b"}}, PARTNER)
GRANITE_POD = "granite-8b-code-instruct-128k-predictor-5d9-x"
NAME, OTHER = GRANITE["name"], NOMIC["name"]
VLLM = """# HELP vllm:prompt_tokens_total Number of prefill tokens processed.
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="granite"} 30.0
vllm:generation_tokens_total{engine="0",model_name="granite"} 1.2e+02
vllm:num_requests_running{engine="0"} 7
"""
LLAMA = "llamacpp:prompt_tokens_total 20\nllamacpp:tokens_predicted_total 5\n"
TEI = 'te_request_count{method="single"} 3\nte_batch_next_tokens_sum 44\nte_batch_next_tokens_count 3\n'


@pytest.mark.parametrize(("text", "tokens"), [(VLLM, 150), (LLAMA, 25), (TEI, 44), ("", 0), ("<html>", 0)])
def test_every_server_tells_its_tokens(text: str, tokens: int) -> None:
    rows = FILTERS["produced_by_servers"]([{"model": NAME, "text": text}])
    assert sum(row["tokens"] for row in rows) == tokens
    assert all(row["uncached"] == (text == LLAMA) for row in rows)


def answers(*series: tuple[int, str, list[list[Any]]]) -> list[dict[str, Any]]:
    """Prometheus' answers: number of the query, Pod, values."""
    found: list[dict[str, Any]] = [{"data": {"result": []}} for _ in FILTERS["metering_queries"]("llm-hosting")]
    for number, pod, values in series:
        found[number]["data"]["result"].append({"metric": {"pod": pod}, "values": values})
    return found


def test_prometheus_tells_hours_by_pod() -> None:
    queries = FILTERS["metering_queries"]("llm-hosting")
    assert queries[0] == 'sum by (pod) (increase(vllm:prompt_tokens_total{namespace="llm-hosting"}[1h]))'
    told = answers(
        (0, GRANITE_POD, [[7200, "10"], [10800, "20"]]),
        (1, GRANITE_POD, [[7200, "5.4"], [10800, "NaN"]]),
        (4, "granite-8b-predictor-7c-y", [[7200, "8"]]),
        (0, "somebody-elses-predictor-1", [[7200, "99"]]),
    )
    rows = FILTERS["produced_by_prometheus"](MODELS, told)
    assert [(row["model"], row["hour"], row["tokens"]) for row in rows] == [
        (NAME, 3600, 10.0),
        (NAME, 7200, 20.0),
        (NAME, 3600, 5.4),
        (OTHER, 3600, 8.0),
    ]


def usage(prompt: list[int], completion: list[int], cached: list[int], **place: str) -> list[dict[str, Any]]:
    """What the module tells of a product or backend."""
    lists = {"prompt_tokens": prompt, "completion_tokens": completion, "cached_tokens": cached, "hits": [9]}
    return [{**place, "metric": metric, "values": values} for metric, values in lists.items()]


@pytest.mark.parametrize("place", [{"product": NAME}, {"backend": NAME}])
def test_a_report_by_model_and_hour(place: dict[str, str]) -> None:
    told = answers((0, GRANITE_POD, [[7200, "10"], [10800, "20"]]), (1, GRANITE_POD, [[7200, "30"], [10800, "40"]]))
    stored = FILTERS["stored_tokens"](MODELS, usage([10, 20], [30, 39], [5, 5], **place), 3600)
    produced = FILTERS["produced_by_prometheus"](MODELS, told)
    report = FILTERS["metering_report"](MODELS, produced, stored, 2.0)
    granite, nomic = report["models"]
    assert (granite["model"], granite["produced"], granite["stored"]) == (NAME, 100, 99)
    assert (granite["difference"], granite["differs"], granite["silent"]) == (-1.0, False, False)
    assert nomic["silent"] and nomic["produced"] == nomic["stored"] == 0 and not nomic["differs"]
    assert [row for row in report["hours"] if row["model"] == NAME] == [
        {"model": NAME, "hour": 3600, "produced": 40, "stored": 40, "difference": 0.0},
        {"model": NAME, "hour": 7200, "produced": 60, "stored": 59, "difference": -1.67},
    ]
    assert f'maas_metering_difference_percent{{model="{NAME}"}} -1.0' in report["text"].splitlines()
    assert f'maas_metering_tokens{{model="{NAME}",side="threescale"}} 99' in report["text"].splitlines()
    assert FILTERS["metering_report"](MODELS, produced, stored, 0.5)["models"][0]["differs"]


def test_what_llama_cpp_had_in_its_cache_is_left_out_on_both_sides() -> None:
    produced = FILTERS["produced_by_servers"]([{"model": NAME, "text": LLAMA}])
    stored = FILTERS["stored_tokens"](MODELS, usage([32], [5], [12], product=NAME), 0)
    report = FILTERS["metering_report"](MODELS, produced, stored, 0.0)
    assert (report["models"][0]["stored"], report["models"][0]["differs"], report["hours"]) == (25, False, [])


def test_tokens_that_nobody_produced_are_a_difference() -> None:
    stored = FILTERS["stored_tokens"](MODELS, usage([1], [0], [0], product=NAME), 0)
    row = FILTERS["metering_report"](MODELS, [], stored, 50.0)["models"][0]
    assert row["differs"] and row["difference"] == 100.0
