# SPDX-License-Identifier: GPL-3.0-or-later
"""An nginx that plays 3scale and the model as fast as it can, so that what is measured is the gateway."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from sandbox.common import nginx
from tests.sandbox.gateway.conftest import SHIPPED

LUA = Path(__file__).parent / "lua"


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
    set $policy {SHIPPED}/llm-usage/1.0;
    location = /events {{ content_by_lua_file {LUA}/events.lua; }}
    location = /objects {{ content_by_lua_file {LUA}/objects.lua; }}
    location / {{ content_by_lua_file {LUA}/model.lua; }}
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
