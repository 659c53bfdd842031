# SPDX-License-Identifier: GPL-3.0-or-later
"""From the command line to what nginx and the Lua code read. Pure but for reading the policies' manifests."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from sandbox.common import nginx

LUA = Path(__file__).parent / "lua"

PHASES = """\
      body_filter_by_lua_block { require('gateway.executor').body_filter() }
      header_filter_by_lua_block { require('gateway.executor').header_filter() }
      log_by_lua_block { require('gateway.executor').log() }
      post_action @post_action;
"""


@dataclass(frozen=True)
class Options:
    """What the command line said. Addresses are URLs, times seconds."""

    listen: str
    port: int
    admin_url: str
    admin_host: str
    token: str
    backend_url: str
    backend_host: str
    state: Path
    policies: Path | None = None
    resolver: str | None = None
    ca: Path | None = None
    config_path: str = "/admin/api/account/proxy_configs"
    production_cache: float = 300.0
    response_codes: bool = True
    upstream_timeout: float = 60.0
    lua_path: tuple[Path, ...] = ()
    boot: bool = False


def policies_in(folder: Path | None) -> list[tuple[str, str]]:
    """(name, version) of every folder NAME/VERSION, in order."""
    if folder is None or not folder.is_dir():
        return []
    return sorted((path.parent.name, path.name) for path in folder.glob("*/*") if path.is_dir())


def settings_json(options: Options) -> str:
    """The settings file of the Lua code; holds the token."""
    basic = base64.b64encode(f":{options.token}".encode()).decode()
    return json.dumps(
        {
            "admin_url": options.admin_url.rstrip("/"),
            "admin_host": options.admin_host,
            "config_path": options.config_path.rstrip("/"),
            "authorization": f"Basic {basic}",
            "backend_url": options.backend_url.rstrip("/"),
            "backend_host": options.backend_host,
            "policies_dir": str(options.policies) if options.policies else None,
            "policies": policies_in(options.policies),
            "resolver": options.resolver,
            "production_cache": options.production_cache,
            "response_codes": options.response_codes,
            "boot": options.boot,
        },
        indent=1,
    )


def _upstream_location(name: str, buffering: str, options: Options, verify: bool) -> str:
    milliseconds = round(options.upstream_timeout * 1000)
    return f"""\
    location {name} {{
      internal;
      rewrite_by_lua_block {{ require('gateway.contexts').apply() }}
      proxy_request_buffering {buffering};
      proxy_http_version 1.1;
      proxy_pass $proxy_pass;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header Host $http_host;
      proxy_set_header X-3scale-proxy-secret-token $secret_token;
      proxy_set_header X-3scale-debug "";
      proxy_set_header Connection $upstream_connection_header;
      proxy_set_header Upgrade $upstream_upgrade_header;
      proxy_connect_timeout {milliseconds}ms;
      proxy_send_timeout {milliseconds}ms;
      proxy_read_timeout {milliseconds}ms;
      proxy_ssl_server_name on;
      proxy_ssl_name $http_host;
      proxy_ssl_verify {"on" if verify else "off"};
{PHASES}    }}
"""


def _server(options: Options, verify: bool) -> str:
    sets = "".join(f"      set ${name} '{value}';\n" for name, value in VARIABLES.items())
    return f"""\
  server {{
    listen {options.listen}:{options.port};
    server_name _;
    lua_check_client_abort on;
    location = /_threescale/healthz {{ access_log off; default_type text/plain; return 200; }}
    location = /_sandbox/counters {{
      access_log off;
      content_by_lua_block {{ require('gateway.counters').serve() }}
    }}
    location @post_action {{
      internal;
      proxy_pass_request_headers off;
      content_by_lua_block {{ require('gateway.executor').post_action() }}
      log_by_lua_block {{ require('gateway.executor').log() }}
    }}
    location / {{
{sets}      proxy_ignore_client_abort on;
      rewrite_by_lua_block {{ require('gateway.executor').rewrite() }}
      access_by_lua_block {{ require('gateway.executor').access() }}
      content_by_lua_block {{ require('gateway.executor').content() }}
{PHASES}    }}
{_upstream_location("@upstream", "on", options, verify)}\
{_upstream_location("@upstream_request_unbuffered", "off", options, verify)}  }}
"""


# APIcast's own names, of 2.15 and 2.16 alike: a policy can add none. `counters` is the sandbox's.
DICTIONARIES = """\
  lua_shared_dict api_keys 30m;
  lua_shared_dict limiter 1m;
  lua_shared_dict rate_limit_headers 20m;
  lua_shared_dict cached_auths 20m;
  lua_shared_dict batched_reports 20m;
  lua_shared_dict batched_reports_locks 1m;
  lua_shared_dict prometheus_metrics 16m;
  lua_shared_dict counters 1m;
"""

# Variables of nginx that APIcast sets: a policy that sets another one fails.
VARIABLES = {
    **dict.fromkeys(("cached_key", "credentials", "usage", "service_id", "proxy_pass", "secret_token"), ""),
    "backend_host": "backend",
    **dict.fromkeys(("backend_authentication_type", "backend_authentication_value", "version", "real_url"), ""),
    "ctx_ref": "-1",
    "original_request_id": "$request_id",
    "original_request_uri": "$scheme://$host$request_uri",
    "upstream_connection_header": "",
    "upstream_upgrade_header": "$http_upgrade",
    "cache_request": "true",
    "cache_zone": "off",
    "target_host": "$host",
    "upstream_keepalive_key": "",
}


def nginx_conf(options: Options, trust: Path | None) -> str:
    """The text of nginx.conf. trust: bundle of authorities; upstreams are verified where the caller named one."""
    verify = options.ca is not None and trust is not None
    trusted = (
        f"  lua_ssl_trusted_certificate {trust};\n  lua_ssl_verify_depth 5;\n"
        f"  proxy_ssl_trusted_certificate {trust};\n  proxy_ssl_verify_depth 5;\n"
        if trust
        else ""
    )
    return f"""\
# Made by `python -m sandbox.gateway`; made anew at each start.
{nginx.lua_module_lines()}{nginx.main_lines(options.state)}\
http {{
{nginx.temp_lines(options.state)}\
  log_format line '[$time_local] $host "$request" $status $body_bytes_sent ($request_time)';
  access_log /dev/stdout line;
  default_type text/plain;
  server_tokens off;
  tcp_nodelay on;
  client_max_body_size 0;
  ignore_invalid_headers off;
  variables_hash_max_size 2048;
  large_client_header_buffers 4 8k;
  lua_package_path "{LUA}/?.lua;{"".join(f"{folder}/?.lua;{folder}/?/init.lua;" for folder in options.lua_path)};";
{DICTIONARIES}\
  lua_socket_log_errors off;
{trusted}\
  init_by_lua_block {{
    require('gateway.settings').load('{options.state}/settings.json')
    require('gateway.executor').init()
  }}
  init_worker_by_lua_block {{ require('gateway.executor').init_worker() }}
  upstream upstream {{
    server 127.0.0.1:1; # never asked: the balancer names the server
    balancer_by_lua_block {{ require('gateway.executor').balancer() }}
  }}
{_server(options, verify)}}}
"""
