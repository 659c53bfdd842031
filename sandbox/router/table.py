# SPDX-License-Identifier: GPL-3.0-or-later
"""The table: which part of the sandbox stands behind a Service, and names that have no Route.

    {"ca": {"certificate": "/…/ca.crt", "key": "/…/ca.key"},
     "services": [{"service": "system-provider", "namespace": "*", "url": "http://127.0.0.1:8300"}, …],
     "hosts": {"s3": "http://127.0.0.1:9000", "keycloak.company.example.com": "http://127.0.0.1:8081"}}

`service` and `namespace` are shell patterns; the first entry that fits counts. A name in `hosts` without a dot is a
label below the superdomain. Paths in addresses are not used: a request keeps its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# Services of a 3scale installation and of both Keycloak operators, by the part of the sandbox that plays them.
STANDARD = {
    "threescale": ("system-provider", "system-developer", "system-master", "backend-listener", "zync"),
    "gateway": ("apicast-staging", "apicast-production"),
    "keycloak": ("*-service",),  # the operator names it after the Keycloak object
    "keycloak-legacy": ("keycloak", "keycloak-discovery"),
}


class TableError(ValueError):
    """The table can't be read; the text says which file and why."""


def document(addresses: dict[str, str], hosts: dict[str, str], certificate: Path, key: Path) -> dict[str, Any]:
    """The table's JSON for a running sandbox. addresses: URL of each part; hosts: names without Route -> URL."""
    services = [
        {"service": pattern, "namespace": "*", "url": addresses[part]}
        for part, patterns in STANDARD.items()
        for pattern in patterns
        if part in addresses
    ]
    return {"ca": {"certificate": str(certificate), "key": str(key)}, "services": services, "hosts": hosts}


def address_of(url: str) -> tuple[str, int]:
    """Host and port of a URL; raises ValueError."""
    split = urlsplit(url)
    if split.scheme not in ("http", "https") or not split.hostname:
        raise ValueError(f"{url!r} is no http address")
    return split.hostname, split.port or (443 if split.scheme == "https" else 80)


@dataclass(frozen=True)
class Table:
    """A table as read. `services`: (service, namespace, "host:port"), patterns; `hosts`: full name -> "host:port"."""

    certificate: Path
    key: Path
    services: list[tuple[str, str, str]] = field(default_factory=list)
    hosts: dict[str, str] = field(default_factory=dict)

    def server_of(self, namespace: str, service: str) -> str | None:
        """`host:port` of the part that plays a Service, or None where it is the cluster's own."""
        for pattern, where, server in self.services:
            if fnmatchcase(service, pattern) and fnmatchcase(namespace, where):
                return server
        return None


def _server(url: str) -> str:
    host, port = address_of(url)
    return f"{host}:{port}"


def parse(data: Any, superdomain: str) -> Table:
    """A table from its JSON; raises TableError."""
    try:
        services = [
            (one["service"], one.get("namespace", "*"), _server(one["url"])) for one in data.get("services", [])
        ]
        hosts = {
            name if "." in name else f"{name}.{superdomain}": _server(url)
            for name, url in data.get("hosts", {}).items()
        }
        return Table(Path(data["ca"]["certificate"]), Path(data["ca"]["key"]), services, hosts)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TableError(f"the router's table lacks or misspells something: {error}") from error


def read(path: Path, superdomain: str) -> Table:
    """A table from its file; raises TableError."""
    try:
        return parse(json.loads(path.read_text()), superdomain)
    except (OSError, json.JSONDecodeError) as error:
        raise TableError(f"the router's table {path} can't be read: {error}") from error
