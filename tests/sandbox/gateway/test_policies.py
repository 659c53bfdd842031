# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy chain: builtin policies, policies of one's own, what becomes of their errors, the phases."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.gateway.conftest import Gateway

APICAST: dict[str, Any] = {"name": "apicast", "version": "builtin", "configuration": {}}


def policy(name: str, version: str = "builtin", **configuration: Any) -> dict[str, Any]:
    return {"name": name, "version": version, "configuration": configuration}


CORS = policy(
    "cors",
    allow_headers=["Authorization", "Content-type", "Accept"],
    allow_origin="https://maas.example.com",
    allow_credentials=True,
)
BEARER = policy("remove-bearer", "0.1")
ORIGIN = {"Origin": "https://maas.example.com"}


def by_header(gateway: Gateway, *before: dict[str, Any]) -> str:
    return gateway.serve(credentials_location="headers", auth_user_key="Authorization", policy_chain=[*before, APICAST])


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("Bearer KEY", "KEY"),
        ("bearer KEY", "KEY"),
        ("BEARER \t KEY", "KEY"),
        ("Bearer    KEY", "KEY"),
        ("KEY", "KEY"),
        ("Bearer", "Bearer"),
        ("Bearer Bearer KEY", "Bearer KEY"),
        ("x Bearer KEY", "x Bearer KEY"),
        ("BearerKEY", "BearerKEY"),
        ("Basic S0VZOg==", "Basic S0VZOg=="),
        ("Bearer two words", "two words"),
    ],
)
def test_remove_bearer(gateway: Gateway, sent: str, key: str) -> None:
    host = by_header(gateway, BEARER)
    answer = gateway.send(host, "/", headers={"Authorization": sent})
    assert gateway.threescale.calls[0].query["user_key"] == key
    assert answer.status_code == (200 if key == "KEY" else 403)
    if key == "KEY":
        assert gateway.model.seen[0].headers["authorization"] == "KEY"


def test_remove_bearer_and_basic_exclude_each_other(gateway: Gateway) -> None:
    host = gateway.serve(credentials_location="authorization", policy_chain=[BEARER, APICAST])
    answer = gateway.send(host, "/", headers={"Authorization": "Bearer KEY"})
    assert (answer.status_code, answer.text) == (403, "Authentication parameters missing")


def test_cors_preflight_and_headers(gateway: Gateway) -> None:
    host = by_header(gateway, CORS, BEARER)
    asked = {**ORIGIN, "Access-Control-Request-Method": "POST"}
    preflight = gateway.send(host, "/v1/chat/completions", "OPTIONS", headers=asked)
    assert (preflight.status_code, preflight.text) == (204, "")
    assert preflight.headers.get_list("Access-Control-Allow-Headers") == ["Authorization", "Content-type", "Accept"]
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://maas.example.com"
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
    assert preflight.headers["Access-Control-Allow-Credentials"] == "true"
    assert preflight.headers["Access-Control-Max-Age"] == "600"
    assert gateway.threescale.calls == []

    refused = gateway.send(host, "/", headers=ORIGIN)
    assert refused.status_code == 403
    assert refused.headers["Access-Control-Allow-Origin"] == "https://maas.example.com"
    served = gateway.send(host, "/", headers={**ORIGIN, "Authorization": "Bearer KEY"})
    assert (served.status_code, served.headers["Access-Control-Allow-Credentials"]) == (200, "true")
    assert "Access-Control-Allow-Origin" not in gateway.send(host, "/").headers
    assert gateway.send(host, "/", "OPTIONS").status_code == 403


def test_headers_policy_keeps_the_key_from_the_model(gateway: Gateway) -> None:
    deletes = policy(
        "headers",
        request=[
            {"op": "delete", "header": "Authorization"},
            {
                "op": "set",
                "header": "X-Path",
                "value": "{{uri}} of {{ headers['host'] | upcase }}",
                "value_type": "liquid",
            },
        ],
        response=[{"op": "set", "header": "X-Served-By", "value": "gateway"}, {"op": "delete", "header": "X-Model"}],
    )
    host = by_header(gateway)
    gateway.threescale.configurations["sandbox", host]["proxy"]["policy_chain"] = [BEARER, APICAST, deletes]
    answer = gateway.send(host, "/v1/models", headers={"Authorization": "Bearer KEY"})
    assert answer.status_code == 200
    got = answer.json()["headers"]
    assert "authorization" not in got
    assert got["x-path"] == f"/v1/models of {host.upper()}"
    assert answer.headers["x-served-by"] == "gateway" and "x-model" not in answer.headers
    before = by_header(gateway, BEARER, deletes)
    assert gateway.send(before, "/", headers={"Authorization": "Bearer KEY"}).status_code == 403


def test_missing_policy_is_skipped_with_a_warning_unless_on_failed(gateway: Gateway) -> None:
    missing = policy("not-there", "7.7")
    assert gateway.send(gateway.serve(policy_chain=[missing, APICAST])).status_code == 200
    assert gateway.logged("failed to load policy: not-there version: 7.7")
    assert gateway.send(gateway.serve(policy_chain=[missing, APICAST, policy("on_failed")])).status_code == 503
    told = policy("on_failed", error_status_code=419)
    assert gateway.send(gateway.serve(policy_chain=[told, missing, APICAST])).status_code == 419


def test_policy_of_another_version_is_not_loaded(gateway: Gateway, write_policy: Callable[..., str]) -> None:
    name = write_policy("versioned", "return require('apicast.policy').new('Versioned', '0.2')", "0.2")
    (gateway.policies / name / "0.2" / "apicast-policy.json").write_text('{"name": "Versioned", "version": "9"}')
    assert gateway.send(gateway.serve(policy_chain=[policy(name, "0.2"), APICAST])).status_code == 200
    assert gateway.logged("Not loading policy: versioned")


THROWS = """
local _M = require('apicast.policy').new('Throws', '0.1')
function _M.%s() error('no') end
return _M
"""


@pytest.mark.parametrize("phase", ["rewrite", "access", "post_action", "log", "new"])
def test_an_exception_is_swallowed(gateway: Gateway, write_policy: Callable[..., str], phase: str) -> None:
    name = write_policy(f"throws-in-{phase}", THROWS % phase)
    assert gateway.send(gateway.serve(policy_chain=[policy(name, "0.1"), APICAST])).status_code == 200
    if phase in ("rewrite", "access", "new"):
        stopped = gateway.serve(policy_chain=[policy(name, "0.1"), APICAST, policy("on_failed")])
        assert gateway.send(stopped).status_code == 503
        assert gateway.model.seen[1:] == []


PHASES = """
local _M = require('apicast.policy').new('Phases', '0.1')
local helper = require('helper')
local new = _M.new
leaked = 'global of this policy'

function _M.new(configuration)
  local self = new(configuration)
  self.word = (configuration or {}).word
  return self
end

local function note(context, phase)
  context.noted = (context.noted or '') .. phase .. ' '
end

for _, phase in ipairs({ 'rewrite', 'access', 'content', 'balancer' }) do
  _M[phase] = function(self, context) note(context, phase) end
end

function _M:header_filter(context)
  note(context, 'header_filter')
  ngx.header['X-Noted'] = context.noted
  ngx.header['X-Word'] = helper.shout(self.word)
  ngx.header['X-Known'] = table.concat({
    context.service.id, context.usage and context.usage.deltas.hits or 'no usage',
    context.credentials and context.credentials.user_key or 'no key',
    context.original_request.path, tostring(context.nothing) }, ',')
  ngx.header.content_length = nil
end

function _M:body_filter(context)
  context.pieces = (context.pieces or 0) + 1
  if ngx.arg[2] then ngx.arg[1] = (ngx.arg[1] or '') .. 'pieces' end
end

function _M:post_action(context)
  local backend = require('apicast.backend_client'):new(context.service)
  local res = backend:report({ credentials_type = 'user_key', reports = { [context.credentials.user_key] = {
    tokens = 18, pieces = context.pieces, status = ngx.var.status } } })
  context.reported = res.status
end

return _M
"""


def test_phases_context_and_helper_module(gateway: Gateway, write_policy: Callable[..., str]) -> None:
    name = write_policy("phases", PHASES)
    helper = "local M = {} function M.shout(word) return word:upper() .. tostring(ngx.now ~= nil) end return M"
    (gateway.policies / name / "0.1" / "helper.lua").write_text(helper)
    time.sleep(1.6)  # a change of the policies makes the gateway start new workers
    host = gateway.serve(policy_chain=[policy(name, "0.1", word="shout"), APICAST])
    answer = gateway.send(host, "/v1/models?user_key=KEY")
    assert answer.status_code == 200
    assert answer.headers["x-noted"] == "rewrite access content balancer header_filter"
    assert answer.headers["x-word"] == "SHOUTtrue"
    service = gateway.threescale.configurations["sandbox", host]["id"]
    assert answer.headers["x-known"] == f"{service},1,KEY,/v1/models,nil"
    assert answer.text.endswith("pieces")
    report = gateway.threescale.wait_for_calls(2)[1]
    assert (report.method, report.path) == ("POST", "/transactions.xml")
    assert report.query["service_token"] == "SERVICE-TOKEN"
    form = report.body.decode()
    assert "transactions%5B0%5D%5Buser_key%5D=KEY" in form
    assert "transactions%5B0%5D%5Busage%5D%5Btokens%5D=18" in form
    assert "transactions%5B0%5D%5Busage%5D%5Bstatus%5D=200" in form


ADDS = """
local _M = require('apicast.policy').new('Adds', '0.1')
function _M:access(context) context.usage:add('total_tokens', 0) end
return _M
"""


def test_usage_zero_added_in_access_is_a_check(gateway: Gateway, write_policy: Callable[..., str]) -> None:
    name = write_policy("adds", ADDS)
    assert gateway.send(gateway.serve(policy_chain=[policy(name, "0.1"), APICAST])).status_code == 200
    assert gateway.threescale.calls[0].usage == {"hits": "1", "total_tokens": "0"}
