# SPDX-License-Identifier: GPL-3.0-or-later
"""What APIcast refuses, hides or leaves out, and a kinder gateway would not (docs/threescale-behaviour.md, Gateway)."""

from __future__ import annotations

import concurrent.futures
import json
import socket
import time
import urllib.parse
from collections.abc import Callable

import httpx
import pytest

from tests.sandbox.gateway.conftest import SILENCE, Gateway
from tests.sandbox.gateway.fakes import Seen, Verdict
from tests.sandbox.gateway.test_policies import APICAST, policy

Write = Callable[..., str]


def test_silence_ends_a_call_unless_a_policy_lets_it_last(gateway: Gateway) -> None:
    """Before the first byte with a page of nginx, inside an answer by cutting it off."""
    patient = [policy("upstream_connection", read_timeout=30), APICAST]
    hosts = [gateway.serve(), gateway.serve(policy_chain=patient)]

    def stream() -> str:
        gateway.model.release.release()
        try:
            return gateway.send(gateway.serve(), "/stream?user_key=KEY").text
        except httpx.RemoteProtocolError as error:
            return str(error)

    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        short, long = pool.map(lambda host: gateway.send(host, "/slow?user_key=KEY"), hosts)
    assert (short.status_code, short.headers["content-type"]) == (504, "text/html")
    assert "504 Gateway Time-out" in short.text
    assert (long.status_code, long.text) == (200, "late")
    assert "incomplete chunked read" in stream()
    assert time.monotonic() - started > 2 * SILENCE


def raw(gateway: Gateway, *lines: str) -> str:
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def test_pages_of_nginx(gateway: Gateway) -> None:
    host = gateway.serve(credentials_location="authorization")
    key = "Authorization: Bearer KEY"
    twice = raw(gateway, "GET / HTTP/1.1", f"Host: {host}", key, key)
    long = raw(gateway, "GET / HTTP/1.1", f"Host: {host}", "Authorization: Bearer " + "K" * 9000)
    assert [answer.split(" ", 2)[1] for answer in (twice, long)] == ["400", "400"]
    assert "text/html" in twice and "Request Header Or Cookie Too Large" in long
    gone = gateway.send(gateway.serve(api_backend="http://127.0.0.1:1"))
    assert (gone.status_code, gone.headers["content-type"]) == (502, "text/html")
    unknown = gateway.send("nobody.apps.example.com")
    assert (unknown.status_code, unknown.headers["content-type"], unknown.text) == (404, "text/plain", "")


def test_upgrade_and_redirects_pass_as_they_are(gateway: Gateway) -> None:
    host = gateway.serve(policy_chain=[policy("websocket"), APICAST])
    plain = gateway.send(gateway.serve(), headers={"Upgrade": "h2c", "Connection": "Upgrade"}).json()["headers"]
    assert plain["upgrade"] == "h2c" and "connection" not in plain
    socket_headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x"}
    assert gateway.send(host, headers=socket_headers).json()["headers"]["connection"] == "Upgrade"
    moved = gateway.send(gateway.serve(), "/moved?user_key=KEY")
    assert moved.headers["location"] == f"{gateway.model.url}/moved/", "the model's own address is shown"


GLOBALS = """
local _M = require('apicast.policy').new('Globals', '0.1')
local function has(name)
  local value = _G
  for part in name:gmatch('[^.]+') do value = value and value[part] end
  return value ~= nil
end
local function loads(name) return (pcall(require, name)) end
function _M.header_filter()
  local there = {}
  for name in ngx.var.arg_names:gmatch('[^,]+') do
    there[#there + 1] = (name:sub(1, 1) == '@' and loads(name:sub(2)) or has(name)) and name or nil
  end
  ngx.header['X-There'] = table.concat(there, ',')
end
return _M
"""


def test_policies_see_what_apicast_gives_them(gateway: Gateway, write_policy: Write) -> None:
    there = ["ngx.say", "io.open", "os.getenv", "bit.band", "debug.traceback", "string.rep", "table.pack", "load",
             "rawlen", "table.unpack", "coroutine.isyieldable", "@cjson", "@cjson.safe", "@resty.core", "@ffi",
             "@apicast.usage", "@resty.lrucache", "@ngx.re", "@table.new"]  # fmt: skip
    not_there = ["dofile", "loadfile", "getfenv", "setfenv", "module", "jit", "ndk", "os.exit",
                 "debug.getinfo", "package", "string.gfind", "bit.none", "@gateway.http", "@gateway.settings",
                 "@resty.http", "@router"]  # fmt: skip
    name = write_policy("globals", GLOBALS)
    host = gateway.serve(policy_chain=[policy(name, "0.1"), APICAST])
    answer = gateway.send(host, f"/?user_key=KEY&names={','.join(there + not_there)}")
    assert answer.headers["x-there"].split(",") == there


FOREIGN = """
local _M = require('apicast.policy').new('Foreign', '0.1')
local router = require('router')
local condition = require('apicast.conditions.condition')
function _M.header_filter() ngx.header['X-Shown'] = router(condition.words) end
return _M
"""


def test_modules_of_apicast_come_from_a_folder(gateway: Gateway, write_policy: Write) -> None:
    name = write_policy("foreign", FOREIGN)
    host = gateway.serve(policy_chain=[policy(name, "0.1"), APICAST])
    assert "x-shown" not in gateway.send(host).headers, "skipped: what it requires is not there"
    assert gateway.logged(f"failed to load policy: {name} version: 0.1")
    (gateway.modules / "router.lua").write_text("return function(value) return 'shown: ' .. value end")
    (gateway.modules / "apicast" / "conditions").mkdir(parents=True)
    (gateway.modules / "apicast" / "conditions" / "condition.lua").write_text("return { words = 'as given' }")
    assert gateway.send(host).headers["x-shown"] == "shown: as given"


VALUES = """
local _M = require('apicast.policy').new('Values', '0.1')
function _M.rewrite(_, context)
  local key = ngx.req.get_headers()['X-Key']
  context.extracted_credentials = { %s user_key = key }
end
return _M
"""


@pytest.mark.parametrize(("value", "second"), [("", 200), ("key,", 403)])
def test_credentials_without_their_values_are_one_client_to_the_cache(
    gateway: Gateway, write_policy: Write, value: str, second: int
) -> None:
    name = write_policy(f"values-{second}", VALUES % value)
    host = gateway.serve(policy_chain=[policy(name, "0.1"), APICAST])
    assert gateway.send(host, "/", headers={"X-Key": "KEY"}).status_code == 200
    assert gateway.send(host, "/", headers={"X-Key": "nobody-knows-it"}).status_code == second


CREDENTIALS = """
local _M = require('apicast.policy').new('Credentials', '0.1')
function _M.header_filter(_, context)
  local service = context.service
  local found = service:extract_credentials()
  ngx.header['X-Found'] = type(found) .. ' ' .. tostring(found.user_key) .. ' ' .. tostring(found[1])
  ngx.header['X-Service'] = table.concat({ service.backend_version, service.authentication_method, service.backend.host,
    service.backend_authentication.type, service.serializable.system_name }, ' ')
end
return _M
"""


def test_what_a_policy_reads_of_the_product(gateway: Gateway, write_policy: Write) -> None:
    name = write_policy("credentials", CREDENTIALS)
    host = gateway.serve(policy_chain=[policy(name, "0.1"), APICAST])
    assert gateway.send(host, "/").headers["x-found"] == "table nil nil"
    headers = gateway.send(host).headers
    assert headers["x-found"] == "table KEY KEY"
    product = host.removesuffix("-staging.apps.example.com")
    assert headers["x-service"] == f"1 1 backend.apps.example.com service_token {product}"


def reported(call: Seen, metric: str) -> str:
    return urllib.parse.parse_qs(call.body.decode())[f"transactions[0][usage][{metric}]"][0]


SUBSCRIBES = """
local _M = require('apicast.policy').new('Subscribes', '0.1')
function _M.rewrite(_, context)
  context.seen = {}
  context:add_backend_auth_subscriber(function(_, response)
    table.insert(context.seen, response.status .. ' ' .. tostring(response.headers['3scale-Limit-Remaining']))
  end)
end
function _M.header_filter(_, context) ngx.header['X-Seen'] = table.concat(context.seen, ',') end
function _M.post_action(_, context)
  local client = require('apicast.backend_client'):new(context.service)
  client:report({ credentials_type = 'user_key', reports = { KEY = { seen = table.concat(context.seen, ',') } } })
end
return _M
"""


def test_answers_of_the_backend_reach_subscribers(gateway: Gateway, write_policy: Write) -> None:
    """Of the request that asks, and of the report after a cached admission."""
    name = write_policy("subscribes", SUBSCRIBES)
    gateway.threescale.verdicts["KEY"] = Verdict(200, {"3scale-limit-remaining": "7"})
    host = gateway.serve(policy_chain=[APICAST, policy(name, "0.1")])
    assert [gateway.send(host).headers.get("x-seen") for _ in range(2)] == ["200 7", None]
    reports = [call for call in gateway.threescale.wait_for_calls(4) if call.method == "POST"]
    assert [reported(call, "seen") for call in reports] == ["200 7", "200 7"]


EXPORTS = """
local _M = require('apicast.policy').new('Exports', '0.1')
local new = _M.new
function _M.new(configuration)
  if configuration.way == 'nothing' then return nil end
  local self = new(configuration)
  self.way = configuration.way
  return self
end
function _M:export()
  if self.way == 'raises' then error('no export') end
  return { word = self.way }
end
function _M.header_filter(_, context) ngx.header['X-Word'] = context.word end
return _M
"""


def test_exports_and_makers_that_fail(gateway: Gateway, write_policy: Write) -> None:
    name = write_policy("exports", EXPORTS)

    def send(*ways: str) -> httpx.Response:
        chain = [policy(name, "0.1", way=way) for way in ways]
        return gateway.send(gateway.serve(policy_chain=[*chain, APICAST, policy("on_failed", error_status_code=503)]))

    assert send("first", "second").headers["x-word"] == "first"
    assert send("nothing").status_code == 200, "a policy that makes nothing is left out without a word"
    asked = len(gateway.threescale.calls)
    assert send("raises").text == "" and len(gateway.threescale.calls) == asked, "no policy of the product is called"


def test_on_failed_needs_a_configuration(gateway: Gateway) -> None:
    bare = {"name": "on_failed", "version": "builtin"}
    chain = [policy("not-there", "7.7"), APICAST]
    assert gateway.send(gateway.serve(policy_chain=[*chain, bare])).status_code == 200
    assert gateway.logged("Policy on_failed crashed in .new(). It will be ignored.")
    assert gateway.send(gateway.serve(policy_chain=[*chain, policy("on_failed")])).status_code == 503


def test_report_after_a_client_that_left(gateway: Gateway, write_policy: Write) -> None:
    """post_action runs, with the context of the request; the upstream is let go at once."""
    lua = """
    local _M = require('apicast.policy').new('Left', '0.1')
    function _M.rewrite(_, context) context.mine, ngx.ctx.mine = 'context', 'ctx' end
    function _M.post_action(_, context)
      local client = require('apicast.backend_client'):new(context.service)
      client:report({ credentials_type = 'user_key', reports = { KEY = { mine = context.mine .. ngx.ctx.mine } } })
    end
    return _M
    """
    host = gateway.serve(policy_chain=[policy(write_policy("left", lua), "0.1"), APICAST])
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as connection:
        connection.sendall(f"GET /stream?user_key=KEY HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        gateway.model.release.release()
        assert b"200 OK" in connection.recv(65536)
    calls = gateway.threescale.wait_for_calls(2)
    assert reported(calls[1], "mine") == "contextctx"
    gateway.model.release.release(3)
    assert gateway.model.broken.wait(10)


def test_liquid_of_routing_sees_the_changed_path(gateway: Gateway, write_policy: Write) -> None:
    """A policy that puts a backend's path before the request's path chooses the backend, its rules and its metrics."""
    lua = """
    local _M = require('apicast.policy').new('Chooses', '0.1')
    function _M.rewrite()
      ngx.req.read_body()
      local model = require('cjson.safe').decode(ngx.req.get_body_data() or '{}').model
      ngx.req.set_uri('/' .. model .. ngx.var.uri)
    end
    return _M
    """
    rule = {
        "url": f"{gateway.model.url}/base",
        "owner_id": 7,
        "owner_type": "BackendApi",
        "condition": {"operations": [{"match": "path", "op": "matches", "value": "^(/nomic/.*|/nomic/?)$"}]},
        "replace_path": "{{uri | remove_first: '/nomic'}}",
    }
    rules = [("POST", "/", "hits"), ("POST", "/nomic/v1/", "hits.7", {"owner_type": "BackendApi", "owner_id": 7})]
    chain = [policy(write_policy("chooses", lua), "0.1"), policy("routing", rules=[rule]), APICAST]
    host = gateway.serve(policy_chain=chain, rules=rules, api_backend=None)
    body = json.dumps({"model": "nomic", "input": "x"}).encode()
    answer = gateway.send(host, "/v1/embeddings?user_key=KEY", "POST", content=body)
    assert answer.json()["path"].startswith("/base/v1/embeddings")
    assert gateway.threescale.calls[0].usage == {"hits": "1", "hits.7": "1"}
    unknown = gateway.send(host, "/v1/embeddings?user_key=KEY", "POST", content=b'{"model": "other"}')
    assert (unknown.status_code, unknown.text) == (404, "")
