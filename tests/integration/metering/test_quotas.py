# SPDX-License-Identifier: GPL-3.0-or-later
"""Quotas of the catalogue as clients meet them: one after another, streamed, side by side; with the figures.

An answer costs the question's tokens and ten; the quota is forty. docs/plans.md tells the bounds that are held here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.metering.conftest import House

QUOTA = 40


def test_a_second_run_changes_nothing(house: House) -> None:
    again = house.run("threescale", "--diff")
    assert again.code == 0 and again.recap["changed"] == 0, again.output[-4000:]


@pytest.mark.parametrize("stream", [False, True])
def test_without_the_cache_the_last_answer_may_pass_the_quota_and_no_other(house: House, stream: bool) -> None:
    key = house.buy("mistral", "quota")
    statuses = key.until_refused(stream=stream)
    assert statuses[-1] == 429 and set(statuses[:-1]) == {200}
    assert key.tokens - key.tokens // key.answers <= QUOTA < key.tokens
    assert key.used("total_tokens", key.tokens) == key.tokens, "refused calls cost nothing"
    assert key.chat(stream=stream).status_code == 429
    # a used-up quota closes what spends tokens and nothing else
    assert key.send("GET", "/v1/models").status_code == 200
    assert key.send("GET", "/health").status_code == 200


def test_the_developer_hears_of_a_quota_before_and_after_it_is_used_up(house: House) -> None:
    key = house.buy("mistral", "quota")
    assert key.until_refused()[-1] == 429
    alerts: Any = house.standin.dump()["alerts"]
    levels = [alert["level"] for alert in alerts if alert["application_id"] == key.application]
    assert [level < 100 for level in levels] == [True, False], levels  # an answer is worth several levels


def test_with_the_cache_at_most_one_more_answer_passes(house: House) -> None:
    exact, late = house.buy("mistral", "quota"), house.buy("granite", "quota")
    assert exact.until_refused()[-1] == late.until_refused()[-1] == 429
    assert exact.answers <= late.answers <= exact.answers + 1
    assert late.tokens == late.used("total_tokens", late.tokens)


@pytest.mark.parametrize(("product", "more"), [("mistral", 0), ("granite", 1)])
def test_calls_side_by_side_pass_the_quota_by_what_is_under_way(house: House, product: str, more: int) -> None:
    key, workers = house.buy(product, "quota"), 6
    house.slow(1.0)
    try:
        with ThreadPoolExecutor(workers) as pool:
            first = list(pool.map(lambda _: key.chat().status_code, range(workers)))
    finally:
        house.slow(0)
    assert set(first) == {200}, "all began before the first had ended"
    assert key.used("total_tokens", key.tokens) == key.tokens
    after = key.until_refused()
    assert after[-1] == 429 and len(after) <= more + 1, "with the cache one may begin after that, without none"


@pytest.mark.parametrize(("product", "model"), [("mistral", "mistral"), ("models", "granite")])
def test_a_shadow_limit_never_refuses(house: House, product: str, model: str) -> None:
    key = house.buy(product, "shadow")
    assert [key.chat(model).status_code for _ in range(6)] == [200] * 6
    # a report that names a metric which is not there would be dropped, tokens and all
    assert key.used("total_tokens", key.tokens) == key.tokens > QUOTA
    assert key.used("shadow_total_tokens", key.tokens) == key.tokens
    assert key.used("shadow_requests", 6) == 6


def test_a_plan_change_opens_and_closes(house: House) -> None:
    key = house.buy("mistral", "quota")
    assert key.until_refused()[-1] == 429
    key.move("open")
    assert key.chat().status_code == 200
    key.move("quota")
    assert key.chat().status_code == 429, "what was used counts still"


def test_a_revoked_key_is_refused_at_once_without_the_cache(house: House) -> None:
    key = house.buy("mistral", "open")
    assert key.chat().status_code == 200
    house.admin("PUT", f"accounts/{key.account}/applications/{key.application}", {"user_key": "another-key-of-it"})
    assert key.chat().status_code == 401
    key.key = "another-key-of-it"
    assert key.chat().status_code == 200


def test_a_revoked_key_passes_until_the_gateway_hears_of_it_with_the_cache(house: House) -> None:
    key = house.buy("granite", "open")
    assert key.chat().status_code == 200
    house.admin("PUT", f"accounts/{key.account}/applications/{key.application}", {"user_key": "one-more-key-of-it"})
    statuses = [key.chat().status_code]
    while statuses[-1] == 200 and len(statuses) < 6:  # until the gateway has heard of it, after an answer
        statuses.append(key.chat().status_code)
    assert statuses[0] == 200 and statuses[-1] == 401


def test_one_key_for_several_models(house: House) -> None:
    key = house.buy("models", "open")
    assert {key.chat("granite").status_code, key.chat("mistral").status_code} == {200}
    assert key.used("hits", 2) == 2 and key.used("chat_completions", 2) == 2
    assert key.used("total_tokens", key.tokens) == key.tokens
    assert [item["id"] for item in key.send("GET", "/v1/models").json()["data"]] == ["granite", "mistral", "falcon"]
    unknown = key.chat("gpt-4")
    assert unknown.status_code == 404 and "granite" in unknown.json()["error"]["message"]


def test_a_plan_opens_some_models_and_limits_each(house: House) -> None:
    key = house.buy("models", "small")
    assert key.chat("mistral").status_code in (401, 403, 404)
    assert [item["id"] for item in key.send("GET", "/v1/models").json()["data"]] == ["granite"]
    statuses = key.until_refused(model="granite")
    assert statuses[-1] == 429
    assert key.tokens - key.tokens // key.answers <= QUOTA < key.tokens
    key.move("open")
    assert key.chat("mistral").status_code == 200


def test_keys_are_shown_with_a_prefix_and_refused_in_words(house: House) -> None:
    key = house.buy("granite", "open")
    good, key.key = key.key, f"sk-maas-{key.key}"
    assert key.chat().status_code == 200
    for headers, status, code in [
        ({"Authorization": "Bearer wrong"}, 401, "invalid_api_key"),
        ({"Authorization": None}, 401, "invalid_api_key"),
    ]:
        refused = key.send("GET", "/v1/models", headers=headers)
        error = refused.json()["error"]
        assert (refused.status_code, error["code"]) == (status, code), refused.text
        assert "maas." in error["message"], "the portal's address"
    nowhere = key.send("POST", "/chat/completions", headers={"Authorization": f"Bearer {good}"})
    told = nowhere.json()["error"]["message"]
    assert nowhere.status_code == 404 and "/v1/chat/completions" in told and "/v1" in told, nowhere.text


def test_module_and_statistics_tell_what_the_model_produced(house: House) -> None:
    key = house.buy("models", "open")
    before = house.usage("models", "total_tokens", "completion_tokens")
    for _ in range(2):
        assert key.chat("granite").status_code == 200
    assert key.used("total_tokens", key.tokens) == key.tokens
    after = house.usage("models", "total_tokens", "completion_tokens")
    assert after["total_tokens"] - before["total_tokens"] == key.tokens
    assert after["completion_tokens"] - before["completion_tokens"] == 20
