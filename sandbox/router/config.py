# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of nginx.conf for the router. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.common import nginx

from .routes import Place, Site

PAGE = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Application is not available</title></head>
<body><h1>Application is not available</h1>
<p>The application is currently not serving requests at this endpoint.
It may not have been started or is still starting.</p>
<p>The host may not exist, it may have no route, or the route may lead to a service without ready pods.</p>
</body></html>
"""


@dataclass(frozen=True)
class Listener:
    """Where the router listens and what it shows."""

    state: Path
    port: int
    addresses: tuple[str, ...]
    certificate: Path
    key: Path


def _listen(listener: Listener, extra: str = "") -> str:
    return "".join(f"    listen {address}:{listener.port} ssl{extra};\n" for address in listener.addresses)


def _unavailable(listener: Listener) -> str:
    return f"""\
    location @unavailable {{
      internal;
      root {listener.state}/pages;
      add_header Cache-Control "private, no-store" always;
      try_files /503.html =503;
    }}
"""


def _location(place: Place, upstream: str) -> str:
    if not place.servers:
        return f"    location {place.path} {{ return 503; }}\n"
    return f"""\
    location {place.path} {{
      proxy_pass http://{upstream};
      proxy_read_timeout {place.timeout}s;
      proxy_send_timeout {place.timeout}s;
    }}
"""


def _site(listener: Listener, site: Site, number: int) -> str:
    upstreams, locations = "", ""
    for index, place in enumerate(site.places):
        name = f"site{number}_{index}"
        servers = "".join(f" server {server};" for server in place.servers)
        if servers:
            upstreams += f"  upstream {name} {{{servers} }}\n"
        locations += _location(place, name)
    if all(place.path != "/" for place in site.places):
        locations += "    location / { return 503; }\n"
    return f"""\
{upstreams}  server {{
{_listen(listener)}    server_name {site.host};
    error_page 502 503 =503 @unavailable;
{_unavailable(listener)}{locations}  }}
"""


PASSED_ON = """\
  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_request_buffering off;
  proxy_connect_timeout 5s;
  proxy_buffer_size 32k;
  proxy_buffers 8 32k;
  large_client_header_buffers 4 32k;
  proxy_set_header Host $http_host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_header;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header X-Forwarded-Proto https;
  proxy_set_header Forwarded "for=$remote_addr;host=$http_host;proto=https";
"""  # as the cluster's router does it


def nginx_conf(listener: Listener, sites: list[Site]) -> str:
    """One server for each site; any other host gets the page of an application that is not there."""
    body = "".join(_site(listener, site, number) for number, site in enumerate(sites))
    return f"""\
# Made by `python -m sandbox.router` from Routes; made anew at each change.
{nginx.main_lines(listener.state)}\
http {{
{nginx.temp_lines(listener.state)}\
  log_format line '[$time_local] $host "$request" $status $body_bytes_sent ($request_time) $upstream_addr';
  access_log /dev/stdout line;
  default_type text/html;
  server_tokens off;
  tcp_nodelay on;
  client_max_body_size 0;
  server_names_hash_bucket_size 256;
  server_names_hash_max_size 4096;
  ssl_certificate {listener.certificate};
  ssl_certificate_key {listener.key};
  ssl_protocols TLSv1.2 TLSv1.3;
  map $http_upgrade $connection_header {{ default upgrade; "" ""; }}
{PASSED_ON}\
  server {{
{_listen(listener, " default_server")}    server_name _;
    error_page 503 @unavailable;
{_unavailable(listener)}    location / {{ return 503; }}
  }}
{body}}}
"""
