# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies on disk that end the gateway when it starts, as they end the real one, and those that do not."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.gateway.conftest import Gateway, start, wait_until_ready
from tests.sandbox.gateway.fakes import SUPERDOMAIN, FakeModel, FakeThreeScale
from tests.support.ports import free_port

APICAST = {"name": "apicast", "version": "builtin"}
POLICY = "local _M = require('apicast.policy').new('Mine', '0.1')\n"
GOOD = POLICY + "return _M\n"


def write(policies: Path, lua: str, manifest: dict[str, Any] | str | None = None, name: str = "mine") -> None:
    folder = policies / name / "0.1"
    folder.mkdir(parents=True)
    whole = {"name": "Mine", "version": "0.1", "configuration": {}}
    text = manifest if isinstance(manifest, str) else json.dumps({**whole, **(manifest or {})})
    (folder / "apicast-policy.json").write_text(text)
    (folder / "init.lua").write_text(lua)


def flags(folder: Path, port: int, policies: Path, threescale: str = "http://127.0.0.1:9") -> list[str]:
    return [
        *("--port", str(port), "--admin-url", threescale, "--admin-host", f"maas-admin.{SUPERDOMAIN}"),
        *("--backend-url", threescale, "--backend-host", f"backend.{SUPERDOMAIN}"),
        *("--policies", str(policies), "--state", str(folder / "state")),
    ]


@pytest.mark.parametrize(
    ("lua", "manifest", "words"),
    [
        (GOOD, {"order": {"before": [APICAST]}}, "policy_order_checker.lua:72: table index is nil"),
        (GOOD, {"order": {"after": [{"name": "other", "version": "1"}]}}, "table index is nil"),
        (GOOD, '{"name": "Mine"', "Expected"),
        ("return {", {}, "module 'init' not found"),
        ("error('at load')", {}, "at load"),
        ("require('no.such.module')", {}, "module 'no.such.module' not found"),
        (POLICY + "function _M.init() error('at init') end return _M", {}, "at init"),
    ],
)
def test_gateway_ends_when_it_starts(tmp_path: Path, lua: str, manifest: dict[str, Any] | str, words: str) -> None:
    write(tmp_path / "policies", lua, manifest)
    process = start(tmp_path / "log", *flags(tmp_path, free_port(), tmp_path / "policies"))
    assert process.wait(20) == 1
    text = (tmp_path / "log").read_text()
    assert "init_by_lua error: " in text and words in text


def test_what_does_not_end_it(tmp_path: Path) -> None:
    policies, port = tmp_path / "policies", free_port()
    write(policies, GOOD, {"order": {"after": [APICAST], "before": []}})
    write(policies, "error('never loaded')", {"version": "0.2"}, name="other-version")
    write(policies, GOOD, {"order": {"before": [APICAST]}}, name="headers")  # named as a built-in one
    write(policies, POLICY + "function _M.init_worker() error('in a worker') end return _M", name="worker")
    for name in ("foreign", "stranger"):  # a real gateway has it
        write(policies, "require('resty.http_ng')", name=name)
    process = start(tmp_path / "log", *flags(tmp_path, port, policies))
    wait_until_ready(port, process, tmp_path / "log")
    process.terminate()
    assert process.wait(10) == 0
    text = (tmp_path / "log").read_text()
    assert "version in manifest is 0.2 but version in path is 0.1" in text and "in a worker" in text
    for name in ("foreign", "stranger"):
        assert f"policy {name} 0.1: module 'resty.http_ng' not found: APIcast brings it along" in text


def test_running_gateway_keeps_on_when_a_policy_would_end_a_new_one(gateway: Gateway) -> None:
    """On a cluster the new Pods crash and the old ones stay."""
    host = gateway.serve()
    write(gateway.policies, GOOD, {"order": {"before": [APICAST]}}, name="ends")
    deadline = time.monotonic() + 20
    while not gateway.logged("table index is nil") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gateway.logged("table index is nil")
    assert gateway.send(host).status_code == 200


def test_boot_needs_a_configuration(tmp_path: Path) -> None:
    process = start(tmp_path / "log", *flags(tmp_path, free_port(), tmp_path), "--boot")
    assert process.wait(20) == 1
    assert "failed to load configuration, exiting" in (tmp_path / "log").read_text()


def test_boot_sees_a_promotion_at_the_next_tick(tmp_path: Path) -> None:
    threescale, model, port, log = FakeThreeScale(), FakeModel(), free_port(), tmp_path / "log"
    told = flags(tmp_path, port, tmp_path / "none", threescale.url)
    process = start(log, *told, "--boot", "--production-cache", "4")
    wait_until_ready(port, process, log)
    here = Gateway(port, log, tmp_path, tmp_path, threescale, model)
    started = time.monotonic()
    assert here.send("nobody.apps.example.com").status_code == 404, "answered when everything is read"
    first = here.send(here.serve("production", name="later")).status_code
    deadline = started + 20
    while here.send(f"later-production.{SUPERDOMAIN}").status_code == 404 and time.monotonic() < deadline:
        time.sleep(0.2)
    fetched, ticks = threescale.fetches.count("production"), (time.monotonic() - started) / 4
    assert here.send(f"later-production.{SUPERDOMAIN}").status_code == 200
    process.terminate()
    assert process.wait(10) == 0
    threescale.close()
    model.close()
    assert first == 404, "not before the tick"
    assert fetched <= 4 + ticks, "some at the start and one for each tick, none for a request"
