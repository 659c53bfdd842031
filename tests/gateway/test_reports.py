# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-usage: when and how tokens are reported."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from lupa import luajit21

from tests.gateway.conftest import World
from tests.gateway.fakes import FakeBackend
from tests.gateway.test_counting import COUNTED, USAGE, body
from tests.sandbox.gateway.conftest import SHIPPED


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(USAGE)


def test_a_call_is_reported_before_the_gateway_reports_it(world: World, host: str) -> None:
    """What lets the gateway know of a used-up quota as soon as can be: its own report names the token metrics too."""
    key = world.key()
    for _ in range(2):  # the second is let in by the cache of keys
        world.call(host, key, body())
    world.backend.wait_for_calls(2)
    names = [path.split("/")[-1] for user_key, path in world.backend.order if user_key == key]
    assert names == ["authrep.xml", "transactions.xml", "transactions.xml", "authrep.xml"]


def test_a_client_that_leaves_does_not_take_the_report_along(
    world: World, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = world.key()
    world.backend.refusals.append(503)
    monkeypatch.setattr(world.backend, "report_takes", 0.3)
    world.call(host, key, body(), length=len(body()), leave_after=b"}}")
    assert world.backend.report_of(key) == COUNTED


def test_calls_of_a_busy_key_are_reported_before_all_have_ended(world: World, host: str) -> None:
    key, calls = world.key(), 24
    slow = threading.Thread(target=world.call, args=(host, key, [3.0, body()]))
    slow.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: world.call(host, key, body()), range(calls)))

    def stored() -> int:
        return sum(usage["total_tokens"] for usage in world.backend.settled(key))

    while stored() < 18 * calls and slow.is_alive():
        time.sleep(0.005)
    assert stored() == 18 * calls
    slow.join()
    deadline = time.monotonic() + 10
    while stored() < 18 * (calls + 1) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert stored() == 18 * (calls + 1)


def test_report_is_tried_twice(world: World, host: str) -> None:
    key = world.key()
    world.backend.refusals.append(503)
    world.call(host, key, body())
    assert world.backend.report_of(key) == COUNTED


def test_a_key_s_reports_are_gathered_while_one_is_under_way(
    world: World, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, other, calls = world.key(), world.key(), 12
    before, let_go, report = world.backend.attempts, threading.Event(), FakeBackend._report

    def wait(self: FakeBackend, handler: Any, seen: Any) -> None:
        if key.encode() in seen.body:
            let_go.wait(10)
        report(self, handler, seen)

    monkeypatch.setattr(FakeBackend, "_report", wait)
    for _ in range(calls):  # none waits for the report of the first
        world.call(host, key, body(), length=len(body()), leave_after=b"}}")
    world.call(host, other, body())
    assert world.backend.report_of(other) == COUNTED
    let_go.set()
    deadline = time.monotonic() + 10
    while len(world.backend.settled(key)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    totals = [usage["total_tokens"] for usage in world.backend.settled(key)]
    assert totals == [18, 18 * (calls - 1)]
    assert world.backend.attempts == before + 3


def test_what_is_lost_stands_in_the_log(world: World, host: str) -> None:
    lost, key, before = world.key(), world.key(), world.backend.attempts
    world.backend.refusals += [503, 403]
    world.call(host, lost, body({"total_tokens": 4711}))
    while world.backend.attempts < before + 2:
        pass
    world.call(host, key, body())
    assert world.backend.report_of(key) == COUNTED
    assert world.backend.settled(lost) == []
    line = next(line for line in world.logged().splitlines() if "total_tokens=4711" in line)
    assert "usage lost: product" in line and "status 403" in line and lost not in line.split("client:")[0]


def test_tokens_never_go_by_an_authorization(world: World, host: str) -> None:
    key = world.key()
    for _ in range(3):  # the second and third from the cache of keys
        world.call(host, key, body(), send={"X-Turn": "x"})
    calls = world.backend.wait_for_calls(3)
    assert [call.path for call in calls] == ["/transactions/authrep.xml"] * 3
    assert {call.usage["total_tokens"] for call in calls} == {"0"}


SEQUENCE = """
function(folder, calls, seconds)
  package.path = folder .. '/?.lua;' .. package.path
  local clock, timers, reports, tokens = 0, {}, 0, 0
  ngx = { now = function() return clock end, timer = { at = function(delay, run, ...)
    if delay == 0 then run(false, ...) else timers[#timers + 1] = { at = clock + delay, run = run, args = { ... } } end
    return true
  end } }
  package.loaded['ngx.semaphore'] = { new = function() return { post = function() end, wait = function() end } end }
  local queue = require('report_queue').new(
    function(_, job) reports, tokens = reports + 1, tokens + job.tokens end,
    function(job, other) job.tokens = job.tokens + other.tokens end
  )
  local function let_timers_run()
    while timers[1] and timers[1].at <= clock do
      local timer = table.remove(timers, 1)
      timer.run(false, unpack(timer.args))
    end
  end
  for _ = 1, calls do
    queue:begin('key')
    queue:finish('key', { tokens = 1 })
    clock = clock + seconds
    let_timers_run()
  end
  clock = clock + 1
  let_timers_run()
  return reports, tokens
end
"""


@pytest.mark.parametrize(
    ("calls", "seconds", "most"),
    [(20, 0.001, 20), (1000, 0.001, 80), (60, 0.1, 60)],
    ids=["a few at once", "a thousand in a second", "ten in a second"],
)
def test_one_call_after_the_other(calls: int, seconds: float, most: int) -> None:
    """The first of a second are reported singly, the rest of many together."""
    run = luajit21.LuaRuntime(unpack_returned_tuples=True).eval(SEQUENCE)
    reports, tokens = run(str(SHIPPED / "llm-usage" / "1.0"), calls, seconds)
    assert tokens == calls
    assert reports == calls if most == calls else 20 < reports <= most


def test_nothing_is_lost_in_any_order_of_calls_and_timers() -> None:
    script = (Path(__file__).parent / "report_queue.lua").read_text()
    faults = {}
    for seed in range(400):
        drive = luajit21.LuaRuntime().eval(f"function(...) {script} end")
        faults[seed] = drive(seed, str(SHIPPED / "llm-usage" / "1.0"))
    assert {seed: fault for seed, fault in faults.items() if fault} == {}
