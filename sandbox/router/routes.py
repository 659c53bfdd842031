# SPDX-License-Identifier: GPL-3.0-or-later
"""From Routes, Services and Pods to what nginx serves. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .table import Table

Object = dict[str, Any]
DEFAULT_TIMEOUT = "30s"  # the router's own, without a byte from the server
_HOST, _PATH = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+"), re.compile(r"/[^\s{}\"';\\$]*")  # safe in nginx.conf
_UNITS = {"us": 0.000001, "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Place:
    """One path of a host: the servers behind it ("host:port"; none: nothing runs) and the timeout in seconds."""

    path: str
    servers: tuple[str, ...]
    timeout: int = 30


@dataclass(frozen=True)
class Site:
    """One host with its paths, the longest first."""

    host: str
    places: tuple[Place, ...]


@dataclass
class Cluster:
    """The objects that count, by (namespace, name)."""

    routes: dict[tuple[str, str], Object] = field(default_factory=dict)
    services: dict[tuple[str, str], Object] = field(default_factory=dict)
    pods: dict[tuple[str, str], Object] = field(default_factory=dict)


def _ready(pod: Object) -> bool:
    conditions = pod.get("status", {}).get("conditions") or []
    gone = pod["metadata"].get("deletionTimestamp")
    return not gone and any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _container_port(pod: Object, wanted: int | str) -> int | None:
    if isinstance(wanted, int):
        return wanted
    for container in pod["spec"].get("containers", []):
        for port in container.get("ports") or []:
            if port.get("name") == wanted:
                return int(port["containerPort"])
    return None


def _target_port(service: Object, wanted: int | str | None) -> int | str | None:
    """What the Service's port means on the Pod. `wanted`: a Route's targetPort, a name or number of the Service's."""
    ports = service["spec"].get("ports") or []
    for port in ports:
        if wanted is None or wanted in (port.get("name"), port["port"], port.get("targetPort")):
            target: int | str = port.get("targetPort") or port["port"]
            return target
    return None


def _pods_behind(cluster: Cluster, namespace: str, name: str, wanted: int | str | None) -> tuple[str, ...]:
    service = cluster.services.get((namespace, name))
    selector = (service or {}).get("spec", {}).get("selector")
    if service is None or not selector:
        return ()
    target = _target_port(service, wanted)
    found = []
    for (where, _name), pod in sorted(cluster.pods.items()):
        labels = pod["metadata"].get("labels") or {}
        if where != namespace or not _ready(pod) or any(labels.get(key) != value for key, value in selector.items()):
            continue
        port = _container_port(pod, target) if target is not None else None
        address = pod["status"].get("podIP")
        if port and address:
            found.append(f"{address}:{port}")
    return tuple(found)


def _servers(cluster: Cluster, table: Table, route: Object) -> tuple[str, ...]:
    namespace, spec = route["metadata"]["namespace"], route["spec"]
    wanted = (spec.get("port") or {}).get("targetPort")
    found: list[str] = []
    for backend in [spec["to"], *(spec.get("alternateBackends") or [])]:
        played = table.server_of(namespace, backend["name"])
        found += [played] if played else _pods_behind(cluster, namespace, backend["name"], wanted)
    return tuple(found)


def seconds(text: str) -> int:
    """Whole seconds, at least one, of a HAProxy time such as `30s` or `5m`; the default where it is none."""
    found = re.fullmatch(r"(\d+)(us|ms|s|m|h|d)?", text)
    if not found:
        return seconds(DEFAULT_TIMEOUT)
    return max(1, int(int(found[1]) * _UNITS[found[2] or "ms"]))


def _claims(routes: Iterable[Object]) -> dict[tuple[str, str], Object]:
    """(host, path) -> the Route that has it: the oldest."""
    found: dict[tuple[str, str], Object] = {}

    def age(route: Object) -> tuple[str, str, str]:
        meta = route["metadata"]
        return meta.get("creationTimestamp") or "", meta["namespace"], meta["name"]

    for route in sorted(routes, key=age):
        host, path = (route["spec"].get("host") or "").lower(), route["spec"].get("path") or "/"
        if _HOST.fullmatch(host) and _PATH.fullmatch(path):
            found.setdefault((host, path), route)
    return found


def sites(cluster: Cluster, table: Table) -> list[Site]:
    """Everything that is served, by host. A name of the table that a Route claims is the Route's."""
    by_host: dict[str, list[Place]] = {}
    for (host, path), route in _claims(cluster.routes.values()).items():
        annotations = route["metadata"].get("annotations") or {}
        timeout = seconds(annotations.get("haproxy.router.openshift.io/timeout", DEFAULT_TIMEOUT))
        by_host.setdefault(host, []).append(Place(path, _servers(cluster, table, route), timeout))
    for host, server in table.hosts.items():
        by_host.setdefault(host, [Place("/", (server,), 3600)])
    return [
        Site(host, tuple(sorted(places, key=lambda place: (-len(place.path), place.path))))
        for host, places in sorted(by_host.items())
    ]
