# SPDX-License-Identifier: GPL-3.0-or-later
"""Token quotas with the stand-in of 3scale: when they refuse, what they leave open, how far they are exceeded."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.sandbox.gateway.test_with_standin import House, Product, entry, house, sell

__all__ = ["house"]  # a fixture

ONLY_TOTAL = {"prompt": "", "completion": "", "cached": "", "estimated": ""}
EXACT = entry("caching", configuration={"caching_type": "none"})
QUESTION = {"model": "granite", "max_tokens": 8, "messages": [{"role": "user", "content": "Count to twenty, please."}]}


def chain(*more: dict[str, Any], **usage: Any) -> list[dict[str, Any]]:
    """The shipped policies as an operator puts them together, counting into the one metric that these products have."""
    return [
        entry("openai-errors", "1.0", {"token_metric": "total_tokens"}),
        entry("api-key", "1.0", {"prefixes": ["sk-maas-"]}),
        entry("llm-usage", "1.0", {"metrics": ONLY_TOTAL, **usage}),
        *more,
        entry("apicast"),
    ]


def chat(house: House, product: Product, **more: Any) -> httpx.Response:
    """One question."""
    return house.send(
        product.staging, "/v1/chat/completions", f"sk-maas-{product.key}", "POST", json={**QUESTION, **more}
    )


def tokens_of(answer: httpx.Response) -> int:
    count: int = answer.json()["usage"]["total_tokens"]
    return count


def one_answer(house: House) -> int:
    """Tokens of an answer, as the model server counts them."""
    product = sell(house, chain())
    count = tokens_of(chat(house, product))
    assert house.used(product.application, "total_tokens", count) == count
    return count


def test_quota_by_sequence(house: House) -> None:
    size = one_answer(house)
    product = sell(house, chain(EXACT), {"total_tokens": 2 * size + 1})
    for spent in (size, 2 * size, 3 * size):
        answer = chat(house, product)
        assert (answer.status_code, tokens_of(answer)) == (200, size)
        assert house.used(product.application, "total_tokens", spent) == spent
    refused = chat(house, product)
    assert (refused.status_code, refused.json()["error"]["code"]) in {
        (429, "insufficient_quota"),
        (429, "rate_limit_exceeded"),
    }
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["x-ratelimit-remaining-tokens"] == "0"
    assert house.send(product.staging, "/v1/models", product.key).status_code == 200
    assert house.used(product.application, "total_tokens", 3 * size) == 3 * size


def test_quota_by_streams(house: House) -> None:
    size = one_answer(house)
    product = sell(house, chain(EXACT), {"total_tokens": size - 1})
    answer = chat(house, product, stream=True)
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    assert answer.status_code == 200
    assert all(event["choices"] for event in events)  # the client did not ask for usage
    assert house.used(product.application, "total_tokens", size) == size
    assert chat(house, product, stream=True).status_code == 429


def test_quota_by_parallel_calls(house: House) -> None:
    """All that are under way pass and count; the next one is refused."""
    size = one_answer(house)
    product = sell(house, chain(EXACT), {"total_tokens": 1})
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: chat(house, product), range(6)))
    passed = sum(answer.status_code == 200 for answer in answers)
    assert passed >= 1
    assert house.used(product.application, "total_tokens", passed * size) == passed * size
    assert chat(house, product).status_code == 429


def test_quota_on_trial_never_refuses(house: House) -> None:
    size = one_answer(house)
    trial = {"metrics": {**ONLY_TOTAL, "total": ""}, "report": [{"metric": "total_tokens", "counts": "total"}]}
    product = sell(house, chain(EXACT, **trial), {"total_tokens": 1})
    for spent in (size, 2 * size, 3 * size):
        assert chat(house, product).status_code == 200
        assert house.used(product.application, "total_tokens", spent) == spent
