# SPDX-License-Identifier: GPL-3.0-or-later
"""An nginx that plays 3scale and the model as fast as it can, so that what is measured is the gateway."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from sandbox.common import nginx
from tests.sandbox.gateway.conftest import SHIPPED

USAGE = '"usage":{"prompt_tokens":10,"completion_tokens":8,"total_tokens":18}'

MODEL = """
  ngx.req.read_body()
  local kind = ngx.req.get_headers()['x-bench'] or 'small'
  local usage = [[USAGE]]
  local words = 'The words of a long answer, one behind the other, with a line \\\\n and what \\\\"somebody\\\\" said in it. '
  local text = kind == 'mega' and string.rep(words, 10000) or 'Hello.'
  local events = tonumber(kind:match('^events:(%d+)$'))
  if not events then
    ngx.header.content_type = 'application/json'
    local body = '{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"' .. text .. '"}}],' .. usage .. '}'
    ngx.header.content_length = #body
    return ngx.print(body)
  end
  ngx.header.content_type = 'text/event-stream'
  local event = EVENT
  for number = 1, events do
    ngx.print(event)
    if number % 64 == 0 then ngx.flush(true) end
  end
  ngx.print('data: {"id":"c","choices":[],' .. usage .. '}\\n\\ndata: [DONE]\\n\\n')
"""

EVENT = (
    '\'data: {"id":"chatcmpl-0123456789abcdef","object":"chat.completion.chunk","created":1760000000,'
    '"model":"granite","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}\\n\\n\''
)

READER = """
  package.path = 'POLICY/?.lua;' .. package.path
  local reader, count = require('event_answer').new(ngx.var.arg_hiding ~= nil), tonumber(ngx.var.arg_events)
  local event = EVENT
  for _ = 1, 20000 do reader:feed(event) end
  collectgarbage() collectgarbage()
  local before, sent = collectgarbage('count'), 0
  local began = os.clock()
  for _ = 1, count do sent = sent + #reader:feed(event) end
  local took = os.clock() - began
  collectgarbage() collectgarbage()
  ngx.print(string.format('{"microseconds":%.4f,"kilobytes":%.1f}', took / count * 1e6, collectgarbage('count') - before))
"""

OBJECT = """
  package.path = 'POLICY/?.lua;' .. package.path
  local kind, times, new = ngx.var.arg_kind, tonumber(ngx.var.arg_times), require('json_answer').new
  local parts = {
    prose = 'The words of a long answer, one behind the other.\\\\n',
    quotes = 'He said \\\\"so\\\\" and \\\\"so\\\\", and that was all there was to it. ',
    embedding = '0.0123456789,-0.0234567891,0.0345678912,',
  }
  local text = string.rep(parts[kind], math.floor(1e6 / #parts[kind]))
  text = kind == 'embedding' and '{"data":[{"embedding":[' .. text .. '1]}],' or '{"choices":[{"message":{"content":"' .. text .. '"}}],'
  text = text .. [[USAGE]] .. '}'
  local function read()
    local reader = new()
    for from = 1, #text, 8192 do reader:feed(text:sub(from, from + 8191)) end
    return reader:tokens().total
  end
  for _ = 1, 20 do read() end
  local began = os.clock()
  for _ = 1, times do read() end
  ngx.print(string.format('{"milliseconds":%.4f,"tokens":%d}', (os.clock() - began) / times * 1000, read()))
"""


def _block(text: str) -> str:
    filled = text.replace("[[USAGE]]", f"[==[{USAGE}]==]").replace("EVENT", EVENT.replace("\n", "\\n"))
    return filled.replace("POLICY", str(SHIPPED / "llm-usage" / "1.0"))


def conf(state: Path, port: int) -> str:
    """The text of nginx.conf."""
    return f"""\
{nginx.lua_module_lines()}{nginx.main_lines(state)}\
http {{
{nginx.temp_lines(state)}  access_log off;
  lua_shared_dict counted 1m;
  keepalive_requests 10000000;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    location /admin/ {{
      content_by_lua_block {{
        ngx.shared.counted:incr('admin', 1, 0)
        local file = io.open('{state}/products/' .. ngx.var.arg_host .. '.json')
        ngx.print(file and file:read('*a') or '{{"proxy_configs":[]}}')
      }}
    }}
    location = /transactions.xml {{
      content_by_lua_block {{ ngx.req.read_body() ngx.shared.counted:incr('report', 1, 0) ngx.exit(202) }}
    }}
    location /transactions/ {{
      content_by_lua_block {{ ngx.shared.counted:incr('authrep', 1, 0) ngx.exit(200) }}
    }}
    location = /counted {{
      content_by_lua_block {{
        local all = ngx.shared.counted
        ngx.print(string.format('{{"admin":%d,"authrep":%d,"report":%d}}',
          all:get('admin') or 0, all:get('authrep') or 0, all:get('report') or 0))
      }}
    }}
    location = /reader {{ content_by_lua_block {{ {_block(READER)} }} }}
    location = /object {{ content_by_lua_block {{ {_block(OBJECT)} }} }}
    location / {{ content_by_lua_block {{ {_block(MODEL)} }} }}
  }}
}}
"""


def start(state: Path, port: int, products: dict[str, dict[str, Any]]) -> subprocess.Popen[bytes]:
    """Starts it. products: contents of proxy configurations by host."""
    (state / "products").mkdir(parents=True)
    for host, content in products.items():
        found = {"proxy_configs": [{"proxy_config": {"version": 1, "content": content}}]}
        (state / "products" / f"{host}.json").write_text(json.dumps(found))
    server = nginx.Nginx(state)
    (state / "nginx.conf").write_text(conf(state, port))
    server.check()
    return subprocess.Popen(server.command)
