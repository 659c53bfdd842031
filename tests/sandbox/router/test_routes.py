# SPDX-License-Identifier: GPL-3.0-or-later
"""From Routes, Services and Pods to hosts, paths and servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.router.routes import Cluster, Place, Site, seconds, sites
from sandbox.router.table import Table, TableError, document, parse

TABLE = Table(Path("ca.crt"), Path("ca.key"), [("apicast-*", "*", "127.0.0.1:8080"), ("db", "other", "127.0.0.1:1")])


def route(name: str, host: str, service: str, **more: Any) -> dict[str, Any]:
    spec = {"host": host, "to": {"kind": "Service", "name": service}, **more.pop("spec", {})}
    meta = {"name": name, "namespace": "ns", "creationTimestamp": more.pop("created", "2026-01-01T00:00:00Z"), **more}
    return {"metadata": meta, "spec": spec}


def cluster(*routes: dict[str, Any], services: Any = (), pods: Any = ()) -> Cluster:
    def by_key(items: Any) -> dict[tuple[str, str], dict[str, Any]]:
        return {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in items}

    return Cluster(by_key(routes), by_key(services), by_key(pods))


def service(name: str, ports: list[dict[str, Any]]) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "ns"}, "spec": {"selector": {"app": name}, "ports": ports}}


def pod(name: str, app: str, address: str, ready: bool = True) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "ns", "labels": {"app": app}},
        "spec": {"containers": [{"ports": [{"name": "http1", "containerPort": 8080}]}]},
        "status": {"podIP": address, "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
    }


def test_service_played_by_a_part() -> None:
    found = sites(cluster(route("a", "a.example.com", "apicast-staging")), TABLE)
    assert found == [Site("a.example.com", (Place("/", ("127.0.0.1:8080",), 30),))]


def test_service_of_the_cluster_goes_to_its_ready_pods() -> None:
    found = sites(
        cluster(
            route("m", "m.example.com", "db", spec={"port": {"targetPort": "http"}}),
            services=[service("db", [{"name": "http", "port": 80, "targetPort": "http1"}])],
            pods=[
                pod("one", "db", "127.64.0.1"),
                pod("two", "db", "127.64.0.2", ready=False),
                pod("three", "db", "127.64.0.3"),
                pod("four", "x", "127.64.0.4"),
            ],
        ),
        TABLE,
    )
    assert found[0].places[0].servers == ("127.64.0.1:8080", "127.64.0.3:8080")


def test_no_service_no_pods_nothing_to_serve() -> None:
    found = sites(cluster(route("x", "x.example.com", "gone")), TABLE)
    assert found == [Site("x.example.com", (Place("/", (), 30),))]


@pytest.mark.parametrize(("host", "path"), [("a.example.com; return 200", "/"), ("a.example.com", "/{x}"), ("", "/")])
def test_names_that_nginx_would_misread_are_left_out(host: str, path: str) -> None:
    assert sites(cluster(route("x", host, "apicast-x", spec={"path": path})), TABLE) == []


def test_oldest_route_has_the_host_and_paths_are_kept_apart() -> None:
    found = sites(
        cluster(
            route("late", "h.example.com", "apicast-b", created="2026-02-01T00:00:00Z"),
            route("early", "h.example.com", "gone", created="2026-01-01T00:00:00Z"),
            route("path", "h.example.com", "apicast-c", spec={"path": "/v1"}),
        ),
        TABLE,
    )
    assert [(place.path, place.servers) for place in found[0].places] == [("/v1", ("127.0.0.1:8080",)), ("/", ())]


def test_table_gives_names_without_route_but_a_route_wins() -> None:
    data = document({"gateway": "http://127.0.0.1:8080"}, {"s3": "http://127.0.0.1:9000"}, Path("a"), Path("b"))
    table = parse(data, "example.com")
    assert table.server_of("any", "apicast-production") == "127.0.0.1:8080"
    assert table.server_of("any", "system-provider") is None
    assert sites(Cluster(), table) == [Site("s3.example.com", (Place("/", ("127.0.0.1:9000",), 3600),))]
    claimed = sites(cluster(route("s3", "s3.example.com", "apicast-staging")), table)
    assert claimed[0].places[0].servers == ("127.0.0.1:8080",)


@pytest.mark.parametrize(
    "bad", [{}, {"ca": {}}, {"ca": {"certificate": "a", "key": "b"}, "hosts": {"x": "nonsense"}}, []]
)
def test_bad_table_is_refused(bad: Any) -> None:
    with pytest.raises(TableError, match="lacks or misspells"):
        parse(bad, "example.com")


def test_timeouts() -> None:
    assert [seconds(text) for text in ("30s", "5m", "1500ms", "2000", "1h", "soon")] == [30, 300, 1, 2, 3600, 30]
    slow = route("t", "t.example.com", "apicast-x", annotations={"haproxy.router.openshift.io/timeout": "5m"})
    assert sites(cluster(slow), TABLE)[0].places[0].timeout == 300
    silent = route("t", "t.example.com", "apicast-x")
    assert sites(cluster(silent), TABLE)[0].places[0].timeout == 30
