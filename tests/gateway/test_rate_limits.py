# SPDX-License-Identifier: GPL-3.0-or-later
"""openai-errors: x-ratelimit-… headers, for requests and tokens, on answers, streams and refusals."""

from __future__ import annotations

import pytest

from tests.gateway.conftest import EVENTS, JSON, Answer, World, policy
from tests.gateway.test_counting import COUNTED, USAGE, WHOLE, body
from tests.gateway.test_errors import CHAIN, ERRORS, refused
from tests.sandbox.gateway.fakes import Verdict


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(*CHAIN)


LIMITS = Verdict(200, {"3scale-limit-remaining": "7", "3scale-limit-max-value": "10", "3scale-limit-reset": "3725"})


def test_limits_of_requests(world: World, host: str) -> None:
    key = world.key()
    world.backend.verdicts[key] = LIMITS
    answer, _request = world.call(host, key)
    wanted = {"limit": "10", "remaining": "7", "reset": "1h2m5s"}
    assert {name: answer.headers[f"x-ratelimit-{name}-requests"] for name in wanted} == wanted
    answer, _request = world.call(host, key)  # the gateway knows the key, and asks when the answer has gone
    assert answer.headers["x-ratelimit-remaining-requests"] == "6"
    other, _request = world.call(host, world.key())
    assert not [name for name in other.headers if "ratelimit" in name]


def test_limits_of_tokens(world: World) -> None:
    host = world.serve(
        policy("openai-errors", token_metric="total_tokens"),
        policy("api-key"),
        policy("caching", caching_type="none"),
        USAGE,
    )
    key = world.key()
    world.backend.verdicts[key] = LIMITS
    world.call(host, key, body())
    assert world.backend.report_of(key) == COUNTED
    asked = [call.usage for call in world.backend.calls if call.path.endswith("/authorize.xml")]
    assert asked == [{"total_tokens": "1"}]
    answer, _request = world.call(host, key, body(), path="/v1/models", method="GET")
    assert answer.headers["x-ratelimit-limit-tokens"] == "10"
    assert answer.headers["x-ratelimit-remaining-tokens"] == "0"
    assert answer.headers["x-ratelimit-reset-tokens"].startswith("1h2m")


def rate_limits(answer: Answer) -> dict[str, str]:
    start = "x-ratelimit-"
    return {name.removeprefix(start): text for name, text in answer.headers.items() if name.startswith(start)}


def test_limits_of_a_refused_call(world: World, host: str) -> None:
    key = world.key()
    world.backend.verdicts[key] = refused("42", limit="7")
    answer, _request = world.call(host, key)
    assert (answer.status, answer.headers["retry-after"]) == (429, "42")
    wanted = {"limit-requests": "7", "remaining-requests": "0", "reset-requests": "42s"}
    assert rate_limits(answer) == wanted


@pytest.mark.parametrize(("limit", "kind"), [("500", "tokens"), ("10", "requests"), ("77", None)])
def test_a_refused_call_tells_requests_from_tokens(world: World, limit: str, kind: str | None) -> None:
    """The backend names the limit that is used up, and not what it is a limit of."""
    errors = policy("openai-errors", token_metric="total_tokens")
    host = world.serve(errors, policy("api-key"), policy("caching", caching_type="none"), USAGE)
    key = world.key()
    world.backend.verdicts[key] = LIMITS
    world.backend.foretold["total_tokens"] = Verdict(200, {**LIMITS.headers, "3scale-limit-max-value": "500"})
    world.call(host, key, body())
    world.backend.report_of(key)
    world.backend.verdicts[key] = refused("60", limit=limit)
    answer, _request = world.call(host, key, body())
    assert answer.status == 429
    shown = rate_limits(answer)
    assert (shown["limit-tokens"], shown["limit-requests"]) == ("500", "10")
    for one in ("tokens", "requests"):
        assert (shown[f"remaining-{one}"] == "0") == (one == kind or one == "tokens")  # 18 tokens of 7 are used, too
        assert (shown[f"reset-{one}"] == "1m0s") == (one == kind)


def test_limits_of_a_stream(world: World, host: str) -> None:
    key = world.key()
    world.backend.verdicts[key] = LIMITS
    answer, _request = world.call(host, key, WHOLE, b'{"stream":true}', headers=EVENTS)
    assert rate_limits(answer) == {"limit-requests": "10", "remaining-requests": "7", "reset-requests": "1h2m5s"}
    assert "x-request-id" in answer.headers


@pytest.mark.parametrize("verdict", [LIMITS, refused()], ids=["accepted", "refused"])
def test_scripts_in_browsers_may_read_the_headers(world: World, verdict: Verdict) -> None:
    cors = policy(
        "cors", allow_origin="https://app.example.com", allow_credentials=True, allow_headers=["x-stainless-os"]
    )
    host, key = world.serve(ERRORS, cors, policy("api-key"), USAGE), world.key()
    world.backend.verdicts[key] = verdict
    more = {"Access-Control-Expose-Headers": "X-Own"} if verdict is LIMITS else {}
    answer, _request = world.call(
        host, key, body(), send={"Origin": "https://app.example.com"}, headers={**JSON, **more}
    )
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    exposed = [name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")]
    wanted = {"x-request-id", "retry-after", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-requests"}
    assert wanted <= set(exposed)
    assert ("x-own" in exposed) == bool(more)
    answer, _request = world.call(host, world.key(), body())
    assert "access-control-expose-headers" not in answer.headers


def test_limits_can_stay_hidden(world: World) -> None:
    host, key = world.serve(policy("openai-errors", rate_limit_headers=False), policy("api-key")), world.key()
    world.backend.verdicts[key] = LIMITS
    answer, _request = world.call(host, key)
    assert not [name for name in answer.headers if "ratelimit" in name]
