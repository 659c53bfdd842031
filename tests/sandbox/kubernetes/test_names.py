# SPDX-License-Identifier: GPL-3.0-or-later
"""The DNS server beside the cluster, asked over UDP and TCP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dnslib import RCODE, DNSRecord

from sandbox.front.settings import free_port
from tests.support.until import until

from .conftest import Cluster, start, stop, wait_for_line


@pytest.fixture(scope="module")
def dns(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    log: Path = tmp_path_factory.mktemp("names") / "log"
    port = free_port()
    kubeconfig = str(cluster.state / "sandbox-names.kubeconfig")
    process = start(log, "names", "--kubeconfig", kubeconfig, "--port", str(port))
    try:
        wait_for_line(process, log, "ready: ", 90)
        yield port
    finally:
        stop(process)


def ask(port: int, name: str, kind: str = "A", tcp: bool = False) -> tuple[str, list[str]]:
    answer = DNSRecord.parse(DNSRecord.question(name, kind).send("127.0.0.1", port, tcp=tcp, timeout=5))
    return RCODE[answer.header.rcode], [str(entry.rdata) for entry in answer.rr]


def test_service_has_the_addresses_of_its_ready_pods(cluster: Cluster, namespace: str, dns: int) -> None:
    core = f"/api/v1/namespaces/{namespace}"
    service = {"metadata": {"name": "front"}, "spec": {"selector": {"app": "front"}, "ports": [{"port": 80}]}}
    cluster.call("POST", f"{core}/services", service)
    name = f"front.{namespace}.svc.cluster.local"
    until(lambda: ask(dns, name) == ("NOERROR", []), "the name is there, without an address")
    for pod, label, image in (("a", "front", "quiet"), ("b", "front", "unknown/image"), ("c", "other", "quiet")):
        spec = {"containers": [{"name": "main", "image": image}]}
        cluster.call("POST", f"{core}/pods", {"metadata": {"name": pod, "labels": {"app": label}}, "spec": spec})
    found = cluster.until(
        f"{core}/pods/a",
        lambda p: any(c["type"] == "Ready" and c["status"] == "True" for c in p["status"].get("conditions") or []),
    )
    until(lambda: ask(dns, name)[1], "the name has an address")
    assert ask(dns, name) == ("NOERROR", [found["status"]["podIP"]])
    assert ask(dns, name.removesuffix(".cluster.local"), tcp=True) == ("NOERROR", [found["status"]["podIP"]])
    assert ask(dns, name, "AAAA") == ("NOERROR", [])
    cluster.call("DELETE", f"{core}/pods/a")
    until(lambda: not ask(dns, name)[1], "the address went with its Pod")


def test_unknown_service_is_no_name_and_localhost_is_this_machine(dns: int) -> None:
    assert ask(dns, "nobody.nowhere.svc.cluster.local") == ("NXDOMAIN", [])
    assert ask(dns, "maas-admin.apps.localhost") == ("NOERROR", ["127.0.0.1"])
    assert ask(dns, "maas-admin.apps.localhost", "AAAA") == ("NOERROR", ["::1"])
